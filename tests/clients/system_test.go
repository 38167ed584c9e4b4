package clients

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// A system is how a CI system runs what was pasted.
type system struct {
	title    string
	sections string // a trust, if not the example of the system's page
	// steps are those of the job that the pipeline describes.
	steps func(t *testing.T, pipeline any, text string) []step
	// handOut gives a token to a job as the system does. The token is "" where the system has none for it.
	handOut func(t *testing.T, j *job, token string)
	env     map[string]string // what the system sets in every job
	// alone says that no two jobs share a host, and that the jobs use the chain of the SDKs, in which keys of the
	// environment come first.
	alone bool
}

// inVariable hands a token out in an environment variable.
func inVariable(name string) func(*testing.T, *job, string) {
	return func(_ *testing.T, j *job, token string) { j.env[name] = token }
}

// byRequest hands a token out to an HTTP request. variables are given the URL of the server.
func byRequest(
	method, member, audience string, headers map[string]string, variables func(url string) map[string]string,
) func(*testing.T, *job, string) {
	return func(t *testing.T, j *job, token string) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for name, value := range headers {
				if r.Header.Get(name) != value {
					http.Error(w, "unauthorized", http.StatusUnauthorized)
					return
				}
			}
			var body strings.Builder
			_, _ = fmt.Fprint(&body, r.URL.Query().Get("audience"))
			content := make([]byte, 1024)
			n, _ := r.Body.Read(content)
			body.Write(content[:n])
			if r.Method != method || !strings.Contains(body.String(), audience) {
				http.Error(w, "bad request", http.StatusBadRequest)
				return
			}
			if token == "" {
				http.Error(w, `{"message":"no permission"}`, http.StatusForbidden)
				return
			}
			_, _ = fmt.Fprintf(w, `{"count":1,%q:%q,"expires":600}`, member, token)
		}))
		t.Cleanup(server.Close)
		maps.Copy(j.env, variables(server.URL))
	}
}

// byCommand hands a token out to a command of the job, called with these arguments.
func byCommand(name, arguments string) func(*testing.T, *job, string) {
	return func(t *testing.T, j *job, token string) {
		script := fmt.Sprintf("[ \"$*\" = '%s' ] || exit 7\nprintf %%s '%s'", arguments, token)
		if token == "" {
			script = "echo 'no token' >&2\nexit 1"
		}
		j.command(t, name, script)
	}
}

// at runs the script at a path of the pipeline.
func at(shellWords []string, path ...any) func(*testing.T, any, string) []step {
	return func(t *testing.T, pipeline any, _ string) []step {
		t.Helper()
		script := citest.TextAt(pipeline, path...)
		require.NotEmpty(t, script, "%v", path)
		return []step{shell(script, shellWords...)}
	}
}

// Shells, as systems call them for a script.
var (
	bash    = []string{"bash", "-c"}
	bashE   = []string{"bash", "-e", "-c"}
	bashEO  = []string{"bash", "-eo", "pipefail", "-c"}
	posix   = []string{"sh", "-c"} // dash on Debian
	posixXE = []string{"sh", "-xe", "-c"}
)

const requestToken = "request-token-of-the-job"

