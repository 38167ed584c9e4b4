package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// inputs are what decides what a release is made of, as git names files. Tests of the packages are no part of it.
var inputs = []string{
	".ci", ".github/workflows", ".gitignore", ".goreleaser.yml", "LICENSE", "Makefile", "go.mod", "go.sum", "schema.go",
	"schema.json", "schema/package.json", "sdk", "provider", "tests/release", "tests/toolchain",
	"tests/tools/goreleaser", "tests/tools/cyclonedx", "tests/sdks/testdata/nodejs/package.json",
	"tests/sdks/testdata/nodejs/package-lock.json",
	":!provider/**/testdata/**", ":!provider/**/*_test.go",
}

// allTargets lets the rehearsal build for every system and architecture. That takes ten minutes more on 2 cores, unless
// the go command has built for them before; the workflow build.yml always does it.
const allTargets = "CI_OIDC_TRUST_ALL_TARGETS"

// TestATagIsReleased does what a tag would do, in a clone of what stands here: every job of packages.yml and of
// release.yml, command by command, up to where a registry is asked. It takes minutes, so it is done once for each state
// of the inputs.
func TestATagIsReleased(t *testing.T) {
	t.Parallel()
	files := strings.Split(strings.Trim(git(t, root, append([]string{
		"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--",
	}, inputs...)...), "\x00"), "\x00")
	require.Greater(t, len(files), 300)
	slices.Sort(files)
	var paths []string
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(root, file)); err == nil { // git names removed ones, too
			paths = append(paths, filepath.Join(root, file))
		}
	}
	done := true
	words := append([]string{runtime.Version(), os.Getenv(allTargets)}, files...)
	dir, err := toolchain.Once(t.Context(), "rehearsal", words, paths,
		func(ctx context.Context, dir string) error {
			done = false
			start := time.Now()
			rehearse(t)
			if t.Failed() {
				return errors.New("the release failed")
			}
			took := time.Since(start).Round(time.Second)
			report := fmt.Sprintf("rehearsed on %s in %s", start.Format(time.DateTime), took)
			return os.WriteFile(filepath.Join(dir, "report"), []byte(report), 0o600)
		})
	require.NoError(t, err)
	report, err := os.ReadFile(filepath.Join(dir, "report"))
	require.NoError(t, err)
	if done {
		t.Log("nothing that a release is made of has changed:")
	}
	t.Log(string(report))
}

func rehearse(t *testing.T) {
	t.Helper()
	all := workflows(t)
	tag := "v" + version(t)
	clone := tagged(t, tag)
	r := runner{
		clone: clone, artifacts: t.TempDir(), temp: t.TempDir(),
		env: append(offline(t),
			"GITHUB_REF_NAME="+tag, "GITHUB_SHA="+strings.TrimSpace(git(t, clone, "rev-parse", "HEAD"))),
		// Attestations, PyPI's and NuGet's publishing are actions that talk to their servers.
		skip: map[string]bool{"actions/attest-build-provenance": true, "pypa/gh-action-pypi-publish": true},
	}
	order := []string{"archives", "npm", "pypi", "maven"}
	if _, err := exec.LookPath("dotnet"); err == nil {
		order = append(order, "nuget")
	}
	for name := range all["packages.yml"].Jobs {
		require.Contains(t, append(order, "nuget"), name, "a job that is not rehearsed")
	}
	for _, name := range order {
		timed(t, "packages.yml, job "+name, func(t *testing.T) { r.run(t, name, all["packages.yml"].Jobs[name]) })
	}
	made := func(name string) string { return filepath.Join(r.artifacts, name) }
	timed(t, "archives", func(t *testing.T) { archives(t, made("archives")) })
	timed(t, "the same bytes", func(t *testing.T) { sameBytes(t, r, tag) })
	timed(t, "npm", func(t *testing.T) { npmPackage(t, made("npm")) })
	timed(t, "PyPI", func(t *testing.T) { pythonPackages(t, made("pypi")) })
	timed(t, "Maven Central", func(t *testing.T) { javaPackages(t, made("maven")) })
	timed(t, "release.yml", func(t *testing.T) { publish(t, r, all["release.yml"]) })
	timed(t, "go install", func(t *testing.T) { installs(t, clone) })
}

