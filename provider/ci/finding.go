package ci

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"

// Findings are the trust engine's: the same words for a trust being made and for a policy being audited.
type (
	// A Rule is a kind of finding.
	Rule = trust.Rule
	// A Finding is a rule that applies to something the user wrote.
	Finding = trust.Finding
)

// Severities of findings.
const (
	High   = trust.High
	Medium = trust.Medium
	Low    = trust.Low
)
