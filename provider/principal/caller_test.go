package principal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const deployer = "arn:aws:iam::123456789012:role/ci/deployer"

func TestWhoMayAssumeTheNextRoleIsReadOutOfItsTrustPolicy(t *testing.T) {
	allow := func(principal, more string) string {
		return `{"Effect":"Allow","Principal":{"AWS":` + principal + `},"Action":"sts:AssumeRole"` + more + `}`
	}
	condition := func(operator, key, value string) string {
		return fmt.Sprintf(`,"Condition":{%q:{%q:%q}}`, operator, key, value)
	}
	root := `"arn:aws:iam::123456789012:root"`
	for name, c := range map[string]struct{ statements, want string }{
		"by name":                  {allow(`"`+deployer+`"`, ""), "1 named"},
		"by one of its sessions":   {allow(`"arn:aws:sts::123456789012:assumed-role/deployer/job"`, ""), "1 named"},
		"by the account's ARN":     {allow(root, ""), "1"},
		"by the account's number":  {allow(`"123456789012"`, ""), "1"},
		"everyone":                 {allow(`"*"`, ""), "1"},
		"another role":             {allow(`"arn:aws:iam::123456789012:role/other"`, ""), "no"},
		"another account":          {allow(`"arn:aws:iam::111122223333:root"`, ""), "no"},
		"an ARN that fits":         {allow(root, condition("ArnLike", "aws:PrincipalArn", "*:role/ci/*")), "1"},
		"an ARN that does not fit": {allow(root, condition("ArnLike", "aws:PrincipalArn", "*:role/admin*")), "no"},
		"another account's number": {allow(`"*"`, condition("StringEquals", "aws:PrincipalAccount", "1")), "no"},
		"a secret that nobody knows": {
			allow(root, condition("StringEquals", "sts:ExternalId", "x")), "1 if sts:ExternalId",
		},
		"named in the second": {allow(root, "") + "," + allow(`"`+deployer+`"`, ""), "2 named"},
		"a Deny": {
			allow(root, "") + "," + strings.Replace(allow(root, ""), "Allow", "Deny", 1), "no",
		},
		"a Deny under a condition": {allow(root, "") + "," + strings.Replace(allow(root,
			condition("IpAddress", "aws:SourceIp", "192.0.2.0/24")), "Allow", "Deny", 1), "1"},
		"a Deny of another": {allow(root, "") + "," + strings.Replace(allow(`"arn:aws:iam::123456789012:role/x"`, ""),
			"Allow", "Deny", 1), "1"},
		"tokens alone": {
			`{"Effect":"Allow","Principal":{"AWS":` + root + `},"Action":"sts:AssumeRoleWithWebIdentity"}`, "no",
		},
	} {
		p, err := trust.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[` + c.statements + `]}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := "no"
		if way, ok := principal.Admits(p, deployer); ok {
			got = fmt.Sprint(way.Statement)
			if way.Named {
				got += " named"
			}
			if len(way.Keys) > 0 {
				got += " if " + strings.Join(way.Keys, ", ")
			}
		}
		if got != c.want {
			t.Errorf("%s: expected %s, got %s", name, c.want, got)
		}
	}
}
