// Package hcpterraform is HCP Terraform: its issuer, its tokens, and the words in which its jobs are trusted.
package hcpterraform

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is HCP Terraform, in its regions, and Terraform Enterprise, which is self-hosted.
//
// Issuer: the URL of the installation, one for all organizations on it. Audience: aws.workload.identity, unless the
// workspace or Stack asks for another. Subject: organization, project and workspace by name, then the phase of the run;
// for Stacks organization, project, stack and deployment, then the operation. AWS fills no key of its own for this
// issuer, in any partition, so the subject decides alone, and AWS wants it tested. No name takes a wildcard; an item of
// projects stands for every workspace of one.
//
// Sources: docs, tokens, stacks
type System struct{}

const (
	cloudHost = "app.terraform.io"
	audience  = "aws.workload.identity"
	docs      = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration"
	tokens    = "https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens"
	stacks    = "https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate"
)

// Section is "hcpTerraform".
func (System) Section() string { return "hcpTerraform" }

// Title is "HCP Terraform".
func (System) Title() string { return "HCP Terraform" }

var runPhases = ci.Rule{
	ID: "hcp-terraform-run-phases", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary: "plan and apply share the role, so a speculative plan, which runs the code of a pull request that " +
		"nobody has merged, can change whatever an apply can",
	Remediation: "Give apply a role of its own (TFC_AWS_APPLY_ROLE_ARN), and plan one that only reads " +
		"(TFC_AWS_PLAN_ROLE_ARN). A Stack's deployment hands one role to both: turn off its speculative plans.",
	Source: docs,
}

var planRole = ci.Rule{
	ID: "hcp-terraform-plan-role", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary:     "plans get the role, and a speculative plan runs the code of a pull request that nobody has merged",
	Remediation: "Let the role's policies read alone, and nothing that must stay secret.",
	Source:      "https://developer.hashicorp.com/terraform/cloud-docs/run/remote-operations#speculative-plans",
}

var anyWorkspace = ci.Rule{
	ID: "hcp-terraform-any-workspace", Severity: ci.Medium,
	Summary: "every workspace of the project is trusted, also one that is made tomorrow: whoever may create a " +
		"workspace in the project, or move one there, gets the role with code of their own",
	Remediation: "Name the workspaces that deploy; or let only those create and move workspaces in the project who " +
		"may deploy.",
	Source: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/project-team-access",
}

// Rules are the findings of HCP Terraform.
func (System) Rules() []ci.Rule { return []ci.Rule{runPhases, planRole, anyWorkspace} }

// Issuer is what signs the tokens of HCP Terraform.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + cloudHost, Shared: true,
		Hosts: []ci.Host{
			{Host: cloudHost, Shared: true, Control: trust.Control{Claims: []string{"sub"}}, Judge: reads},
			// It is as shared as the other one, but not among those for which AWS says that it wants a condition.
			{Host: "app.eu.terraform.io", Title: "HCP Terraform in Europe", Shared: true, Judge: reads},
		},
		Installed: &ci.Host{
			Title: "Terraform Enterprise", Forms: append(System{}.Forms(), olderForm), Judge: reads,
		},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{runForm, deploymentForm, testForm} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:    []string{"TFC_RUN_ID"},
		Variable: "TFC_WORKLOAD_IDENTITY_TOKEN",
		Condition: "the workspace sets TFC_WORKLOAD_IDENTITY_AUDIENCE; a run with TFC_AWS_PROVIDER_AUTH exchanges " +
			"its token by itself, and a Stack has its token as identity_token.NAME.jwt",
		Source: "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/manual-generation",
	}
}