// timed says how long a part took, and lets the others run whatever comes of it.
func timed(t *testing.T, name string, part func(t *testing.T)) {
	t.Helper()
	start := time.Now()
	t.Run(name, part)
	t.Logf("%s: %s", name, time.Since(start).Round(time.Second))
}

// tagged is a clone of what stands here, committed or not, with both tags of a release on it.
func tagged(t *testing.T, tag string) string {
	t.Helper()
	source := t.TempDir()
	names := git(t, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	for name := range strings.SplitSeq(strings.Trim(names, "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		require.NoError(t, err)
		content, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		switch name {
		case "CHANGELOG.md":
			content = bytes.Replace(content, []byte("## Unreleased"), []byte("## "+tag[1:]+" (2026-01-01)"), 1)
		case ".goreleaser.yml":
			content = here(t, content)
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(source, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(source, name), content, info.Mode()))
	}
	git(t, source, "init", "--quiet", "--initial-branch", "main")
	git(t, source, "add", "--all")
	git(t, source, "commit", "--quiet", "--message", "A release")
	git(t, source, "tag", tag)
	git(t, source, "tag", "sdk/go/"+tag)
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, source, "clone", "--quiet", source, clone)
	git(t, clone, "checkout", "--quiet", "--detach", tag)
	git(t, clone, "remote", "set-url", "origin", "https://github.com/ci-oidc-trust/pulumi-ci-oidc-trust")
	return clone
}

// here leaves of the systems and architectures in GoReleaser's file those of this machine.
func here(t *testing.T, file []byte) []byte {
	t.Helper()
	if os.Getenv(allTargets) != "" {
		return file
	}
	for list, only := range map[string]string{
		"goos: [linux, darwin, windows]": "goos: [" + runtime.GOOS + "]",
		"goarch: [amd64, arm64]":         "goarch: [" + runtime.GOARCH + "]",
	} {
		require.Equal(t, 1, bytes.Count(file, []byte(list)), list)
		file = bytes.Replace(file, []byte(list), []byte(only), 1)
	}
	return file
}

// git runs as nobody's, at a time that is always the same, so that the commits are. What a person has set for commits
// and tags of their own does not count.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{
		"-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false", "-c", "core.hooksPath=" + os.DevNull,
		"-c", "core.autocrlf=false",
	}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com",
		"GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "git %s: %s", strings.Join(args, " "), stderr.String())
	return string(out)
}

// offline lets the package managers take what the cache has.
func offline(t *testing.T) []string {
	t.Helper()
	say := func(line string) { t.Log(line) }
	cache, err := toolchain.NPMCache()
	require.NoError(t, err)
	wheels, err := toolchain.Wheelhouse(t.Context(), "build.txt", say)
	require.NoError(t, err)
	kept, err := toolchain.MavenRepository(t.Context(), say)
	require.NoError(t, err)
	repository := t.TempDir()
	require.NoError(t, os.CopyFS(repository, os.DirFS(kept)))
	bin := t.TempDir()
	// Debian and macOS have no program called python.
	python, err := exec.LookPath("python3")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(python, filepath.Join(bin, "python")))
	// What the GitHub release would get.
	gh := "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$RUNNER_TEMP/gh\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "gh"), []byte(gh), 0o700))
	return []string{
		"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"npm_config_cache=" + cache, "npm_config_prefer_offline=true", "npm_config_dry_run=",
		"PIP_NO_INDEX=1", "PIP_FIND_LINKS=" + wheels, "PIP_DISABLE_PIP_VERSION_CHECK=1",
		"MAVEN_OPTS=-Dmaven.repo.local=" + repository, "MAVEN_ARGS=--offline --quiet",
	}
}

