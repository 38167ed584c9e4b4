package audit_test

import (
	"strings"
	"testing"
)

// Where the component refuses an action, or a Deny that meets nobody, the audit was silent.
func TestAStatementThatIsAboutNobodyIsSaid(t *testing.T) {
	const sub = `"StringLike":{"KEY:sub":"account:acme:environment:production:workspace:web"}`
	trusted := allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:acme:*"}`)
	swap := func(statement, before, after string) string {
		if !strings.Contains(statement, before) {
			t.Fatalf("%s has no %s", statement, before)
		}
		return strings.Replace(statement, before, after, 1)
	}
	action := func(statement, action string) string {
		return swap(statement, `"Action":"sts:AssumeRoleWithWebIdentity"`, action)
	}
	right := allow(scalr, aud+","+sub)
	denied := statement("Deny", provider(scalr), sub)
	for name, c := range map[string]struct {
		policy string
		says   string // "" where nothing is wrong
	}{
		"an action misspelt": {policy(action(right, `"Action":"sts:AssumeRoleWithWebIdentiy"`)),
			`statement 1, action "sts:AssumeRoleWithWebIdentiy", meant may be sts:AssumeRoleWithWebIdentity`},
		"an action of a list misspelt": {policy(action(right,
			`"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSesion"]`)),
			`statement 1, action "sts:TagSesion", meant may be sts:TagSession`},
		"an action of another service": {policy(action(right, `"Action":"s3:GetObject"`)),
			`statement 1, action "s3:GetObject"`},
		"wildcards that cover no action": {policy(right, action(denied, `"Action":"sts:Get*"`)),
			`statement 2, action "sts:Get*"`},
		"a NotAction misspelt": {policy(right, action(denied, `"NotAction":"sts:AssumeRoleWithWebIdentiy"`)),
			`statement 2, action "sts:AssumeRoleWithWebIdentiy"`},
		"no action": {policy(action(right, `"Action":[]`)), "statement 1, whose principals take on a role by " +
			"sts:AssumeRoleWithWebIdentity"},
		"the action of callers without a token": {policy(action(right, `"Action":"sts:AssumeRole"`)),
			"statement 1, whose principals take on a role by sts:AssumeRoleWithWebIdentity"},
		"the action of the other kind of provider": {policy(action(right, `"Action":"sts:AssumeRoleWithSAML"`)),
			"statement 1, whose principals take on a role by sts:AssumeRoleWithWebIdentity"},
		"session tags for whom nothing lets in": {policy(action(right, `"Action":"sts:TagSession"`)),
			"statement 1, whose principals take on a role by sts:AssumeRoleWithWebIdentity"},
		"a Deny of another action": {policy(trusted, action(denied, `"Action":"sts:AssumeRole"`)),
			"statement 2, whose principals take on a role by sts:AssumeRoleWithWebIdentity"},
		"a Deny of callers, by the action of tokens": {policy(trusted, statement("Deny",
			`{"AWS":"arn:aws:iam::123456789012:root"}`, "")),
			"statement 2, whose principals take on a role by sts:AssumeRole"},
		"a Deny of nobody": {policy(trusted, statement("Deny", `{"Federated":[]}`, "")),
			"statement 2, which names nobody"},
		"a Deny of a provider misspelt": {policy(trusted, swap(denied, ":oidc-provider/scalr.io",
			":oidc-provider/scalr.i0")),
			`statement 2, provider "arn:aws:iam::123456789012:oidc-provider/scalr.i0", meant may be "arn:aws:iam::`},
		"a Deny of a provider with a slash": {policy(trusted, swap(denied, ":oidc-provider/scalr.io",
			":oidc-provider/scalr.io/")), `statement 2, provider "arn:aws:iam::123456789012:oidc-provider/scalr.io/"`},
		"a Deny of the provider in another account": {policy(trusted, swap(denied, "123456789012", "210987654321")),
			`statement 2, provider "arn:aws:iam::210987654321:oidc-provider/scalr.io"`},
		"a Deny of a wildcard that StringEquals takes literally": {policy(trusted, statement("Deny", `"*"`,
			`"StringEquals":{"scalr.io:sub":"account:acme:environment:production:workspace:*"}`)),
			`statement 2, sub "account:acme:environment:production:workspace:*": StringEquals takes * and ? literally`},
		"a Deny of a form that no token has": {policy(trusted, statement("Deny", provider(scalr),
			`"StringLike":{"KEY:sub":["account:acme:environment:*:workspace:a","account:acme:workspace:a"]}`)),
			`statement 2, sub "account:acme:workspace:a": subjects of Scalr have another form`},
		"a Deny of no value": {policy(trusted, statement("Deny", provider(scalr), `"StringLike":{"KEY:sub":[]}`)),
			"statement 2, scalr.io:sub: it names no value"},

		"what is right": {policy(right), ""},
		"letter case":   {policy(action(right, `"Action":"STS:assumerolewithwebidentity"`)), ""},
		"wildcards":     {policy(action(right, `"Action":"sts:Assume*"`)), ""},
		"session tags in a statement of their own": {policy(right, action(right, `"Action":"sts:TagSession"`)), ""},
		"a Deny of session tags":                   {policy(right, action(denied, `"Action":"sts:TagSession"`)), ""},
		"a SAML provider": {policy(action(statement("Allow",
			`{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"}`, ""),
			`"Action":"sts:AssumeRoleWithSAML"`)), ""},
		"one statement for several": {policy(action(swap(right, `{"Federated"`,
			`{"Service":"ec2.amazonaws.com","Federated"`),
			`"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity"]`)), ""},
		"a Deny of all other actions for everyone": {policy(right, action(statement("Deny", `"*"`, ""),
			`"NotAction":"sts:AssumeRoleWithWebIdentity"`)), ""},
		"a Deny of what is not allowed": {policy(right, statement("Deny", provider(scalr),
			`"StringLike":{"KEY:sub":"account:mallory:*"}`)), ""},
		"a Deny of a provider that nothing lets in": {policy(right, statement("Deny", provider("gitlab.com"), "")), ""},
		"a Deny for two providers, about tokens of one": {policy(right, allow("gitlab.com",
			`"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"project_path:acme/web:ref_type:branch:ref:a"}`),
			statement("Deny", `"*"`, `"StringLike":{"scalr.io:sub":"account:acme:environment:old*:workspace:*"}`)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said []string
			for _, f := range find(t, c.policy) {
				if f.ID == "void-statement" || f.ID == "never-matches" {
					said = append(said, f.Detail)
				}
			}
			switch {
			case c.says == "" && len(said) > 0:
				t.Errorf("says %q\n%s", said, c.policy)
			case c.says != "" && (len(said) != 1 || !strings.Contains(said[0], c.says)):
				t.Errorf("says %q, want %q\n%s", said, c.says, c.policy)
			}
		})
	}
}
