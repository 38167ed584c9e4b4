package ci

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// StringEqualsIgnoreCase takes ACME for acme, which is nobody else: but a branch MAIN is another one than main, and
// whoever may push it is not held back by the protection of main.
func TestANameInAnyCaseIsOneNameAndABranchInAnyCaseIsNot(t *testing.T) {
	form := NewForm("org:{organization}:branch:{branch}",
		Field{Name: "organization", Texts: `[A-Za-z0-9-]+`, Sample: "acme", Decides: Tenant},
		Field{Name: "branch", Sample: "main", Decides: RefOf})
	fold := trust.Value{Text: "org:acme:branch:main", Pattern: "org:acme:branch:main", Fold: true}
	m := meet(t, form, fit(fold), nil)
	if got, want := m.Spelled("organization"), (Span{Exact, "acme"}); got != want {
		t.Errorf("the organization is %v, want %v", got, want)
	}
	if got, want := m.Spelled("branch"), (Span{Prefix, "main"}); got != want {
		t.Errorf("the branch is %v, want %v", got, want)
	}
	if texts, ok := m.Other("branch", nil, "main"); !ok || texts[1] == "main" {
		t.Errorf("no other branch gets in: %q", texts)
	}
	if got := meet(t, form, fit(like("org:acme*")), nil).Spelled("organization"); got.Kind != Prefix {
		t.Errorf("the organization is %v, want a prefix", got)
	}
}