// archives holds names and content of what GoReleaser made.
func archives(t *testing.T, dir string) {
	t.Helper()
	var want []string
	for _, b := range builds(t) {
		for _, system := range b.OS {
			for _, arch := range b.Arch {
				runs := system == runtime.GOOS && arch == runtime.GOARCH
				if !runs && os.Getenv(allTargets) == "" {
					continue
				}
				name := fmt.Sprintf("%s-v%s-%s-%s", b.Binary, version(t), system, arch)
				want = append(want, name+".tar.gz", name+".cdx.json")
				binary := b.Binary
				if system == "windows" {
					binary += ".exe"
				}
				archive(t, filepath.Join(dir, name+".tar.gz"), binary, runs)
				bill(t, filepath.Join(dir, name+".cdx.json"))
			}
		}
	}
	assert.ElementsMatch(t, append(want, "checksums.txt"), namesIn(t, dir))

	sums, err := os.ReadFile(filepath.Join(dir, "checksums.txt"))
	require.NoError(t, err)
	listed := map[string]string{}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = sum
	}
	for _, name := range want {
		assert.Equal(t, sum(t, filepath.Join(dir, name)), listed[name], name)
	}
}

// archive holds that the binary lies at the top, where the CLI looks for it, and runs it if it can run here.
func archive(t *testing.T, file, binary string, runs bool) {
	t.Helper()
	opened, err := os.Open(file)
	require.NoError(t, err)
	defer opened.Close()
	unzipped, err := gzip.NewReader(opened)
	require.NoError(t, err)
	var names []string
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		names = append(names, header.Name)
		assert.Equal(t, "root root", header.Uname+" "+header.Gname, "%s in %s", header.Name, file)
		if header.Name != binary {
			continue
		}
		assert.EqualValues(t, 0o755, header.Mode, file)
		if runs {
			content, err := io.ReadAll(reader)
			require.NoError(t, err)
			knowsItsVersion(t, binary, content)
		}
	}
	assert.ElementsMatch(t, []string{"LICENSE", binary}, names, file)
}

// knowsItsVersion asks the plugin through its schema, and the command line by its flag.
func knowsItsVersion(t *testing.T, binary string, content []byte) {
	t.Helper()
	run := filepath.Join(t.TempDir(), binary)
	require.NoError(t, os.WriteFile(run, content, 0o700))
	if binary == "ci-oidc-trust" {
		said, err := exec.CommandContext(t.Context(), run, "--version").Output()
		require.NoError(t, err)
		assert.Equal(t, "ci-oidc-trust "+version(t)+"\n", string(said))
		return
	}
	cli, err := toolchain.Pulumi(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), cli, "package", "get-schema", run)
	cmd.Dir = t.TempDir() // not that of a project
	cmd.Env = append(os.Environ(), "PULUMI_HOME="+cmd.Dir, "PULUMI_SKIP_UPDATE_CHECK=true")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	schema, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var package_ struct{ Version string }
	require.NoError(t, json.Unmarshal(schema, &package_))
	assert.Equal(t, version(t), package_.Version)
}

// bill holds that a bill of materials has the version, and the modules that a program was made of with their sums.
func bill(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	type component struct {
		Name    string
		Version string
		Hashes  []struct{ Content string }
	}
	var document struct {
		Format   string `json:"bomFormat"`
		Metadata struct{ Component component }
		Parts    []component `json:"components"`
	}
	require.NoError(t, json.Unmarshal(content, &document), file)
	assert.Equal(t, "CycloneDX", document.Format, file)
	assert.Equal(t, "v"+version(t), document.Metadata.Component.Version, file)
	found := map[string]component{}
	for _, part := range document.Parts {
		found[part.Name] = part
	}
	for _, name := range []string{"github.com/agext/levenshtein", "golang.org/x/text"} {
		required, err := toolchain.ModuleVersion(t.Context(), root, name)
		require.NoError(t, err)
		assert.Equal(t, required, found[name].Version, file)
		assert.NotEmpty(t, found[name].Hashes, file)
	}
	assert.Contains(t, found, "std", file)
}

// sameBytes makes the archives again, from another clone in another folder.
func sameBytes(t *testing.T, r runner, tag string) {
	t.Helper()
	again := r
	again.clone, again.artifacts, again.temp = tagged(t, tag), t.TempDir(), t.TempDir()
	again.run(t, "archives", workflows(t)["packages.yml"].Jobs["archives"])
	for _, name := range namesIn(t, filepath.Join(r.artifacts, "archives")) {
		assert.Equal(t, sum(t, filepath.Join(r.artifacts, "archives", name)),
			sum(t, filepath.Join(again.artifacts, "archives", name)), "%s: two builds have two contents", name)
	}
}

