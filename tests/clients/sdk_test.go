package clients

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// A client says who a job is, by its own chain: the ARN of the session, or the code of AWS's refusal. seconds is the
// length of the session, 0 for what it asks for by itself.
type client struct {
	name string
	ask  func(t *testing.T, j *job, seconds int) string
	// cached says that sessions are kept under HOME, by role.
	cached bool
}

func progress(line string) { fmt.Println(line) }

// program is a client that is a program of its own.
func program(variables map[string]string, command ...string) func(*testing.T, *job, int) string {
	return func(t *testing.T, j *job, seconds int) string {
		t.Helper()
		arguments := command[1:]
		if seconds > 0 {
			arguments = append(append([]string{}, arguments...), fmt.Sprint(seconds))
		}
		cmd := exec.CommandContext(t.Context(), command[0], arguments...)
		for _, values := range []map[string]string{j.env, variables} {
			for name, value := range values {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
		}
		var failed *exec.ExitError
		out, err := cmd.Output()
		if errors.As(err, &failed) {
			err = nil
			if len(out) == 0 {
				out = failed.Stderr
			}
		}
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
}

// installed are all clients.
func installed(t *testing.T, a *account) []client {
	t.Helper()
	folder, err := filepath.Abs(".")
	require.NoError(t, err)
	pythonPackages, err := toolchain.PythonClients(t.Context(), "requirements.txt", progress)
	require.NoError(t, err)
	python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	require.NoError(t, err)
	node, err := toolchain.NodeProject(t.Context(), filepath.Join(folder, "node"), progress)
	require.NoError(t, err)
	// Node finds packages beside the file.
	caller, err := os.ReadFile("node/caller.mjs")
	require.NoError(t, err)
	beside := filepath.Join(t.TempDir(), "caller.mjs")
	require.NoError(t, os.WriteFile(beside, caller, 0o644))
	modules := filepath.Join(filepath.Dir(beside), "node_modules")
	require.NoError(t, os.Symlink(filepath.Join(node, "node_modules"), modules))
	nodePath, err := exec.LookPath("node")
	require.NoError(t, err)
	jars, err := toolchain.JavaPackages(t.Context(), filepath.Join(folder, "java", "pom.xml"), progress)
	require.NoError(t, err)
	java, err := exec.LookPath("java")
	require.NoError(t, err)
	classes := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "javac", "-cp", jars+"/*", "-d", classes,
		"java/Caller.java").CombinedOutput()
	require.NoError(t, err, string(out))
	store := filepath.Join(t.TempDir(), "ca.p12")
	out, err = exec.CommandContext(t.Context(), "keytool", "-importcert", "-noprompt", "-alias", "local", "-file", a.ca,
		"-keystore", store, "-storepass", "of no secret").CombinedOutput()
	require.NoError(t, err, string(out))
	return []client{
		{name: "AWS CLI 1.45.11 of PyPI", ask: commandLine, cached: true},
		{name: "AWS CLI 1.46.3 of PyPI", ask: func(t *testing.T, j *job, seconds int) string {
			j.commandLine(t, "requirements.txt")
			return commandLine(t, j, seconds)
		}},
		{name: "boto3 of PyPI", ask: program(map[string]string{"PYTHONPATH": pythonPackages},
			strings.TrimSpace(string(python)), filepath.Join(folder, "python", "caller.py"))},
		{name: "AWS SDK for JavaScript 3 of npm", ask: program(map[string]string{"NODE_EXTRA_CA_CERTS": a.ca},
			nodePath, beside)},
		{name: "AWS SDK for Java 2 of Maven Central", ask: program(nil, java, "-XX:TieredStopAtLevel=1",
			"-XX:+UseSerialGC", "-Djavax.net.ssl.trustStore="+store, "-Djavax.net.ssl.trustStorePassword=of no secret",
			"-cp", jars+"/*:"+classes, "Caller")},
		{name: "AWS SDK for Go 2", ask: goSDK},
	}
}

// commandLine is the AWS CLI: by its chain, and by an exchange where the length of the session is said.
func commandLine(t *testing.T, j *job, seconds int) string {
	t.Helper()
	script := "aws sts get-caller-identity --query Arn --output text"
	if seconds > 0 {
		script = fmt.Sprintf("aws sts assume-role-with-web-identity --role-arn $AWS_ROLE_ARN --role-session-name cli "+
			"--web-identity-token file://$AWS_WEB_IDENTITY_TOKEN_FILE --duration-seconds %d "+
			"--query AssumedRoleUser.Arn --output text", seconds)
	}
	j.out.Reset()
	_ = j.run(t, []step{shell(script, bash...)})
	for _, line := range strings.Split(j.out.String(), "\n") {
		if _, refusal, found := strings.Cut(line, "An error occurred ("); found {
			code, _, _ := strings.Cut(refusal, ")")
			return code
		}
	}
	return strings.TrimSpace(j.out.String())
}

// goSDK is the SDK for Go, with the provider that its default chain has for the two variables.
func goSDK(t *testing.T, j *job, seconds int) string {
	t.Helper()
	keys := stscreds.NewWebIdentityRoleProvider(j.account.endpoint.STS(nil), j.env["AWS_ROLE_ARN"],
		stscreds.IdentityTokenFile(j.env["AWS_WEB_IDENTITY_TOKEN_FILE"]), func(o *stscreds.WebIdentityRoleOptions) {
			o.Duration = time.Duration(seconds) * time.Second
		})
	answer, err := j.account.endpoint.STS(aws.NewCredentialsCache(keys)).GetCallerIdentity(context.Background(),
		&sts.GetCallerIdentityInput{})
	if refused := smithy.APIError(nil); errors.As(err, &refused) {
		return refused.ErrorCode()
	}
	require.NoError(t, err)
	return aws.ToString(answer.Arn)
}

// chained is a job that uses a client's own chain.
func chained(t *testing.T, g *agent, r role, token string) *job {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte(token), 0o600))
	return g.job(map[string]string{
		"AWS_ROLE_ARN": r.ARN, "AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_REGION": harness.Region,
		"AWS_DEFAULT_REGION": harness.Region, "AWS_EC2_METADATA_DISABLED": "true",
	})
}

