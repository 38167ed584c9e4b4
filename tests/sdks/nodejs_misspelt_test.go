package sdks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// What a program of misspelt inputs was told, by the name of the attempt, and what it registered nevertheless.
type attempts struct {
	Said map[string]string
	Done []string
}

func runAttempts(t *testing.T, w *harness.World, dir, file string) attempts {
	t.Helper()
	copyFile(t, filepath.Join("testdata/nodejs", filepath.Base(file)), filepath.Join(dir, filepath.Base(file)))
	return printedAttempts(t, w, dir, file)
}

func printedAttempts(t *testing.T, w *harness.World, dir, file string) attempts {
	t.Helper()
	printed, err := w.Run(t.Context(), dir, "node", file)
	require.NoError(t, err)
	var got attempts
	require.NoError(t, json.Unmarshal(printed, &got), "%s", printed)
	return got
}

// The SDK for Node.js copies the inputs it knows, so the plugin never hears of the others: a role came up without the
// boundary that somebody had misspelt.
func boundaryLostByASpellingMistake(t *testing.T, w *harness.World, dir string) {
	t.Run("CommonJS", func(t *testing.T) { misspeltInCommonJS(t, runAttempts(t, w, dir, "misspelt.cjs")) })
	t.Run("an ES module", func(t *testing.T) {
		got := runAttempts(t, w, dir, "misspelt.mjs")
		misspeltEverywhere(t, got)
		assert.Equal(t, []string{"github-any-ref"}, got.Done)
	})
	t.Run("a spread in TypeScript", func(t *testing.T) {
		copyFile(t, "testdata/nodejs/spread.ts", filepath.Join(dir, "spread.ts"))
		tsc(t, w, dir, "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--outDir", "bin",
			"spread.ts")
		misspeltEverywhere(t, printedAttempts(t, w, dir, "bin/spread.js"))
	})
}

func misspeltEverywhere(t *testing.T, got attempts) {
	t.Helper()
	require.Len(t, got.Said, 3)
	assert.Regexp(t, `^CiOidcTrust "deploy": permissionBoundary: unknown property; .*; did you mean `+
		`permissionsBoundary\?$`, got.Said["boundary"])
	assert.Regexp(t, `^CiOidcProviders "all": retained: unknown property; .*; did you mean retain\?$`,
		got.Said["providers"])
	assert.Regexp(t, `^auditTrust(Output)?: trustPolicies: unknown property; auditTrust(Output)? has trustPolicy; `+
		`did you mean trustPolicy\?$`, got.Said["function"])
}

func misspeltInCommonJS(t *testing.T, got attempts) {
	const meant = "; did you mean permissionsBoundary?"
	for _, name := range []string{"boundary", "inherited", "snake case"} {
		assert.True(t, strings.HasSuffix(got.Said[name], meant), "%s: %s", name, got.Said[name])
	}
	two := strings.Split(got.Said["two"], "\n")
	if assert.Len(t, two, 2) {
		assert.Contains(t, two[0], "gitHub: unknown property; CiOidcTrust has acceptRisks, ")
		assert.True(t, strings.HasSuffix(two[0], "; did you mean github?"), two[0])
		assert.Contains(t, two[1], "somethingElse: unknown property")
		assert.NotContains(t, two[1], "did you mean")
	}
	for _, name := range []string{"output", "promise", "list", "text"} {
		assert.Equal(t, `CiOidcTrust "deploy": the inputs have to be a plain object; what its properties hold `+
			`may be an output or a promise`, got.Said[name], name)
	}
	assert.Contains(t, got.Said["no inputs"], "auditTrust: the inputs have to be a plain object")
	assert.Less(t, len(got.Said["long"]), 2000)
	assert.NotContains(t, got.Said["long"], "did you mean")

	assert.Empty(t, got.Said["known"])
	assert.Empty(t, got.Said["none"])
	assert.ElementsMatch(t, []string{"known", "none"}, got.Done, "only what has no mistake is registered")

	var schema struct{ Resources, Functions map[string]any }
	content, err := os.ReadFile("../../schema.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &schema))
	want := []string{"every Provider"}
	for token := range schema.Resources {
		want = append(want, "every "+token[strings.LastIndex(token, ":")+1:])
	}
	for token := range schema.Functions {
		name := token[strings.LastIndex(token, ":")+1:]
		want = append(want, "every "+name, "every "+name+"Output")
	}
	var every []string
	for name, message := range got.Said {
		if strings.HasPrefix(name, "every ") {
			every = append(every, name)
			assert.Contains(t, message, "misspelt: unknown property", name)
		}
	}
	slices.Sort(want)
	slices.Sort(every)
	assert.Equal(t, want, every, "every component and function of the schema")
}
