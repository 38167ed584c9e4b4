package ci

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// HCPTerraform is HCP Terraform, in its regions, and Terraform Enterprise on a host of one's own.
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
type HCPTerraform struct{}

const (
	hcpTerraformHost     = "app.terraform.io"
	hcpTerraformAudience = "aws.workload.identity"
	hcpTerraformDocs     = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration"
	hcpTerraformTokens   = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens"
	hcpTerraformStacks   = "https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate"
	hcpTerraformProjects = "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/projects"
)

// Section is "hcpTerraform".
func (HCPTerraform) Section() string { return "hcpTerraform" }

// Title is "HCP Terraform".
func (HCPTerraform) Title() string { return "HCP Terraform" }

var hcpTerraformRunPhases = Rule{
	ID: "hcp-terraform-run-phases", Severity: Medium,
	Summary: "plan and apply share the role, so a speculative plan, which runs the code of a pull request that nobody has merged, can " +
		"change whatever an apply can",
	Remediation: "Give apply a role of its own (TFC_AWS_APPLY_ROLE_ARN), and plan one that only reads (TFC_AWS_PLAN_ROLE_ARN). A Stack's " +
		"deployment hands one role to both: turn off its speculative plans.",
	Source: hcpTerraformDocs,
}

// Rules are the findings of HCP Terraform.
func (HCPTerraform) Rules() []Rule { return []Rule{hcpTerraformRunPhases} }

// Issuer is what signs the tokens of HCP Terraform.
func (HCPTerraform) Issuer() Issuer {
	return Issuer{
		URL: "https://" + hcpTerraformHost, Shared: true,
		Hosts: []trust.Issuer{
			tenants("app.terraform.io", terraformTenant, judgeTerraform),
			// It is as shared as the other one, but not among those for which AWS says that it wants a condition.
			{Host: "app.eu.terraform.io", Title: "HCP Terraform in Europe", Shared: true, Judge: judgeTerraform,
				Tenant: map[string]func(trust.Value) bool{"sub": tenantPrefix(terraformTenant)}},
		},
	}
}

// Forms are the forms of their subjects.
func (HCPTerraform) Forms() []*form { return nil }

// Page is what people read about HCP Terraform.
func (HCPTerraform) Page() Page {
	return Page{
		Names:    "workspaces by run phase; Stacks by deployment and operation",
		Beyond:   "Terraform Enterprise",
		Audience: "`" + hcpTerraformAudience + "`; a workspace asks for another by `TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE`, a Stack by `identity_token`",
		Subjects: []string{
			"organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE of a workspace's run; PHASE is `plan` or `apply`",
			"organization:ORGANIZATION:project:PROJECT:stack:STACK:deployment:DEPLOYMENT:operation:OPERATION of a Stack; OPERATION is `plan` or `apply`",
			"organization:ORGANIZATION:module:MODULE:operation:test_run of a module's test, which no word trusts",
		},
		Pitfalls: []string{
			"The issuer of HCP Terraform in Europe is `https://app.eu.terraform.io`, that of a Terraform Enterprise `https://HOSTNAME`: write it as `hostname`.",
			"Every workspace has a project; the first one is called `Default Project`, with a space.",
			"A speculative plan of a pull request carries the phase `plan`: whoever may open one runs code with the role of the plan.",
			"The subject holds names and no ids. Renaming an organization, project or workspace locks its runs out, and an organization's " +
				"old name is free for somebody else: change the trust first.",
			"A pattern such as `organization:acme*` also fits organizations of other customers; this package writes whole names.",
			"A Stack's deployment hands one role to both operations.",
			"Agents of one's own must be of version 1.7.0 or later.",
			"AWS must reach the installation of Terraform Enterprise at `https://HOSTNAME` to fetch its keys; IAM takes no port.",
		},
		Sources: []string{hcpTerraformDocs, hcpTerraformTokens, hcpTerraformStacks, hcpTerraformProjects,
			"https://developer.hashicorp.com/terraform/cloud-docs/europe"},
		Example: `hcpTerraform:
  organization: acme
  workspaces:
    - project: Default Project
      name: web-production
      runPhases: [apply]
`,
	}
}

