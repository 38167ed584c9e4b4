package awsplugin

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	providerARN = "arn:aws:iam::123456789012:oidc-provider/ci.example/tenant"
	thumbprint  = "990f4193972f2becf12ddeda5237f9c952f20d9e"
)

var issuer = props{
	"url":             "https://ci.example/tenant",
	"clientIdLists":   []any{"sts.amazonaws.com", "aardvark"},
	"thumbprintLists": []any{thumbprint},
	"tags":            props{"team": "platform"},
}

func TestAnOpenIDConnectProviderLivesFromCreationToDeletion(t *testing.T) {
	c := newCloud(t, nil)
	provider := c.thing(openIDConnectProviderType.token, "ci").create(t, issuer)

	assert.Equal(t, providerARN, provider.id)
	assert.Equal(t, props{
		"arn": providerARN,
		// As in pulumi-aws, the state has the URL as IAM reports it: without its scheme.
		"url":             "ci.example/tenant",
		"clientIdLists":   []any{"sts.amazonaws.com", "aardvark"},
		"thumbprintLists": []any{thumbprint},
		"tags":            props{"team": "platform"},
		"tagsAll":         props{"team": "platform"},
	}, plain(provider.state))
	provider.requireNoDiff(t, issuer)

	require.True(t, provider.refresh(t))
	assert.Equal(t, issuer, plain(provider.inputs))
	provider.requireNoDiff(t, issuer)

	other := "0000000000000000000000000000000000000000"
	changed := with(issuer, props{
		"clientIdLists": []any{"zebra", "sts.amazonaws.com"}, "thumbprintLists": []any{other},
		"tags": props{"owner": "me"},
	})
	provider.update(t, changed).requireNoDiff(t, changed)
	assert.Equal(t, []any{"zebra", "sts.amazonaws.com"}, plain(provider.state)["clientIdLists"])
	assert.Equal(t, []any{other}, plain(provider.state)["thumbprintLists"])
	assert.Equal(t, props{"owner": "me"}, plain(provider.state)["tagsAll"])

	provider.delete(t)
	assert.False(t, provider.refresh(t))
	provider.delete(t)
}

func TestThumbprintsLeftOutAreNoChange(t *testing.T) {
	c := newCloud(t, nil)
	bare := minimal[openIDConnectProviderType.token]
	provider := c.thing(openIDConnectProviderType.token, "ci").create(t, bare)
	provider.state["thumbprintLists"] = textsValue([]string{thumbprint})
	provider.requireNoDiff(t, bare)
}

func TestAnImportedOpenIDConnectProviderHasNoDiff(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(openIDConnectProviderType.token, "ci").create(t, issuer)

	provider := c.imported(t, openIDConnectProviderType.token, "adopted", providerARN)
	written := plain(provider.inputs)
	assert.Equal(t, "https://ci.example/tenant", written["url"])
	assert.Equal(t, props{"team": "platform"}, written["tags"])
	provider.requireNoDiff(t, written)
	provider.requireNoDiff(t, issuer)
}

func TestDriftOfAnOpenIDConnectProviderIsSeenAndRepaired(t *testing.T) {
	c := newCloud(t, nil)
	provider := c.thing(openIDConnectProviderType.token, "ci").create(t, issuer)
	ctx, client := context.Background(), c.client(t)
	_, err := client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(providerARN), ClientID: aws.String("intruder"),
	})
	require.NoError(t, err)
	_, err = client.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(providerARN),
		Tags:                     []types.Tag{{Key: aws.String("by"), Value: aws.String("hand")}},
	})
	require.NoError(t, err)

	require.True(t, provider.refresh(t))
	assert.Contains(t, plain(provider.inputs)["clientIdLists"], "intruder")
	answer := provider.diff(t, values(issuer))
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, answer.GetChanges())
	assert.Equal(t, []string{"clientIdLists", "tags"}, answer.GetDiffs())

	provider.update(t, issuer).requireNoDiff(t, issuer)
	require.True(t, provider.refresh(t))
	provider.requireNoDiff(t, issuer)
}

func TestASecondProviderOfAnIssuerIsRefusedByIAM(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(openIDConnectProviderType.token, "one").create(t, issuer)
	err := c.thing(openIDConnectProviderType.token, "two").tryCreate(t, values(issuer))
	require.ErrorContains(t, err, "creating IAM OIDC Provider (https://ci.example/tenant)")
	require.ErrorContains(t, err, "EntityAlreadyExists")
}
