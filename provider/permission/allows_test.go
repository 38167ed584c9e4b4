package permission_test

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
)

func TestABookSaysWhetherOneActionIsAllowedOnOneResource(t *testing.T) {
	const next = "arn:aws:iam::123456789012:role/next"
	policy := func(statements string) permission.Policy {
		return permission.Policy{Name: "p", Document: `{"Version":"2012-10-17","Statement":[` + statements + `]}`}
	}
	statement := func(effect, action, resource string) string {
		return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
	}
	allow := statement("Allow", "sts:AssumeRole", next)
	boundary := policy(statement("Allow", "s3:*", "*"))
	with := func(policies ...permission.Policy) permission.Role { return permission.Role{Policies: policies} }
	one := func(effect, action, resource string) permission.Role {
		return with(policy(statement(effect, action, resource)))
	}
	for name, c := range map[string]struct {
		role permission.Role
		want bool
	}{
		"exactly":              {with(policy(allow)), true},
		"by a pattern":         {one("Allow", "sts:*", "*:role/ne*"), true},
		"in other letter case": {one("Allow", "STS:assumerole", "*"), true},
		"another role":         {one("Allow", "sts:AssumeRole", next+"2"), false},
		"another action":       {one("Allow", "sts:TagSession", "*"), false},
		"nothing":              {permission.Role{}, false},
		"all but this, by Deny": {
			with(policy(statement("Allow", "*", "*")), policy(statement("Deny", "sts:*", next))), false,
		},
		"outside the boundary": {
			permission.Role{Policies: []permission.Policy{policy(allow)}, Boundary: &boundary}, false,
		},
		"a policy not shown": {with(permission.Policy{Name: "x", Arn: "arn:aws:iam::123456789012:policy/x"}), true},
		"NotAction":          {with(policy(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)), true},
		"NotResource": {with(policy(
			`{"Effect":"Allow","Action":"sts:AssumeRole","NotResource":"` + next + `"}`)), false},
	} {
		use, got := permission.Read(c.role).Allows("sts:AssumeRole", next)
		if got != c.want || got && use.Policy == "" {
			t.Errorf("%s: %v by %+v", name, got, use)
		}
	}
}