// Read understands the section hcpTerraform.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer, host := "", cloudHost
	if v := section.Field("hostname"); v.Present {
		host = ci.ReadHost(v, cloudHost+", app.eu.terraform.io or that of the Terraform Enterprise installation",
			"terraform.example.com", problems)
	}
	words := words{
		host:         host,
		organization: organization.Read(section.Field("organization"), problems),
		phases:       map[unit][]string{},
		paths:        map[unit]string{},
	}
	if host != "" {
		issuer = "https://" + host
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	workspaces, stacks, projects := section.Field("workspaces"), section.Field("stacks"), section.Field("projects")
	if !workspaces.Present && !stacks.Present && !projects.Present {
		problems.Add(workspaces,
			"is missing, and projects and stacks too: name the workspaces, projects or Stacks whose runs get the role")
	}
	var all []string // the phases of all items
	phasesOf := func(list input.Value) []string {
		read := readPhases(list, problems)
		for _, phase := range read {
			all = ci.AddOnce(all, phase)
		}
		return read
	}
	for _, v := range workspaces.List {
		if v.Known {
			workspace := unit{
				project:   project.Read(v.Field("project"), problems),
				workspace: workspaceName.Read(v.Field("name"), problems),
			}
			words.trust(&t, v.Path, []unit{workspace}, phasesOf(v.Field("runPhases")))
		}
	}
	for _, v := range stacks.List {
		if v.Known {
			deployment := unit{
				project: project.Read(v.Field("project"), problems),
				stack:   stackName.Read(v.Field("name"), problems),
			}
			var deployments []unit
			for _, d := range v.Field("deployments").List {
				deployment.deployment = deploymentName.Read(d, problems)
				deployments = append(deployments, deployment)
			}
			words.trust(&t, v.Path, deployments, phasesOf(v.Field("operations")))
		}
	}
	for _, v := range projects.List {
		if v.Known {
			name := project.Read(v.Field("name"), problems)
			words.trust(&t, v.Path, []unit{everyWorkspace(name)}, phasesOf(v.Field("runPhases")))
			detail := "the project"
			if name != "" {
				detail = everyWorkspace(name).phrase(words.organization)
			}
			t.Findings = append(t.Findings, ci.Finding{Rule: anyWorkspace, Path: v.Path, Detail: detail})
		}
	}
	if len(all) > 1 {
		refuseBothPhases(projects, problems)
	}
	for _, u := range words.units {
		rule := planRole
		if len(words.phases[u]) > 1 {
			rule = runPhases
		}
		if slices.Contains(words.phases[u], "plan") {
			t.Findings = append(t.Findings,
				ci.Finding{Rule: rule, Path: words.paths[u], Detail: u.phrase(words.organization)})
		}
	}
	t.Pipeline = func(role ci.Role) string { return words.config(role, t.Audiences()) }
	t.Variables = func(role ci.Role) map[string]string { return words.variables(role, t.Audiences()) }
	return []ci.Trust{t}
}

// refuseBothPhases reports projects beside which the role gets both phases. A plan runs the code of whoever opens a
// pull request, of any workspace that somebody makes, so it would write wherever an apply does.
func refuseBothPhases(projects input.Value, problems *input.Problems) {
	for _, v := range projects.List {
		problems.Add(v.Field("runPhases"), "must be the one phase that the whole section trusts: a role for every "+
			"workspace of a project gets plan or apply and never both, because whoever may create a workspace or open "+
			"a pull request would write with a plan what only an apply may write. Give the other "+
			"phase a role of its own")
	}
}

// readPhases reads the phases of an item. There is no default: a plan also runs for changes that nobody has merged.
func readPhases(list input.Value, problems *input.Problems) []string {
	if !list.Present {
		problems.Add(list, "is missing: say which runs get the role, [plan], [apply] or [plan, apply]. A plan also "+
			"runs for pull requests that nobody has merged, so apply is better off with a role of its own")
	}
	var read []string
	for _, v := range list.Texts() {
		if !slices.Contains(phases, v.Text()) {
			problems.Add(v, "must be plan or apply", input.Got(v))
			continue
		}
		read = append(read, v.Text())
	}
	return read
}

// trust adds a grant for each phase of each unit, as far as they are known.
func (w *words) trust(t *ci.Trust, path string, units []unit, phases []string) {
	for _, phase := range phases {
		for _, u := range units {
			if w.host == "" || w.organization == "" || !u.known() {
				continue
			}
			w.add(u, phase, path)
			sentence := fmt.Sprintf("HCP Terraform: %s of %s", phase, u.phrase(w.organization))
			if w.host != cloudHost {
				sentence += " on " + w.host
			}
			t.Allow(path, sentence, u.subject(w.organization, phase))
		}
	}
}
