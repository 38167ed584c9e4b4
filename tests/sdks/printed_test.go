package sdks

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

// A printed is a program that the package's own printer wrote, with the inputs that it must give to CiOidcTrust.
type printed struct {
	name    string // the resource's, and that of the file without its extension
	program string
	inputs  map[string]any
}

// printedPrograms are all examples of all systems, with texts that need an escape, in a language.
func printedPrograms(t *testing.T, language program.Language) []printed {
	t.Helper()
	var inputs []map[string]any
	for _, s := range all.Registry().Systems() {
		stack, err := citest.ReadStack("../../provider/ci/" + strings.ToLower(s.Section()))
		require.NoError(t, err)
		for _, name := range slices.Sorted(maps.Keys(stack.Examples)) {
			inputs = append(inputs, stack.Examples[name])
		}
	}
	inputs = append(inputs, map[string]any{
		"description": "quotes \" and ' and \\, ${x}, \u00e4, \u2028, \U0001F600 and\nlines",
		"tags":        map[string]any{"team/web": "a\tb"}, "maxSessionDuration": 7200, "forceDetachPolicies": true,
		"custom": map[string]any{"my-ci": map[string]any{
			"issuer": "https://ci.example.com", "audiences": []any{"aws"}, "subjects": []any{"project:web:ref:main"},
		}},
	})
	var programs []printed
	for i, given := range inputs {
		name := fmt.Sprintf("printed%d", i)
		text, err := program.Program(language, program.Resource{Name: name, Type: "CiOidcTrust", Inputs: given})
		require.NoError(t, err)
		programs = append(programs, printed{name, text, given})
	}
	require.Greater(t, len(programs), 24)
	return programs
}

// sameAsPrinted holds what programs registered, a line of JSON for each resource, against the inputs they were printed
// for.
func sameAsPrinted(t *testing.T, programs []printed, registered []byte) {
	t.Helper()
	got := map[string]map[string]any{}
	for line := range strings.Lines(string(registered)) {
		var one struct {
			Name   string
			Inputs map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		got[one.Name] = one.Inputs
	}
	for _, p := range programs {
		document, err := json.Marshal(p.inputs)
		require.NoError(t, err)
		var want map[string]any
		require.NoError(t, json.Unmarshal(document, &want))
		for _, name := range []string{"path", "trustPolicyMaxLength", "maxSessionDuration", "forceDetachPolicies"} {
			if _, given := want[name]; !given {
				delete(got[p.name], name) // the SDK writes the schema's default
			}
		}
		assert.Equal(t, want, got[p.name], p.program)
	}
}

// writePrinted writes programs into a folder, and returns their files.
func writePrinted(t *testing.T, dir, extension string, programs []printed) (files []string) {
	t.Helper()
	for _, p := range programs {
		writeFile(t, filepath.Join(dir, p.name+extension), p.program)
		files = append(files, p.name+extension)
	}
	return files
}
