package verb_test

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

const rightPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + github + `"},` +
	`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + github +
	`:aud":"sts.amazonaws.com"},"StringLike":{"` + github + `:sub":"repo:acme/*"}}}]}`

func FuzzTrustPolicy(f *testing.F) {
	for _, seed := range []string{
		rightPolicy, `{"Role":{"RoleName":"a","AssumeRolePolicyDocument":` + rightPolicy + `}}`,
		"%7B%22Version%22:1%7D", `"%7B%22a%22%7D"`, `{"RoleDetailList":[{}]}`,
		strings.Replace(rightPolicy, `"repo:acme/*"`,
			`["org/*/project/????/user/*/vcs-origin/*/vcs-ref/refs/heads/*x","organization:*:ref:","project_path:/*",`+
				`"${aws:username}${*}",":"]`, 1),
		strings.ReplaceAll(rightPolicy, github, "oidc.circleci.com/org/"+organization),
		strings.ReplaceAll(rightPolicy, github, "gitlab.com"),
		strings.ReplaceAll(rightPolicy, github, "agent.buildkite.com"),
		strings.ReplaceAll(rightPolicy, github, "app.terraform.io"),
		strings.Replace(rightPolicy, `"sts.amazonaws.com"`, `[]`, 1), strings.Replace(rightPolicy, `"Condition":{`,
			`"Condition":{},"Condition":{`, 1), "", " ", `""`, "null", "[", "%", `"%22"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		findings, err := verb.Audit(raw)
		if (findings == nil) == (err == nil) {
			t.Errorf("either findings or an error: %v, %v", findings, err)
		}
		if err != nil && (err.Error() == "" || len([]rune(err.Error())) > 700) {
			t.Errorf("an error of %d characters", len(err.Error()))
		}
		for _, f := range findings {
			if f.ID == "" || f.Severity == "" || f.Message == "" || f.Remediation == "" || f.Source == "" {
				t.Errorf("%+v", f)
			}
		}
		verb.AuditAccount(raw)
		_, _ = verb.Evaluate(verb.Question{
			TrustPolicy: raw,
			Claims:      []byte(`{"iss":"https://` + github + `","sub":"repo:acme/web:pull_request"}`),
		})
	})
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{
		"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJyZXBvOmFjbWUvd2ViOnB1bGxfcmVxdWVzdCJ9.c2lnbmF0dXJl",
		"eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "a.b.c", "....", "eyJhbGciOiJSUzI1NiJ9.W10.c2ln",
		"eyJhbGciOiJSUzI1NiJ9.eyJhIjoxLCJhIjoyfQ.c2ln", "", "{}", `{"payload":"e30","signatures":[]}`,
	} {
		f.Add(seed, "")
		f.Add(seed, `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`)
	}
	f.Fuzz(func(t *testing.T, token, keys string) {
		_, err := verb.Evaluate(verb.Question{TrustPolicy: []byte(rightPolicy), Token: token, JWKS: []byte(keys)})
		if err == nil {
			return
		}
		for _, part := range append(strings.Split(token, "."), token) {
			if len(part) > 12 && strings.Contains(err.Error(), part) &&
				!strings.Contains("expected three parts separated by dots, signed with RS256, RS384, RS512, ES256, "+
					"ES384 or ES512 the token's signature does not verify with the given keys; STS would answer "+
					"InvalidIdentityToken", part) {
				t.Errorf("the error has a part of the token: %s", err)
			}
		}
	})
}
