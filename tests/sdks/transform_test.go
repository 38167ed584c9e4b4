package sdks

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// transform is the life of a role whose tags a transform keeps out of Pulumi's hands: another value in the program
// changes nothing of it, while the OIDC provider, which the transform leaves alone, gets it.
func transform(t *testing.T, of func(team string) stack) {
	ctx := t.Context()
	for _, team := range []string{"web", "api"} {
		s := of(team)
		require.NoError(t, s.verb(ctx, "up"))
		assert.Equal(t, "web", s.tag(t, "aws:iam/role:Role"))
		assert.Equal(t, team, s.tag(t, "aws:iam/openIdConnectProvider:OpenIdConnectProvider"))
	}
	of("api").end(t)
}

// tag is the value of the tag team that the stack's resource of a type has.
func (s stack) tag(t *testing.T, resourceType string) string {
	t.Helper()
	exported, err := s.world.Run(t.Context(), s.dir, "pulumi", "stack", "export")
	require.NoError(t, err)
	var state struct {
		Deployment struct {
			Resources []struct {
				Type    string
				Outputs struct{ Tags map[string]string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(exported, &state))
	for _, r := range state.Deployment.Resources {
		if r.Type == resourceType {
			return r.Outputs.Tags["team"]
		}
	}
	require.Failf(t, "no such resource", "of type %s", resourceType)
	return ""
}

func TestTheTransformsPageShowsTheProgramsThatAreRun(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/transforms.md")
	require.NoError(t, err)
	for _, file := range []string{"nodejs/transform.ts", "python/transform.py", "golang/transform_test.go"} {
		program, err := os.ReadFile("testdata/" + file)
		require.NoError(t, err)
		assert.True(t, strings.Contains(string(page), "\n"+string(program)+"```\n"), file)
	}
}
