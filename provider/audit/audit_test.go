package audit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const github = "token.actions.githubusercontent.com"

// allow is a statement that trusts GitHub with the usual audience and more conditions.
func allow(conditions string) string {
	return `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":` +
		`"arn:aws:iam::123456789012:oidc-provider/` + github + `"},"Condition":{` +
		strings.ReplaceAll(conditions, "GH:", github+":") + `}}`
}

func policy(statements ...string) []byte {
	return []byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func TestTry(t *testing.T) {
	aud := `"StringEquals":{"GH:aud":"sts.amazonaws.com"}`
	for _, p := range [][]byte{
		policy(allow(aud)),
		policy(allow(aud + `,"StringLike":{"GH:sub":"repo:*"}`)),
		policy(allow(aud + `,"StringLike":{"GH:sub":"repo:acme/*"}`)),
		policy(allow(aud + `,"StringLike":{"GH:sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main"}`)),
		policy(allow(aud + `,"StringLike":{"GH:sub":["repo:acme@1234567/web@89012345:ref:main","repo:acme/web:ref:refs/heads/main"]}`)),
		policy(allow(aud+`,"StringLike":{"GH:sub":"*"}`), `{"Effect":"Deny","Action":"sts:*","Principal":"*","Condition":{"StringNotLike":{"`+github+`:sub":"repo:acme/*"}}}`),
		policy(allow(aud+`,"StringLike":{"GH:sub":"*"}`), `{"Effect":"Deny","Action":"sts:*","Principal":"*"}`),
		policy(allow(`"StringEquals":{"GH:aud":"sts.amazonaws.com","repository_owner":"acme"}`)),
		policy(allow(aud + `,"StringLike":{"GH:sub":"repo:*"},"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`)),
		policy(allow(aud + `,"StringLike":{"GH:sub":"repo:acme/web:*","sts:RoleSessionName":"deploy"}`)),
		policy(allow(aud + `,"ArnLike":{"GH:sub":"repo:acme/web:*"}`)),
	} {
		findings, err := audit.Audit(all.Registry(), p, trust.Role{})
		fmt.Println(string(p[40:]), err)
		for _, f := range findings {
			w := ""
			if f.Witness != nil {
				raw, _ := json.Marshal(f.Witness.Claims)
				w = string(raw)
			}
			fmt.Printf("   %s %s %d:%d %s\n      %s\n", f.Severity, f.ID, f.Line, f.Column, f.Message(), w)
		}
	}
}
