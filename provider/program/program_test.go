package program_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

// deployed prints a program with one resource.
func deployed(language program.Language, inputs map[string]any) (string, error) {
	return program.Program(language, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: inputs})
}

func everything() map[string]any {
	return map[string]any{
		"github": map[string]any{"repositories": []any{map[string]any{
			"repository": program.Placeholder{
				Text: "acme@1234567/web@89012345", Comment: "what this prints: gh api repos/acme/web",
			},
			"branches": []any{"main", "quote\"${x}$$\\\n\u2028\U0001F600\a"},
		}}},
		"hcpTerraform": map[string]any{"organization": "acme", "workspaces": []any{map[string]any{
			"project": "Default Project", "name": "web", "runPhases": []any{"apply"},
		}}},
		"custom": map[string]any{"my-ci": map[string]any{"issuer": "https://ci.example.com", "subjects": []any{"a"}}},
		"tags":   map[string]any{"team": "web"}, "maxSessionDuration": 7200, "forceDetachPolicies": true,
	}
}

// plainly is a value as JSON has it, with the text of each placeholder.
func plainly(t *testing.T, value any) any {
	t.Helper()
	document, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var read any
	if err := json.Unmarshal(document, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestEveryExampleOfEverySystemIsPrintedInEveryLanguageAndYAMLReadsItBack(t *testing.T) {
	for _, s := range all.Registry().Systems() {
		stack, err := citest.ReadStack("../ci/" + strings.ToLower(s.Section()))
		if err != nil {
			t.Fatal(err)
		}
		for name, inputs := range stack.Examples {
			for _, language := range program.Languages {
				printed, err := deployed(language, inputs)
				if err != nil {
					t.Errorf("%s in %s: %v", name, language, err)
				}
				switch language {
				case program.Go:
					if _, err := parser.ParseFile(token.NewFileSet(), "main.go", printed, 0); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				case program.YAML:
					sameInputs(t, name, printed, inputs)
				}
			}
		}
	}
}

func sameInputs(t *testing.T, name, printed string, inputs map[string]any) {
	t.Helper()
	var program struct {
		Resources map[string]struct{ Properties map[string]any }
		Outputs   map[string]string
	}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(printed, "$${", "${")), &program); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, printed)
	}
	if got, want := plainly(t, program.Resources["deploy"].Properties), plainly(t, inputs); !reflect.DeepEqual(got,
		want) {
		t.Errorf("%s: YAML reads\n%v\nand the inputs are\n%v", name, got, want)
	}
	if program.Outputs["roleArn"] != "${deploy.roleArn}" {
		t.Errorf("%s: the outputs are %v", name, program.Outputs)
	}
}

func TestYAMLKeepsWhatWouldBeAnExpression(t *testing.T) {
	printed, err := deployed(program.YAML, everything())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed, "$${x}") {
		t.Errorf("%s", printed)
	}
	sameInputs(t, "everything", printed, everything())
}

