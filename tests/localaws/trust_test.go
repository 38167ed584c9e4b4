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
		"no JSON":      {"{", "This policy contains invalid Json"},
		"a list":       {"[]", syntax},
		"no statement": {`{"Version":"2012-10-17","Statement":[]}`, syntax},
		"unknown version": {`{"Version":"2026-01-01","Statement":[{` + allow + principal + assume + `}]}`,
			syntax},
		"unknown element":       {statement(allow + principal + assume + `,"Conditions":{}`), syntax},
		"element in lower case": {statement(`"effect":"Allow",` + principal + assume), syntax},
		"repeated element":      {statement(allow + `"Effect":"Deny",` + principal + assume), syntax},
		"repeated condition key": {
			statement(allow + principal + assume + `,"Condition":{"StringEquals":{"a:b":"1","a:b":"2"}}`), syntax,
		},
		"unknown operator": {statement(allow + principal + assume + `,"Condition":{"StringMatches":{"a:b":"1"}}`),
			syntax},
		"null condition value": {statement(allow + principal + assume + `,"Condition":{"StringEquals":{"a:b":null}}`),
			syntax},
		"no effect":    {statement(principal + assume), syntax},
		"no principal": {statement(allow + assume[1:]), "Missing required field Principal"},
		"empty principal": {statement(allow + `"Principal":{}` + assume),
			"Missing required field Principal cannot be empty!"},
		"empty principal list": {statement(allow + `"Principal":{"Federated":[]}` + assume),
			"Missing required field Principal cannot be empty!"},
		"everyone": {statement(allow + `"Principal":"*"` + assume),
			`AssumeRolepolicy contained an invalid principal: "STAR":"*".`},
		"not principal": {statement(allow + `"NotPrincipal":` + provider + assume),
			"AssumeRole policy must not contain NotPrincipal field."},
		"resource": {statement(allow + principal + assume + `,"Resource":"*"`),
			"Has prohibited field Resource"},
		"no action":              {statement(allow + `"Principal":` + provider), "Missing required field Action"},
		"action and not action":  {statement(allow + principal + assume + `,"NotAction":"sts:AssumeRole"`), syntax},
		"any action":             {statement(allow + principal + `,"Action":"*"`), action},
		"action of another kind": {statement(allow + principal + `,"Action":"s3:GetObject"`), action},
		"another action of STS":  {statement(allow + principal + `,"Action":"sts:GetCallerIdentity"`), action},
		"unknown principal type": {statement(allow + `"Principal":{"Oidc":"x"}` + assume),
			`Invalid principal in policy: "OIDC":"x"`},
		"strange Sid": {statement(`"Sid":"a b",` + allow + principal + assume), "Statement IDs (SID) must be " +
			"alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		"repeated Sid": {`{"Statement":[{"Sid":"a",` + allow + principal + assume + `},{"Sid":"a",` + allow +
			principal + assume + `}]}`,
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
				"Condition": map[string]any{"StringEquals": map[string]any{value + ":sub": "x"}},
			}))
		})
	}
	for _, value := range []string{
		providerARN("https://not-created-yet.example.com/with/path"), "accounts.google.com",
		"arn:aws:iam::123456789012:saml-provider/corp",
	} {
		assert.NoError(t, try("Federated", value))
	}
	for _, value := range []string{"*", account, "arn:aws:iam::123456789012:root",
		"arn:aws:iam::123456789012:role/ci/a"} {
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
		refused(t, try("Federated", value), "MalformedPolicyDocument",
			`Invalid principal in policy: "FEDERATED":"`+value+`"`)
	}
	refused(t, try("AWS", "arn:aws:s3:::acme"), "MalformedPolicyDocument",
		`Invalid principal in policy: "AWS":"arn:aws:s3:::acme"`)
	refused(t, try("Service", "ec2.example.com"), "MalformedPolicyDocument",
		`Invalid principal in policy: "SERVICE":"ec2.example.com"`)
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
	_, err = w.iam.UpdateAssumeRolePolicy(ctx(t),
		&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("deploy"), PolicyDocument: &longer})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
}

// The rows of these tests are what IAM answered on 2026-09-11, by the facts of the fixtures
// oidc_trust_controls{,_edges,_details,_github}_aws.json of https://github.com/radkawar/stackd at commit 9dc356f.

// control tries trust policies for one issuer.
type control struct {
	w      *world
	n      int
	issuer string
	text   string // of the refusal
}

func newControl(t *testing.T, issuer, text string) *control {
	t.Helper()
	return &control{w: newWorld(t), issuer: issuer, text: text}
}

func (c *control) try(condition map[string]any) error {
	c.n++
	return c.w.tryRole(func(in *iam.CreateRoleInput) {
		in.RoleName, in.AssumeRolePolicyDocument = aws.String(fmt.Sprint("role", c.n)), conditioned(c.issuer, condition)
	})
}

