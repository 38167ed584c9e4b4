package account_test

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

// again is a policy in which a name stands twice.
var again = strings.Replace(policy, `"Statement"`, `"Statement":[],"Statement"`, 1)

// The audit looked at the last of two, and said nothing of the first: a reader that takes the first is fooled.
func TestARoleThatStandsBehindAnotherOfTheSameNameIsNotTheOnlyOneSeen(t *testing.T) {
	const trusts = `"AssumeRolePolicyDocument":`
	open := strings.ReplaceAll(policy, "refs/heads/main", "*")
	role := `{"Type":"AWS::IAM::Role","Properties":{` + trusts
	for _, c := range [][2]string{
		{`{"Role":{` + trusts + open + `},"Role":{` + trusts + policy + `}}`, `"Role" stands`},
		{`{"Role":{` + trusts + open + `},"role":{` + trusts + policy + `}}`, `"role" stands`},
		{`{"RoleDetailList":[{` + trusts + open + `,"assumeRolePolicyDocument":` + policy + `}]}`, `"assumeRole`},
		{`{"RoleDetailList":[{` + trusts + open + "}],\n" + `"\u0052oleDetailList":[]}`, "line 2, column 1: "},
		{`{"trustPolicy":` + quoted(open) + `,"trustPolicy":` + quoted(policy) + `}`, `"trustPolicy" stands`},
		{`{"planned_values":{"root_module":{"resources":[{"address":"a","mode":"managed","type":"aws_iam_role",` +
			`"values":{"assume_role_policy":` + quoted(open) + `,"assume_role_policy":` + quoted(policy) + `}}]}}}`,
			`"assume_role_policy" stands`},
		{`{"Resources":{"A":` + role + open + `}},"A":` + role + policy + `}}}}`, `"A" stands`},
		{`{"Resources":{"A":` + role + again + `}}}}`, `"Statement" stands`},
		{`{"Size":1e999,"Role":{` + trusts + open + `},"Role":{` + trusts + policy + `}}`, `"Role" stands`},
	} {
		f, err := account.Read([]byte(c[0]))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s:\n%+v, %v", c[0], f, err)
		}
	}
}

func TestNamesThatAreNotTheSameLeaveADocumentReadable(t *testing.T) {
	const trusts = `"AssumeRolePolicyDocument":`
	const template = `{"Resources":{"a":5,"A":{"Type":"AWS::IAM::Role","Properties":{` + trusts
	for name, text := range map[string]string{
		"tags":                     `{"Role":{"Tags":[{"Key":"a"},{"Key":"a"}],` + trusts + policy + `}}`,
		"a policy, for its parser": `{"Role":{` + trusts + again + `}}`,
		"a string with braces":     `{"Role":{"Description":"\"a\":{\"a\":","a\\":1,"a":2,` + trusts + policy + `}}`,
		"logical ids":              template + policy + `}}}}`,
	} {
		if f, err := account.Read([]byte(text)); err != nil || len(f.Roles) != 1 || f.Roles[0].Err != nil {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}
