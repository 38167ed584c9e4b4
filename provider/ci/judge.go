package ci

import "strings"

const (
	providerControls   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html"
	conditionOperators = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
)

// Rules about readings that systems without one of their own share.
var (
	// NoSubject is the finding about a trust of a shared issuer that does not test sub.
	NoSubject = Rule{
		ID: "no-subject", Severity: High, Unreviewed: true,
		Summary:     "the issuer serves many tenants and the statement does not test sub: anybody's job gets in",
		Remediation: "Add a condition on ISSUER:sub that names your organization and what of it is trusted.",
		Source:      providerControls,
	}
	// TenantNotPinned is the finding about a trust of a shared issuer in which nothing names the tenant.
	TenantNotPinned = Rule{
		ID: "tenant-not-pinned", Severity: High, Unreviewed: true,
		Summary: "no condition pins the organization, account or owner, so jobs of strangers get in",
		Remediation: "Begin the subject with the exact organization and its separator, or pin its id by a claim key " +
			"that AWS fills.",
		Source: providerControls,
	}
	// PrefixCollision is the finding about a wildcard right behind the tenant's name.
	PrefixCollision = Rule{
		ID: "prefix-collision", Severity: High, Unreviewed: true,
		Summary: "a wildcard stands right behind a name, so every longer name that begins with it gets in, also one " +
			"that a stranger registers",
		Remediation: "End the name with its separator before the wildcard: acme/web:* and not acme/web*.",
		Source:      conditionOperators,
	}
	// WildcardBeforeDecision is the finding about a wildcard that a crafted name can fill with what stands behind it.
	WildcardBeforeDecision = Rule{
		ID: "wildcard-before-decision", Severity: High, Unreviewed: true,
		Summary: "a * stands before a part of the subject that decides, and crosses separators: a branch or name " +
			"crafted to contain the rest gets in",
		Remediation: "Put an exact value, or a run of ? of the exact length, in the place of the *.",
		Source:      conditionOperators,
	}
	// OrganizationWide is the finding about a trust that names no project of an organization.
	OrganizationWide = Rule{
		ID: "organization-wide", Severity: Medium,
		Summary:     "everything of the organization is trusted, also what somebody there creates tomorrow",
		Remediation: "Name the repositories, projects or workspaces that deploy.",
		Source:      providerControls,
	}
	// AnyRef is the finding about a trust that any branch or tag satisfies.
	AnyRef = Rule{
		ID: "any-ref", Severity: High, Unreviewed: true,
		Summary:     "jobs of any branch or tag get in: whoever may push one gets the role, without a review",
		Remediation: "Name the branches, tags or environments that deploy.",
		Source:      providerControls,
	}
)

// Fill puts an ordinary character in the place of each wildcard.
func Fill(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }

// OnlyWild reports that a pattern has nothing but wildcards.
func OnlyWild(pattern string) bool { return strings.Trim(pattern, "*?") == "" }

// UpTo is the text before a separator, the whole where it has none.
func UpTo(text, separator string) string {
	before, _, _ := strings.Cut(text, separator)
	return before
}
