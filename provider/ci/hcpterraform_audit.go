package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var terraformRunPhase = Rule{
	ID: "terraform-run-phase", Severity: Medium,
	Summary:     "plan and apply get the same role, so a speculative plan of an unmerged change can write",
	Remediation: "Give run_phase:apply a role of its own, and run_phase:plan one that reads.",
	Source:      "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens",
}

// AuditRules are the findings of an audit.
func (HCPTerraform) AuditRules() []Rule { return []Rule{terraformRunPhase} }

const terraformTenant = `^organization:[^*?:]+:`

var terraform = wordGrammar{
	tenant: newExpression(terraformTenant),
	words:  []string{"project", "workspace", "stack", "deployment", "run_phase", "operation", "plan", "apply"},
}

// judgeTerraform is the audit for HCP Terraform, whose subject ends in the run phase.
func judgeTerraform(v trust.View, report func(Rule, string)) {
	terraform.judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		if value.Wild() && terraform.tenant.MatchString(value.Literal()) && admitsPhase(v, value, "plan") && admitsPhase(v, value, "apply") {
			report(terraformRunPhase, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

// admitsPhase reports that a value accepts a run in a phase: of a workspace, or of a stack's deployment.
func admitsPhase(v trust.View, value trust.Value, phase string) bool {
	names := upTo(upTo(value.Pattern, ":run_phase:"), ":operation:")
	for _, before := range []string{fill(names), fill(strings.TrimRight(names, "*"))} {
		for _, word := range []string{"run_phase", "operation"} {
			subject := strings.TrimRight(upTo(before, ":"+word), ":") + ":" + word + ":" + phase
			if value.Admits(subject) && v.Admits("sub", subject) {
				return true
			}
		}
	}
	return false
}
