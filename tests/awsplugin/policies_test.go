package awsplugin

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func cloudWithRole(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(t, nil)
	c.thing(roleType.token, "deploy").create(t, props{"assumeRolePolicy": trust, "name": "deploy"})
	return c
}

func TestARolePolicyLivesFromCreationToDeletion(t *testing.T) {
	c := cloudWithRole(t)
	inputs := props{"role": "deploy", "name": "s3", "policy": permissions}
	policy := c.thing(rolePolicyType.token, "s3").create(t, inputs)
	assert.Equal(t, "deploy:s3", policy.id)
	assert.Equal(t, inputs, plain(policy.state))
	policy.requireNoDiff(t, inputs)
	require.True(t, policy.refresh(t))
	policy.requireNoDiff(t, inputs)

	changed := with(inputs, props{"policy": otherPermissions})
	policy.update(t, changed).requireNoDiff(t, changed)

	imported := c.imported(t, rolePolicyType.token, "adopted", "deploy:s3")
	assert.Equal(t, changed, plain(imported.inputs))
	imported.requireNoDiff(t, changed)

	_, err := c.client(t).PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{
		RoleName: aws.String("deploy"), PolicyName: aws.String("s3"), PolicyDocument: aws.String(permissions),
	})
	require.NoError(t, err)
	require.True(t, policy.refresh(t))
	assert.Equal(t, []string{"policy"}, policy.diff(t, values(changed)).GetDiffs())

	policy.delete(t)
	assert.False(t, policy.refresh(t))
	policy.delete(t)
}

func TestARolePolicyWithoutANameGetsOne(t *testing.T) {
	c := cloudWithRole(t)
	policy := c.thing(rolePolicyType.token, "s3").create(t, minimal[rolePolicyType.token])
	assert.Regexp(t, `^deploy:s3-[0-9a-f]{7}$`, policy.id)
	policy.requireNoDiff(t, minimal[rolePolicyType.token])
}

func TestARolePolicyOfNoRoleIsRefusedByIAM(t *testing.T) {
	c := newCloud(t, nil)
	err := c.thing(rolePolicyType.token, "s3").tryCreate(t, values(minimal[rolePolicyType.token]))
	require.ErrorContains(t, err, "creating IAM Role Policy (s3-")
	require.ErrorContains(t, err, "NoSuchEntity")
}

func TestAnAttachmentLivesFromCreationToDeletion(t *testing.T) {
	c := cloudWithRole(t)
	inputs := minimal[rolePolicyAttachmentType.token]
	attached := c.thing(rolePolicyAttachmentType.token, "read").create(t, inputs)
	assert.Regexp(t, `^deploy-[0-9a-f]{26}$`, attached.id)
	assert.Equal(t, inputs, plain(attached.state))
	attached.requireNoDiff(t, inputs)
	id := attached.id
	require.True(t, attached.refresh(t))
	assert.Equal(t, id, attached.id)
	attached.requireNoDiff(t, inputs)

	imported := c.imported(t, rolePolicyAttachmentType.token, "adopted", "deploy/"+readOnly)
	assert.Equal(t, "deploy-"+readOnly, imported.id)
	assert.Equal(t, inputs, plain(imported.inputs))
	imported.requireNoDiff(t, inputs)

	attached.delete(t)
	assert.False(t, attached.refresh(t))
	attached.delete(t)
}

func TestAnAttachmentIsGoneWithItsRole(t *testing.T) {
	c := newCloud(t, nil)
	role := c.thing(roleType.token, "deploy").create(t, props{
		"assumeRolePolicy": trust, "name": "deploy", "forceDetachPolicies": true,
	})
	attached := c.thing(rolePolicyAttachmentType.token, "read").create(t, minimal[rolePolicyAttachmentType.token])
	role.delete(t)
	assert.False(t, attached.refresh(t))
	attached.delete(t)
}

func TestAnIDThatNamesNoAttachmentIsRefused(t *testing.T) {
	_, _, err := attachment("deploy", nil)
	require.ErrorContains(t, err, "expected <role-name>/<policy_arn>")
	_, _, err = rolePolicyID("deploy")
	require.ErrorContains(t, err, "role_name:role_policy_name")
}

func TestAManagedPolicyLivesFromCreationToDeletion(t *testing.T) {
	c := newCloud(t, nil)
	inputs := props{
		"name": "s3", "path": "/ci/", "description": "for CI", "policy": permissions, "tags": props{"team": "platform"},
	}
	policy := c.thing(policyType.token, "s3").create(t, inputs)
	arn := "arn:aws:iam::123456789012:policy/ci/s3"
	assert.Equal(t, arn, policy.id)
	state := plain(policy.state)
	assert.Equal(t, arn, state["arn"])
	assert.Equal(t, 0.0, state["attachmentCount"])
	assert.Regexp(t, `^ANPA`, state["policyId"])
	assert.Equal(t, "for CI", state["description"])
	policy.requireNoDiff(t, inputs)
	require.True(t, policy.refresh(t))
	policy.requireNoDiff(t, inputs)

	imported := c.imported(t, policyType.token, "adopted", arn)
	assert.Equal(t, inputs, plain(imported.inputs))
	imported.requireNoDiff(t, inputs)

	policy.delete(t)
	assert.False(t, policy.refresh(t))
	policy.delete(t)
}
