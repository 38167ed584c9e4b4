package reports

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// repository is a checkout in git with one commit of files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := checkout(t, files)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "-A"},
		{"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--no-gpg-sign", "-m", "before"},
	} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

const other = "repo:acme@1234567/web@89012345:ref:refs/heads/other"

func TestDiffSinceComparesFilesWithTheirCommitRoleByRole(t *testing.T) {
	dir := repository(t, map[string]string{
		"same.json": policy(good), "wider.json": policy(good), "narrower.json": policy(bad),
		"package.json":     `{"name":"x"}`,
		"sub/account.json": account(map[string]string{"a": policy(good), "b": policy(good)}),
	})
	write(t, dir, "wider.json", policy(bad))
	write(t, dir, "narrower.json", policy(good))
	write(t, dir, "new.json", policy(good))
	write(t, dir, "broken.json", "{")
	roles := map[string]string{"b": policy(good), "a": policy(other), "c": policy(good)}
	write(t, dir, "sub/account.json", account(roles))
	for name, c := range map[string]struct {
		files []string
		code  int
		says  []string
	}{
		"the same":        {[]string{"same.json"}, 0, []string{"both policies admit the same"}},
		"wider":           {[]string{"same.json", "wider.json"}, 1, []string{"wider.json:\n  newly admitted:"}},
		"narrower":        {[]string{"narrower.json"}, 0, []string{"newly admitted: nothing", "no longer admitted:"}},
		"a new file":      {[]string{"new.json"}, 1, []string{"new.json (new):\n  newly admitted:"}},
		"no trust policy": {[]string{"package.json"}, 0, []string{"skipped: package.json: it holds no trust policy"}},
		"one that is wrong": {
			[]string{"wider.json", "broken.json"}, 2, []string{"broken.json", "the document ends here"},
		},
		"an account": {[]string{"sub/account.json"}, 1, []string{
			"role a:\n  newly admitted:", "role b:\n  both policies", "role c (new):\n  newly admitted:",
		}},
	} {
		got := run(t, dir, "", append([]string{"diff", "--since", "HEAD"}, c.files...)...)
		require.Equal(t, c.code, got.code, "%s: %+v", name, got)
		for _, text := range c.says {
			require.Contains(t, got.out+got.err, text, name)
		}
		asJSON := run(t, dir, "", append([]string{"diff", "--json", "--since", "HEAD"}, c.files...)...)
		require.Equal(t, c.code, asJSON.code, "%s: %+v", name, asJSON)
		require.Contains(t, asJSON.out, `"version": 1`, name)
	}
	got := run(t, dir, "", "diff", "--since", "HEAD", "--require-roles", "wider.json", "package.json")
	require.Equal(t, 2, got.code, "%+v", got)
	require.Contains(t, got.out, "package.json:\n  there is no role (it holds no trust policy)")
	require.Contains(t, got.err, "--require-roles: no role in package.json;")
	got = run(t, dir, "", "diff", "--since", "HEAD", "--require-roles", "same.json", "sub/account.json")
	require.Equal(t, 1, got.code, "%+v", got)
	got = run(t, dir, "", "diff", "--since", "HEAD", "sub")
	require.Equal(t, 1, got.code, "a folder was once compared with git's list of it: %+v", got)
	require.Contains(t, got.out, "sub/account.json, role a:\n  newly admitted:")
	for _, ref := range []string{"--output=x", "nowhere", ""} {
		require.Equal(t, 2, run(t, dir, "", "diff", "--since", ref, "same.json").code, ref)
	}
	require.NoFileExists(t, filepath.Join(dir, "x"))
}

// A hook is one of .pre-commit-hooks.yaml.
type hook struct {
	ID, Name, Language, Entry string
	TypesOr                   []string `yaml:"types_or"`
}

func TestPreCommitHooksDoWhatTheirEntrySays(t *testing.T) {
	root, err := toolchain.Root()
	require.NoError(t, err)
	raw, err := os.ReadFile(filepath.Join(root, ".pre-commit-hooks.yaml"))
	require.NoError(t, err)
	var hooks []hook
	require.NoError(t, yaml.Unmarshal(raw, &hooks))
	require.Len(t, hooks, 2)
	dir := repository(t, map[string]string{
		"role.json": policy(good), "package.json": `{"name":"x"}`, "ci.yaml": "on: push\n",
	})
	for _, h := range hooks {
		require.Equal(t, "golang", h.Language)
		words := strings.Fields(h.Entry)
		require.Equal(t, "ci-oidc-trust", words[0])
		pass := func() int {
			return run(t, dir, "", append(words[1:], "role.json", "package.json", "ci.yaml")...).code
		}
		write(t, dir, "role.json", policy(good))
		require.Equal(t, 0, pass(), h.ID)
		write(t, dir, "role.json", policy(bad))
		require.Equal(t, 1, pass(), h.ID)
		write(t, dir, "role.json", "{")
		require.Equal(t, 2, pass(), h.ID)
	}
}

