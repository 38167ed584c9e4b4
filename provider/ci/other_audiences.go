package ci

import (
	"fmt"
	"slices"
)

// otherAudiences is the finding of a provider with more audiences than the component that owns it lists.
var otherAudiences = Rule{
	ID: "provider-other-audiences", Severity: Medium,
	Summary: "the provider in the account has audiences that the section does not list, and an update may take them " +
		"away: a role that requires one of them would let no job in",
	Remediation: "List them in audiences as well. To change an audience, list the old and the new one, bring the " +
		"stack up, move the jobs, and then take the old one out; so jobs always have one that works.",
	Source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html",
}

// ProviderRules are the findings about an OIDC provider that the component owns, whatever the CI system.
func ProviderRules() []Rule { return []Rule{otherAudiences} }

// OtherAudiences finds what the trust's own provider has registered in the account and the section does not list.
func (t *Trust) OtherAudiences(registered []string) []Finding {
	var findings []Finding
	for _, audience := range registered {
		if !slices.Contains(t.audiences, audience) {
			findings = append(findings, Finding{
				Rule: otherAudiences, Path: t.Input.Field("audiences").Path,
				Detail: fmt.Sprintf("%q at the provider of %s", audience, t.Section),
			})
		}
	}
	return findings
}
