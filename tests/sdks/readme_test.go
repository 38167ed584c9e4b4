package sdks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// readme previews what README.md shows for one language, in a program that has nothing but it and its imports.
func (s stack) readme(t *testing.T) {
	require.NoError(t, s.verb(t.Context(), "plan"))
}

func TestTheREADMEShowsTheYAMLExample(t *testing.T) {
	t.Parallel()
	type project struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	var shown, example project
	require.NoError(t, yaml.Unmarshal([]byte(readmeBlock(t, "YAML")), &shown))
	content, err := os.ReadFile("../../examples/yaml/Pulumi.yaml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(content, &example))
	require.NotEmpty(t, shown.Resources)
	assert.Equal(t, example, shown)
}

func TestTheREADMENamesNoTargetAndNoFileThatDoesNotExist(t *testing.T) {
	t.Parallel()
	text := readmeText(t)
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	named := regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)").FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, named)
	for _, match := range named {
		assert.Contains(t, "\n"+string(makefile), "\n"+match[1]+": ", "make %s", match[1])
	}
	links := regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, links)
	for _, match := range links {
		_, err := os.Stat(filepath.Join("../..", match[1]))
		assert.NoError(t, err)
	}
}

func readmeText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	return string(text)
}

// readmeBlock is the first fenced block under the heading of a language.
func readmeBlock(t *testing.T, language string) string {
	t.Helper()
	_, section, found := strings.Cut(readmeText(t), "\n### "+language+"\n")
	require.True(t, found, language)
	_, block, found := strings.Cut(section, "\n```")
	require.True(t, found, language)
	_, block, _ = strings.Cut(block, "\n") // the language of the fence
	block, _, found = strings.Cut(block, "\n```")
	require.True(t, found, language)
	return block + "\n"
}

// goReadme wraps the block as a function that drive_test.go can run.
func goReadme(t *testing.T) string {
	t.Helper()
	return `package main

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func readme(ctx *pulumi.Context) error {
` + readmeBlock(t, "Go") + `
	if err != nil {
		return err
	}
	ctx.Export("roleArn", deploy.RoleArn)
	return nil
}
`
}

// yamlReadme makes a project of the block.
func yamlReadme(t *testing.T, w *harness.World) (dir string) {
	t.Helper()
	dir, err := w.Folder("readme")
	require.NoError(t, err)
	writeFile(t, filepath.Join(dir, "Pulumi.yaml"),
		"name: ci-oidc-trust-readme\nruntime: yaml\n\n"+readmeBlock(t, "YAML"))
	return dir
}
