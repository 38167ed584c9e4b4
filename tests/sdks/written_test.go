package sdks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// Every example is installed and brought up by the commands of its README, with the SDK that `pulumi package add` makes
// of the plugin's source. No plugin of ours is installed.
//
// The language hosts: YAML's and Java's are Pulumi's own, today's. Those for Go, Node.js and Python are not served in
// today's version, see tests/tools/languagehost: Pulumi's own of July 2023 run the programs and the plugin and install
// dependencies, Pulumi's generators of today write the SDK, and the line that links the SDK into the project is ours.
// For .NET there is a host but no .NET.

func TestTheTypeScriptExampleAsItsREADMESaysIt(t *testing.T) {
	t.Parallel()
	s := asWritten(t, "nodejs", nodeOffline)
	s.check(t)
	t.Run("the SDK that Pulumi generates drops a misspelt boundary", func(t *testing.T) {
		misspeltBoundaryDropped(t, s)
	})
}

// misspeltBoundaryDropped holds what README warns of: this package cannot mend it, because Pulumi's CLI writes the
// code. When Pulumi mends it, this fails, and the warning can go.
func misspeltBoundaryDropped(t *testing.T, s stack) {
	copyFile(t, "testdata/nodejs/dropped.cjs", filepath.Join(s.dir, "dropped.cjs"))
	printed, err := s.world.Run(t.Context(), s.dir, "node", "dropped.cjs")
	require.NoError(t, err)
	var registered map[string]map[string]any
	require.NoError(t, json.Unmarshal(printed, &registered), "%s", printed)
	require.Contains(t, registered, "misspelt")
	assert.NotContains(t, registered["misspelt"], "permissionBoundary")
	assert.NotContains(t, registered["misspelt"], "permissionsBoundary")
	assert.Equal(t, "arn:aws:iam::123456789012:policy/ci-boundary", registered["spelt"]["permissionsBoundary"])
	assert.Contains(t, strings.Join(strings.Fields(readmeText(t)), " "),
		"with `permissionBoundary` for `permissionsBoundary` the role comes up without its boundary")
}

func TestThePythonExampleAsItsREADMESaysIt(t *testing.T) {
	t.Parallel()
	asWritten(t, "python", pythonOffline).check(t)
}

func TestTheGoExampleAsItsREADMESaysIt(t *testing.T) {
	t.Parallel()
	s := asWritten(t, "go", nil)
	s.check(t)
	goSum, err := os.ReadFile(filepath.Join(s.dir, "go.sum"))
	require.NoError(t, err)
	assert.NotContains(t, string(goSum), "pulumi-aws", "a consumer must not get an AWS SDK")
}

func TestTheJavaExampleAsItsREADMESaysIt(t *testing.T) {
	t.Parallel()
	asWritten(t, "java", javaOffline).check(t)
}

func TestTheYAMLExampleAsItsREADMESaysIt(t *testing.T) {
	t.Parallel()
	asWritten(t, "yaml", nil).check(t)
}

// An offline keeps a package manager from the network in a folder, and returns what it needs in its environment.
type offline func(t *testing.T, w *harness.World, dir string) (environment []string)

func nodeOffline(t *testing.T, _ *harness.World, dir string) []string {
	t.Helper()
	copyFile(t, "testdata/nodejs/package-lock.json", filepath.Join(dir, "package-lock.json"))
	cache, err := toolchain.NPMCache()
	require.NoError(t, err)
	return []string{
		"npm_config_cache=" + cache, "npm_config_prefer_offline=true", "npm_config_audit=false",
		"npm_config_fund=false",
	}
}

func pythonOffline(t *testing.T, _ *harness.World, _ string) []string {
	t.Helper()
	wheelhouse, err := toolchain.Wheelhouse(t.Context(), "testdata/python/requirements.txt",
		func(line string) { t.Log(line) })
	require.NoError(t, err)
	return []string{"PIP_NO_INDEX=1", "PIP_FIND_LINKS=" + wheelhouse}
}

func javaOffline(t *testing.T, w *harness.World, dir string) []string {
	t.Helper()
	require.NoError(t, w.InstallJava(t.Context()))
	return []string{mavenOffline(t, mavenRepository(t, w), dir)}
}

// asWritten copies an example and runs the commands of its README there, up to and with `pulumi up`.
func asWritten(t *testing.T, example string, prepare offline) stack {
	t.Helper()
	world := startWorld(t)
	dir, err := world.Example(example)
	require.NoError(t, err)
	environment := fromSource(t, world)
	if prepare != nil {
		environment = append(environment, prepare(t, world, dir)...)
	}
	modules := moduleFiles(t)
	s := stackIn(world, dir, environment)
	_, err = s.shell(t, written(t, example, example))
	require.NoError(t, err)
	assert.Equal(t, modules, moduleFiles(t), "adding the package changed the checkout that it came from")
	return s
}

// written are the commands of the README in one folder of examples/, for a person in another folder there. The checkout
// stands in them by its whole path: they run in a copy.
func written(t *testing.T, readme, folder string) string {
	t.Helper()
	name := filepath.Join("../../examples", readme, "README.md")
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)\n```sh\n(.*?)```\n").FindAllStringSubmatch(string(text), -1)
	require.Len(t, blocks, 1, "%s: want one block of commands", name)
	commands := blocks[0][1]
	require.Contains(t, commands, "\npulumi up\n")
	root, err := toolchain.Root()
	require.NoError(t, err)
	paths := regexp.MustCompile(`(?m)(?:\.\./)+\S+`)
	require.True(t, paths.MatchString(commands))
	return paths.ReplaceAllStringFunc(commands, func(path string) string {
		absolute := filepath.Join(root, "examples", folder, filepath.FromSlash(path))
		_, err := os.Stat(filepath.Join(absolute, "PulumiPlugin.yaml"))
		require.NoError(t, err, "%s: %s", name, path)
		return absolute
	})
}

// moduleFiles are the files of the checkout that Go's tools might write to.
func moduleFiles(t *testing.T) (files [2]string) {
	t.Helper()
	for i, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		files[i] = string(content)
	}
	return files
}

// fromSource is the environment of commands that compile the plugin from its source, each of them anew. The go command
// takes what it has downloaded before, without asking anybody, and writes no debugging information, which halves the
// time. What a host leaves behind that the CLI has killed goes with the world.
func fromSource(t *testing.T, w *harness.World) []string {
	t.Helper()
	require.NoError(t, w.InstallHosts(t.Context()))
	value, err := w.Run(t.Context(), "", "go", "env", "GOMODCACHE", "GOPROXY")
	require.NoError(t, err)
	cache, proxies, _ := strings.Cut(strings.TrimSpace(string(value)), "\n")
	temporary, err := w.Folder("tmp")
	require.NoError(t, err)
	return []string{
		"GOPROXY=file://" + filepath.ToSlash(filepath.Join(cache, "cache", "download")) + "," + proxies,
		"GOFLAGS=-ldflags=-s",
		"TMPDIR=" + temporary,
	}
}
