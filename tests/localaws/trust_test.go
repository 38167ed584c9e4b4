package localaws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func TestTrustPoliciesHaveAGrammar(t *testing.T) {
	w := newWorld(t)
	w.role("there", anyTrust)
	provider := `{"Federated":"` + providerARN("https://idp.example.com") + `"}`
	statement := func(body string) string { return `{"Version":"2012-10-17","Statement":[{` + body + `}]}` }
	const (
		allow  = `"Effect":"Allow",`
		assume = `,"Action":"sts:AssumeRoleWithWebIdentity"`
		syntax = "Syntax error in policy."
		action = "AssumeRole policy may only specify STS AssumeRole actions."
	)
	principal := `"Principal":` + provider
	for name, c := range map[string][2]string{
		"no JSON":                {"{", "This policy contains invalid Json"},
		"a list":                 {"[]", syntax},
		"no statement":           {`{"Version":"2012-10-17","Statement":[]}`, syntax},
		"unknown version":        {`{"Version":"2026-01-01","Statement":[{` + allow + principal + assume + `}]}`, syntax},
		"unknown element":        {statement(allow + principal + assume + `,"Conditions":{}`), syntax},
		"element in lower case":  {statement(`"effect":"Allow",` + principal + assume), syntax},
		"repeated element":       {statement(allow + `"Effect":"Deny",` + principal + assume), syntax},
		"repeated condition key": {statement(allow + principal + assume + `,"Condition":{"StringEquals":{"a:b":"1","a:b":"2"}}`), syntax},
		"unknown operator":       {statement(allow + principal + assume + `,"Condition":{"StringMatches":{"a:b":"1"}}`), syntax},
		"null condition value":   {statement(allow + principal + assume + `,"Condition":{"StringEquals":{"a:b":null}}`), syntax},
		"no effect":              {statement(principal + assume), syntax},
		"no principal":           {statement(allow + assume[1:]), "Missing required field Principal"},
		"empty principal":        {statement(allow + `"Principal":{}` + assume), "Missing required field Principal cannot be empty!"},
		"empty principal list":   {statement(allow + `"Principal":{"Federated":[]}` + assume), "Missing required field Principal cannot be empty!"},
		"everyone":               {statement(allow + `"Principal":"*"` + assume), `AssumeRolepolicy contained an invalid principal: "STAR":"*".`},
		"not principal":          {statement(allow + `"NotPrincipal":` + provider + assume), "AssumeRole policy must not contain NotPrincipal field."},
		"resource":               {statement(allow + principal + assume + `,"Resource":"*"`), "Has prohibited field Resource"},
		"no action":              {statement(allow + `"Principal":` + provider), "Missing required field Action"},
		"action and not action":  {statement(allow + principal + assume + `,"NotAction":"sts:AssumeRole"`), syntax},
		"any action":             {statement(allow + principal + `,"Action":"*"`), action},
		"action of another kind": {statement(allow + principal + `,"Action":"s3:GetObject"`), action},
		"another action of STS":  {statement(allow + principal + `,"Action":"sts:GetCallerIdentity"`), action},
		"unknown principal type": {statement(allow + `"Principal":{"Oidc":"x"}` + assume), `Invalid principal in policy: "OIDC":"x"`},
		"strange Sid":            {statement(`"Sid":"a b",` + allow + principal + assume), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		"repeated Sid": {`{"Statement":[{"Sid":"a",` + allow + principal + assume + `},{"Sid":"a",` + allow + principal + assume + `}]}`,
			"Statement IDs (SID) in a single policy must be unique."},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.tryRole(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = &c[0] })
			refused(t, err, "MalformedPolicyDocument", c[1])
			status(t, err, 400)
			_, err = w.iam.UpdateAssumeRolePolicy(ctx(t), &iam.UpdateAssumeRolePolicyInput{
				RoleName: aws.String("there"), PolicyDocument: &c[0],
			})
			refused(t, err, "MalformedPolicyDocument", c[1])
		})
	}
	assert.Equal(t, []string{"there"}, w.aws.Inventory().Roles)
}

