package all

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func TestTheAdviceOnASubjectNamesTheFieldThatDiffers(t *testing.T) {
	const web, api = "space:root:stack:web:run_type:TRACKED:scope:write",
		"space:root:stack:api:run_type:TASK:scope:write"
	for _, c := range []struct {
		wanted []string
		seen   string
		want   string
	}{
		{[]string{web}, "space:root:stack:web:run_type:PROPOSED:scope:read",
			"the token's run type is PROPOSED where TRACKED is trusted, the token's scope is read " +
				"where write is trusted"},
		{[]string{web, api}, "space:root:stack:api:run_type:DESTROY:scope:write",
			"the token's run type is DESTROY where TASK is trusted"},
		{[]string{web}, "space:x:module:y:run_type:TESTING:scope:read", ""},
		{[]string{web}, "repo:acme/web:ref:refs/heads/main", ""}, {[]string{"*"}, web, ""}, {nil, web, ""},
		{[]string{web}, "", ""},
	} {
		got := Registry().Advise(trust.Mismatch{
			Issuer: "acme.app.spacelift.io",
			Claim:  "sub",
			Wanted: c.wanted,
			Seen:   []string{c.seen},
		})
		if got != c.want {
			t.Errorf("%v with %s: %q, want %q", c.wanted, c.seen, got, c.want)
		}
	}
}

func TestAdviceIsTakenFromTheFormsOfTheIssuersOwnSystem(t *testing.T) {
	for issuer, want := range map[string]string{
		"oidc.fly.io/acme": "the token's app is api where web is trusted", "acme.app.spacelift.io": "",
		"ci.example.com": "",
	} {
		if got := Registry().Advise(trust.Mismatch{
			Issuer: issuer,
			Claim:  "sub",
			Wanted: []string{"acme:web:*"},
			Seen:   []string{"acme:api:red-bush-1234"},
		}); got != want {
			t.Errorf("%s: %q, want %q", issuer, got, want)
		}
	}
}

func TestAFieldThatIsLeftOpenIsNoDifference(t *testing.T) {
	f := &ci.Form{
		Fields: []ci.Field{{Name: "a"}, {Name: "b", Sample: "0000", Length: 4}},
		Whole:  ci.NewExpression(`\A([a-z]+):([0-9]{4})\z`),
	}
	if got, ok := f.Differing("x:????", []string{"y", "1234"}); !ok || got[0] != "x" || got[1] != "" {
		t.Errorf("%q %v", got, ok)
	}
}
