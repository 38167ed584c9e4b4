package awsplugin

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"

var deployRole = props{
	"assumeRolePolicy": trust, "name": "deploy", "path": "/ci/", "description": "for CI",
	"maxSessionDuration": 7200, "tags": props{"team": "platform"}, "permissionsBoundary": readOnly,
}

func TestARoleLivesFromCreationToDeletion(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, deployRole)

	assert.Equal(t, "deploy", role.id)
	state := plain(role.state)
	assert.Equal(t, "arn:aws:iam::123456789012:role/ci/deploy", state["arn"])
	assert.Regexp(t, `^AROA`, state["uniqueId"])
	assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, state["createDate"])
	assert.Equal(t, trust, state["assumeRolePolicy"])
	assert.Equal(t, 7200.0, state["maxSessionDuration"])
	assert.Equal(t, false, state["forceDetachPolicies"])
	assert.Equal(t, props{"team": "platform"}, state["tagsAll"])
	assert.Equal(t, readOnly, state["permissionsBoundary"])
	role.requireNoDiff(t, deployRole)

	require.True(t, role.refresh(t))
	role.requireNoDiff(t, deployRole)

	changed := props{"assumeRolePolicy": otherTrust, "name": "deploy", "path": "/ci/"}
	role.update(t, changed).requireNoDiff(t, changed)
	state = plain(role.state)
	assert.Equal(t, otherTrust, state["assumeRolePolicy"])
	assert.Equal(t, 3600.0, state["maxSessionDuration"])
	for _, gone := range []string{"description", "tags", "permissionsBoundary"} {
		assert.NotContains(t, state, gone)
	}

	role.delete(t)
	assert.False(t, role.refresh(t))
	role.delete(t)
}

func TestAnImportedRoleHasNoDiff(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(roleType.token, "deploy").create(t, deployRole)
	role := c.imported(t, roleType.token, "adopted", "deploy")
	assert.Equal(t, with(deployRole, props{"maxSessionDuration": 7200.0}), plain(role.inputs))
	role.requireNoDiff(t, plain(role.inputs))
	role.requireNoDiff(t, deployRole)
}

func TestAnImportedRoleWithDefaultsNeedsOnlyWhatIsNotDefault(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(roleType.token, "deploy").create(t, props{"assumeRolePolicy": trust, "name": "plain"})
	role := c.imported(t, roleType.token, "adopted", "plain")
	assert.Equal(t, props{"assumeRolePolicy": trust, "name": "plain"}, plain(role.inputs))
	role.requireNoDiff(t, plain(role.inputs))
}

func TestARoleThatDoesNotExistCannotBeImported(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "adopted")
	role.id = "nobody"
	assert.False(t, role.refresh(t))
}

func TestDriftOfARoleIsSeenAndRepaired(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, deployRole)
	ctx, client := context.Background(), c.client(t)
	_, err := client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("deploy"), PolicyDocument: aws.String(otherTrust),
	})
	require.NoError(t, err)
	_, err = client.UpdateRole(ctx,
		&iam.UpdateRoleInput{RoleName: aws.String("deploy"), MaxSessionDuration: aws.Int32(43200)})
	require.NoError(t, err)

	require.True(t, role.refresh(t))
	assert.Equal(t, otherTrust, plain(role.inputs)["assumeRolePolicy"])
	assert.Equal(t, []string{"assumeRolePolicy", "maxSessionDuration"}, role.diff(t, values(deployRole)).GetDiffs())
	role.update(t, deployRole)
	require.True(t, role.refresh(t))
	role.requireNoDiff(t, deployRole)
}

func TestATrustPolicyRewrittenWithoutAChangeOfMeaningIsNoDrift(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, deployRole)
	_, err := c.client(t).UpdateAssumeRolePolicy(context.Background(), &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("deploy"), PolicyDocument: aws.String(trustRewritten),
	})
	require.NoError(t, err)
	require.True(t, role.refresh(t))
	assert.Equal(t, trust, plain(role.state)["assumeRolePolicy"])
}

