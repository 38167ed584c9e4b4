package engine

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/stretchr/testify/require"
)

func bothSystems() props { return with(github(), props{"circleci": circleci()}) }

func retaining() props {
	return props{"github": with(github()["github"].(props), props{"retainProvider": true})}
}

func TestAnotherSystemAddsItsProviderAndUpdatesTheRole(t *testing.T) {
	t.Parallel()
	w := changes(t, github(), bothSystems(), "create OpenIdConnectProvider deploy-circleci", "update Role deploy")
	require.Equal(t, []string{circleciArn, githubArn}, w.aws.Inventory().Providers)
	require.Contains(t, w.trustPolicy(), circleciArn)
}

func TestARemovedSystemLosesItsProviderAfterTheRoleStoppedTrustingIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(bothSystems()))
	done := w.up(trust(github()))
	require.NoError(t, done.err)
	updated := slices.Index(done.order(), "update Role deploy")
	deleted := slices.Index(done.order(), "delete OpenIdConnectProvider deploy-circleci")
	require.GreaterOrEqual(t, updated, 0)
	require.Greater(t, deleted, updated, "%v", done.order())
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	require.NotContains(t, w.trustPolicy(), circleciArn)
}

func TestARetainedProviderStaysInTheAccount(t *testing.T) {
	t.Parallel()
	t.Run("when the stack goes", func(t *testing.T) {
		w := newWorld(t)
		w.mustUp(trust(retaining()))
		require.NoError(t, w.destroy().err)
		require.Empty(t, w.resources())
		require.Empty(t, w.aws.Inventory().Roles)
		require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	})
	t.Run("when the section goes", func(t *testing.T) {
		w := newWorld(t)
		w.mustUp(trust(with(retaining(), props{"circleci": circleci()})))
		w.mustUp(trust(props{"circleci": circleci()}))
		require.Equal(t, []string{circleciArn, githubArn}, w.aws.Inventory().Providers)
	})
	t.Run("when it is decided afterwards", func(t *testing.T) {
		w := newWorld(t)
		w.mustUp(trust(github()))
		w.mustUp(trust(retaining()))
		require.NoError(t, w.destroy().err)
		require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	})
}

func TestARetainedProviderCanBeNamedInsteadWithoutTouchingTheRole(t *testing.T) {
	t.Parallel()
	w := changes(t, retaining(), using(githubArn, nil), "delete OpenIdConnectProvider deploy-github")
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers, "the provider is only forgotten")
	require.NotContains(t, w.changes(), "DeleteOpenIDConnectProvider")
	require.NotContains(t, w.changes(), "UpdateAssumeRolePolicy")

	back := w.up(trust(retaining()))
	require.Error(t, back.err, "AWS allows one provider per issuer")
	require.Contains(t, back.messages(), "EntityAlreadyExists")
	require.Contains(t, back.messages(), "Its tags say that this component made it")

	_, err := w.iam().DeleteOpenIDConnectProvider(context.Background(), &iam.DeleteOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(githubArn),
	})
	require.NoError(t, err)
	w.mustUp(trust(retaining()))
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
}

// sharing is two trusts of one account, of which the second uses the provider that the first makes.
func sharing(p *running) error {
	first, err := p.component("first", github(), deploytest.ResourceOptions{})
	if err != nil {
		return err
	}
	_, err = p.component("second", props{"github": props{
		"repositories": []any{repository("acme@1234567/api@3", "main")},
		"providerArn":  element(first, "providerArns", "github"),
	}}, deploytest.ResourceOptions{})
	return err
}

func TestTwoTrustsShareTheProviderOfTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	planned := w.preview(sharing)
	require.NoError(t, planned.err, planned.messages())
	require.Equal(t, []string{
		"create CiOidcTrust first", "create CiOidcTrust second", "create OpenIdConnectProvider first-github",
		"create Role first", "create Role second",
	}, planned.plan())
	w.mustUp(sharing)
	require.Len(t, w.aws.Inventory().Roles, 2)
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	require.Empty(t, w.preview(sharing).plan())

	destroyed := w.destroy()
	require.NoError(t, destroyed.err)
	require.Greater(t, slices.Index(destroyed.order(), "delete OpenIdConnectProvider first-github"),
		slices.Index(destroyed.order(), "delete Role second"), "the provider goes after the roles that trust it")
	require.Empty(t, w.aws.Inventory().Roles)
	require.Empty(t, w.aws.Inventory().Providers)
}
