package sdks

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// begin are the headings of docs/installation-configuration.md, "From an empty folder": for each language the project
// that `pulumi new` makes, and what keeps its package manager from the network.
var begin = map[string]struct {
	template string
	prepare  offline
}{
	"TypeScript":                {"typescript", nodeOffline},
	"JavaScript":                {"javascript", nodeOffline},
	"JavaScript, as ES modules": {"javascript", nodeOffline},
	"Python":                    {"python", pythonOffline},
	"Go":                        {"go", goModule},
	"Java":                      {"java", javaOffline},
	"YAML":                      {},
}

// goModule writes the template's go.mod, with the version of Pulumi's SDK that the tests have.
func goModule(t *testing.T, _ *harness.World, dir string) []string {
	t.Helper()
	example, err := os.ReadFile("../../examples/go/go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`github\.com/pulumi/pulumi/sdk/v3 v\S+`).FindString(string(example))
	require.NotEmpty(t, version)
	writeFile(t, filepath.Join(dir, "go.mod"), "module ${PROJECT}\n\ngo 1.25\n\nrequire (\n\t"+version+"\n)\n")
	return nil
}

// Whoever has nothing follows the page to a role that trusts one branch. No plugin of ours is installed, and nothing is
// in the folder but what `pulumi new` writes. The language hosts are those of written_test.go; `pulumi new` and its
// questions are Pulumi's own.
func TestAProjectThatBeginsWithAnEmptyFolder(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/installation-configuration.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n### From an empty folder\n")
	require.True(t, found)
	section, _, found = strings.Cut(section, "\n### ")
	require.True(t, found)
	parts := strings.Split(section, "\n#### ")
	every := steps(parts[0])
	require.Len(t, every, 1)
	shown := map[string][]step{}
	for _, part := range parts[1:] {
		language, text, _ := strings.Cut(part, "\n")
		shown[language] = append(steps(text), every...)
	}
	require.Equal(t, slices.Sorted(maps.Keys(begin)), slices.Sorted(maps.Keys(shown)))
	for language, project := range begin {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			beginIn(t, project.template, project.prepare, shown[language])
		})
	}
}

// A step is a file to write, or commands to run.
type step struct{ file, text string }

var fence = regexp.MustCompile("(?s)(?:`([^`\n]+)`:\n\n)?```\\w+\n(.*?\n)```\n")

func steps(text string) (all []step) {
	for _, match := range fence.FindAllStringSubmatch(text, -1) {
		all = append(all, step{match[1], match[2]})
	}
	return all
}

func beginIn(t *testing.T, template string, prepare offline, all []step) {
	t.Helper()
	world := startWorld(t)
	dir, err := world.Folder("begin")
	require.NoError(t, err)
	root, err := toolchain.Root()
	require.NoError(t, err)
	environment := append(fromSource(t, world), templates(t, world, template, prepare)...)
	s := stackIn(world, dir, environment)
	for _, one := range all {
		if one.file != "" {
			writeFile(t, filepath.Join(dir, filepath.FromSlash(one.file)), one.text)
			continue
		}
		_, err := s.shell(t, strings.ReplaceAll(one.text, "CHECKOUT", filepath.ToSlash(root)))
		require.NoError(t, err)
	}

	outputs, err := world.StackOutputs(t.Context(), dir)
	require.NoError(t, err)
	branchAlone(t, world, outputs.RoleArn)
}

// branchAlone holds that a role is that of the branch main, and of no pull request.
func branchAlone(t *testing.T, w *harness.World, roleArn string) {
	t.Helper()
	issuer, err := w.Issuer(githubIssuer)
	require.NoError(t, err)
	for subject, admitted := range map[string]bool{
		"repo:" + repository + ":ref:refs/heads/main": true, "repo:" + repository + ":pull_request": false,
	} {
		token, err := issuer.Sign(githubClaims(subject))
		require.NoError(t, err)
		_, err = w.AssumeRole(t.Context(), roleArn, token)
		assert.Equal(t, admitted, err == nil, "%s: %v", subject, err)
	}
}

// templates has `pulumi new` take the projects of testdata/templates, in a repository as that of Pulumi's templates is.
// One of them is prepared.
func templates(t *testing.T, w *harness.World, name string, prepare offline) (environment []string) {
	t.Helper()
	dir, err := w.Folder("templates")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/templates")))
	if prepare != nil {
		environment = prepare(t, w, filepath.Join(dir, name))
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=master"}, {"add", "--all"},
		{"-c", "user.name=tests", "-c", "user.email=tests@example.com", "commit", "--quiet", "--message=templates"},
	} {
		_, err := w.Run(t.Context(), dir, "git", args...)
		require.NoError(t, err)
	}
	return append(environment, "PULUMI_TEMPLATE_GIT_REPOSITORY=file://"+filepath.ToSlash(dir),
		"PULUMI_TEMPLATE_BRANCH=master", "PULUMI_DISABLE_REGISTRY_RESOLVE=true")
}
