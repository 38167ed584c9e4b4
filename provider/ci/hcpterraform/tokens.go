package hcpterraform

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// claims are the further claims of a run of the unit, less those that only number runs.
// Sources:
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens#custom-claims-for-workspace-runs,
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate#adjust-access-of-trust
func (u unit) claims(texts []string) map[string]any {
	claims := map[string]any{
		"terraform_organization_id": "org-GRNbCjYNpBB6NEH9", "terraform_organization_name": texts[0],
		"terraform_project_id": "prj-vegSA59s1XPwMr2t", "terraform_project_name": texts[1],
	}
	if u.stack != "" {
		return ci.With(claims, map[string]any{
			"terraform_stack_id": "st-nZkhpN9wC5YrLqVs", "terraform_stack_name": texts[2],
			"terraform_stack_deployment_name": texts[3], "terraform_operation": texts[4],
		})
	}
	return ci.With(claims, map[string]any{
		"terraform_workspace_id": "ws-mbsd5E3Ktt5Rg2Xm", "terraform_workspace_name": texts[2],
		"terraform_run_phase":      texts[3],
		"terraform_full_workspace": "organization:" + texts[0] + ":project:" + texts[1] + ":workspace:" + texts[2],
	})
}

// others are subjects that come near one phase of the unit, though no single field tells them apart.
func (u unit) others(organization, phase string) map[string]string {
	if u.every {
		u.workspace = "web"
	}
	trusted, name := u.sub(organization, phase), u.workspace+u.stack
	others := map[string]string{
		"a phase whose name is longer":          trusted + "-evil",
		"a trusted subject with more behind it": trusted + ":x",
		"a workspace called like the whole trusted subject": "organization:mallory:project:Default Project:workspace:" +
			trusted,
		"a test of a module of the organization": testForm.Build(organization, name,
			"test_run"),
		"a run of an organization that has no projects, as tokens once were": "organization:" + organization +
			":workspace:" + name + ":run_phase:" + phase,
	}
	if u.stack != "" {
		others["a workspace of the stack's name"] = runForm.Build(organization, u.project, u.stack, phase)
	} else {
		others["a stack of the workspace's name"] = deploymentForm.Build(organization, u.project, u.workspace,
			"production", phase)
	}
	return others
}
