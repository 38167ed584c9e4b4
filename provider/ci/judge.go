package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var organizationWide = Rule{
	ID: "organization-wide", Severity: Medium,
	Summary:     "everything of the organization is trusted, also what somebody there creates tomorrow",
	Remediation: "Name the repositories, projects or workspaces that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

var anyRef = Rule{
	ID: "any-ref", Severity: High,
	Summary:     "jobs of any branch or tag get in: whoever may push one gets the role, without a review",
	Remediation: "Name the branches, tags or environments that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

// freshText is longer than any run of "?" that somebody writes, and of a character that stands in no policy: what admits
// it admits anything.
var freshText = strings.Repeat("\U0010FFFD", 64)

// admitsAny reports that a subject gets in whatever stands between two fixed parts.
func admitsAny(v trust.View, value trust.Value, before, after string) bool {
	text := before + freshText + after
	if !strings.Contains(value.Pattern, "*") { // runs of "?" accept one length only
		rest := len([]rune(value.Pattern)) - len([]rune(before)) - len([]rune(after))
		if rest <= 0 {
			return false
		}
		text = before + strings.Repeat("\U0010FFFD", rest) + after
	}
	return value.Admits(text) && v.Admits("sub", text)
}

// fill puts an ordinary character in the place of each wildcard.
func fill(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }

// onlyWild reports that a pattern has nothing but wildcards.
func onlyWild(pattern string) bool { return strings.Trim(pattern, "*?") == "" }

// wildBeforeLiteral reports that a "*" stands before something that is no wildcard.
func wildBeforeLiteral(pattern string) bool {
	return strings.Contains(strings.TrimRight(pattern, "*?"), "*")
}

// judgeName is the audit of the name of a repository, project or workspace that has a wildcard.
func judgeName(name, detail string, report func(Rule, string)) {
	switch {
	case !trust.HasWildcard(name) || onlyWild(name):
	case trust.HasWildcard(strings.TrimRight(name, "*?")):
		report(trust.WildcardBeforeDecision, detail)
	default:
		report(trust.PrefixCollision, detail)
	}
}

// A wordGrammar is that of subjects made of words and names: organization:ORG:pipeline:NAME:ref:REF:...
type wordGrammar struct {
	tenant *expression // the beginning, which names the tenant
	words  []string    // which name nothing by themselves
	ref    string      // the word before the ref, "" where the subject has none
}

func (g wordGrammar) judge(v trust.View, report func(Rule, string)) {
	for _, value := range slices.Concat(v.Claim("sub")...) {
		tenant := g.tenant.FindString(value.Literal())
		if value.Exact() || tenant == "" {
			continue
		}
		detail := fmt.Sprintf("sub %q", value.Text)
		names, ref, named := value.Pattern[len(tenant):], "", false
		if g.ref != "" {
			names, ref, named = strings.Cut(names, ":"+g.ref+":")
		}
		parts := strings.FieldsFunc(names, func(r rune) bool { return r == ':' || r == '/' })
		if !slices.ContainsFunc(parts, func(part string) bool { return !onlyWild(part) && !slices.Contains(g.words, part) }) {
			report(organizationWide, detail)
		}
		for _, part := range parts {
			judgeName(part, detail, report)
		}
		before := tenant + strings.TrimRight(fill(strings.TrimRight(names, "*")), ":") + ":" + g.ref + ":refs/heads/"
		switch {
		case g.ref == "":
		case admitsAny(v, value, before, ":commit:x:step:x"):
			report(anyRef, detail)
		case named && wildBeforeLiteral(upTo(ref, ":")):
			report(trust.WildcardBeforeDecision, detail)
		}
	}
}

func upTo(text, separator string) string {
	before, _, _ := strings.Cut(text, separator)
	return before
}

// judgeTenantIssuer is the audit for a system with an issuer of its own for each organization.
func judgeTenantIssuer(v trust.View, report func(Rule, string)) {
	subjects := slices.Concat(v.Claim("sub")...)
	if len(subjects) == 0 {
		report(organizationWide, v.Host+" without sub")
	}
	for _, value := range subjects {
		if value.Like && onlyWild(value.Pattern) {
			report(organizationWide, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

// tenantPrefix judges whether a subject names one tenant: it is one exact text, or begins with the tenant's name up to
// its separator.
func tenantPrefix(prefix string) func(trust.Value) bool {
	if prefix == "" {
		return trust.Value.Exact
	}
	form := newExpression(prefix)
	return func(value trust.Value) bool { return value.Exact() || form.MatchString(value.Literal()) }
}

// tenants is an issuer whose subject begins with the tenant, unless an exact key pins it.
func tenants(host, prefix string, judge func(trust.View, func(Rule, string)), keys ...string) trust.Issuer {
	claims := map[string]func(trust.Value) bool{"sub": tenantPrefix(prefix)}
	for _, key := range keys {
		claims[key] = trust.Value.Exact
	}
	return trust.Issuer{Host: host, Shared: true, RequiredClaim: "sub", Tenant: claims, Judge: judge}
}

// named is an issuer whose subject is made of words and names.
func named(host, prefix, ref string, words []string, keys ...string) trust.Issuer {
	return tenants(host, prefix, wordGrammar{newExpression(prefix), words, ref}.judge, keys...)
}

// byAudience is an issuer whose aud names the tenant; where a form is given, sub can name it too.
func byAudience(host, prefix string) trust.Issuer {
	claims := map[string]func(trust.Value) bool{"aud": trust.Value.Exact}
	if prefix != "" {
		claims["sub"] = tenantPrefix(prefix)
	}
	return trust.Issuer{Host: host, Shared: true, RequiredClaim: "aud", Tenant: claims}
}
