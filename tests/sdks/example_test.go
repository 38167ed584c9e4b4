package sdks

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

// exampleSources are the programs in YAML, by name, from which the examples of CiOidcProviders and of the functions are
// printed in every language.
func exampleSources(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../examples/functions/*/Pulumi.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 5)
	sources := map[string]string{}
	for _, file := range append(files, "../../examples/providers/Pulumi.yaml") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		sources[filepath.Base(filepath.Dir(file))] = string(content)
	}
	return sources
}

// printedExamples are these programs in a language, as the documentation shows them.
func printedExamples(t *testing.T, language program.Language) []printed {
	t.Helper()
	schema, err := os.ReadFile("../../schema.json")
	require.NoError(t, err)
	sources := exampleSources(t)
	var programs []printed
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		text, err := program.Translate(schema, []byte(sources[name]), language)
		require.NoError(t, err, name)
		programs = append(programs, printed{name: "example_" + name, program: text})
	}
	return programs
}

// examplesDoTheSame runs the printed examples with stand-ins for the engine, and holds what each asks of it against
// what the program in YAML says. run is given the files, after that of the stand-ins, and returns a line of JSON for
// each request and each output.
func examplesDoTheSame(t *testing.T, programs []printed, run func(file string) []byte) {
	t.Helper()
	raw, err := os.ReadFile("testdata/canned.json")
	require.NoError(t, err)
	var canned map[string]map[string]any
	require.NoError(t, json.Unmarshal(raw, &canned))
	sources := exampleSources(t)
	for _, p := range programs {
		want := requests(t, canned, sources[strings.TrimPrefix(p.name, "example_")])
		got := map[string]any{}
		for line := range strings.Lines(string(run(p.name))) {
			var one struct {
				Of    string
				Value any
			}
			require.NoError(t, json.Unmarshal([]byte(line), &one), line)
			got[one.Of] = canonical(withoutDefaults(one.Value, want[one.Of]))
		}
		assert.Equal(t, want, got, p.program)
	}
}

// withoutDefaults leaves out what the SDK adds from the schema.
func withoutDefaults(got, want any) any {
	sent, is := got.(map[string]any)
	written, both := want.(map[string]any)
	if !is || !both {
		return got
	}
	for _, name := range []string{
		"path", "trustPolicyMaxLength", "maxSessionDuration", "forceDetachPolicies", "partition", "retain",
	} {
		if _, given := written[name]; !given {
			delete(sent, name)
		}
	}
	return sent
}

// canonical writes texts that are JSON in one way: languages differ in the white space.
func canonical(value any) any {
	switch value := value.(type) {
	case string:
		var document map[string]any
		if json.Unmarshal([]byte(value), &document) != nil {
			return value
		}
		text, err := json.Marshal(document)
		if err != nil {
			return value
		}
		return string(text)
	case map[string]any:
		for name, member := range value {
			value[name] = canonical(member)
		}
	}
	return value
}

// requests are what a program in YAML asks of the engine: the inputs of each resource and function, and its outputs.
func requests(t *testing.T, canned map[string]map[string]any, source string) map[string]any {
	t.Helper()
	var w struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
		Variables map[string]struct {
			Invoke struct {
				Function  string
				Arguments map[string]any
			} `yaml:"fn::invoke"`
		}
		Outputs map[string]any
	}
	require.NoError(t, yaml.Unmarshal([]byte(source), &w))
	of := map[string]string{}
	for name, r := range w.Resources {
		of[name] = strings.TrimPrefix(r.Type, "ci-oidc-trust:")
	}
	for name, v := range w.Variables {
		of[name] = strings.TrimPrefix(v.Invoke.Function, "ci-oidc-trust:")
	}
	all := map[string]any{}
	for name, r := range w.Resources {
		all["resource "+name] = resolved(t, canned, of, r.Properties)
	}
	for name, v := range w.Variables {
		all["call "+of[name]] = resolved(t, canned, of, v.Invoke.Arguments)
	}
	for name, o := range w.Outputs {
		all["output "+name] = resolved(t, canned, of, o)
	}
	return all
}

// resolved is a value with what its expressions stand for when everything answers as in canned.json.
func resolved(t *testing.T, canned map[string]map[string]any, of map[string]string, value any) any {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		if document, is := value["fn::toJSON"]; is {
			if _, is := document.(string); is {
				return resolved(t, canned, of, document) // a setting: text in every other language
			}
			text, err := json.Marshal(document)
			require.NoError(t, err)
			return string(text)
		}
		made := map[string]any{}
		for name, member := range value {
			made[name] = resolved(t, canned, of, member)
		}
		return made
	case []any:
		made := make([]any, len(value))
		for i, item := range value {
			made[i] = resolved(t, canned, of, item)
		}
		return made
	case string:
		inside, expression := strings.CutPrefix(value, "${")
		if !expression {
			return value
		}
		path := strings.Split(strings.TrimSuffix(inside, "}"), ".")
		if len(path) == 1 {
			return canned["config"][path[0]]
		}
		var at any = canned[of[path[0]]]
		for _, name := range path[1:] {
			object, is := at.(map[string]any)
			require.True(t, is, value)
			require.Contains(t, object, name, value)
			at = object[name]
		}
		return at
	}
	return value
}

// Each example of a function is a program that a person can bring up, and says what its description says.
func TestTheExamplesOfFunctionsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	// A role of somebody else: any branch of the repository, pull requests included.
	const foreign = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":` +
		`"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":` +
		`{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":` +
		`{"token.actions.githubusercontent.com:sub":"repo:acme@1234567/web@89012345:ref:refs/heads/*"}}}]}`
	for name, check := range map[string]func(t *testing.T, outputs map[string]any){
		"evaluateTrust": func(t *testing.T, outputs map[string]any) {
			assert.Equal(t, false, outputs["pullRequestGetsIn"])
			assert.Contains(t, fmt.Sprint(outputs["why"]), "main")
		},
		"renderTrust": func(t *testing.T, outputs map[string]any) {
			assert.Contains(t, outputs["trustPolicy"], "arn:aws:iam::123456789012:oidc-provider/token.actions.")
			assert.Len(t, outputs["grants"], 2)
		},
		"auditTrust": func(t *testing.T, outputs map[string]any) {
			assert.Contains(t, fmt.Sprint(outputs["findings"]), "any-ref")
		},
		"diffTrust": func(t *testing.T, outputs map[string]any) {
			assert.Equal(t, false, outputs["same"])
			assert.Contains(t, fmt.Sprint(outputs["admitted"]), `"repository_id":"89012345"`,
				"the sections take the subjects of repositories without ids, too, by the claims that have them")
		},
		"permissions": func(t *testing.T, outputs map[string]any) {
			assert.Contains(t, outputs["policy"], "acme-pulumi")
			assert.Contains(t, outputs["roleArn"], ":role/deploy-")
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("functions", name)
			require.Equal(t, written(t, "yaml", "yaml"), written(t, "functions", folder),
				"the commands that are run for the example in YAML")
			dir, err := world.Example(folder)
			require.NoError(t, err)
			s := cli(t, world, dir)
			ctx := t.Context()
			if strings.Contains(exampleSources(t)[name], "\nconfig:\n") {
				err = s.verb(ctx, "up")
				require.Error(t, err)
				assert.Contains(t, err.Error(), "trustPolicy")
				_, err = world.Run(ctx, dir, "pulumi", "config", "set", "trustPolicy", foreign)
				require.NoError(t, err)
			}
			require.NoError(t, s.verb(ctx, "up"))
			raw, err := world.Run(ctx, dir, "pulumi", "stack", "output", "--json")
			require.NoError(t, err)
			var outputs map[string]any
			require.NoError(t, json.Unmarshal(raw, &outputs))
			check(t, outputs)
			require.NoError(t, s.verb(ctx, "destroy"))
			assert.Empty(t, world.AWS.Inventory().Roles)
		})
	}
}
