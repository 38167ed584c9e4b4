package clients

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// An agent is where jobs run: what they find there, and what one leaves for the next.
type agent struct {
	account *account
	dir     string
}

// newAgent makes an agent with an AWS CLI of PyPI, which records its calls. It is one that keeps sessions by role
// alone, as version 2 does.
func newAgent(t *testing.T, a *account) *agent {
	t.Helper()
	curl, err := exec.LookPath("curl")
	require.NoError(t, err)
	g := &agent{a, t.TempDir()}
	for _, folder := range []string{"home", "tmp", "checkout", "bin"} {
		require.NoError(t, os.Mkdir(g.path(folder), 0o755))
	}
	g.commandLine(t, "cached-sessions.txt")
	// Fly.io's socket has a fixed path, which nobody but root can make.
	g.command(t, "curl", fmt.Sprintf(`printf '%%s\n' "$*" >> %[1]s/arguments
for argument; do
  shift; case $argument in /.fly/api) argument=$FLY_SOCKET ;; esac; set -- "$@" "$argument"
done
exec %[2]s "$@"`, g.dir, curl))
	return g
}

// otherCLI names the environment variable with an AWS CLI to run the pipelines with, for one that no package registry
// has: version 2. It has to take its endpoint from AWS_ENDPOINT_URL, as version 2.13 and later do.
const otherCLI = "CI_OIDC_TRUST_AWS_CLI"

// commandLine puts the AWS CLI of a file of requirements on the agent's PATH.
func (g *agent) commandLine(t *testing.T, requirements string) {
	t.Helper()
	cli := os.Getenv(otherCLI)
	if cli == "" {
		packages, err := toolchain.PythonClients(t.Context(), requirements, progress)
		require.NoError(t, err)
		python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
		require.NoError(t, err)
		cli = "env PYTHONPATH=" + packages + " " + strings.TrimSpace(string(python)) + " -m awscli"
	}
	g.command(t, "aws", fmt.Sprintf(`printf '%%s\n' "$*" >> %[1]s/arguments
for argument; do case $argument in file://*) stat -c '%%a %%n' "${argument#file://}" >> %[1]s/tokens ;; esac; done
exec %[2]s "$@"`, g.dir, cli))
}

func (g *agent) path(name string) string { return filepath.Join(g.dir, name) }

// command puts a command on the agent's PATH.
func (g *agent) command(t *testing.T, name, script string) {
	t.Helper()
	require.NoError(t, os.WriteFile(g.path("bin/"+name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// text is what is in a file of the agent, "" if there is none.
func (g *agent) text(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(g.path(name))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	return string(content)
}

// files are those in a folder of the agent.
func (g *agent) files(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(g.path(folder), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

// A job is one run of steps on an agent.
type job struct {
	*agent
	env map[string]string
	out bytes.Buffer
}

// job is a new one, with variables that the system or the agent sets.
func (g *agent) job(variables ...map[string]string) *job {
	j := &job{agent: g, env: map[string]string{
		"PATH": g.path("bin") + ":/usr/local/bin:/usr/bin:/bin", "HOME": g.path("home"), "TMPDIR": g.path("tmp"),
		"AWS_CA_BUNDLE": g.account.ca, "AWS_ENDPOINT_URL": g.account.endpoint.URL,
	}}
	for _, more := range variables {
		maps.Copy(j.env, more)
	}
	return j
}

// A step is a part of a job. The first that fails ends the job.
type step func(t *testing.T, j *job) error

// run runs steps and says whether all of them worked.
func (j *job) run(t *testing.T, steps []step) bool {
	t.Helper()
	for _, step := range steps {
		if err := step(t, j); err != nil {
			fmt.Fprintln(&j.out, err)
			return false
		}
	}
	return true
}

// shell is a step that runs a script, with the script as the last argument of a shell. The commands of the deployment
// say that they run.
func shell(script string, shell ...string) step {
	return func(t *testing.T, j *job) error {
		t.Helper()
		const deployment = "# the commands of the deployment go here"
		require.LessOrEqual(t, strings.Count(script, deployment), 1)
		text := strings.Replace(script, deployment, "echo DEPLOYED", 1)
		cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], text)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = j.path("checkout"), &j.out, &j.out
		for _, name := range slices.Sorted(maps.Keys(j.env)) {
			cmd.Env = append(cmd.Env, name+"="+j.env[name])
		}
		return cmd.Run()
	}
}
