// Package release holds what a release is made of, without making one.
package release

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

type build struct {
	ID     string   `yaml:"id"`
	Main   string   `yaml:"main"`
	Binary string   `yaml:"binary"`
	Env    []string `yaml:"env"`
	Flags  []string `yaml:"flags"`
	LD     []string `yaml:"ldflags"`
	OS     []string `yaml:"goos"`
	Arch   []string `yaml:"goarch"`
}

func builds(t *testing.T) []build {
	t.Helper()
	written, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	require.NoError(t, err)
	var release struct {
		Builds   []build `yaml:"builds"`
		Archives []struct {
			IDs     []string `yaml:"ids"`
			Formats []string `yaml:"formats"`
			Name    string   `yaml:"name_template"`
		} `yaml:"archives"`
	}
	require.NoError(t, yaml.Unmarshal(written, &release))
	require.Len(t, release.Builds, 2)
	require.Len(t, release.Archives, 2)
	for i, archive := range release.Archives {
		// The CLI asks for this name on every system.
		// Source: https://www.pulumi.com/docs/iac/guides/building-extending/packages/publishing-packages/
		assert.Equal(t, "{{ .Binary }}-v{{ .Version }}-{{ .Os }}-{{ .Arch }}", archive.Name)
		assert.Equal(t, []string{"tar.gz"}, archive.Formats)
		assert.Equal(t, []string{release.Builds[i].ID}, archive.IDs)
	}
	return release.Builds
}

func TestTheArchivesAreThoseThatThePulumiCLIAsksFor(t *testing.T) {
	t.Parallel()
	var binaries []string
	for _, b := range builds(t) {
		binaries = append(binaries, b.Binary)
		assert.Equal(t, []string{"linux", "darwin", "windows"}, b.OS)
		assert.Equal(t, []string{"amd64", "arm64"}, b.Arch)
		assert.FileExists(t, filepath.Join(root, b.Main, "main.go"))
	}
	assert.Equal(t, []string{"pulumi-resource-ci-oidc-trust", "ci-oidc-trust"}, binaries)
}

func TestTwoBuildsInTwoFoldersHaveTheSameBytes(t *testing.T) {
	t.Parallel()
	copied := t.TempDir()
	for _, part := range []string{"provider", "schema.go", "schema.json", "go.mod", "go.sum"} {
		require.NoError(t, copyTree(filepath.Join(root, part), filepath.Join(copied, part)))
	}
	for _, b := range builds(t) {
		here, there := compile(t, root, b), compile(t, copied, b)
		assert.True(t, bytes.Equal(here, there), "%s differs", b.Binary)
		assert.False(t, bytes.Contains(there, []byte(copied)), "%s has the path of its folder", b.Binary)
	}
}

// compile builds as a release does. A copy is no checkout, so neither has the commit in it.
func compile(t *testing.T, dir string, b build) []byte {
	t.Helper()
	to := filepath.Join(t.TempDir(), b.Binary)
	args := append([]string{"build", "-buildvcs=false", "-ldflags", strings.Join(b.LD, " "), "-o", to}, b.Flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, b.Main)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(b.Env, "GOFLAGS=-mod=readonly", "GOPROXY=off")...)
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	built, err := os.ReadFile(to)
	require.NoError(t, err)
	return built
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}

func TestEveryActionOfAWorkflowIsPinnedToACommit(t *testing.T) {
	t.Parallel()
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	commits := map[string]string{}
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		workflow, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(workflow), "\npermissions: {}\n", "%s: every job starts with rights", file)
		assert.NotContains(t, string(workflow), "pull_request_target", file)
		for _, found := range uses.FindAllStringSubmatch(string(workflow), -1) {
			if strings.HasPrefix(found[1], "./") {
				continue
			}
			require.Regexp(t, pinned, found[1], file)
			action, commit, _ := strings.Cut(found[1], "@")
			if before, seen := commits[action]; seen {
				assert.Equal(t, before, commit, "%s is two versions", action)
			}
			commits[action] = commit
		}
	}
}

func TestOnlyTheReleaseMayAskForATokenAndOnlyInItsEnvironment(t *testing.T) {
	t.Parallel()
	asked := map[string][]string{}
	for file, w := range workflows(t) {
		for name, job := range w.Jobs {
			for permission, level := range job.Permissions {
				if level != "write" {
					continue
				}
				assert.Equal(t, "release.yml", file, name)
				assert.Equal(t, "release", job.Environment, name)
				asked[permission] = append(asked[permission], name)
			}
		}
	}
	for _, names := range asked {
		slices.Sort(names)
	}
	assert.Equal(t, map[string][]string{
		"contents": {"github"}, "attestations": {"provenance"}, "id-token": {"npm", "nuget", "provenance", "pypi"},
	}, asked)
}

// Whoever may publish runs nothing that others wrote but the actions that publish: no compiler, no build, no package.
func TestNoBuildToolRunsWhereSomethingMayBePublished(t *testing.T) {
	t.Parallel()
	looked := 0
	for file, w := range workflows(t) {
		for name, job := range w.Jobs {
			if job.Environment == "" {
				continue
			}
			looked++
			for _, s := range job.Steps {
				assert.NotRegexp(t, `\b(make|go|mvn|pip|pack|build|install|ci)\b`, buildWords(s.Run), name)
				checksOut := s.action() == "actions/checkout"
				assert.False(t, checksOut && name != "maven", "%s, job %s runs nothing of a checkout", file, name)
			}
		}
	}
	assert.Equal(t, 6, looked)
}

// buildWords is a command without the names that only look like one.
func buildWords(run string) string {
	return strings.NewReplacer(".ci/maven-central", "", "--ignore-scripts", "").Replace(run)
}

// A secret that another job could read would be as good as its own.
func TestTheSecretsOfMavenCentralAreThoseOfOneJob(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	require.NoError(t, err)
	inAll := 0
	for _, file := range files {
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		inAll += strings.Count(string(written), "secrets")
	}
	inJob := 0
	for file, w := range workflows(t) {
		for name, job := range w.Jobs {
			assert.Equal(t, name == "maven" && file == "release.yml", job.Environment == "maven-central", name)
			if job.Environment != "maven-central" {
				continue
			}
			assert.Equal(t, map[string]string{"contents": "read"}, job.Permissions)
			for _, s := range job.Steps {
				for _, value := range s.Env {
					inJob += strings.Count(value, "secrets.")
				}
				if s.Run != ".ci/maven-central maven" {
					assert.Empty(t, s.Env, "%s%s sees a secret", s.Uses, s.Run)
				}
			}
		}
	}
	assert.Equal(t, 4, inJob)
	assert.Equal(t, inAll, inJob, "a secret stands somewhere else")
}