func (c *control) takes(t *testing.T, conditions ...map[string]any) {
	t.Helper()
	for _, condition := range conditions {
		assert.NoError(t, c.try(condition), condition)
	}
}

func (c *control) refuses(t *testing.T, conditions ...map[string]any) {
	t.Helper()
	for _, condition := range conditions {
		err := c.try(condition)
		refused(t, err, "MalformedPolicyDocument", c.text)
		if err == nil {
			t.Log(condition)
		}
	}
}

func under(operator, key string, value any) map[string]any {
	return map[string]any{operator: map[string]any{key: value}}
}

func mustEvaluate(principal string, keys string) string {
	return "Trust policy with trusted principal " + principal + " must evaluate, using StringEquals, StringLike or " +
		"StringEqualsIgnoreCase, " + keys + " which is not scoped to all."
}

var positiveOperators = []string{
	"StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals", "ForAllValues:StringEquals",
	"ForAllValues:StringLike",
}

// leavesOpen are conditions that leave a key open, whatever the issuer.
func leavesOpen(key string) []map[string]any {
	return []map[string]any{
		nil, under("StringNotEquals", key, "owned"), under("StringEqualsIfExists", key, "owned"),
		under("StringLikeIfExists", key, "owned:*"), under("Null", key, "false"), under("Null", key, "true"),
		under("NumericEquals", key, "1"), under("Bool", key, "true"),
		under("StringEquals", "idp.example.com:sub", "owned"),
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
func TestSharedIssuersNeedTheKeyThatTellsTheirTenants(t *testing.T) {
	for issuer, claim := range map[string]string{
		"vstoken.actions.githubusercontent.com": "sub",
		"gitlab.com":                            "sub",
		"agent.buildkite.com":                   "sub",
		"app.terraform.io":                      "sub",
		"studio.datachain.ai/api":               "sub",
		"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": "sub",
		"api.pulumi.com/oidc": "aud",
		"oidc.vercel.com":     "aud",
	} {
		t.Run(issuer, func(t *testing.T) {
			key := issuer + ":" + claim
			c := newControl(t, issuer, mustEvaluate(issuer, key))
			c.refuses(t, leavesOpen(key)...)
			for _, operator := range positiveOperators {
				c.refuses(t, under(operator, key, "*"), under(operator, key, []string{"*", "owned"}))
				for _, value := range []any{"owned", "?", "**", "*?", "", []string{}} {
					c.takes(t, under(operator, key, value))
				}
			}
			c.takes(t, under("StringEquals", strings.ToUpper(key), "owned"),
				map[string]any{"StringEquals": map[string]any{key: "owned"}, "StringLike": map[string]any{key: "*"}})
			_, err := c.w.iam.UpdateAssumeRolePolicy(ctx(t), &iam.UpdateAssumeRolePolicyInput{
				RoleName: aws.String(fmt.Sprint("role", c.n)), PolicyDocument: conditioned(issuer, nil),
			})
			refused(t, err, "MalformedPolicyDocument", c.text)
		})
	}
	c := newControl(t, "gitlab.com/private", "")
	c.takes(t, nil) // only GitHub's control is for paths as well
}

func TestGitHubIsScopedBySubjectOrByWorkflow(t *testing.T) {
	const issuer = "token.actions.githubusercontent.com"
	const sub, job = issuer + ":sub", issuer + ":job_workflow_ref"
	c := newControl(t, issuer, mustEvaluate(providerARN(github), sub+" or "+job))
	for _, key := range []string{sub, job} {
		c.refuses(t, leavesOpen(key)...)
		for _, operator := range positiveOperators {
			for _, value := range []any{"*", "**", "*?", "*??", "*owned", "*?owned", "", " ", []string{"*", "owned"}} {
				c.refuses(t, under(operator, key, value))
			}
			for _, value := range []any{"owned", "owned*", "?", "??", "?*", "??*", "?owned", "${aws:username}",
				[]string{}} {
				c.takes(t, under(operator, key, value))
			}
		}
		c.takes(t, under("StringEquals", strings.ToUpper(key), "owned"))
	}
	both := func(sub, job string) map[string]any {
		return map[string]any{issuer + ":sub": sub, issuer + ":job_workflow_ref": job}
	}
	c.refuses(t, map[string]any{"StringEquals": both("*", "owned")}, map[string]any{"StringEquals": both("owned", "*")})
	c.takes(t, map[string]any{"StringEquals": both("owned", "owned")},
		map[string]any{"StringEquals": map[string]any{sub: "owned"}, "StringLike": map[string]any{sub: "*"}})
}

func TestAnEnterpriseOfGitHubIsScopedByItsOwnKeys(t *testing.T) {
	for _, suffix := range []string{"/private", ".example.test", "other"} {
		issuer := "token.actions.githubusercontent.com" + suffix
		c := newControl(t, issuer,
			mustEvaluate(providerARN("https://"+issuer), issuer+":sub or "+issuer+":job_workflow_ref"))
		c.refuses(t, nil, under("StringEquals", "token.actions.githubusercontent.com:sub", "owned"))
		c.takes(t, under("StringEquals", issuer+":sub", "owned"))
	}
}

func TestAStatementInOrderDoesNotRepairAnother(t *testing.T) {
	w := newWorld(t)
	const key = "token.actions.githubusercontent.com:sub"
	statement := func(effect, action string, condition map[string]any) map[string]any {
		s := map[string]any{
			"Effect":    effect,
			"Principal": map[string]any{"Federated": providerARN(github)},
			"Action":    action,
		}
		if condition != nil {
			s["Condition"] = condition
		}
		return s
	}
	const assume = "sts:AssumeRoleWithWebIdentity"
	good := statement("Allow", assume, under("StringEquals", key, "owned"))
	try := func(name string, statements ...map[string]any) error {
		return w.tryRole(func(in *iam.CreateRoleInput) {
			in.RoleName, in.AssumeRolePolicyDocument = &name, aws.String(document(statements...))
		})
	}
	text := mustEvaluate(providerARN(github), key+" or token.actions.githubusercontent.com:job_workflow_ref")
	refused(t, try("a", good, statement("Allow", assume, nil)), "MalformedPolicyDocument", text)
	refused(t, try("b", good, statement("Allow", "sts:AssumeRole*", nil)), "MalformedPolicyDocument", text)
	assert.NoError(t, try("c", good, statement("Deny", assume, nil)))
	assert.NoError(t, try("d", good, statement("Allow", "sts:TagSession", nil)))
	for _, action := range []string{"sts:*", "STS:assumerolewithwebidentity"} {
		refused(t, try("e", statement("Allow", action, nil)), "MalformedPolicyDocument",
			"AssumeRole policy may only specify STS AssumeRole actions.")
	}
	google := statement("Allow", assume, nil)
	google["Principal"] = map[string]any{"Federated": "accounts.google.com"}
	refused(t, try("f", good, google), "MalformedPolicyDocument",
		"Policy trusting accounts.google.com requires a StringEquals condition on an application id")
}

func TestBuiltInIssuersNeedAnApplicationID(t *testing.T) {
	for issuer, claims := range map[string][]string{
		"accounts.google.com": {"aud", "oaud", "sub"},
		"graph.facebook.com":  {"app_id", "sub"},
		"www.amazon.com":      {"app_id", "sub"},
	} {
		t.Run(issuer, func(t *testing.T) {
			c := newControl(t, issuer,
				"Policy trusting "+issuer+" requires a StringEquals condition on an application id")
			for _, claim := range claims {
				key := issuer + ":" + claim
				for _, operator := range []string{"StringEquals", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals",
					"ForAllValues:StringEquals"} {
					for _, value := range []any{"owned", "*", "?", "", []string{}, []string{"*", "owned"}} {
						c.takes(t, under(operator, key, value))
					}
				}
				c.refuses(t, leavesOpen(key)...)
				c.refuses(t, under("StringLike", key, "owned"), under("StringEquals", strings.ToUpper(key), "owned"))
			}
			for _, claim := range []string{"amr", "email", "user_id", "id", "anything", "SUB"} {
				c.refuses(t, under("StringEquals", issuer+":"+claim, "owned"))
			}
		})
	}
}

func TestSentinelNeedsASessionNameAndCognitoAnAudience(t *testing.T) {
	const sentinel = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
	c := newControl(t, sentinel, mustEvaluate(sentinel, "sts:RoleSessionName"))
	c.refuses(t, under("StringEquals", sentinel+":aud", "x"))
	c.takes(t, under("StringEquals", "sts:RoleSessionName", "x"))

	const cognito = "cognito-identity.amazonaws.com"
	c = newControl(t, cognito, "A condition block must be present for the Cognito provider")
	c.refuses(t, nil)
	c.text = mustEvaluate(cognito, cognito+":aud")
	c.refuses(t, leavesOpen(cognito + ":aud")[1:]...)
	c.refuses(t, under("StringEquals", cognito+":aud", "*"))
	c.takes(t, under("StringEquals", cognito+":aud", "owned"), under("StringLike", cognito+":aud", "**"))
}

func TestIssuersOfOneTenantAndDenialsNeedNothing(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = conditioned("oidc.circleci.com/org/acme", nil)
	}))
	deny := strings.Replace(*conditioned("gitlab.com", nil), "Allow", "Deny", 1)
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) {
		in.RoleName, in.AssumeRolePolicyDocument = aws.String("deny"), &deny
	}))
}

func conditioned(issuer string, condition map[string]any) *string {
	principal := providerARN("https://" + issuer)
	switch issuer {
	case "accounts.google.com", "graph.facebook.com", "www.amazon.com", "cognito-identity.amazonaws.com":
		principal = issuer // needs no IAM provider
	}
	statement := map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"Federated": principal},
		"Action":    "sts:AssumeRoleWithWebIdentity",
	}
	if condition != nil {
		statement["Condition"] = condition
	}
	text := document(statement)
	return &text
}
