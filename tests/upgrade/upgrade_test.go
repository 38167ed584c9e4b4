// Package upgrade takes stacks of earlier versions to this build: their states lie in testdata, by version.
package upgrade

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

var record = flag.String("record", "", "bring the programs of this `VERSION` up with this build, and keep their states")

// stack is the name in the recorded states: URNs hold it.
const stack = "dev"

// A change of the component's children, of their names or of what they are given, replaces or changes what people have.
func TestAStackOfAnEarlierVersionSeesNoReplacementAndNoChange(t *testing.T) {
	versions, err := os.ReadDir("testdata")
	require.NoError(t, err)
	require.NotEmpty(t, versions)
	for _, version := range versions {
		programs, err := os.ReadDir(filepath.Join("testdata", version.Name()))
		require.NoError(t, err)
		require.NotEmpty(t, programs)
		for _, p := range programs {
			t.Run(version.Name()+"/"+p.Name(), func(t *testing.T) {
				t.Parallel()
				take(t, filepath.Join("testdata", version.Name(), p.Name()), *record == version.Name())
			})
		}
	}
}

// take previews and updates a program with its recorded state, or records that.
func take(t *testing.T, folder string, recording bool) {
	t.Helper()
	ctx := t.Context()
	world, err := harness.Start(ctx, func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.Close()) })
	dir, err := world.Folder("upgrade")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS(folder)))
	state := filepath.Join(dir, "state.json")
	run := func(args ...string) []byte {
		out, err := world.Run(ctx, dir, "pulumi", append(args, "--non-interactive")...)
		require.NoError(t, err)
		return out
	}
	run("stack", "init", stack)
	if recording {
		run("up", "--yes", "--skip-preview")
		keep(t, run("stack", "export"), filepath.Join(folder, "state.json"))
		return
	}
	restoreProviders(t, world, state)
	before := len(world.AWS.Calls())
	run("stack", "import", "--file", state)
	run("preview", "--expect-no-changes")
	run("up", "--yes", "--skip-preview", "--expect-no-changes")
	for _, call := range world.AWS.Calls()[before:] {
		require.Regexp(t, "^(Get|List)", call, "the account has no role, so a change of one would fail as well")
	}
}

// keep writes a state without the paths of the machine that it was recorded on.
func keep(t *testing.T, exported []byte, file string) {
	t.Helper()
	var state any
	require.NoError(t, json.Unmarshal(exported, &state))
	withoutPaths(state)
	raw, err := json.MarshalIndent(state, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(raw, '\n'), 0o644))
}

func withoutPaths(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "sourcePosition")
		delete(v, "stackTrace")
		for _, member := range v {
			withoutPaths(member)
		}
	case []any:
		for _, item := range v {
			withoutPaths(item)
		}
	}
}

// restoreProviders makes the OIDC providers of a state, which components look up, in the account.
func restoreProviders(t *testing.T, world *harness.World, state string) {
	t.Helper()
	raw, err := os.ReadFile(state)
	require.NoError(t, err)
	var kept struct {
		Deployment struct {
			Resources []struct {
				Type    string
				Outputs struct {
					URL           string
					ClientIDLists []string
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &kept))
	made := 0
	for _, r := range kept.Deployment.Resources {
		if r.Type != "aws:iam/openIdConnectProvider:OpenIdConnectProvider" {
			continue
		}
		_, err := world.IAM().CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
			Url:          aws.String("https://" + strings.TrimPrefix(r.Outputs.URL, "https://")),
			ClientIDList: r.Outputs.ClientIDLists,
		})
		require.NoError(t, err)
		made++
	}
	require.Equal(t, 2, made)
}
