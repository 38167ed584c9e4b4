package hcpterraform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var runPhase = ci.Rule{
	ID: "terraform-run-phase", Severity: ci.Medium,
	Summary:     "plan and apply get the same role, so a speculative plan of an unmerged change can write",
	Remediation: "Give run_phase:apply a role of its own, and run_phase:plan one that reads.",
	Source:      "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens",
}

// AuditRules are the findings of an audit.
func (System) AuditRules() []ci.Rule { return []ci.Rule{runPhase} }

const tenant = `^organization:[^*?:]+:`

var terraform = ci.WordGrammar{
	Tenant: ci.NewExpression(tenant),
	Words:  []string{"project", "workspace", "stack", "deployment", "run_phase", "operation", "plan", "apply"},
}

// judge is the audit for HCP Terraform, whose subject ends in the run phase.
func judge(v trust.View, report func(ci.Rule, string)) {
	terraform.Judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		if value.Wild() && terraform.Tenant.MatchString(value.Literal()) && admitsPhase(v, value, "plan") &&
			admitsPhase(v, value, "apply") {
			report(runPhase, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

// admitsPhase reports that a value accepts a run in a phase: of a workspace, or of a stack's deployment.
func admitsPhase(v trust.View, value trust.Value, phase string) bool {
	names := ci.UpTo(ci.UpTo(value.Pattern, ":run_phase:"), ":operation:")
	for _, before := range []string{ci.Fill(names), ci.Fill(strings.TrimRight(names, "*"))} {
		for _, word := range []string{"run_phase", "operation"} {
			subject := strings.TrimRight(ci.UpTo(before, ":"+word), ":") + ":" + word + ":" + phase
			if value.Admits(subject) && v.Admits("sub", subject) {
				return true
			}
		}
	}
	return false
}
