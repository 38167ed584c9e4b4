package sdks

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

func TestYAMLExample(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	dir, err := world.Example("yaml")
	require.NoError(t, err)
	lives{
		"example": func(t *testing.T) { cli(t, world, dir).live(t) },
		"chain":   func(t *testing.T) { cli(t, world, yamlProgram(t, world, "chain")).chain(t) },
		"mixed":   func(t *testing.T) { cli(t, world, yamlProgram(t, world, "mixed")).mixed(t) },
		"review":  func(t *testing.T) { cli(t, world, yamlProgram(t, world, "review")).review(t) },
		"readme":  func(t *testing.T) { cli(t, world, yamlReadme(t, world)).readme(t) },
	}.run(t)
	t.Run("mistakes", func(t *testing.T) { mistakesInYAML(t, world) })
}

// yamlProgram is a folder with one of the programs of testdata/yaml.
func yamlProgram(t *testing.T, w *harness.World, name string) (dir string) {
	t.Helper()
	dir, err := w.Folder(name)
	require.NoError(t, err)
	copyFile(t, filepath.Join("testdata/yaml", name, "Pulumi.yaml"), filepath.Join(dir, "Pulumi.yaml"))
	return dir
}

// The project at the root of the checkout is the quick start: two configuration values and nothing else.
func TestQuickStart(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	ctx := t.Context()
	s := quickStart(t, world)

	err := s.verb(ctx, "up")
	require.Error(t, err, "without a repository there is nothing to trust")
	assert.Contains(t, err.Error(), "repository")

	_, err = world.Run(ctx, s.dir, "pulumi", "config", "set", "repository", repository)
	require.NoError(t, err)
	_, err = world.Run(ctx, s.dir, "pulumi", "config", "set", "branch", "trunk")
	require.NoError(t, err)
	require.NoError(t, s.verb(ctx, "up"))
	require.NoError(t, s.verb(ctx, "preview"))

	roleArn, err := world.Run(ctx, s.dir, "pulumi", "stack", "output", "roleArn")
	require.NoError(t, err)
	assert.Contains(t, string(roleArn), "arn:aws:iam::123456789012:role/deploy-")
	pipeline, err := world.Run(ctx, s.dir, "pulumi", "stack", "output", "pipeline")
	require.NoError(t, err)
	assert.Contains(t, string(pipeline), "id-token: write")
	grants, err := world.Run(ctx, s.dir, "pulumi", "stack", "output", "grants")
	require.NoError(t, err)
	assert.Contains(t, string(grants), "branch trunk")

	s.end(t)
}

// quickStart copies the root project. Its plugin is the one built from this checkout: there is no Go language host here
// that could build it on the way, as there is in every real installation of Pulumi.
func quickStart(t *testing.T, w *harness.World) stack {
	t.Helper()
	root, err := toolchain.Root()
	require.NoError(t, err)
	dir, err := w.Folder("quick-start")
	require.NoError(t, err)
	copyFile(t, filepath.Join(root, "Pulumi.yaml"), filepath.Join(dir, "Pulumi.yaml"))
	plugin, err := w.Plugin()
	require.NoError(t, err)
	const folder = "provider/cmd/pulumi-resource-ci-oidc-trust"
	require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	require.NoError(t, os.Symlink(plugin, filepath.Join(dir, folder, filepath.Base(plugin))))
	return cli(t, w, dir)
}

// cliVerbs are the arguments of the CLI for each verb of a stack.
var cliVerbs = map[string][]string{
	"plan":    {"preview", "--non-interactive"},
	"up":      {"up", "--yes", "--non-interactive"},
	"preview": {"preview", "--expect-no-changes", "--non-interactive"},
	"destroy": {"destroy", "--yes", "--non-interactive"},
}

// cli is a stack that the Pulumi CLI runs, as a person would.
func cli(t *testing.T, w *harness.World, dir string) stack {
	t.Helper()
	_, err := w.Run(t.Context(), dir, "pulumi", "stack", "init", "dev")
	require.NoError(t, err)
	return stack{world: w, dir: dir, verb: func(ctx context.Context, verb string) error {
		_, err := w.Run(ctx, dir, "pulumi", cliVerbs[verb]...)
		return err
	}}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	writeFile(t, to, string(content))
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}