func TestARoleDeletedByHandIsGoneAfterARefresh(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, props{"assumeRolePolicy": trust})
	_, err := c.client(t).DeleteRole(context.Background(), &iam.DeleteRoleInput{RoleName: aws.String(role.id)})
	require.NoError(t, err)
	assert.False(t, role.refresh(t))
}

func TestARoleCreatedWithAPrefixHasAUniqueName(t *testing.T) {
	c := newCloud(t, nil)
	inputs := props{"assumeRolePolicy": trust, "namePrefix": "ci-"}
	role := c.thing(roleType.token, "deploy").create(t, inputs)
	assert.Regexp(t, `^ci-[0-9a-f]{26}$`, role.id)
	role.requireNoDiff(t, inputs)
	require.True(t, role.refresh(t))
	role.requireNoDiff(t, inputs)
}

func TestARoleWithPoliciesIsDeletedOnlyByForce(t *testing.T) {
	c := newCloud(t, nil)
	inputs := props{"assumeRolePolicy": trust, "name": "deploy"}
	role := c.thing(roleType.token, "deploy").create(t, inputs)
	c.thing(rolePolicyAttachmentType.token, "read").create(t, minimal[rolePolicyAttachmentType.token])
	c.thing(rolePolicyType.token, "write").create(t, minimal[rolePolicyType.token])

	_, err := role.plugin.Delete(context.Background(), role.deleteRequest(t))
	require.ErrorContains(t, err, "deleting IAM Role (deploy)")
	require.ErrorContains(t, err, "DeleteConflict")

	role.update(t, with(inputs, props{"forceDetachPolicies": true}))
	role.delete(t)
	assert.False(t, role.refresh(t))
}

func TestASecretTrustPolicyStaysSecret(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy")
	news := values(props{"description": "shown"})
	news["assumeRolePolicy"] = secret(trust)
	news["tags"] = resource.NewProperty(resource.PropertyMap{"owner": secret("me")})
	require.NoError(t, role.tryCreate(t, news))

	stays := func() {
		for _, key := range []resource.PropertyKey{"assumeRolePolicy", "tags", "tagsAll"} {
			assert.True(t, role.state[key].IsSecret(), key)
		}
		assert.True(t, role.inputs["assumeRolePolicy"].IsSecret())
		assert.True(t, role.inputs["tags"].ContainsSecrets())
		assert.False(t, role.state["description"].IsSecret())
		assert.Equal(t, trust, reveal(role.state["assumeRolePolicy"]).StringValue())
	}
	stays()
	require.True(t, role.refresh(t))
	stays()

	news["assumeRolePolicy"] = secret(otherTrust)
	request := role.updateRequest(t, news)
	answer, err := role.plugin.Update(context.Background(), request)
	require.NoError(t, err)
	assert.True(t, decoded(t, answer.GetProperties())["assumeRolePolicy"].IsSecret())
}

func TestAnUpdateThatFailsHalfwayIsRecordedAsFarAsItGot(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, props{"assumeRolePolicy": trust, "name": "deploy"})
	request := role.updateRequest(t, values(props{
		"assumeRolePolicy": otherTrust, "name": "deploy", "tags": props{"aws:reserved": "no"},
	}))
	_, err := role.plugin.Update(context.Background(), request)
	require.ErrorContains(t, err, "updating IAM Role (deploy)")
	failed := initFailure(t, err)
	assert.Equal(t, "deploy", failed.GetId())
	assert.Equal(t, otherTrust, decoded(t, failed.GetProperties())["assumeRolePolicy"].StringValue())
	assert.NotContains(t, decoded(t, failed.GetProperties()), resource.PropertyKey("tags"))
}

func TestIgnoredChangesAreLeftAsTheyAreByAnUpdate(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, deployRole)
	request := role.updateRequest(t, values(with(deployRole, props{"description": "new", "tags": props{}})))
	request.IgnoreChanges = []string{"tags"}
	answer, err := role.plugin.Update(context.Background(), request)
	require.NoError(t, err)
	state := decoded(t, answer.GetProperties()).Mappable()
	assert.Equal(t, "new", state["description"])
	assert.Equal(t, props{"team": "platform"}, state["tags"])
}
