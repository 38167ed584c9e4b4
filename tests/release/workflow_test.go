package release

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// A workflow is one file of .github/workflows, as far as the tests read it.
type workflow struct {
	Jobs map[string]job `yaml:"jobs"`
}

type job struct {
	Environment string            `yaml:"environment"`
	Permissions map[string]string `yaml:"permissions"`
	Uses        string            `yaml:"uses"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	ID   string            `yaml:"id"`
	Uses string            `yaml:"uses"`
	With map[string]string `yaml:"with"`
	Run  string            `yaml:"run"`
	Dir  string            `yaml:"working-directory"`
	Env  map[string]string `yaml:"env"`
}

// action is what a step uses, without its version.
func (s step) action() string {
	name, _, _ := strings.Cut(s.Uses, "@")
	return name
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]workflow{}
	for _, file := range files {
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		var w workflow
		require.NoError(t, yaml.Unmarshal(written, &w))
		all[filepath.Base(file)] = w
	}
	return all
}

// A runner does on this machine what GitHub's does with a job: its steps' own commands, in a clone, and what the
// actions for artifacts do. Tools are those of this machine, so an action that only installs one does nothing.
type runner struct {
	clone     string
	artifacts string            // a folder for each
	temp      string            // $RUNNER_TEMP
	env       []string          // of every command
	values    map[string]string // of the expressions that the steps have
	skip      map[string]bool   // actions that talk to a registry, and are not run
}

var (
	expression = regexp.MustCompile(`\$\{\{ *([^ }]+) *\}\}`)
	setups     = []string{
		"actions/setup-go", "actions/setup-node", "actions/setup-python", "actions/setup-java", "actions/setup-dotnet",
	}
)

// run does the steps of one job. Its working folder is a clone if the job checks one out, and else empty.
func (r runner) run(t *testing.T, name string, j job) {
	t.Helper()
	dir := t.TempDir()
	for _, s := range j.Steps {
		switch action := s.action(); {
		case s.Run != "":
			output, err := r.command(t, dir, s)
			require.NoError(t, err, "job %s: %s\n%s", name, s.Run, output)
		case action == "actions/checkout":
			dir = r.clone
		case action == "actions/upload-artifact":
			r.upload(t, dir, s)
		case action == "actions/download-artifact":
			r.download(t, dir, s)
		default:
			known := slices.Contains(setups, action) || r.skip[action]
			require.True(t, known, "job %s: nobody knows what %s does", name, action)
		}
	}
}

// command runs as GitHub does on Linux: bash -e, without pipefail.
//
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
func (r runner) command(t *testing.T, dir string, s step) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", r.expand(t, s.Run))
	cmd.Dir = filepath.Join(dir, s.Dir)
	cmd.Env = append(os.Environ(), "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+r.temp, "GITHUB_WORKSPACE="+dir)
	cmd.Env = append(cmd.Env, r.env...)
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.expand(t, value))
	}
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func (r runner) expand(t *testing.T, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		if name == "runner.temp" {
			return r.temp
		}
		require.Contains(t, r.values, name, "nobody knows the value of %s", found)
		return r.values[name]
	})
}

// upload keeps the files of all patterns side by side, as the action does with what lies in one folder.
func (r runner) upload(t *testing.T, dir string, s step) {
	t.Helper()
	require.Equal(t, "error", s.With["if-no-files-found"], s.With["name"])
	to := filepath.Join(r.artifacts, s.With["name"])
	require.NoError(t, os.Mkdir(to, 0o700), "an artifact has one job")
	for pattern := range strings.Lines(r.expand(t, s.With["path"])) {
		pattern = strings.TrimSpace(pattern)
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(dir, pattern)
		}
		if info, err := os.Stat(pattern); err == nil && info.IsDir() {
			pattern = filepath.Join(pattern, "*")
		}
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, "%s: nothing is called %s", s.With["name"], pattern)
		for _, file := range found {
			copyFile(t, file, filepath.Join(to, filepath.Base(file)))
		}
	}
}

// download lays one artifact into a folder, or each into a folder of its own.
func (r runner) download(t *testing.T, dir string, s step) {
	t.Helper()
	from, to := filepath.Join(r.artifacts, s.With["name"]), filepath.Join(dir, s.With["path"])
	require.DirExists(t, from, fmt.Sprintf("no job made the artifact %q", s.With["name"]))
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}
