package sdks

import (
	"context"
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

func TestYAMLPrograms(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	lives{
		"chain":  func(t *testing.T) { cli(t, world, yamlProgram(t, world, "chain")).chain(t) },
		"mixed":  func(t *testing.T) { cli(t, world, yamlProgram(t, world, "mixed")).mixed(t) },
		"review": func(t *testing.T) { cli(t, world, yamlProgram(t, world, "review")).review(t) },
		"readme": func(t *testing.T) { cli(t, world, yamlReadme(t, world)).readme(t) },
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

// The project at the root of the checkout is the quick start: two configuration values and nothing else. The commands
// are those of README.md; what they ask `gh` is answered by a stand-in.
func TestTheQuickStartAsREADMESaysIt(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	ctx := t.Context()
	s := quickStart(t, world)
	_, section, found := strings.Cut(readmeText(t), "\n## In your account\n")
	require.True(t, found)
	_, block, found := strings.Cut(section, "\n```sh\n")
	require.True(t, found)
	commands, _, found := strings.Cut(block, "```\n")
	require.True(t, found)
	require.Contains(t, commands, "gh api repos/OWNER/NAME --jq ")

	withoutRepository := regexp.MustCompile(`(?m)^pulumi config set repository .*\n`)
	require.True(t, withoutRepository.MatchString(commands))
	_, err := s.shell(t, withoutRepository.ReplaceAllString(commands, ""))
	require.Error(t, err, "without a repository there is nothing to trust")
	assert.Contains(t, err.Error(), "repository")
	_, err = world.Run(ctx, s.dir, "pulumi", "stack", "rm", "prod", "--yes", "--preserve-config=false")
	require.NoError(t, err)

	_, err = s.shell(t, strings.Replace(commands, "branch main", "branch trunk", 1))
	require.NoError(t, err)
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

// quickStart copies the root project. Its plugin is compiled from this checkout on each run, as that of every user is.
func quickStart(t *testing.T, w *harness.World) stack {
	t.Helper()
	root, err := toolchain.Root()
	require.NoError(t, err)
	dir, err := w.Folder("quick-start")
	require.NoError(t, err)
	project, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	const path = "path: "
	require.Equal(t, 1, strings.Count(string(project), path))
	writeFile(t, filepath.Join(dir, "Pulumi.yaml"),
		strings.Replace(string(project), path, path+filepath.ToSlash(root)+"/", 1))
	gh := filepath.Join(dir, "gh")
	require.NoError(t, os.WriteFile(gh, []byte("#!/bin/sh\necho '"+repository+"'\n"), 0o755))
	return stackIn(w, dir, fromSource(t, w))
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
	return stackIn(w, dir, nil)
}

// shell runs commands in the folder of a stack as a person would, who says yes to each question. Programs that lie in
// that folder come before all others.
func (s stack) shell(t *testing.T, commands string) (printed []byte, err error) {
	t.Helper()
	cmd := s.world.Command(t.Context(), s.dir, "bash", "-e", "-u", "-o", "pipefail", "-c", "PATH=$PWD:$PATH\n"+commands)
	cmd.Env = append(append(cmd.Env, s.environment...), "PULUMI_SKIP_CONFIRMATIONS=true")
	return harness.Finish(cmd)
}

// stackIn is the stack that is selected in a folder; the CLI runs it with this environment beside the world's.
func stackIn(w *harness.World, dir string, environment []string) stack {
	return stack{world: w, dir: dir, environment: environment, verb: func(ctx context.Context, verb string) error {
		cmd := w.Command(ctx, dir, "pulumi", cliVerbs[verb]...)
		cmd.Env = append(cmd.Env, environment...)
		_, err := harness.Finish(cmd)
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
