package pipelines

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// A schema is what is published of a CI system's pipeline files.
type schema struct {
	word string // stands in the section of the system that has the schema, whatever the case
	file string // of the package check-jsonschema, without ".json"; "" where the system's own package validates
	// What the schema says too little of, or too much: in words, and as the change to make to it.
	with   string
	change func(schema map[string]any)
}

// schemas are those of CI systems that this package has or may get: whoever registers one of these need not come here.
var schemas = []schema{
	{word: "azure", file: "azure-pipelines", with: "the tasks of AWS's extension", change: addAWSTasks},
	{word: "bitbucket", file: "bitbucket-pipelines", with: "no unknown key in a step", change: closeBitbucketSteps},
	{word: "buildkite", file: "buildkite"},
	{word: "circleci", file: "circle-ci"},
	{word: "cloudbuild", file: "cloudbuild"},
	{word: "codefresh"},
	{word: "github", file: "github-workflows"},
	{word: "gitlab", file: "gitlab-ci"},
	// It runs GitHub's workflows: https://depot.dev/docs/ci/compatibility
	{word: "depot", file: "github-workflows"},
	// No package has its own; its reference sends the reader to GitHub's: https://forgejo.org/docs/latest/user/actions/
	{word: "forgejo", file: "github-workflows", with: "enable-openid-connect", change: addForgejosKey},
}

// parsedOnly says why the pipeline of a system is only parsed: no package carries a schema. Its page.md has the reason.
func parsedOnly(t *testing.T, section string) (reason string, only bool) {
	t.Helper()
	told, err := page.Of("../../provider/ci", section)
	require.NoError(t, err)
	return told.ParsedOnly, told.ParsedOnly != ""
}

// schemasOf are the schemas that a section's name asks for: one or none.
func schemasOf(section string) []schema {
	var fit []schema
	for _, s := range schemas {
		if strings.Contains(strings.ToLower(section), s.word) {
			fit = append(fit, s)
		}
	}
	return fit
}

// folder holds the package's schemas.
var folder = sync.OnceValues(func() (string, error) {
	return toolchain.PipelineSchemas(context.Background(), func(line string) { fmt.Println(line) })
})

// Rules say what is wrong with a pipeline.
type rules interface{ Validate(document any) error }

// rules reads a schema, and tells which package it is of.
func (s schema) rules(t *testing.T) (r rules, name string) {
	t.Helper()
	if s.file == "" {
		return startCodefresh(t)
	}
	dir, err := folder()
	require.NoError(t, err)
	path := filepath.Join(dir, s.file+".json")
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	require.NoError(t, err)
	if s.change != nil {
		s.change(document.(map[string]any))
	}
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource(path, document))
	compiled, err := compiler.Compile(path)
	require.NoError(t, err)
	return compiled, "check-jsonschema " + version(t, dir) + " (PyPI)"
}

// version is that of the package, as pip wrote it beside the package.
func version(t *testing.T, dir string) string {
	t.Helper()
	infos, err := filepath.Glob(filepath.Join(dir, "../../..", "check_jsonschema-*.dist-info"))
	require.NoError(t, err)
	require.Len(t, infos, 1)
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(infos[0]), "check_jsonschema-"), ".dist-info")
}

// String is the schema as the table names it.
func (s schema) String() string {
	switch {
	case s.file == "":
		return "the system's own validator"
	case s.with != "":
		return s.file + " with " + s.with
	}
	return s.file
}

func TestEverySystemIsValidatedOrSaysWhyItIsOnlyParsed(t *testing.T) {
	for _, s := range all.Registry().Systems() {
		section := s.Section()
		if _, only := parsedOnly(t, section); !only {
			require.Len(t, schemasOf(section),
				1, "provider/ci/%s/page.md: write parsedOnly with the reason between the lines of ---, "+
					"or add the schema of %s to schemas, here", strings.ToLower(section), s.Title())
			continue
		}
		require.Empty(t, schemasOf(section), "%s is only parsed, and there is a schema", section)
		require.Empty(t, filesFor(t, section), "%s is only parsed, and the package has a schema", section)
	}
}

// filesFor are the package's schemas whose first word is part of the section's name, or the other way round.
func filesFor(t *testing.T, section string) []string {
	t.Helper()
	dir, err := folder()
	require.NoError(t, err)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, file := range files {
		name, isSchema := strings.CutSuffix(file.Name(), ".json")
		first, _, _ := strings.Cut(name, "-")
		section := strings.ToLower(section)
		if isSchema && (strings.Contains(section, first) || strings.Contains(first, section)) {
			found = append(found, name)
		}
	}
	return found
}

func TestASchemaOfThePackageIsFoundByTheSectionsName(t *testing.T) {
	for section, want := range map[string]string{
		"azureDevOps": "azure-pipelines", "bitbucket": "bitbucket-pipelines", "buildkite": "buildkite",
		"circleci": "circle-ci", "googleCloudBuild": "cloudbuild", "github": "github-workflows", "gitlab": "gitlab-ci",
	} {
		require.Contains(t, filesFor(t, section), want)
		require.Len(t, schemasOf(section), 1, section)
		require.Equal(t, want, schemasOf(section)[0].file)
	}
	require.Empty(t, schemasOf("hcpTerraform"))
}
