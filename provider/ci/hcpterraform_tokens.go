package ci

// A HCPTerraformRun is a phase of a run of HCP Terraform, as its token describes it.
type HCPTerraformRun struct {
	Host                  string // "app.terraform.io"
	Organization, Project string
	Workspace             string
	Stack, Deployment     string // instead of a workspace
	Phase                 string // "plan" or "apply"
	Audience              string
}

func (r HCPTerraformRun) subject() hcpTerraformSubject {
	return hcpTerraformSubject{r.Organization, r.Project, r.Workspace, r.Stack, r.Deployment, r.Phase}
}

// Claims are the claims of the run's token, less those that only number runs.
// Sources: https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens#custom-claims-for-workspace-runs,
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate#adjust-access-of-trust
func (r HCPTerraformRun) Claims() map[string]any {
	claims := map[string]any{
		"iss": "https://" + r.Host, "aud": r.Audience, "sub": r.subject().String(),
		"terraform_organization_id": "org-GRNbCjYNpBB6NEH9", "terraform_organization_name": r.Organization,
		"terraform_project_id": "prj-vegSA59s1XPwMr2t", "terraform_project_name": r.Project,
	}
	if r.Stack != "" {
		return with(claims, map[string]any{
			"terraform_stack_id": "st-nZkhpN9wC5YrLqVs", "terraform_stack_name": r.Stack,
			"terraform_stack_deployment_name": r.Deployment, "terraform_operation": r.Phase,
		})
	}
	return with(claims, map[string]any{
		"terraform_workspace_id": "ws-mbsd5E3Ktt5Rg2Xm", "terraform_workspace_name": r.Workspace, "terraform_run_phase": r.Phase,
		"terraform_full_workspace": "organization:" + r.Organization + ":project:" + r.Project + ":workspace:" + r.Workspace,
	})
}

// hcpTerraformNearMisses are the runs that a grant must let in, and those that come as close as can be.
func hcpTerraformNearMisses(s hcpTerraformSubject, host string, audiences []string) []Token {
	run := HCPTerraformRun{host, s.organization, s.project, s.workspace, s.stack, s.deployment, s.phase, ""}
	if len(audiences) > 0 {
		run.Audience = audiences[0]
	}
	trusted := s.String()
	tokens := []Token{{Name: "the " + s.phase + " of " + s.phrase(), Claims: run.Claims(), Admit: true}}
	for _, audience := range audiences[min(1, len(audiences)):] {
		other := run
		other.Audience = audience
		tokens = append(tokens, Token{Name: "audience " + audience, Claims: other.Claims(), Admit: true})
	}
	add := func(name string, change func(*HCPTerraformRun)) {
		near := run
		change(&near)
		tokens = append(tokens, Token{Name: name, Claims: near.Claims()})
	}
	crafted := func(name, sub string) {
		tokens = append(tokens, Token{Name: name, Claims: with(run.Claims(), map[string]any{"sub": sub})})
	}
	add("another audience", func(r *HCPTerraformRun) { r.Audience = "gcp.workload.identity" })
	add("another organization with project and names of ours", func(r *HCPTerraformRun) { r.Organization = "mallory" })
	add("an organization whose name is longer", func(r *HCPTerraformRun) { r.Organization += "-evil" })
	add("an organization whose name differs in letter case", func(r *HCPTerraformRun) { r.Organization = swapCase(r.Organization) })
	add("another project of the organization", func(r *HCPTerraformRun) { r.Project = "sandbox of mallory" })
	add("a project whose name is longer", func(r *HCPTerraformRun) { r.Project += " evil" })
	opposite := map[string]string{"plan": "apply", "apply": "plan"}[s.phase]
	add("the "+opposite+" of the same run", func(r *HCPTerraformRun) { r.Phase = opposite })
	add("a phase whose name is longer", func(r *HCPTerraformRun) { r.Phase += "-evil" })
	if s.stack != "" {
		add("another stack of the project", func(r *HCPTerraformRun) { r.Stack = "mallory" })
		add("a stack whose name is longer", func(r *HCPTerraformRun) { r.Stack += "-evil" })
		add("another deployment of the stack", func(r *HCPTerraformRun) { r.Deployment = "mallory" })
		add("a deployment whose name is longer", func(r *HCPTerraformRun) { r.Deployment += "-evil" })
		add("a workspace of the stack's name", func(r *HCPTerraformRun) { r.Workspace, r.Stack, r.Deployment = r.Stack, "", "" })
	} else {
		add("another workspace of the project", func(r *HCPTerraformRun) { r.Workspace = "mallory" })
		add("a workspace whose name is longer", func(r *HCPTerraformRun) { r.Workspace += "-evil" })
		add("a stack of the workspace's name", func(r *HCPTerraformRun) { r.Workspace, r.Stack, r.Deployment = "", r.Workspace, "production" })
	}
	crafted("a test of a module of the organization", "organization:"+s.organization+":module:"+s.workspace+s.stack+":operation:test_run")
	crafted("a workspace called like the whole trusted subject", "organization:mallory:project:Default Project:workspace:"+trusted)
	crafted("a trusted subject with more behind it", trusted+":x")
	crafted("a run of an organization that has no projects, as tokens once were", "organization:"+s.organization+":workspace:"+s.workspace+s.stack+":run_phase:"+s.phase)
	return append(tokens, Token{Name: "a token without subject", Claims: with(run.Claims(), map[string]any{"sub": nil})})
}