// A comment is made of text that a policy holds.
func TestACommentWithALineBreakWritesNoCode(t *testing.T) {
	for _, language := range program.Languages {
		for _, ending := range []string{"\n", "\r", "\u2028", "\u2029", "\u0085", "\v"} {
			printed, err := deployed(language, map[string]any{
				"roleName": program.Placeholder{Text: "x", Comment: "first" + ending + "evil()"},
				"github": map[string]any{"repositories": []any{map[string]any{
					"repository": program.Placeholder{Text: "x", Comment: "first" + ending + "evil()"},
				}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(printed) {
				if strings.Contains(line, "evil()") && !strings.Contains(line, "first ") {
					t.Errorf("%s, %q:\n%s", language, ending, printed)
				}
			}
		}
	}
}

func TestATextWithQuotesAndLineBreaksStaysOneText(t *testing.T) {
	for _, language := range program.Languages {
		printed, err := deployed(language, map[string]any{"roleName": "\", evil(), \"\n\u2028\x00"})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(printed, "\"\"") || strings.Contains(printed, "\u2028") ||
			strings.Contains(printed, "\x00") {
			t.Errorf("%s:\n%s", language, printed)
		}
	}
}

func TestSeveralRolesHaveVariablesAndOutputsOfTheirOwn(t *testing.T) {
	for _, language := range program.Languages {
		printed, err := program.Program(language,
			program.Resource{Name: "deploy-web", Type: "CiOidcTrust", Inputs: map[string]any{"roleName": "a"}},
			program.Resource{Name: "class", Type: "CiOidcTrust", Inputs: map[string]any{"roleName": "b"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"deployWebRoleArn", "roleClassRoleArn"} {
			if !strings.Contains(printed, want) {
				t.Errorf("%s has no %s:\n%s", language, want, printed)
			}
		}
	}
}

func TestASectionIsPrintedAlone(t *testing.T) {
	want := map[program.Language]string{
		program.YAML: "scalr:\n  account: acme\n  workspaces:\n    - environment: production\n      name: web\n",
		program.TypeScript: "scalr: {\n    account: \"acme\",\n    workspaces: [\n        {\n            " +
			"environment: \"production\",\n            name: \"web\",\n        },\n    ],\n},\n",
	}
	for language, expected := range want {
		printed, err := program.Section(language, "scalr", map[string]any{"account": "acme", "workspaces": []any{
			map[string]any{"environment": "production", "name": "web"},
		}})
		if err != nil || printed != expected {
			t.Errorf("%s: %v\n%s", language, err, printed)
		}
	}
}

func TestWhatTheSchemaDoesNotKnowIsNamed(t *testing.T) {
	for _, c := range []struct {
		language program.Language
		resource program.Resource
		want     string
	}{
		{"cobol", program.Resource{}, `"cobol" is no language`},
		{program.Go, program.Resource{Type: "Nothing"}, "Nothing is no resource"},
		{program.Go, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: map[string]any{"githab": "x"}},
			"deploy: CiOidcTrust has no property githab"},
		{program.Go, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: map[string]any{
			"github": map[string]any{"repositories": []any{map[string]any{"branch": "x"}}},
		}}, "deploy.github.repositories[0]: GitHubRepository has no property branch"},
		{program.Go, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: map[string]any{"roleName": true}},
			"deploy.roleName"},
		{program.Go, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: map[string]any{"roleName": []any{}}},
			"takes no list"},
		{program.Go, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: map[string]any{
			"hcpTerraform": map[string]any{"workspaces": []any{map[string]any{"runPhases": []any{"aply"}}}},
		}}, `"aply" is no HcpTerraformRunPhase`},
	} {
		if _, err := program.Program(c.language, c.resource); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, expected %s", c.resource, err, c.want)
		}
	}
}

// An Input<ImmutableArray<string>> takes no array, as an InputList<string> does: the program would not compile.
func TestAListInAMapIsImmutableInCSharp(t *testing.T) {
	printed, err := deployed(program.CSharp, map[string]any{"custom": map[string]any{"my-ci": map[string]any{
		"issuer": "https://ci.example.com", "audiences": []any{"aws"}, "subjects": []any{"a"},
		"claims": map[string]any{"project": []any{"web", "docs"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`["project"] = new[] { "web", "docs" }.ToImmutableArray(),`, `Subjects = new[] { "a" },`,
		"using System.Collections.Immutable;\n",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%s is missing:\n%s", want, printed)
		}
	}
}

// A type checker takes no text where the SDK has an enum: "apply" for a run phase is an error of mypy.
func TestAWordOfAnEnumIsItsMemberInPython(t *testing.T) {
	printed, err := deployed(program.Python, map[string]any{
		"hcpTerraform": map[string]any{"organization": "acme", "workspaces": []any{map[string]any{
			"project": "Default Project", "name": "web", "runPhases": []any{"apply"},
		}}},
		"vercel": map[string]any{"team": "acme", "issuerMode": "global"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"run_phases": [HcpTerraformRunPhase.APPLY],`, `"issuer_mode": VercelIssuerMode.GLOBAL_,`,
		"import CiOidcTrust, HcpTerraformRunPhase, VercelIssuerMode\n",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%s is missing:\n%s", want, printed)
		}
	}
}