// Read understands the section hcpTerraform.
func (h HCPTerraform) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	issuer := ""
	host := hcpTerraformHost
	if v := section.Field("hostname"); v.Present {
		host = readHost(v, hcpTerraformHost+", app.eu.terraform.io or that of the Terraform Enterprise installation", "terraform.example.com", problems)
	}
	words := hcpTerraformWords{
		host:         host,
		organization: hcpTerraformOrganization.read(section.Field("organization"), problems),
		phases:       map[hcpTerraformSubject][]string{},
		paths:        map[hcpTerraformSubject]string{},
	}
	if words.host != "" {
		issuer = "https://" + words.host
	}
	t := newTrust(issuer, section, account, problems, hcpTerraformAudience)
	workspaces, stacks := section.Field("workspaces"), section.Field("stacks")
	if !workspaces.Present && !stacks.Present {
		problems.Add(workspaces, "is missing, and stacks too: name the workspaces or the Stacks whose runs get the role")
	}
	for _, v := range workspaces.List {
		if v.Known {
			subjects := readHCPTerraformPhases(v, "runPhases", []hcpTerraformSubject{{
				project:   hcpTerraformProject.read(v.Field("project"), problems),
				workspace: hcpTerraformWorkspaceName.read(v.Field("name"), problems),
			}}, problems)
			h.trust(&t, &words, v, subjects)
		}
	}
	for _, v := range stacks.List {
		if v.Known {
			stack := hcpTerraformSubject{
				project: hcpTerraformProject.read(v.Field("project"), problems),
				stack:   hcpTerraformStackName.read(v.Field("name"), problems),
			}
			var deployments []hcpTerraformSubject
			for _, d := range v.Field("deployments").List {
				stack.deployment = hcpTerraformDeployment.read(d, problems)
				deployments = append(deployments, stack)
			}
			subjects := readHCPTerraformPhases(v, "operations", deployments, problems)
			h.trust(&t, &words, v, subjects)
		}
	}
	for _, unit := range words.units {
		if len(words.phases[unit]) > 1 {
			t.Findings = append(t.Findings, Finding{Rule: hcpTerraformRunPhases, Path: words.paths[unit], Detail: unit.phrase()})
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// readHCPTerraformPhases reads the phases of an item, and returns the subjects of each. There is no default: a plan also
// runs for changes that nobody has merged.
func readHCPTerraformPhases(v input.Value, word string, units []hcpTerraformSubject, problems *input.Problems) []hcpTerraformSubject {
	list := v.Field(word)
	if !list.Present {
		problems.Add(list, "is missing: say which runs get the role, [plan], [apply] or [plan, apply]. A plan also runs for pull requests "+
			"that nobody has merged, so apply is better off with a role of its own")
	}
	var subjects []hcpTerraformSubject
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
func (h HCPTerraform) trust(t *Trust, words *hcpTerraformWords, v input.Value, subjects []hcpTerraformSubject) {
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
func (HCPTerraform) grant(path string, s hcpTerraformSubject, host string, audiences []string) Grant {
	sentence := fmt.Sprintf("HCP Terraform: %s of %s", s.phase, s.phrase())
	if host != hcpTerraformHost {
		sentence += " on " + host
	}
	return Grant{
		Path:     path,
		Sentence: sentence,
		Claims:   map[string][]string{"aud": audiences, "sub": {s.String()}},
		Admits: func(token map[string]any) bool {
			seen, ok := parseHCPTerraformSubject(textOf(token["sub"]))
			return ok && seen == s && slices.Contains(audiences, audienceOf(token))
		},
		Tokens: func() []Token { return hcpTerraformNearMisses(s, host, audiences) },
	}
}
