package sdks

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The example of docs/providers.md: the providers of an account in one place, and two roles that use them.
func TestProvidersThatStandByThemselves(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	ctx := t.Context()
	dir, err := world.Example("providers")
	require.NoError(t, err)
	require.Equal(t, written(t, "yaml", "yaml"), written(t, "providers", "providers"),
		"the commands that are run for the example in YAML")
	s := cli(t, world, dir)
	require.NoError(t, s.verb(ctx, "plan"))
	require.NoError(t, s.verb(ctx, "up"))
	require.NoError(t, s.verb(ctx, "preview"), "a preview of what is already there must show no change")
	inventory := world.AWS.Inventory()
	assert.Len(t, inventory.Roles, 2)
	assert.Len(t, inventory.Providers, 2)

	raw, err := world.Run(ctx, dir, "pulumi", "stack", "output", "--json")
	require.NoError(t, err)
	var outputs struct{ DeployRoleArn, ReleaseRoleArn string }
	require.NoError(t, json.Unmarshal(raw, &outputs))
	roleArns := []string{outputs.DeployRoleArn, outputs.ReleaseRoleArn}
	issuer, err := world.Issuer(githubIssuer)
	require.NoError(t, err)
	for i, subject := range []string{
		"repo:acme@1234567/web@89012345:ref:refs/heads/main", "repo:acme@1234567/web@89012345:environment:production",
	} {
		token, err := issuer.Sign(githubClaims(subject))
		require.NoError(t, err)
		_, err = world.AssumeRole(ctx, roleArns[i], token)
		require.NoError(t, err)
		_, err = world.AssumeRole(ctx, roleArns[1-i], token)
		require.Error(t, err, "the other role trusts other jobs")
	}

	require.NoError(t, s.verb(ctx, "destroy"))
	assert.Empty(t, world.AWS.Inventory().Roles)
	assert.Len(t, world.AWS.Inventory().Providers, 2, "roles of other stacks may use them")
}