// An action is what action.yml says.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []struct {
			Shell, Run, Uses string
			Env              map[string]string
		}
	}
}

var expression = regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)

// runAction runs the one step of an action as a runner does.
func runAction(t *testing.T, name, dir string, inputs map[string]string) answer {
	t.Helper()
	root, err := toolchain.Root()
	require.NoError(t, err)
	path := filepath.Join(root, "actions", name)
	raw, err := os.ReadFile(filepath.Join(path, "action.yml"))
	require.NoError(t, err)
	var a action
	require.NoError(t, yaml.Unmarshal(raw, &a))
	require.Equal(t, "composite", a.Runs.Using)
	require.Len(t, a.Runs.Steps, 1)
	step := a.Runs.Steps[0]
	require.NotContains(t, step.Run, "${{", "an input in a script is a command of whoever writes it")
	cmd := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", step.Run)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+path, "RUNNER_TEMP="+t.TempDir())
	for variable, value := range step.Env {
		input := expression.FindStringSubmatch(value)
		require.NotNil(t, input, value)
		declared, ok := a.Inputs[input[1]]
		require.True(t, ok, "no input %s", input[1])
		text, given := inputs[input[1]]
		if !given {
			text = declared.Default
		}
		cmd.Env = append(cmd.Env, variable+"="+text)
	}
	for input := range inputs {
		require.Contains(t, a.Inputs, input)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

func TestTheActionAuditsAsTheCommandLineDoes(t *testing.T) {
	dir := checkout(t, map[string]string{"good.json": policy(good), "bad one.json": policy(bad), "notes.txt": "x"})
	got := runAction(t, "audit", dir, nil)
	require.Equal(t, 1, got.code, "%+v", got)
	require.Contains(t, got.out, "::error file=bad one.json,line=6,col=50,title=")
	require.Equal(t, 0, runAction(t, "audit", dir, map[string]string{"files": "good.json\n"}).code)
	require.Equal(t, 0, runAction(t, "audit", dir, map[string]string{"fail-on": "none"}).code)
	require.Equal(t, 2, runAction(t, "audit", dir, map[string]string{"fail-on": ""}).code, "a variable that is not set")
	got = runAction(t, "audit", dir, map[string]string{
		"format": "sarif", "output": "trust.sarif", "files": "bad one.json",
	})
	require.Equal(t, 1, got.code, "a gate that fails writes its report all the same: %+v", got)
	require.FileExists(t, filepath.Join(dir, "trust.sarif"))
	write(t, dir, "package.json", `{"name":"x"}`)
	wrong := map[string]string{"files": "good.json\npackage.json"}
	got = runAction(t, "audit", dir, wrong)
	require.Equal(t, 2, got.code, "a file without a role is the wrong one: %+v", got)
	require.Contains(t, got.out, "::error file=package.json,line=1,title=not read::package.json: there is no role")
	wrong["require-roles"] = "no"
	require.Equal(t, 2, runAction(t, "audit", dir, wrong).code)
	wrong["require-roles"] = "false"
	require.Equal(t, 0, runAction(t, "audit", dir, wrong).code)
	evil := "$(touch owned)\n`touch owned`\n;touch owned\n--config=x"
	require.Equal(t, 2, runAction(t, "audit", dir, map[string]string{"files": evil}).code)
	require.NoFileExists(t, filepath.Join(dir, "owned"))
}

func TestTheActionComparesWhatChanged(t *testing.T) {
	dir := repository(t, map[string]string{"role.json": policy(good), "sub/package.json": `{}`})
	since := map[string]string{"since": "HEAD"}
	got := runAction(t, "diff", dir, since)
	require.Equal(t, 0, got.code, "%+v", got)
	require.Contains(t, got.out, "no trust policy changed")
	write(t, dir, "role.json", policy(bad))
	write(t, dir, "sub/package.json", `{"name":"x"}`)
	got = runAction(t, "diff", dir, since)
	require.Equal(t, 1, got.code, "%+v", got)
	require.Contains(t, got.out, "role.json:\n  newly admitted:")
	require.Contains(t, got.out, "skipped: sub/package.json")
	got = runAction(t, "diff", dir, map[string]string{"since": "HEAD", "files": "*.json\npolicies/*.json"})
	require.Equal(t, 2, got.code, "a folder that was renamed would be compared never again: %+v", got)
	require.Contains(t, got.out, "no file fits a line of files")
	require.NoError(t, os.Remove(filepath.Join(dir, "role.json")))
	got = runAction(t, "diff", dir, map[string]string{"since": "HEAD", "files": "role.json"})
	require.Equal(t, 0, got.code, "the last one was removed: %+v", got)
	require.Equal(t, 2, runAction(t, "diff", dir, map[string]string{"since": ""}).code)
	require.Equal(t, 2, runAction(t, "diff", dir, map[string]string{"since": "--output=owned"}).code)
	require.NoFileExists(t, filepath.Join(dir, "owned"))
}
