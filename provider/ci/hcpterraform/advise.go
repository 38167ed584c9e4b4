package hcpterraform

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Advise says why a token of HCP Terraform does not fit.
func (System) Advise(m *ci.Mismatch) string {
	switch m.Claim {
	case "aud":
		return "the workspace asks for the audience: TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"
	case "sub":
		if d := m.Differs("run phase"); d != nil {
			if d.Seen == "plan" {
				return "every run plans before it applies, and asks for the role then: give plans a role of their " +
					"own that only reads (TFC_AWS_PLAN_ROLE_ARN)"
			}
			return "plans alone are trusted: give the apply a role of its own (TFC_AWS_APPLY_ROLE_ARN)"
		}
		if d := m.Differs("operation"); d != nil && d.Seen == "plan" {
			return "a Stack's deployment hands one role to plan and apply: trust both operations, or neither"
		}
	}
	return ""
}

// Mend puts in the project, which every subject of a workspace has.
func (System) Mend(value string) []string {
	return []string{strings.Replace(value, ":workspace:", ":project:*:workspace:", 1)}
}

// Words are sections that trust a run.
func (System) Words(job ci.Job) []map[string]any {
	words := map[string]any{"organization": job.Texts["organization"]}
	if job.Issuer != cloudHost {
		words["hostname"] = job.Issuer
	}
	switch job.Form {
	case runForm:
		texts, _ := job.Reads("project", "workspace", "run phase")
		words["workspaces"] = []map[string]any{{"project": texts[0], "name": texts[1], "runPhases": texts[2:]}}
		if texts[1] == ci.Any {
			delete(words, "workspaces")
			words["projects"] = []map[string]any{{"name": texts[0], "runPhases": texts[2:]}}
		}
	case deploymentForm:
		texts, _ := job.Reads("project", "stack", "deployment", "operation")
		words["stacks"] = []map[string]any{{"project": texts[0], "name": texts[1], "deployments": texts[2:3],
			"operations": texts[3:]}}
	default:
		return nil
	}
	return []map[string]any{job.ForAudience(words, audience)}
}