func TestPrincipalsHaveAForm(t *testing.T) {
	w := newWorld(t)
	n := 0
	try := func(kind, value string) error {
		n++
		return w.tryRole(func(in *iam.CreateRoleInput) {
			in.RoleName = aws.String(fmt.Sprint("role", n))
			in.AssumeRolePolicyDocument = aws.String(document(map[string]any{
				"Effect": "Allow", "Principal": map[string]any{kind: value}, "Action": "sts:AssumeRole*",
			}))
		})
	}
	for _, value := range []string{
		providerARN("https://not-created-yet.example.com/with/path"), "accounts.google.com",
		"arn:aws:iam::123456789012:saml-provider/corp",
	} {
		assert.NoError(t, try("Federated", value))
	}
	for _, value := range []string{"*", account, "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/ci/a"} {
		assert.NoError(t, try("AWS", value))
	}
	assert.NoError(t, try("Service", "ec2.amazonaws.com"))

	for _, value := range []string{
		"*", "https://token.actions.githubusercontent.com", "token.actions.githubusercontent.com",
		"arn:aws-cn:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
		"arn:aws:iam::1234:oidc-provider/token.actions.githubusercontent.com",
		"arn:aws:iam::123456789012:oidc-provider/*", "arn:aws:iam::123456789012:oidc-provider/",
		"arn:aws:iam::123456789012:role/a",
	} {
		refused(t, try("Federated", value), "MalformedPolicyDocument", `Invalid principal in policy: "FEDERATED":"`+value+`"`)
	}
	refused(t, try("AWS", "arn:aws:s3:::acme"), "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"arn:aws:s3:::acme"`)
	refused(t, try("Service", "ec2.example.com"), "MalformedPolicyDocument", `Invalid principal in policy: "SERVICE":"ec2.example.com"`)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
func TestATrustPolicyHas2048CharactersBesidesWhiteSpace(t *testing.T) {
	w := newWorld(t)
	long := strings.Replace(anyTrust, audience, audience+strings.Repeat("a", 2048-len(anyTrust)), 1)
	require.Len(t, long, 2048)
	spaced := strings.ReplaceAll(long, ",", " \t\r\n,")
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = &spaced }))

	longer := strings.Replace(long, audience, audience+"a", 1)
	err := w.tryRole(func(in *iam.CreateRoleInput) {
		in.RoleName, in.AssumeRolePolicyDocument = aws.String("longer"), &longer
	})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	status(t, err, 409)
	_, err = w.iam.UpdateAssumeRolePolicy(ctx(t), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("deploy"), PolicyDocument: &longer})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
func TestSharedIssuersNeedTheKeyThatTellsTheirTenants(t *testing.T) {
	for issuer, key := range map[string]string{
		"token.actions.githubusercontent.com": "sub",
		"gitlab.com":                          "sub",
		"agent.buildkite.com":                 "sub",
		"app.terraform.io":                    "sub",
		"studio.datachain.ai/api":             "sub",
		"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": "sub",
		"api.pulumi.com/oidc": "aud",
		"oidc.vercel.com":     "aud",
	} {
		t.Run(issuer, func(t *testing.T) {
			w := newWorld(t)
			text := "The trust policy for the shared OpenID Connect provider " + issuer + " must evaluate the condition key " +
				issuer + ":" + key + " with a value that is not null and does not consist only of wildcards."
			for name, condition := range map[string]map[string]any{
				"none":             nil,
				"another key":      {"StringEquals": map[string]any{issuer + ":jti": "x"}},
				"another issuer's": {"StringEquals": map[string]any{"idp.example.com:" + key: "x"}},
				"only wildcards":   {"StringLike": map[string]any{issuer + ":" + key: "*"}},
				"many wildcards":   {"StringLike": map[string]any{issuer + ":" + key: "?*?"}},
				"one of two open":  {"StringLike": map[string]any{issuer + ":" + key: []string{"acme", "*"}}},
				"negated":          {"StringNotEquals": map[string]any{issuer + ":" + key: "x"}},
				"null":             {"Null": map[string]any{issuer + ":" + key: "false"}},
				"no values":        {"StringEquals": map[string]any{issuer + ":" + key: []string{}}},
			} {
				err := w.tryRole(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = conditioned(issuer, condition) })
				refused(t, err, "MalformedPolicyDocument", text)
				assert.Empty(t, w.aws.Inventory().Roles, name)
			}
			ok := conditioned(issuer, map[string]any{"StringLike": map[string]any{strings.ToUpper(issuer + ":" + key): "acme*"}})
			require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = ok }))
			_, err := w.iam.UpdateAssumeRolePolicy(ctx(t), &iam.UpdateAssumeRolePolicyInput{
				RoleName: aws.String("deploy"), PolicyDocument: conditioned(issuer, nil),
			})
			refused(t, err, "MalformedPolicyDocument", text)
		})
	}
}

func TestSentinelNeedsASessionNameAndCognitoAnAudience(t *testing.T) {
	w := newWorld(t)
	const sentinel = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
	err := w.tryRole(func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = conditioned(sentinel, map[string]any{"StringEquals": map[string]any{sentinel + ":aud": "x"}})
	})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "sts:RoleSessionName")
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = conditioned(sentinel, map[string]any{"StringEquals": map[string]any{"sts:RoleSessionName": "x"}})
	}))
	err = w.tryRole(func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = aws.String(document(map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Federated": "cognito-identity.amazonaws.com"},
			"Action": "sts:AssumeRoleWithWebIdentity",
		}))
	})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "cognito-identity.amazonaws.com:aud")
}

func TestIssuersOfOneTenantAndDenialsNeedNothing(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = conditioned("oidc.circleci.com/org/acme", nil)
	}))
	deny := strings.Replace(*conditioned("gitlab.com", nil), "Allow", "Deny", 1)
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) { in.RoleName, in.AssumeRolePolicyDocument = aws.String("deny"), &deny }))
}

func conditioned(issuer string, condition map[string]any) *string {
	statement := map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"Federated": providerARN("https://" + issuer)},
		"Action":    "sts:AssumeRoleWithWebIdentity",
	}
	if condition != nil {
		statement["Condition"] = condition
	}
	text := document(statement)
	return &text
}