// npmPackage holds that one file is published, with what its package.json names.
func npmPackage(t *testing.T, dir string) {
	t.Helper()
	name := "pulumi-ci-oidc-trust-" + version(t) + ".tgz"
	require.Equal(t, []string{name}, namesIn(t, dir))
	list, err := exec.CommandContext(t.Context(), "tar", "-tzf", filepath.Join(dir, name)).Output()
	require.NoError(t, err)
	for _, file := range []string{"package.json", "README.md", "bin/index.js", "bin/index.d.ts", "bin/utilities.js"} {
		assert.Contains(t, strings.Split(string(list), "\n"), "package/"+file)
	}
}

// pythonPackages holds what PyPI asks of a wheel and a source archive, and installs the wheel without anything else.
func pythonPackages(t *testing.T, dir string) {
	t.Helper()
	name := "pulumi_ci_oidc_trust-" + version(t)
	require.ElementsMatch(t, []string{name + "-py3-none-any.whl", name + ".tar.gz"}, namesIn(t, dir))
	twine, err := toolchain.Twine(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "python3", "-m", "twine", "check", "--strict",
		filepath.Join(dir, name+"-py3-none-any.whl"), filepath.Join(dir, name+".tar.gz"))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+twine)
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, string(said))

	environment := filepath.Join(t.TempDir(), "venv")
	for _, args := range [][]string{
		{"python3", "-m", "venv", environment},
		{filepath.Join(environment, "bin", "pip"), "install", "--no-index", "--no-deps",
			filepath.Join(dir, name+"-py3-none-any.whl")},
	} {
		said, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
		require.NoError(t, err, string(said))
	}
	installed, err := exec.CommandContext(t.Context(), filepath.Join(environment, "bin", "python"), "-c",
		"from importlib import metadata as m; print(m.version('pulumi-ci-oidc-trust')); "+
			"print(*sorted(str(f) for f in m.files('pulumi-ci-oidc-trust')), sep='\\n')").Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(installed)), "\n")
	assert.Equal(t, version(t), lines[0])
	for _, file := range []string{"__init__.py", "py.typed", "pulumi-plugin.json", "ci_oidc_trust.py"} {
		assert.Contains(t, lines, "pulumi_ci_oidc_trust/"+file)
	}
}

// publish runs release.yml's own jobs, where a portal on this machine stands for Maven Central, npm says what it would
// do, and gh is a program that writes down what it was asked.
func publish(t *testing.T, r runner, release workflow) {
	t.Helper()
	s := newSigner(t)
	p := &portal{states: []string{"VALIDATED", "PUBLISHED"}}
	server := httptest.NewServer(p)
	defer server.Close()
	r.env = append(r.env, "CENTRAL_URL="+server.URL, "CENTRAL_WAIT=0", "npm_config_dry_run=true")
	r.values = map[string]string{
		"github.token": "none", "github.repository": "ci-oidc-trust/pulumi-ci-oidc-trust",
		"secrets.CENTRAL_USERNAME": "user", "secrets.CENTRAL_PASSWORD": "a password",
		"secrets.SIGNING_KEY": s.armored, "secrets.SIGNING_PASSPHRASE": s.passphrase,
	}
	order := []string{"check", "provenance", "github", "npm", "pypi", "maven"}
	for name, j := range release.Jobs {
		require.Contains(t, append(order, "packages", "nuget"), name, "a job that is not rehearsed")
		if j.Uses != "" {
			require.Equal(t, "./.github/workflows/packages.yml", j.Uses)
		}
	}
	for _, name := range order {
		r.run(t, name, release.Jobs[name])
	}
	require.NotEmpty(t, p.bundle)
	asked, err := os.ReadFile(filepath.Join(r.temp, "gh"))
	require.NoError(t, err)
	tag := "v" + version(t)
	words := strings.Split(strings.TrimSpace(string(asked)), "\n")
	require.Greater(t, len(words), 8)
	assert.Equal(t, []string{
		"release", "create", tag, "--verify-tag", "--title", tag, "--notes-file", "notes/notes.md",
	}, words[:8])
	var files []string
	for _, file := range words[8:] {
		files = append(files, path.Base(file))
	}
	assert.ElementsMatch(t, namesIn(t, filepath.Join(r.artifacts, "archives")), files)
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func sum(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}
