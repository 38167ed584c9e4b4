package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// A hostile word would be taken for a setting that does nothing, and nobody would notice.
func TestRenovateWorkflowsAndActionsHoldToTheirSchemas(t *testing.T) {
	t.Parallel()
	schemas, err := toolchain.PipelineSchemas(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	for schema, pattern := range map[string]string{
		"renovate": "renovate.json", "github-workflows": ".github/workflows/*.yml",
		"github-actions": "actions/*/action.yml", "github-issue-forms": ".github/ISSUE_TEMPLATE/*.yml",
		"github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
	} {
		rules := jsonschema.NewCompiler()
		compiled, err := rules.Compile(filepath.Join(schemas, schema+".json"))
		require.NoError(t, err, schema)
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			if schema == "github-issue-forms" && filepath.Base(file) == "config.yml" {
				continue // no form
			}
			written, err := os.ReadFile(file)
			require.NoError(t, err)
			var document any
			require.NoError(t, yaml.Unmarshal(written, &document), file)
			assert.NoError(t, compiled.Validate(document), file)
		}
	}
}

// Renovate finds files of pins by their names. One that it passes over stays as it is for ever.
func TestRenovateFindsEveryFileOfPythonPins(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile(filepath.Join(root, "renovate.json"))
	require.NoError(t, err)
	var renovate struct {
		Pip struct {
			Patterns []string `json:"managerFilePatterns"`
		} `json:"pip_requirements"`
	}
	require.NoError(t, json.Unmarshal(written, &renovate))
	// The first is Renovate's own: https://docs.renovatebot.com/modules/manager/pip_requirements/
	patterns := []*regexp.Regexp{regexp.MustCompile(`(^|/)[\w-]*requirements([-._]\w+)?\.(txt|pip)$`)}
	for _, pattern := range renovate.Pip.Patterns {
		patterns = append(patterns, regexp.MustCompile(strings.Trim(pattern, "/")))
	}
	pin := regexp.MustCompile(`(?m)^[\w.-]+==\S+`)
	found := 0
	for name := range strings.SplitSeq(git(t, root, "ls-files", "tests/*.txt"), "\n") {
		if name == "" || strings.Contains(name, "/testdata/") { // which renovate.json leaves out
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		if !pin.Match(content) {
			continue
		}
		found++
		named := func(p *regexp.Regexp) bool { return p.MatchString(name) }
		assert.True(t, slices.ContainsFunc(patterns, named), "%s is not renewed by renovate.json", name)
	}
	assert.Greater(t, found, 6)
}

// A command line that `go build` had left in the root was once committed with everything else. What is no text stands
// here by name, or does not belong.
func TestNothingThatWasBuiltIsInTheRepository(t *testing.T) {
	t.Parallel()
	drawn := []string{"sdk/dotnet/logo.png"}
	for name := range strings.SplitSeq(strings.TrimSuffix(git(t, root, "ls-files", "-z"), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it is being deleted
		}
		require.NoError(t, err)
		assert.True(t, bytes.IndexByte(content, 0) < 0 || slices.Contains(drawn, name), "%s is no text", name)
	}
}

// The command that editors and codespaces share reads the file as they do; it stops before it would start Docker.
func TestTheDevContainerHasWhatTheTestsNeed(t *testing.T) {
	t.Parallel()
	packages, err := toolchain.NodeProject(t.Context(), "devcontainer", func(line string) { t.Log(line) })
	require.NoError(t, err)
	docker := filepath.Join(t.TempDir(), "docker")
	require.NoError(t, os.WriteFile(docker, []byte("#!/bin/sh\n"), 0o700)) // no container is there yet
	cmd := exec.CommandContext(t.Context(), "node",
		filepath.Join(packages, "node_modules/@devcontainers/cli/devcontainer.js"), "read-configuration",
		"--workspace-folder", root, "--docker-path", docker)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	read, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var answer struct {
		Configuration struct {
			Image    string
			Features map[string]struct {
				Version      string
				InstallMaven string
			}
			PostCreate string `json:"postCreateCommand"`
		}
	}
	require.NoError(t, json.Unmarshal(read, &answer))
	c := answer.Configuration
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(goMod))[1]
	assert.True(t, strings.HasSuffix(c.Image, "/go:"+goVersion), "%s has not the Go of go.mod, %s", c.Image, goVersion)
	assert.Contains(t, c.PostCreate, "make tools")

	// The rest is what the workflow that runs the tests has.
	feature := func(name string) string { return c.Features["ghcr.io/devcontainers/features/"+name+":1"].Version }
	got := map[string]string{}
	for _, s := range workflows(t)["test.yml"].Jobs["everything"].Steps {
		switch s.action() {
		case "actions/setup-node":
			got["node"] = s.With["node-version"]
		case "actions/setup-python":
			got["python"] = s.With["python-version"]
		case "actions/setup-java":
			got["java"] = s.With["java-version"]
		}
	}
	assert.Equal(t, got,
		map[string]string{"node": feature("node"), "python": feature("python"), "java": feature("java")})
	assert.Equal(t, "true", c.Features["ghcr.io/devcontainers/features/java:1"].InstallMaven)
}

// TestMakeNeedsNothingButWhatREADMELists has Go, Git, Make, Bash and the small tools that every system has, a home that
// is empty, and no network.
func TestMakeNeedsNothingButWhatREADMELists(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	for _, tool := range strings.Fields("go git make bash sh awk basename cat cp cut date dirname env find grep head " +
		"ln ls mkdir mktemp mv rm sed sha256sum sort tail tee touch tr uname wc xargs") {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		path, err = filepath.EvalSymlinks(path)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(bin, tool)))
	}
	env := []string{
		"PATH=" + bin, "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(),
		"GOPROXY=off", "GOTOOLCHAIN=local",
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		env = append(env, name+"="+goEnv(t, name))
	}
	clone := tagged(t, "v"+version(t))
	for target, want := range map[string]string{"help": "make archives", "build": "pulumi-resource-ci-oidc-trust"} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "make"), target)
		cmd.Dir, cmd.Env = clone, env
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "make %s: %s", target, said)
		assert.Contains(t, string(said), want, "make %s", target)
	}
	assert.FileExists(t, filepath.Join(clone, "bin", "pulumi-resource-ci-oidc-trust"))
}
