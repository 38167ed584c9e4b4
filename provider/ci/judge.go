package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// OrganizationWide is the finding about a trust that names no project of an organization.
var OrganizationWide = Rule{
	ID: "organization-wide", Severity: Medium,
	Summary:     "everything of the organization is trusted, also what somebody there creates tomorrow",
	Remediation: "Name the repositories, projects or workspaces that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

// AnyRef is the finding about a trust that any branch or tag satisfies.
var AnyRef = Rule{
	ID: "any-ref", Severity: High,
	Summary:     "jobs of any branch or tag get in: whoever may push one gets the role, without a review",
	Remediation: "Name the branches, tags or environments that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

// freshText is longer than any run of "?" that somebody writes, and of a character that stands in no policy: what
// admits it admits anything.
var freshText = strings.Repeat("\U0010FFFD", 64)

// AdmitsAny reports that a subject gets in whatever stands between two fixed parts.
func AdmitsAny(v trust.View, value trust.Value, before, after string) bool {
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

// Fill puts an ordinary character in the place of each wildcard.
func Fill(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }

// OnlyWild reports that a pattern has nothing but wildcards.
func OnlyWild(pattern string) bool { return strings.Trim(pattern, "*?") == "" }

// WildBeforeLiteral reports that a "*" stands before something that is no wildcard.
func WildBeforeLiteral(pattern string) bool {
	return strings.Contains(strings.TrimRight(pattern, "*?"), "*")
}

// JudgeName is the audit of the name of a repository, project or workspace that has a wildcard.
func JudgeName(name, detail string, report func(Rule, string)) {
	switch {
	case !trust.HasWildcard(name) || OnlyWild(name):
	case trust.HasWildcard(strings.TrimRight(name, "*?")):
		report(trust.WildcardBeforeDecision, detail)
	default:
		report(trust.PrefixCollision, detail)
	}
}

// A WordGrammar is that of subjects made of words and names: organization:ORG:pipeline:NAME:ref:REF:...
type WordGrammar struct {
	Tenant *Expression // the beginning, which names the tenant
	Words  []string    // which name nothing by themselves
	ref    string      // the word before the ref, "" where the subject has none
}

// NewWordGrammar is the grammar of subjects that begin with a tenant. ref is the word before the ref, "" if there is
// none.
func NewWordGrammar(tenant, ref string, words ...string) WordGrammar {
	return WordGrammar{NewExpression(tenant), words, ref}
}

// Judge is the audit of such subjects.
func (g WordGrammar) Judge(v trust.View, report func(Rule, string)) {
	for _, value := range slices.Concat(v.Claim("sub")...) {
		tenant := g.Tenant.FindString(value.Literal())
		if value.Exact() || tenant == "" {
			continue
		}
		detail := fmt.Sprintf("sub %q", value.Text)
		names, ref, named := value.Pattern[len(tenant):], "", false
		if g.ref != "" {
			names, ref, named = strings.Cut(names, ":"+g.ref+":")
		}
		parts := strings.FieldsFunc(names, func(r rune) bool { return r == ':' || r == '/' })
		if !slices.ContainsFunc(parts, func(part string) bool {
			return !OnlyWild(part) && !slices.Contains(g.Words, part)
		}) {
			report(OrganizationWide, detail)
		}
		for _, part := range parts {
			JudgeName(part, detail, report)
		}
		before := tenant + strings.TrimRight(Fill(strings.TrimRight(names, "*")), ":") + ":" + g.ref + ":refs/heads/"
		switch {
		case g.ref == "":
		case AdmitsAny(v, value, before, ":commit:x:step:x"):
			report(AnyRef, detail)
		case named && WildBeforeLiteral(UpTo(ref, ":")):
			report(trust.WildcardBeforeDecision, detail)
		}
	}
}

// UpTo is the text before a separator, the whole where it has none.
func UpTo(text, separator string) string {
	before, _, _ := strings.Cut(text, separator)
	return before
}

// JudgeTenantIssuer is the audit for a system with an issuer of its own for each organization.
func JudgeTenantIssuer(v trust.View, report func(Rule, string)) {
	subjects := slices.Concat(v.Claim("sub")...)
	if len(subjects) == 0 {
		report(OrganizationWide, v.Host+" without sub")
	}
	for _, value := range subjects {
		if value.Like && OnlyWild(value.Pattern) {
			report(OrganizationWide, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

// TenantPrefix judges whether a subject names one tenant: it is one exact text, or begins with the tenant's name up to
// its separator.
func TenantPrefix(prefix string) func(trust.Value) bool {
	if prefix == "" {
		return trust.Value.Exact
	}
	form := NewExpression(prefix)
	return func(value trust.Value) bool { return value.Exact() || form.MatchString(value.Literal()) }
}

// Tenants is an issuer whose subject begins with the tenant, unless an exact key pins it.
func Tenants(host, prefix string, judge func(trust.View, func(Rule, string)), keys ...string) Host {
	claims := map[string]func(trust.Value) bool{"sub": TenantPrefix(prefix)}
	for _, key := range keys {
		claims[key] = trust.Value.Exact
	}
	return Host{
		Host:    host,
		Shared:  true,
		Control: trust.Control{Claims: []string{"sub"}},
		Tenant:  claims,
		Judge:   judge,
	}
}

// Named is an issuer whose subject is made of words and names.
func Named(host, prefix, ref string, words []string, keys ...string) Host {
	return Tenants(host, prefix, WordGrammar{NewExpression(prefix), words, ref}.Judge, keys...)
}

// ByAudience is an issuer whose aud names the tenant; where a form is given, sub can name it too.
func ByAudience(host, prefix string) Host {
	claims := map[string]func(trust.Value) bool{"aud": trust.Value.Exact}
	if prefix != "" {
		claims["sub"] = TenantPrefix(prefix)
	}
	return Host{Host: host, Shared: true, Control: trust.Control{Claims: []string{"aud"}}, Tenant: claims}
}

// Uncontrolled is an issuer that AWS does not know as shared: it stores any policy that trusts it.
func Uncontrolled(issuer Host) Host {
	issuer.Control = trust.Control{}
	return issuer
}
