package awsplugin

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePluginTellsItsVersionAndAbilities(t *testing.T) {
	plugin, err := New(nil)
	require.NoError(t, err)
	ctx := context.Background()
	info, err := plugin.GetPluginInfo(ctx, nothing)
	require.NoError(t, err)
	assert.Equal(t, "6.83.4", info.GetVersion())
	hands, err := plugin.Handshake(ctx, &pulumirpc.ProviderHandshakeRequest{})
	require.NoError(t, err)
	assert.True(t, hands.GetAcceptSecrets())
	assert.False(t, hands.GetAcceptResources())
	_, err = plugin.Attach(ctx, &pulumirpc.PluginAttach{})
	require.NoError(t, err)
	_, err = plugin.GetSchema(ctx, &pulumirpc.GetSchemaRequest{Version: 9})
	require.ErrorContains(t, err, "unsupported schema version 9")
}

func TestConfigureTellsWhatHandshakeTells(t *testing.T) {
	c := isolatedCloud(t)
	answer, err := c.plugin.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: encoded(t, values(c.settings(nil))),
	})
	require.NoError(t, err)
	assert.True(t, answer.GetAcceptSecrets())
	assert.True(t, answer.GetSupportsPreview())
	assert.True(t, answer.GetSupportsAutonamingConfiguration())
}

func TestNothingIsDoneBeforeConfigure(t *testing.T) {
	role := unconfigured(t, roleType.token)
	err := role.tryCreate(t, values(minimal[roleType.token]))
	require.ErrorContains(t, err, "has not been configured")
	_, err = role.invoke(t, getPartition.token, props{})
	require.ErrorContains(t, err, "has not been configured")
}

func TestCancelStopsWhatIsUnderWayAndNothingLater(t *testing.T) {
	c := newCloud(t, nil)
	server := c.plugin.(*server)
	underWay, done := server.operations.begin(context.Background())
	defer done()
	_, err := c.plugin.Cancel(context.Background(), nothing)
	require.NoError(t, err)
	require.ErrorIs(t, underWay.Err(), context.Canceled)
	c.thing(roleType.token, "deploy").create(t, minimal[roleType.token])
}

func TestMalformedPropertiesAreRefused(t *testing.T) {
	role := unconfigured(t, roleType.token)
	bad := encoded(t, values(props{"x": props{"4dabf18193072939515e22adb298388d": "no such signature"}}))
	_, err := role.plugin.Check(context.Background(), &pulumirpc.CheckRequest{Urn: role.urn, News: bad})
	require.ErrorContains(t, err, "malformed properties")
}
