package account_test

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		policy, template, "[" + policy + "]", policy + "\n" + policy, `{"RoleDetailList":[{}],"Policies":[{}]}`,
		`{"values":{"root_module":{"resources":[{"type":"aws_iam_role","values":{}}]}}}`, "\xff\xfe{\x00}\x00", "%22",
		`{"Resources":{"A":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Fn::Sub":"${A}"}}}}}`,
		`{"Resources":{"Fn::ForEach::A":["N",["a"],{"R":{"Type":"AWS::IAM::Role"}}],"P":{` +
			`"Type":"AWS::IAM::Policy","Properties":{"Roles":{"Fn::If":["c",["a"],{"Ref":"AWS::NoValue"}]},` +
			`"PolicyDocument":{"Fn::Join":["",[]]}}}}}`,
		`{"planned_values":{"root_module":{"child_modules":[{}],"resources":[` +
			`{"type":"aws_ssoadmin_x","values":{"inline_policy":"{}"}},null]}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := account.Read(raw)
		if (found == nil) == (err == nil) {
			t.Fatalf("either roles or an error: %+v, %v", found, err)
		}
		if err != nil {
			return
		}
		for i := range found.Roles {
			r := &found.Roles[i]
			if r.Label() == "" || r.Err == nil && r.Trust == nil && len(r.Unknown) == 0 {
				t.Errorf("a role without a policy and without a reason: %+v", r)
			}
		}
	})
}
