package sdks

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// pluginNamesMistakes runs a program in which nothing but the plugin finds the mistakes: all are named at once, with
// where, what instead and the nearest name, and nothing is created. It returns what the program printed.
func pluginNamesMistakes(t *testing.T, w *harness.World, dir, language, name, program string) string {
	t.Helper()
	copyFile(t, filepath.Join("testdata", language, program), filepath.Join(dir, program))
	printed, err := w.Run(t.Context(), dir, name, program)
	if !assert.Error(t, err) {
		return ""
	}
	for path, reason := range map[string]string{
		"github.repositories[0].repository": `is missing; GitHubRepository needs it`,
		"gitlab.projects[0].branch":         `unknown property; GitLabProject has .*; did you mean branches\?`,
		"vercel.issuerMode":                 `must be team or global \(found "teams"\); did you mean team\?`,
		"maxSessionDuration":                `must be an integer, found a string`,
	} {
		names := regexp.QuoteMeta(path)
		if language == "python" {
			names = regexp.QuoteMeta(pythonPath(path))
		}
		assert.Regexp(t, `property `+names+`( with value '.*')? has a problem: `+reason, err.Error())
	}
	inventory := w.AWS.Inventory()
	assert.Empty(t, inventory.Roles)
	assert.Empty(t, inventory.Providers)
	return string(printed)
}

// pythonPath is a path in Python's names.
func pythonPath(path string) string {
	names := strings.Split(path, ".")
	for i, name := range names {
		names[i] = check.PythonName(name)
	}
	return strings.Join(names, ".")
}
