package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// runOfGitHub are the contexts of a run that our workflow names.
var runOfGitHub = map[string]string{"github.repository_id": "89012345", "github.run_id": "41", "github.job": "deploy"}

var expression = regexp.MustCompile(`\$\{\{ *([a-z_.]+) *\}\}`)

// actions are the steps of the first job of a workflow of GitHub. The action is in no registry: what it does for a
// token is done here, as of aws-actions/configure-aws-credentials v6.2.3 (src/index.ts, src/assumeRole.ts).
func actions(t *testing.T, pipeline any, text string) []step {
	t.Helper()
	written, _ := citest.At(pipeline, "jobs", "deploy", "steps").([]any)
	require.NotEmpty(t, written, text)
	var steps []step
	for _, one := range written {
		switch uses, run := citest.TextAt(one, "uses"), citest.TextAt(one, "run"); {
		case run != "":
			steps = append(steps, shell(run+"\necho DEPLOYED\n", bashE...))
		case uses == "actions/checkout@v7.0.1":
		case uses == "aws-actions/configure-aws-credentials@v6.2.3":
			inputs, _ := citest.At(one, "with").(map[string]any)
			steps = append(steps, configure(inputs))
		default:
			require.Fail(t, "an action that nobody knows", uses)
		}
	}
	return steps
}

// configure is the action with these inputs.
func configure(inputs map[string]any) step {
	return func(t *testing.T, j *job) error {
		input := func(name string) string {
			text := ""
			if value, there := inputs[name]; there {
				text = fmt.Sprint(value)
			}
			return expression.ReplaceAllStringFunc(text, func(found string) string {
				value, known := j.env[expression.FindStringSubmatch(found)[1]]
				require.True(t, known, found)
				return value
			})
		}
		known := map[string]bool{"role-to-assume": true, "aws-region": true, "audience": true,
			"role-session-name": true, "role-duration-seconds": true, "unset-current-credentials": true,
			"retry-max-attempts": true}
		for name := range inputs {
			require.True(t, known[name], name)
		}
		require.Equal(t, "3", input("retry-max-attempts"))
		if input("unset-current-credentials") == "true" {
			for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
				j.env[name] = ""
			}
		}
		j.env["AWS_REGION"], j.env["AWS_DEFAULT_REGION"] = input("aws-region"), input("aws-region")
		audience := input("audience")
		if audience == "" {
			audience = "sts.amazonaws.com"
		}
		token, err := j.idToken(t, audience)
		if err != nil {
			return err
		}
		seconds, err := strconv.Atoi(input("role-duration-seconds"))
		require.NoError(t, err)
		return j.assume(t, token, input("role-to-assume"), input("role-session-name"), seconds)
	}
}

// idToken asks GitHub for a token.
func (j *job) idToken(t *testing.T, audience string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		j.env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience="+audience, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "bearer "+j.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	var told struct{ Value string }
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&told) != nil || told.Value == "" {
		return "", errors.New("GitHub gives no token")
	}
	return told.Value, nil
}

// assume exchanges a token and exports the keys to the steps behind.
func (j *job) assume(t *testing.T, token, roleArn, session string, seconds int) error {
	t.Helper()
	asked := &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(roleArn), RoleSessionName: aws.String(session), WebIdentityToken: aws.String(token),
		DurationSeconds: aws.Int32(int32(seconds)),
	}
	answer, err := j.account.endpoint.STS(nil).AssumeRoleWithWebIdentity(t.Context(), asked)
	if err != nil {
		return err
	}
	j.env["AWS_ACCESS_KEY_ID"] = aws.ToString(answer.Credentials.AccessKeyId)
	j.env["AWS_SECRET_ACCESS_KEY"] = aws.ToString(answer.Credentials.SecretAccessKey)
	j.env["AWS_SESSION_TOKEN"] = aws.ToString(answer.Credentials.SessionToken)
	return nil
}

// toolkitTasks are the tasks AWSShellScript@1 of a pipeline, as of the AWS Toolkit for Azure DevOps 1.20.0
// (src/lib/awsConnectionParameters.ts): a task whose exchange is refused goes on with what the agent has.
func toolkitTasks(t *testing.T, pipeline any, text string) []step {
	t.Helper()
	written, _ := citest.At(pipeline, "steps").([]any)
	require.NotEmpty(t, written, text)
	seconds, _ := citest.At(pipeline, "variables", "aws.rolecredential.maxduration").(int)
	require.Equal(t, longest, seconds)
	var steps []step
	for _, task := range written {
		require.Equal(t, "AWSShellScript@1", citest.At(task, "task"))
		require.Equal(t, harness.Region, citest.At(task, "inputs", "regionName"))
		role := regexp.MustCompile(`# Role to Assume: (\S+)`).FindStringSubmatch(text)
		require.NotNil(t, role, text)
		steps = append(steps, environment(citest.At(task, "env")), func(t *testing.T, j *job) error {
			if err := j.assume(t, j.env["ENDPOINT_TOKEN"], role[1], "aws-vsts-tools", seconds); err != nil {
				fmt.Fprintln(&j.out, "the toolkit goes on:", strings.TrimSpace(err.Error()))
				// What an instance profile or a file of the agent's would give.
				if id, secret, found := strings.Cut(j.env["AGENT_KEYS"], " "); found {
					j.env["AWS_ACCESS_KEY_ID"], j.env["AWS_SECRET_ACCESS_KEY"] = id, secret
				}
			}
			return nil
		}, shell(citest.TextAt(task, "inputs", "inlineScript"), "bash", "-c"))
	}
	return steps
}
