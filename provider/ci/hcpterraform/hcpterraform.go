package hcpterraform

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is HCP Terraform, in its regions, and Terraform Enterprise on a host of one's own.
//
// Issuer: the URL of the installation, one for all organizations on it. Audience: aws.workload.identity, unless the
// workspace or Stack asks for another. Subject: organization, project and workspace by name, then the phase of the run;
// for Stacks organization, project, stack and deployment, then the operation. AWS fills no key of its own for this issuer,
// in any partition, so the subject decides alone, and AWS wants it tested. No name takes a wildcard.
//
// Sources:
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate
type System struct{}

const (
	cloudHost = "app.terraform.io"
	audience  = "aws.workload.identity"
	docs      = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration"
	tokens    = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens"
	stacks    = "https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate"
	projects  = "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/projects"
)

// Section is "hcp".
func (System) Section() string { return "hcpTerraform" }

// Title is "HCP Terraform".
func (System) Title() string { return "HCP Terraform" }

var runPhases = ci.Rule{
	ID: "hcp-terraform-run-phases", Severity: ci.Medium,
	Summary: "plan and apply share the role, so a speculative plan, which runs the code of a pull request that nobody has merged, can " +
		"change whatever an apply can",
	Remediation: "Give apply a role of its own (TFC_AWS_APPLY_ROLE_ARN), and plan one that only reads (TFC_AWS_PLAN_ROLE_ARN). A Stack's " +
		"deployment hands one role to both: turn off its speculative plans.",
	Source: docs,
}

// Rules are the findings of HCP Terraform.
func (System) Rules() []ci.Rule { return []ci.Rule{runPhases} }

// Issuer is what signs the tokens of HCP Terraform.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + cloudHost, Shared: true,
		Hosts: []trust.Issuer{
			ci.Tenants("app.terraform.io", tenant, judge),
			// It is as shared as the other one, but not among those for which AWS says that it wants a condition.
			{Host: "app.eu.terraform.io", Title: "HCP Terraform in Europe", Shared: true, Judge: judge,
				Tenant: map[string]func(trust.Value) bool{"sub": ci.TenantPrefix(tenant)}},
		},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return nil }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Variable: "TFC_WORKLOAD_IDENTITY_TOKEN", Condition: "TFC_WORKLOAD_IDENTITY_AUDIENCE is set; runs with TFC_AWS_PROVIDER_AUTH exchange the token by themselves",
		Source: "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/manual-generation",
	}
}

// Read understands the section hcp.
func (h System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	host := cloudHost
	if v := section.Field("hostname"); v.Present {
		host = ci.ReadHost(v, cloudHost+", app.eu.terraform.io or that of the Terraform Enterprise installation", "terraform.example.com", problems)
	}
	words := words{
		host:         host,
		organization: organization.Read(section.Field("organization"), problems),
		phases:       map[subject][]string{},
		paths:        map[subject]string{},
	}
	if words.host != "" {
		issuer = "https://" + words.host
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	workspaces, stacks := section.Field("workspaces"), section.Field("stacks")
	if !workspaces.Present && !stacks.Present {
		problems.Add(workspaces, "is missing, and stacks too: name the workspaces or the Stacks whose runs get the role")
	}
	for _, v := range workspaces.List {
		if v.Known {
			subjects := readPhases(v, "runPhases", []subject{{
				project:   project.Read(v.Field("project"), problems),
				workspace: workspaceName.Read(v.Field("name"), problems),
			}}, problems)
			h.trust(&t, &words, v, subjects)
		}
	}
	for _, v := range stacks.List {
		if v.Known {
			stack := subject{
				project: project.Read(v.Field("project"), problems),
				stack:   stackName.Read(v.Field("name"), problems),
			}
			var deployments []subject
			for _, d := range v.Field("deployments").List {
				stack.deployment = deployment.Read(d, problems)
				deployments = append(deployments, stack)
			}
			subjects := readPhases(v, "operations", deployments, problems)
			h.trust(&t, &words, v, subjects)
		}
	}
	for _, unit := range words.units {
		if len(words.phases[unit]) > 1 {
			t.Findings = append(t.Findings, ci.Finding{Rule: runPhases, Path: words.paths[unit], Detail: unit.phrase()})
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []ci.Trust{t}
}

// readPhases reads the phases of an item, and returns the subjects of each. There is no default: a plan also
// runs for changes that nobody has merged.
func readPhases(v input.Value, word string, units []subject, problems *input.Problems) []subject {
	list := v.Field(word)
	if !list.Present {
		problems.Add(list, "is missing: say which runs get the role, [plan], [apply] or [plan, apply]. A plan also runs for pull requests "+
			"that nobody has merged, so apply is better off with a role of its own")
	}
	var subjects []subject
	for _, phase := range list.Texts() {
		if !slices.Contains([]string{"plan", "apply"}, phase.Text()) {
			problems.Add(phase, "must be plan or apply", input.Got(phase))
			continue
		}
		for _, s := range units {
			s.phase = phase.Text()
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// trust turns the subjects of an item into grants, as far as they are known.
func (h System) trust(t *ci.Trust, words *words, v input.Value, subjects []subject) {
	for _, s := range subjects {
		s.organization = words.organization
		named := s.workspace != "" || s.stack != "" && s.deployment != ""
		if words.host != "" && s.organization != "" && s.project != "" && named {
			words.add(s, v.Path)
			t.Grants = append(t.Grants, h.grant(v.Path, s, words.host, t.Audiences()))
		}
	}
}

// grant trusts one phase of one workspace, or one operation of one deployment.
func (System) grant(path string, s subject, host string, audiences []string) ci.Grant {
	sentence := fmt.Sprintf("HCP Terraform: %s of %s", s.phase, s.phrase())
	if host != cloudHost {
		sentence += " on " + host
	}
	return ci.Grant{
		Path:     path,
		Sentence: sentence,
		Claims:   map[string][]string{"aud": audiences, "sub": {s.String()}},
		Admits: func(token map[string]any) bool {
			seen, ok := parseSubject(ci.TextOf(token["sub"]))
			return ok && seen == s && slices.Contains(audiences, ci.AudienceOf(token))
		},
		Tokens: func() []ci.Token { return nearMisses(s, host, audiences) },
	}
}