var (
	jenkinsScript = regexp.MustCompile(`(?s)sh '''\n(.*?)'''`)
	groovy        = strings.NewReplacer(`\\`, `\`, `\'`, `'`)
)

// systems are those that run a shell, or an action before one, by section.
var systems = map[string][]system{
	"azureDevOps": {
		{
			title: "a task of the AWS Toolkit", steps: toolkitTasks,
			handOut: func(_ *testing.T, j *job, token string) { j.env["ENDPOINT_TOKEN"] = token },
		},
		{
			title: "a script with the pipeline's token",
			sections: "azureDevOps: {organization: acme, organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11, " +
				"pipelines: [{project: Web Shop, name: Release}]}",
			steps: at(bash, "steps", 0, "bash"),
			handOut: byRequest("POST", "oidcToken", "", map[string]string{
				"Authorization": "Bearer " + requestToken, "Content-Type": "application/json",
			}, func(url string) map[string]string {
				return map[string]string{
					"SYSTEM_OIDCREQUESTURI": url + "/oidctoken", "SYSTEM_ACCESSTOKEN": requestToken,
				}
			}),
			env: map[string]string{"SYSTEM_DEFINITIONID": "7", "BUILD_BUILDID": "41",
				"SYSTEM_JOBID": "8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80"},
		},
	},
	"bitbucket": {{
		steps:   at(bashE, "pipelines", "branches", "main", 0, "step", "script", 0),
		handOut: inVariable("BITBUCKET_STEP_OIDC_TOKEN"),
		env: map[string]string{"BITBUCKET_REPO_SLUG": "web", "BITBUCKET_BUILD_NUMBER": "41",
			"BITBUCKET_STEP_UUID": "{8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80}"},
	}},
	"bitrise": {{
		steps: at(bash, "workflows", "deploy", "steps", 0, "script@1", "inputs", 0, "content"),
		handOut: byRequest("POST", "id_token", `{"aud": "sts.amazonaws.com"}`, map[string]string{
			"Authorization": requestToken, "Build_api_token": requestToken, "Content-Type": "application/json",
		}, func(url string) map[string]string {
			return map[string]string{"BITRISE_BUILD_URL": url, "BITRISE_BUILD_API_TOKEN": requestToken}
		}),
		env: map[string]string{"BITRISE_APP_SLUG": "0d9f7c1a52b84c0e", "BITRISE_BUILD_NUMBER": "41",
			"BITRISE_TRIGGERED_WORKFLOW_ID": "deploy"},
	}},
	"buildkite": {{
		steps: func(t *testing.T, pipeline any, text string) []step {
			written := citest.At(pipeline, "steps", 0)
			if inner := citest.At(written, "steps", 0); inner != nil {
				written = inner
			}
			command := citest.TextAt(written, "command")
			require.NotEmpty(t, command, text)
			return []step{shell(strings.ReplaceAll(command, "$$", "$"), bashE...)}
		},
		handOut: byCommand("buildkite-agent", "oidc request-token --audience sts.amazonaws.com"),
		env: map[string]string{"BUILDKITE_PIPELINE_SLUG": "web", "BUILDKITE_BUILD_NUMBER": "41",
			"BUILDKITE_JOB_ID": "0184990a-4782-42b5-afc1-16715b10b1f0"},
	}},
	"circleci": {
		{
			steps:   at(bashEO, "jobs", "deploy", "steps", 2, "run", "command"),
			handOut: inVariable("CIRCLE_OIDC_TOKEN_V2"),
			env: map[string]string{"CIRCLE_PROJECT_REPONAME": "web", "CIRCLE_BUILD_NUM": "41",
				"CIRCLE_JOB": "deploy to a place with a name that is longer than a session's may be"},
		},
		{
			title: "another audience",
			sections: "circleci: {organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11, " +
				"audiences: [sts.amazonaws.com], projects: [{id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71, " +
				"vcsOrigin: github.com/acme/web, branches: [main]}]}",
			steps:   at(bashEO, "jobs", "deploy", "steps", 2, "run", "command"),
			handOut: byCommand("circleci", `run oidc get --claims {"aud": "sts.amazonaws.com"}`),
		},
	},
	"codefresh": {{
		steps: at(posix, "steps", "deploy", "commands", 0),
		handOut: byRequest("GET", "id_token", "", map[string]string{"Authorization": requestToken},
			func(url string) map[string]string {
				return map[string]string{"CF_OIDC_REQUEST_URL": url, "CF_OIDC_REQUEST_TOKEN": requestToken}
			}),
		env: map[string]string{"CF_REPO_NAME": "web", "CF_BUILD_ID": "64f1c2ab90d3e5b6a7c8d9e0"},
	}},
	"concourse": {{
		steps:   at([]string{"sh", "-ec"}, "jobs", 0, "plan", 0, "config", "run", "args", 1),
		handOut: inVariable("AWS_ID_TOKEN"),
	}},
	"custom": {{steps: at(posix, "script"), handOut: inVariable("ID_TOKEN")}},
	"depot":  {{steps: actions, handOut: requestOfGitHub, env: runOfGitHub}},
	"flyio": {
		{
			title: "the SDKs' own chain",
			steps: func(_ *testing.T, pipeline any, _ string) []step {
				return []step{environment(citest.At(pipeline, "env")), shell(asksItself, bashE...)}
			},
			handOut: inFile("AWS_WEB_IDENTITY_TOKEN_FILE"), alone: true,
		},
		{
			title: "another audience", sections: "flyio: {organization: acme, audiences: [x], apps: [{name: web}]}",
			steps: func(t *testing.T, _ any, text string) []step {
				_, script, found := strings.Cut(text, "#\n")
				script, _, closed := strings.Cut(script, "#\n")
				require.True(t, found && closed, text)
				return []step{shell(strings.ReplaceAll(script, "#   ", ""), posix...)}
			},
			handOut: onSocket,
			env:     map[string]string{"FLY_APP_NAME": "web", "FLY_MACHINE_ID": "3287057c30d785"},
		},
	},
	"forgejo": {{
		steps:   at(bashE, "jobs", "deploy", "steps", 0, "run"),
		handOut: requestOfGitHub,
		env: map[string]string{"GITHUB_REPOSITORY": "acme/web", "GITHUB_RUN_ID": "41",
			"GITHUB_JOB": "deploy"},
	}},
	"github": {{sections: trusted, steps: actions, handOut: requestOfGitHub, env: runOfGitHub}},
	"gitlab": {{
		steps:   at([]string{"bash", "-eo", "pipefail", "-c"}, "deploy", "script", 0),
		handOut: inVariable("AWS_ID_TOKEN"),
		env:     map[string]string{"CI_PROJECT_ID": "46573356", "CI_PIPELINE_ID": "41", "CI_JOB_ID": "99"},
	}},
	"googleCloudBuild": {{
		steps: func(t *testing.T, pipeline any, _ string) []step {
			identity := t.TempDir() // the volume of the two steps
			var steps []step
			for i := range 2 {
				script := citest.TextAt(pipeline, "steps", i, "script")
				require.Contains(t, script, "/identity/token")
				steps = append(steps, shell(strings.ReplaceAll(script, "/identity/token", identity+"/token"), posix...))
			}
			return steps
		},
		handOut: byCommand("gcloud", "auth print-identity-token --audiences=sts.amazonaws.com"),
		env:     map[string]string{"BUILD_ID": "8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80"},
	}},
	"jenkins": {{
		steps: func(t *testing.T, pipeline any, text string) []step {
			found := jenkinsScript.FindStringSubmatch(citest.TextAt(pipeline, "Jenkinsfile"))
			require.NotNil(t, found, text)
			return []step{shell(groovy.Replace(found[1]), posixXE...)}
		},
		handOut: inFile("ID_TOKEN_FILE"),
		env:     map[string]string{"JOB_NAME": "team/web/main", "BUILD_NUMBER": "41"},
	}},
	"semaphore": {{
		steps: func(t *testing.T, pipeline any, _ string) []step {
			commands, _ := citest.At(pipeline, "blocks", 0, "task", "jobs", 0, "commands").([]any)
			require.NotEmpty(t, commands)
			script := ""
			for _, command := range append(commands, "echo DEPLOYED") { // one after the other, in one shell
				script += "eval '" + strings.ReplaceAll(command.(string), "'", `'\''`) + "' || exit\n"
			}
			return []step{shell(script, bash...)}
		},
		handOut: inVariable("SEMAPHORE_OIDC_TOKEN"),
		env: map[string]string{"SEMAPHORE_PROJECT_NAME": "web",
			"SEMAPHORE_JOB_ID": "8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80"},
	}},
	"spacelift": {{
		steps: func(t *testing.T, pipeline any, _ string) []step {
			return []step{environment(citest.At(pipeline, "stacks", 0, "environment")),
				func(_ *testing.T, j *job) error {
					require.Equal(t, "/mnt/workspace/spacelift.oidc", j.env["AWS_WEB_IDENTITY_TOKEN_FILE"])
					j.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = j.env["SPACELIFT_FILE"] // root alone can write the other
					return nil
				}, shell(asksItself, bashE...)}
		},
		handOut: inFile("SPACELIFT_FILE"), alone: true,
	}},
	"teamcity": {{
		steps: func(_ *testing.T, pipeline any, _ string) []step {
			return []step{func(_ *testing.T, j *job) error {
				parameters := strings.NewReplacer("%jwt.token%", j.env["JWT"],
					"%system.teamcity.buildType.id%", "Web_Deploy", "%teamcity.build.id%", "41")
				for name, value := range citest.At(pipeline, "parameters").(map[string]any) {
					j.env[strings.TrimPrefix(name, "env.")] = parameters.Replace(value.(string))
				}
				delete(j.env, "JWT")
				return nil
			}, shell(strings.ReplaceAll(citest.TextAt(pipeline, "script"), "%%", "%"), posix...)}
		},
		handOut: inVariable("JWT"),
	}},
}

// byServer are the systems that exchange the token themselves, or whose code does: there is no script to run.
var byServer = []string{
	"env0", "harness", "hcpTerraform", "octopusDeploy", "pulumiCloud", "scalr", "terrakube", "vercel",
}

// asksItself is a job that uses the chain of the SDKs.
const asksItself = "aws sts get-caller-identity --query Arn --output text\necho DEPLOYED"

// environment sets the variables that a pipeline names.
func environment(variables any) step {
	return func(t *testing.T, j *job) error {
		named, _ := variables.(map[string]any)
		require.NotEmpty(t, named)
		for name, value := range named {
			j.env[name] = fmt.Sprint(value)
		}
		return nil
	}
}

// inFile hands a token out in a file whose path a variable has.
func inFile(variable string) func(*testing.T, *job, string) {
	return func(t *testing.T, j *job, token string) {
		path := t.TempDir() + "/token"
		require.NoError(t, os.WriteFile(path, []byte(token), 0o600))
		j.env[variable] = path
	}
}

// onSocket hands a token out as a machine of Fly.io gets it.
func onSocket(t *testing.T, j *job, token string) {
	dir, err := os.MkdirTemp("", "fly") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	listener, err := net.Listen("unix", dir+"/api")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/tokens/oidc" || token == "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprint(w, token)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	j.env["FLY_SOCKET"] = dir + "/api"
}

// requestOfGitHub hands a token out as GitHub does, and Forgejo and Depot CI as well.
func requestOfGitHub(t *testing.T, j *job, token string) {
	byRequest("GET", "value", "sts.amazonaws.com", map[string]string{"Authorization": "bearer " + requestToken},
		func(at string) map[string]string {
			return map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": at + "/token?api-version=2.0&job=" +
				url.QueryEscape("a b"), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": requestToken}
		})(t, j, token)
}
