package awsplugin

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func initFailure(t *testing.T, err error) *pulumirpc.ErrorResourceInitFailed {
	t.Helper()
	failure, ok := rpcerror.FromError(err)
	require.True(t, ok)
	for _, detail := range failure.Details() {
		if failed, ok := detail.(*pulumirpc.ErrorResourceInitFailed); ok {
			return failed
		}
	}
	require.NoError(t, errors.Join(errors.New("the error does not say what was left behind"), err))
	return nil
}

func TestAPreviewCallsNothing(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, deployRole)
	before := c.aws.Calls()
	for token := range resourceTypes {
		c.thing(token, "planned").previewCreate(t, values(minimal[token]))
	}
	request := role.updateRequest(t, values(with(deployRole, props{"description": "new"})))
	request.Preview = true
	answer, err := role.plugin.Update(context.Background(), request)
	require.NoError(t, err)
	assert.Equal(t, before, c.aws.Calls())

	planned := decoded(t, answer.GetProperties())
	assert.Equal(t, "new", planned["description"].StringValue())
	assert.Equal(t, role.state["arn"], planned["arn"])
	assert.Equal(t, role.state["uniqueId"], planned["uniqueId"])
}

func TestOutputsOnlyAWSCanTellAreUnknownAtPreview(t *testing.T) {
	c := newCloud(t, nil)
	for token, ours := range resourceTypes {
		planned := c.thing(token, "planned").previewCreate(t, values(minimal[token]))
		for _, output := range ours.outputs {
			if output == "tagsAll" {
				assert.Equal(t, props{}, planned["tagsAll"].Mappable(), token)
				continue
			}
			assert.True(t, planned[resource.PropertyKey(output)].IsComputed(), "%s %s", token, output)
		}
	}
	provider := c.thing(openIDConnectProviderType.token, "ci").
		previewCreate(t, values(minimal[openIDConnectProviderType.token]))
	assert.True(t, provider["thumbprintLists"].IsComputed())
}

func TestUnknownAndSecretInputsStaySoAtPreview(t *testing.T) {
	c := newCloud(t, nil)
	planned := c.thing(roleType.token, "deploy").previewCreate(t, resource.PropertyMap{
		"assumeRolePolicy": unknown(),
		"description":      secret("hush"),
		"tags":             resource.NewProperty(resource.PropertyMap{"owner": unknown()}),
	})
	assert.True(t, planned["assumeRolePolicy"].IsComputed())
	assert.True(t, planned["description"].IsSecret())
	assert.True(t, planned["tagsAll"].ContainsUnknowns())
	assert.Regexp(t, `^deploy-[0-9a-f]{7}$`, planned["name"].StringValue())
}

func TestACreatedResourceThatCannotBeReadIsNotLost(t *testing.T) {
	c := newCloud(t, nil)
	failing := &resourceType{
		token: roleType.token, title: roleType.title, inputs: roleType.inputs, outputs: roleType.outputs,
		create: func(context.Context, *iam.Client, resource.PropertyMap) (string, resource.PropertyMap, error) {
			return "deploy", resource.PropertyMap{"name": resource.NewProperty("deploy")}, errNotVisible
		},
	}
	t.Cleanup(func() { resourceTypes[roleType.token] = roleType })
	resourceTypes[roleType.token] = failing
	err := c.thing(roleType.token, "deploy").tryCreate(t, values(minimal[roleType.token]))
	require.ErrorContains(t, err, "it is not visible yet")
	failed := initFailure(t, err)
	assert.Equal(t, "deploy", failed.GetId())
	assert.Equal(t, "deploy", decoded(t, failed.GetProperties())["name"].StringValue())
}
