package awsplugin

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPartitionAndRegionFollowTheConfigurationWithoutAskingAWS(t *testing.T) {
	for region, want := range map[string]struct{ partition, suffix, reverse, description string }{
		"eu-west-1":     {"aws", "amazonaws.com", "com.amazonaws", "Europe (Ireland)"},
		"cn-north-1":    {"aws-cn", "amazonaws.com.cn", "cn.com.amazonaws", "China (Beijing)"},
		"us-gov-west-1": {"aws-us-gov", "amazonaws.com", "com.amazonaws", "AWS GovCloud (US-West)"},
	} {
		c := newCloud(t, props{"region": region, "skipCredentialsValidation": true})
		got, err := c.invoke(t, getPartition.token, props{})
		require.NoError(t, err)
		assert.Equal(t, props{
			"partition": want.partition, "id": want.partition, "dnsSuffix": want.suffix,
			"reverseDnsPrefix": want.reverse,
		}, got)
		got, err = c.invoke(t, getRegion.token, props{})
		require.NoError(t, err)
		assert.Equal(t, props{
			"name": region, "id": region, "description": want.description,
			"endpoint": "ec2." + region + "." + want.suffix,
		}, got)
		assert.Empty(t, c.aws.Calls())
	}
}

func TestTheDefaultTagsAreThoseOfTheConfiguration(t *testing.T) {
	for _, tags := range []props{{}, {"team": "platform", "stack": "dev"}} {
		c := newCloud(t, props{"defaultTags": props{"tags": tags}})
		got, err := c.invoke(t, getDefaultTags.token, props{})
		require.NoError(t, err)
		assert.Equal(t, map[string]any(tags), got["tags"])
	}
}

func TestARegionIsFoundByNameOrEndpoint(t *testing.T) {
	c := newCloud(t, nil)
	byName, err := c.invoke(t, getRegion.token, props{"name": "us-east-2"})
	require.NoError(t, err)
	byEndpoint, err := c.invoke(t, getRegion.token, props{"endpoint": "ec2.us-east-2.amazonaws.com"})
	require.NoError(t, err)
	assert.Equal(t, byName, byEndpoint)
	for _, args := range []props{
		{"name": "mars"}, {"endpoint": "s3.amazonaws.com"},
		{"name": "eu-west-1", "endpoint": "ec2.us-east-2.amazonaws.com"},
	} {
		_, err = c.invoke(t, getRegion.token, args)
		require.Error(t, err, args)
	}
}

func TestTheCallerIsWhomeverTheCredentialsBelongTo(t *testing.T) {
	c := newCloud(t, nil)
	got, err := c.invoke(t, getCallerIdentity.token, props{})
	require.NoError(t, err)
	assert.Equal(t, "123456789012", got["accountId"])
	assert.Equal(t, "123456789012", got["id"])
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", got["arn"])
	assert.NotEmpty(t, got["userId"])
}

func TestAnOpenIDConnectProviderIsFoundByARNOrURL(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(openIDConnectProviderType.token, "other").create(t,
		with(issuer, props{"url": "https://ci.example/tenant/"}))
	c.thing(openIDConnectProviderType.token, "ci").create(t, issuer)
	byARN, err := c.invoke(t, getOpenIDConnectProvider.token, props{"arn": providerARN})
	require.NoError(t, err)
	byURL, err := c.invoke(t, getOpenIDConnectProvider.token, props{"url": "https://ci.example/tenant"})
	require.NoError(t, err)
	assert.Equal(t, byARN, byURL)
	assert.ElementsMatch(t, issuer["clientIdLists"], byARN["clientIdLists"])
	assert.Equal(t, "ci.example/tenant", byARN["url"])
	assert.Equal(t, props{"team": "platform"}, byARN["tags"])

	_, err = c.invoke(t, getOpenIDConnectProvider.token, props{"url": "https://nobody.example"})
	require.ErrorContains(t, err, "finding IAM OIDC Provider by url (https://nobody.example)")
	_, err = c.invoke(t, getOpenIDConnectProvider.token, props{})
	require.ErrorContains(t, err, `one of "arn,url" must be specified`)
	_, err = c.invoke(t, getOpenIDConnectProvider.token, props{"arn": providerARN, "url": "https://ci.example/tenant"})
	require.ErrorContains(t, err, `one of "arn,url" must be specified`)
}

func TestARoleIsFoundByName(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(roleType.token, "deploy").create(t, deployRole)
	got, err := c.invoke(t, getRole.token, props{"name": "deploy"})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:role/ci/deploy", got["arn"])
	assert.JSONEq(t, trust, got["assumeRolePolicy"].(string))
	assert.Equal(t, props{"team": "platform"}, got["tags"])
	assert.Equal(t, readOnly, got["permissionsBoundary"])
	assert.Len(t, got, len(schemaSpec(t).Functions[getRole.token].ReturnType.ObjectTypeSpec.Properties))
	_, err = c.invoke(t, getRole.token, props{"name": "nobody"})
	require.ErrorContains(t, err, "NoSuchEntity")
}

func TestArgumentsOfAFunctionAreChecked(t *testing.T) {
	c := newCloud(t, nil)
	answer, err := c.plugin.Invoke(context.Background(), &pulumirpc.InvokeRequest{
		Tok: getRole.token, Args: encoded(t, values(props{"nmae": "deploy", "tags": "a"})),
	})
	require.NoError(t, err)
	reasons := map[string]string{}
	for _, failure := range answer.GetFailures() {
		reasons[failure.GetProperty()] = failure.GetReason()
	}
	assert.Contains(t, reasons["nmae"], `unexpected property "nmae"`)
	assert.Contains(t, reasons["name"], "Missing required argument")
	assert.Contains(t, reasons["tags"], "expected a map of strings")
	_, err = c.invoke(t, "aws:s3/getBucket:getBucket", props{})
	require.ErrorContains(t, err, "has no function")
}

func TestTheResultOfASecretArgumentIsSecret(t *testing.T) {
	c := newCloud(t, nil)
	answer, err := c.plugin.Invoke(context.Background(), &pulumirpc.InvokeRequest{
		Tok: getRegion.token, Args: encoded(t, resource.PropertyMap{"name": secret("eu-west-2")}),
	})
	require.NoError(t, err)
	for key, value := range decoded(t, answer.GetReturn()) {
		assert.True(t, value.IsSecret(), key)
	}
}
