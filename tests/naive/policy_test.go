package naive

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"

func request() Request {
	return Request{
		Provider: provider, Issuer: "token.actions.githubusercontent.com", Partition: "aws",
		RoleARN: "arn:aws:iam::111122223333:role/ci", RoleSessionName: "run",
		Claims: map[string]any{
			"aud": "sts.amazonaws.com", "sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
			"repository_id": json.Number("12"), "repository_owner": "octo-org", "run_attempt": "1",
		},
	}
}

func decide(t *testing.T, policy string, r Request) bool {
	t.Helper()
	allowed, err := Decide([]byte(policy), r)
	require.NoError(t, err, policy)
	return allowed
}

// The policy of AWS's page on OIDC roles for GitHub.
func TestGitHubExample(t *testing.T) {
	t.Parallel()
	policy := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Federated": "` + provider + `"}, "Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
			"StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:*"}}}]}`
	require.True(t, decide(t, policy, request()))
	r := request()
	r.Claims["sub"] = "repo:octo-org/other:ref:refs/heads/main"
	require.False(t, decide(t, policy, r))
	r = request()
	r.Claims["azp"] = "client"
	require.False(t, decide(t, policy, r))
	r = request()
	r.Provider = strings.Replace(provider, "1111", "9999", 1)
	require.False(t, decide(t, policy, r))
}

func TestPrincipalActionEffect(t *testing.T) {
	t.Parallel()
	fed := `"Principal": {"Federated": "` + provider + `"}`
	act := `"Action": "sts:AssumeRoleWithWebIdentity"`
	allow := `{"Effect": "Allow", ` + fed + `, ` + act + `}`
	for name, c := range map[string]struct {
		statements string
		want       bool
	}{
		"alone":     {allow, true},
		"list":      {`[` + allow + `]`, true},
		"deny wins": {`[` + allow + `, {"Effect": "Deny", ` + fed + `, "Action": "sts:*"}]`, false},
		"deny of another": {
			`[` + allow + `, {"Effect": "Deny", "Principal": {"Federated": "x"}, ` + act + `}]`, true,
		},
		"deny everybody": {`[` + allow + `, {"Effect": "Deny", "Principal": "*", ` + act + `}]`, false},
		"deny unmet": {`[` + allow + `, {"Effect": "Deny", ` + fed + `, ` + act +
			`, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]`, true},
		"only deny":           {`{"Effect": "Deny", "Principal": {"Federated": "x"}, ` + act + `}`, false},
		"everybody":           {`{"Effect": "Allow", "Principal": "*", ` + act + `}`, false},
		"every AWS principal": {`{"Effect": "Allow", "Principal": {"AWS": "*"}, ` + act + `}`, false},
		"provider as AWS":     {`{"Effect": "Allow", "Principal": {"AWS": "` + provider + `"}, ` + act + `}`, false},
		"any provider":        {`{"Effect": "Allow", "Principal": {"Federated": "*"}, ` + act + `}`, true},
		"partial wildcard": {
			`{"Effect": "Allow", "Principal": {"Federated": "` + provider[:30] + `*"}, ` + act + `}`, false,
		},
		"one of several": {`{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com", "Federated": ["x", "` +
			provider + `"]}, ` + act + `}`, true},
		"action in capitals": {`{"Effect": "Allow", ` + fed + `, "Action": ["STS:ASSUMEROLEWITHWEB*"]}`, true},
		"other action":       {`{"Effect": "Allow", ` + fed + `, "Action": "sts:AssumeRole"}`, false},
		"not other action":   {`{"Effect": "Allow", ` + fed + `, "NotAction": "sts:AssumeRole"}`, true},
		"not this action": {
			`{"Effect": "Allow", ` + fed + `, "NotAction": ["sts:TagSession", "sts:*Identity"]}`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, decide(t, `{"Statement": `+c.statements+`}`, request()))
		})
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	fed := `"Principal": {"Federated": "x"}`
	for _, statement := range []string{
		`"x"`, `[]`, `[1]`,
		`{"Effect": "allow", ` + fed + `, "Action": "*"}`,
		`{` + fed + `, "Action": "*"}`,
		`{"Effect": "Allow", "Action": "*"}`,
		`{"Effect": "Allow", ` + fed + `, "NotPrincipal": "*", "Action": "*"}`,
		`{"Effect": "Deny", "NotPrincipal": {"Federated": "x"}, "Action": "*"}`,
		`{"Effect": "Allow", "Principal": "x", "Action": "*"}`,
		`{"Effect": "Allow", "Principal": {"Nobody": "x"}, "Action": "*"}`,
		`{"Effect": "Allow", "Principal": {"AWS": 1}, "Action": "*"}`,
		`{"Effect": "Allow", ` + fed + `}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "NotAction": "*"}`,
		`{"Effect": "Allow", ` + fed + `, "Action": [1]}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Resource": "*"}`,
		`{"Effect": "Allow", "Effect": "Deny", ` + fed + `, "Action": "*"}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Condition": []}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Condition": {"StringIs": {}}}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Condition": {"NullIfExists": {"a:b": true}}}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Condition": {"StringEquals": "x"}}`,
		`{"Effect": "Allow", ` + fed + `, "Action": "*", "Condition": {"StringEquals": {"a:b": null}}}`,
	} {
		_, err := Decide([]byte(`{"Statement": `+statement+`}`), request())
		require.Error(t, err, statement)
	}
	for _, variable := range []string{"${", "${a:b", "${}", "${a b}", "${a:b,'x'}", "${a:b, x}", "${a:b, 'x}"} {
		policy := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", ` + fed +
			`, "Action": "*", "Condition": {"StringEquals": {"a:b": "` + variable + `"}}}}`
		_, err := Decide([]byte(policy), request())
		require.Error(t, err, variable)
		_, err = Decide([]byte(strings.Replace(policy, "2012", "2008", 1)), request())
		require.NoError(t, err, variable)
	}
	ok := `{"Effect": "Allow", ` + fed + `, "Action": "*"}`
	for _, policy := range []string{
		``, `[]`, `{}`, `{"Statement": ` + ok + `} x`, `{"Statement": ` + ok,
		`{"Version": "2020-01-01", "Statement": ` + ok + `}`, `{"Version": 1, "Statement": ` + ok + `}`,
		`{"Id": 1, "Statement": ` + ok + `}`, `{"Statements": ` + ok + `}`,
	} {
		_, err := Decide([]byte(policy), request())
		require.Error(t, err, policy)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	r := request()
	gh := "token.actions.githubusercontent.com:"
	require.Equal(t, map[string][]string{
		gh + "aud": {"sts.amazonaws.com"}, gh + "oaud": {"sts.amazonaws.com"},
		gh + "sub": {"repo:octo-org/octo-repo:ref:refs/heads/main"}, gh + "repository_id": {"12"},
		"aws:federatedprovider": {provider}, "sts:rolesessionname": {"run"}, "sts:roleauthorizedbyidp": {"false"},
		"aws:principalaccount": {"111122223333"}, "aws:principaltype": {"User"}, "aws:userid": {provider},
	}, Keys(r))

	r.Partition = "aws-us-gov"
	require.NotContains(t, Keys(r), gh+"repository_id")
	require.Contains(t, Keys(r), gh+"sub")

	r = Request{Issuer: "gitlab.com", Partition: "aws", RoleARN: "arn:1", Claims: map[string]any{
		"aud": []any{"a"}, "azp": "z", "sub": "s", "amr": []any{"x", "y", true}, "ref_protected": true, "email": nil,
		"project_path": "p", "https://aws.amazon.com/roles": "arn:0; arn:1 ",
		// The tags claim of AWS's page on session tags.
		"https://aws.amazon.com/tags": map[string]any{
			"principal_tags":      map[string]any{"Project": []any{"Automation"}, "CostCenter": []any{"987654"}},
			"transitive_tag_keys": []any{"Project"},
		},
		"https://aws.amazon.com/tags/principal_tags/Flat": "f",
	}, Context: map[string][]string{"aws:SourceIp": {"203.0.113.1"}, "GITLAB.com:sub": {"other"}, "aws:None": nil}}
	require.Equal(t, map[string][]string{
		"gitlab.com:aud": {"z"}, "gitlab.com:oaud": {"a"}, "gitlab.com:sub": {"other"},
		"gitlab.com:amr": {"x", "y", "true"}, "gitlab.com:ref_protected": {"true"}, "sts:roleauthorizedbyidp": {"true"},
		"aws:requesttag/project": {"Automation"}, "aws:requesttag/costcenter": {"987654"}, "aws:requesttag/flat": {"f"},
		"aws:tagkeys": {"CostCenter", "Flat", "Project"}, "sts:transitivetagkeys": {"Project"},
		"aws:sourceip": {"203.0.113.1"},
	}, Keys(r))

	for issuer, claim := range map[string]string{
		"token.actions.githubusercontent.com/acme": "ref", "token.actions.acme.ghe.com": "ref",
		"github.com/enterprises/acme": "ref", "agent.buildkite.com": "pipeline_slug",
		"agent.x.buildkite.dev": "pipeline_id", "oidc.circleci.com/org/1": "oidc.circleci.com/project-id",
		"idcs-1.identity.oraclecloud.com": "rpst_id",
	} {
		r := Request{Issuer: issuer, Partition: "aws", Claims: map[string]any{claim: "v"}}
		require.Equal(t, []string{"v"}, Keys(r)[issuer+":"+claim])
		r.Issuer = "x" + issuer
		require.NotContains(t, Keys(r), r.Issuer+":"+claim)
	}
	r = Request{
		Issuer:    "accounts.google.com",
		Partition: "aws",
		Claims:    map[string]any{"google": map[string]any{"organization_number": json.Number("7")}},
	}
	require.Equal(t, []string{"7"}, Keys(r)["accounts.google.com:google/organization_number"])
}

func TestDecideAction(t *testing.T) {
	t.Parallel()
	policy := []byte(`{"Statement": {"Effect": "Allow", "Principal": {"Federated": "` + provider +
		`"}, "Action": "sts:TagSession"}}`)
	allowed, err := DecideAction(policy, request(), "sts:TagSession")
	require.NoError(t, err)
	require.True(t, allowed)
	require.False(t, decide(t, string(policy), request()))
}
