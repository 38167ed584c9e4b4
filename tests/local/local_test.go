package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

const example = `github:
  repositories:
    - repository: acme@1234567/web@89012345
      branches: [main]
`

// run serves a trust file on a free port until the test ends, and returns what it says to export.
func run(t *testing.T, document string, withTLS bool) (said string, exports map[string]string) {
	t.Helper()
	file := ""
	if document != "" {
		file = filepath.Join(t.TempDir(), "trust")
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
	}
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, writer, "127.0.0.1:0", file, withTLS)
		_ = writer.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	exports = map[string]string{}
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if m := regexp.MustCompile(`^export (\w+)='(.*)'$`).FindStringSubmatch(lines.Text()); m != nil {
			exports[m[1]] = m[2]
		}
		if strings.HasPrefix(lines.Text(), "# A token:") {
			break
		}
	}
	require.NotEmpty(t, exports, "it ended before it said anything")
	return said, exports
}

func endpoint(t *testing.T, exports map[string]string) harness.Endpoint {
	t.Helper()
	e := harness.Endpoint{URL: exports["AWS_ENDPOINT_URL"]}
	if bundle := exports["AWS_CA_BUNDLE"]; bundle != "" {
		var err error
		e.CAPEM, err = os.ReadFile(bundle)
		require.NoError(t, err)
	}
	return e
}

func ask(t *testing.T, exports map[string]string, query url.Values) string {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", exports["AWS_CA_BUNDLE"])
	var out bytes.Buffer
	require.NoError(t, askToken(t.Context(), &out, exports["AWS_ENDPOINT_URL"], query))
	return strings.TrimSpace(out.String())
}

func TestATokenOfTheTrustIsAdmittedAndANearMissIsRefused(t *testing.T) {
	for _, withTLS := range []bool{false, true} {
		said, exports := run(t, example, withTLS)
		require.Contains(t, said, "This is no AWS")
		require.Contains(t, said, "GitHub Actions: acme/web on branch main")
		aws := endpoint(t, exports)
		admitted := func(query url.Values) error {
			_, err := aws.AssumeRole(t.Context(), exports["AWS_ROLE_ARN"], ask(t, exports, query))
			return err
		}
		require.NoError(t, admitted(url.Values{"system": {"github"}}))
		require.NoError(t, admitted(url.Values{"system": {"github"}, "branch": {"main"}}))
		for _, query := range []url.Values{
			{"system": {"github"}, "branch": {"develop"}},
			{"system": {"github"}, "tag": {"main"}},
			{"system": {"github"}, "environment": {"main"}},
			{"system": {"github"}, "pullRequest": {"1"}},
			{"system": {"github"}, "name": {"another owner's repository of the same name"}},
		} {
			require.ErrorContains(t, admitted(query), "AccessDenied", query)
		}
		require.ErrorContains(t, admitted(url.Values{"system": {"github"}, "audience": {"other"}}),
			"InvalidIdentityToken")
	}
}

func TestEverySystemsTokenIsAdmittedByItsOwnExample(t *testing.T) {
	for _, s := range all.Registry().Systems() {
		t.Run(s.Section(), func(t *testing.T) {
			told, err := page.Of("../../provider/ci", s.Section())
			require.NoError(t, err)
			_, exports := run(t, told.Example, false)
			token := ask(t, exports, url.Values{"system": {s.Section()}})
			_, err = endpoint(t, exports).AssumeRole(t.Context(), exports["AWS_ROLE_ARN"], token)
			require.NoError(t, err)
			_, empty := run(t, "", false)
			require.NotEmpty(t, ask(t, empty, url.Values{"system": {s.Section()}}))
		})
	}
}

func TestAWorkflowsOwnTokenRequestIsAnsweredAsGitHubDoes(t *testing.T) {
	_, exports := run(t, example, false)
	request := func(secret string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			exports["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=sts.amazonaws.com", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "bearer "+secret)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	require.Equal(t, http.StatusUnauthorized, request("guess").StatusCode)
	answer := request(exports["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	require.Equal(t, http.StatusOK, answer.StatusCode)
	var body struct{ Value string }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&body))
	_, err := endpoint(t, exports).AssumeRole(t.Context(), exports["AWS_ROLE_ARN"], body.Value)
	require.NoError(t, err)
}

func TestAPolicyWrittenByHandIsServedAsItStands(t *testing.T) {
	_, exports := run(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":
"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity",
"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},
"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme@*"}}}]}`, false)
	_, err := endpoint(t, exports).AssumeRole(t.Context(), exports["AWS_ROLE_ARN"],
		ask(t, exports, url.Values{"system": {"github"}, "branch": {"develop"}}))
	require.NoError(t, err)
}

func TestItListensOnLoopbackAlone(t *testing.T) {
	for _, address := range []string{
		"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "aws.example:0", "127.0.0.1.example:0",
	} {
		require.ErrorContains(t, serve(t.Context(), io.Discard, address, "", false), "no loopback address", address)
	}
}

func TestAPageThatRebindsItsNameToLoopbackGetsNothing(t *testing.T) {
	_, exports := run(t, example, false)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		exports["AWS_ENDPOINT_URL"]+tokenPath+"?system=github", nil)
	require.NoError(t, err)
	r.Host = "evil.example"
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusForbidden, answer.StatusCode)
}

func TestAWishThatMakesNoSenseSaysWhatToWrite(t *testing.T) {
	_, exports := run(t, example, false)
	for _, c := range []struct{ query, said string }{
		{"", "which CI system's token? There are azureDevOps"},
		{"system=nosuch", `there is no CI system "nosuch"`},
		{"system=github&branch=a&tag=b", "a job has one event"},
		{"system=github&brunch=a", `there is no "brunch" to ask for; there are system`},
		{"system=hcpTerraform&branch=a", "hcpTerraform has no such job"},
		{"system=github&name=none", `has no token named "none" here; it has: `},
	} {
		query, err := url.ParseQuery(c.query)
		require.NoError(t, err)
		require.ErrorContains(t, askToken(t.Context(), io.Discard, exports["AWS_ENDPOINT_URL"], query), c.said)
	}
	require.ErrorContains(t, askToken(t.Context(), io.Discard, "https://aws.example", nil), "no loopback address")
	require.ErrorContains(t, serve(t.Context(), io.Discard, "127.0.0.1:0", "no-such-file", false), "no-such-file")
}