const trusted = "github: {repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]}"

func TestEveryClientIsTheRoleOrIsToldWhyNot(t *testing.T) {
	a := newAccount(t)
	r := a.role(t, "deploy", trusted)
	audience := r.token(t, func(token ci.Token) bool { return strings.Contains(token.Name, "audience") })
	for _, c := range installed(t, a) {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, c.ask(t, chained(t, newAgent(t, a), r, r.admitted(t)), 0), r.Sessions())
			require.Contains(t, c.ask(t, chained(t, newAgent(t, a), r, r.admitted(t)), longest), r.Sessions())
			// Some show the code of an error, and some the text.
			require.Regexp(t, "AccessDenied|Not authorized to perform sts:AssumeRoleWithWebIdentity",
				c.ask(t, chained(t, newAgent(t, a), r, r.refused(t)), 0))
			require.Regexp(t, "InvalidIdentityToken|could not be validated",
				c.ask(t, chained(t, newAgent(t, a), r, audience), 0))
			require.Regexp(t, "ValidationError|exceeds the MaxSessionDuration",
				c.ask(t, chained(t, newAgent(t, a), r, r.admitted(t)), longest+1))

			a.aws.Misbehave(localaws.Misbehaviour{Throttle: 2})
			require.Contains(t, c.ask(t, chained(t, newAgent(t, a), r, r.admitted(t)), 0), r.Sessions(),
				"a client tries again when it is throttled")
		})
	}
}

// It is why a pipeline that is pasted does not use the chain: a job with a refused token, or with none, gets the
// session that the job before it left under HOME. Version 1 of the CLI has had the token in the key of the cache since
// 1.46; version 2 has not (https://github.com/aws/aws-cli/pull/10670).
func TestARefusedJobGetsTheSessionOfTheJobBeforeItByTheCLIsOwnChain(t *testing.T) {
	a := newAccount(t)
	r := a.role(t, "deploy", trusted)
	for _, c := range installed(t, a) {
		t.Run(c.name, func(t *testing.T) {
			g := newAgent(t, a)
			require.Contains(t, c.ask(t, chained(t, g, r, r.admitted(t)), 0), r.Sessions())
			for _, token := range []string{r.refused(t), "no.token"} {
				said := c.ask(t, chained(t, g, r, token), 0)
				got := strings.Contains(said, r.Sessions())
				require.Equal(t, c.cached, got, "%s: sessions are kept under HOME", c.name)
			}
			if c.cached {
				own := chained(t, g, r, r.refused(t))
				own.env["HOME"] = t.TempDir()
				require.Contains(t, c.ask(t, own, 0), "AccessDenied", "a HOME of the step's own keeps it out")
			}
		})
	}
}

// It is why the token's file is the job's own: with a name that both know, a job that the role refuses goes on as the
// one that wrote its token in between.
func TestARefusedJobTakesTheTokenOfAnotherJobOutOfASharedFile(t *testing.T) {
	a := newAccount(t)
	r := a.role(t, "deploy", trusted)
	refused := chained(t, newAgent(t, a), r, r.refused(t))
	shared := refused.env["AWS_WEB_IDENTITY_TOKEN_FILE"]
	require.NoError(t, os.WriteFile(shared, []byte(r.admitted(t)), 0o600)) // the other job, in between
	require.Contains(t, commandLine(t, refused, 0), r.Sessions())
}

func TestBoto3AndTheCLIDoNotReadTheRegionOutOfAWSRegion(t *testing.T) {
	packages, err := toolchain.PythonClients(t.Context(), "requirements.txt", progress)
	require.NoError(t, err)
	for variable, want := range map[string]string{"AWS_REGION": "None", "AWS_DEFAULT_REGION": "eu-west-1"} {
		cmd := exec.CommandContext(t.Context(), "python3", "-c", "import boto3; print(boto3.Session().region_name)")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "PYTHONPATH=" + packages,
			"PYENV_VERSION=" + os.Getenv("PYENV_VERSION"), variable + "=eu-west-1"}
		out, err := cmd.Output()
		require.NoError(t, err)
		require.Equal(t, want, strings.TrimSpace(string(out)), variable)
	}
}
