package sdks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// There is no .NET here, so nothing compiles C#. A parser and the classes of the SDK find what a compiler would: names
// that do not exist, values of the wrong kind, and what does not parse.
func TestEveryCSharpProgramParsesAndFitsTheSDK(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written := append(printedPrograms(t, program.CSharp), printedExamples(t, program.CSharp)...)
	files := writePrinted(t, dir, ".cs", written)
	files = append(files, documentedCSharp(t, dir)...)
	copyFile(t, "../../examples/dotnet/Program.cs", filepath.Join(dir, "example.cs"))
	assert.Empty(t, checkCSharp(t, dir, append(files, "example.cs")...))
}

// documentedCSharp writes the blocks of C# that stand in the README and the pages of docs.
func documentedCSharp(t *testing.T, dir string) (files []string) {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	require.Contains(t, pages, "../../README.md")
	block := regexp.MustCompile("(?s)\n```csharp\n(.*?\n)```\n")
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range block.FindAllStringSubmatch(string(text), -1) {
			name := fmt.Sprintf("page%d.cs", len(files))
			writeFile(t, filepath.Join(dir, name), found[1])
			files = append(files, name)
		}
	}
	require.NotEmpty(t, files, "docs/_index.md has an example in C#")
	return files
}

// checkCSharp returns a line for each problem.
func checkCSharp(t *testing.T, dir string, files ...string) []string {
	t.Helper()
	ctx := t.Context()
	parser, err := toolchain.CSharpParser(ctx, "testdata/dotnet/requirements.txt", func(line string) { t.Log(line) })
	require.NoError(t, err)
	here, err := filepath.Abs("testdata/dotnet/check.py")
	require.NoError(t, err)
	sdk, err := filepath.Abs("../../sdk/dotnet")
	require.NoError(t, err)
	check := exec.CommandContext(ctx, "python3", append([]string{here, sdk}, files...)...)
	check.Dir = dir
	check.Env = append(os.Environ(), "PYTHONPATH="+parser, "PYTHONDONTWRITEBYTECODE=1")
	var problems strings.Builder
	check.Stderr = &problems
	out, err := check.Output()
	require.NoError(t, err, problems.String())
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// A check of programs that finds nothing in broken ones would prove nothing.
func TestBrokenCSharpIsFound(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("../../examples/dotnet/Program.cs")
	require.NoError(t, err)
	examples := map[string]string{"example.cs": string(whole)}
	for _, p := range printedExamples(t, program.CSharp) {
		examples[p.name+".cs"] = p.program
	}
	broken := map[string]struct{ file, old, new, said string }{
		"a brace too few": {"example.cs", "    });\n", "    );\n", "does not parse"},
		"a property that does not exist": {"example.cs", "Environments = ", "Environment = ",
			"GitHubRepositoryArgs has no Environment; it has "},
		"a class that does not exist": {"example.cs", "new GitHubTrustArgs", "new GithubTrustArgs",
			"the SDK has no GithubTrustArgs in "},
		"a namespace that is not used": {"example.cs", "using CiOidc.Trust.Inputs;\n", "",
			"the SDK has no GitHubTrustArgs in "},
		"a text where a list belongs": {"example.cs", `new[] { "main" }`, `"main"`,
			"a string stands where InputList<string> is"},
		"a number where a text belongs": {"example.cs", `"github.com/acme/web"`, "1",
			"a int stands where Input<string> is"},
		"an output that does not exist": {"example.cs", "deploy.Grants", "deploy.Grant", "CiOidcTrust has no Grant"},
		"a variable that does not exist": {"example.cs", "deploy.RoleArn", "release.RoleArn",
			"the SDK has no release in "},
		"the inputs of another component": {"example_providers.cs", "new CiOidcProvidersArgs", "new CiOidcTrustArgs",
			"new CiOidcProviders does not take (string, CiOidcTrustArgs)"},
		"the inputs of a function's plain form": {"example_diffTrust.cs", "DiffTrustInvokeArgs", "DiffTrustArgs",
			"DiffTrust.Invoke does not take (DiffTrustArgs)"},
		"a function that does not exist": {"example_auditTrust.cs", "AuditTrust.Invoke(", "AuditTrusts.Invoke(",
			"the SDK has no AuditTrusts in "},
		"a result that does not exist": {"example_diffTrust.cs", "result.Admitted.Differences",
			"result.Admitted.Difference", "TrustContrast has no Difference"},
		"a list as the value of a map": {"example_permissions.cs", "state.Apply(result => result.Policy),\n        },",
			"new[] { \"a\" },\n        },", "a string[] stands where Input<string> is"},
		"a word that the enum has not": {"example_permissions.cs", "PulumiStateMode.Up", "PulumiStateMode.Down",
			"PulumiStateMode has no Down"},
		"a word of another enum": {"example_permissions.cs", "PulumiStateMode.Up", "TerraformStateMode.Apply",
			"a TerraformStateMode stands where Input<PulumiStateMode> is"},
		"a namespace of .NET that is not used": {"example_evaluateTrust.cs", "using System.Text.Json;\n", "",
			"using System.Text.Json is missing"},
	}
	dir := t.TempDir()
	var files []string
	for name, b := range broken {
		require.Contains(t, examples[b.file], b.old, name)
		files = append(files, strings.ReplaceAll(name, " ", "-")+".cs")
		writeFile(t, filepath.Join(dir, files[len(files)-1]), strings.Replace(examples[b.file], b.old, b.new, 1))
	}
	problems := strings.Join(checkCSharp(t, dir, files...), "\n")
	for name, b := range broken {
		assert.Regexp(t, `(?m)^`+strings.ReplaceAll(name, " ", "-")+`\.cs:\d+:\d+: `+regexp.QuoteMeta(b.said), problems)
	}
}
