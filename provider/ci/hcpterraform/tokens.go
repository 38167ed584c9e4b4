package hcpterraform

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Run is a phase of a run of HCP Terraform, as its token describes it.
type Run struct {
	Host                  string // "app.terraform.io"
	Organization, Project string
	Workspace             string
	Stack, Deployment     string // instead of a workspace
	Phase                 string // "plan" or "apply"
	Audience              string
}

func (r Run) subject() subject {
	return subject{r.Organization, r.Project, r.Workspace, r.Stack, r.Deployment, r.Phase}
}

// Claims are the claims of the run's token, less those that only number runs.
// Sources: https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens#custom-claims-for-workspace-runs,
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate#adjust-access-of-trust
func (r Run) Claims() map[string]any {
	claims := map[string]any{
		"iss": "https://" + r.Host, "aud": r.Audience, "sub": r.subject().String(),
		"terraform_organization_id": "org-GRNbCjYNpBB6NEH9", "terraform_organization_name": r.Organization,
		"terraform_project_id": "prj-vegSA59s1XPwMr2t", "terraform_project_name": r.Project,
	}
	if r.Stack != "" {
		return ci.With(claims, map[string]any{
			"terraform_stack_id": "st-nZkhpN9wC5YrLqVs", "terraform_stack_name": r.Stack,
			"terraform_stack_deployment_name": r.Deployment, "terraform_operation": r.Phase,
		})
	}
	return ci.With(claims, map[string]any{
		"terraform_workspace_id": "ws-mbsd5E3Ktt5Rg2Xm", "terraform_workspace_name": r.Workspace, "terraform_run_phase": r.Phase,
		"terraform_full_workspace": "organization:" + r.Organization + ":project:" + r.Project + ":workspace:" + r.Workspace,
	})
}

// nearMisses are the runs that a grant must let in, and those that come as close as can be.
func nearMisses(s subject, host string, audiences []string) []ci.Token {
	run := Run{host, s.organization, s.project, s.workspace, s.stack, s.deployment, s.phase, ""}
	if len(audiences) > 0 {
		run.Audience = audiences[0]
	}
	trusted := s.String()
	tokens := []ci.Token{{Name: "the " + s.phase + " of " + s.phrase(), Claims: run.Claims(), Admit: true}}
	for _, audience := range audiences[min(1, len(audiences)):] {
		other := run
		other.Audience = audience
		tokens = append(tokens, ci.Token{Name: "audience " + audience, Claims: other.Claims(), Admit: true})
	}
	add := func(name string, change func(*Run)) {
		near := run
		change(&near)
		tokens = append(tokens, ci.Token{Name: name, Claims: near.Claims()})
	}
	crafted := func(name, sub string) {
		tokens = append(tokens, ci.Token{Name: name, Claims: ci.With(run.Claims(), map[string]any{"sub": sub})})
	}
	add("another audience", func(r *Run) { r.Audience = "gcp.workload.identity" })
	add("another organization with project and names of ours", func(r *Run) { r.Organization = "mallory" })
	add("an organization whose name is longer", func(r *Run) { r.Organization += "-evil" })
	add("an organization whose name differs in letter case", func(r *Run) { r.Organization = ci.SwapCase(r.Organization) })
	add("another project of the organization", func(r *Run) { r.Project = "sandbox of mallory" })
	add("a project whose name is longer", func(r *Run) { r.Project += " evil" })
	opposite := map[string]string{"plan": "apply", "apply": "plan"}[s.phase]
	add("the "+opposite+" of the same run", func(r *Run) { r.Phase = opposite })
	add("a phase whose name is longer", func(r *Run) { r.Phase += "-evil" })
	if s.stack != "" {
		add("another stack of the project", func(r *Run) { r.Stack = "mallory" })
		add("a stack whose name is longer", func(r *Run) { r.Stack += "-evil" })
		add("another deployment of the stack", func(r *Run) { r.Deployment = "mallory" })
		add("a deployment whose name is longer", func(r *Run) { r.Deployment += "-evil" })
		add("a workspace of the stack's name", func(r *Run) { r.Workspace, r.Stack, r.Deployment = r.Stack, "", "" })
	} else {
		add("another workspace of the project", func(r *Run) { r.Workspace = "mallory" })
		add("a workspace whose name is longer", func(r *Run) { r.Workspace += "-evil" })
		add("a stack of the workspace's name", func(r *Run) { r.Workspace, r.Stack, r.Deployment = "", r.Workspace, "production" })
	}
	crafted("a test of a module of the organization", "organization:"+s.organization+":module:"+s.workspace+s.stack+":operation:test_run")
	crafted("a workspace called like the whole trusted subject", "organization:mallory:project:Default Project:workspace:"+trusted)
	crafted("a trusted subject with more behind it", trusted+":x")
	crafted("a run of an organization that has no projects, as tokens once were", "organization:"+s.organization+":workspace:"+s.workspace+s.stack+":run_phase:"+s.phase)
	return append(tokens, ci.Token{Name: "a token without subject", Claims: ci.With(run.Claims(), map[string]any{"sub": nil})})
}
