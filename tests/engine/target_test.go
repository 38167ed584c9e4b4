package engine

import (
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// bounded is a trust whose boundary comes from a resource that --target can leave out.
func bounded(p *running) error {
	boundary, err := p.upstream("boundary", resource.NewProperty(policy("PowerUserAccess")))
	if err != nil {
		return err
	}
	return trust(with(github(), props{"permissionsBoundary": boundary}))(p)
}

// The resource that is left out exists already, so its outputs are known.
func TestATargetedUpdateThatLeavesOutWhatExistsGoesThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(bounded)
	w.options.Targets = deploy.NewUrnTargetsFromUrns([]resource.URN{w.resource("Role deploy").URN})
	done := w.up(bounded)
	require.NoError(t, done.err, done.messages())
	require.Equal(t, policy("PowerUserAccess"), *w.role().PermissionsBoundary.PermissionsBoundaryArn)
}

// The resource that is left out is new, so nothing is known of it: a role without its boundary must not come of that.
func TestATargetedUpdateThatLeavesOutTheBoundaryMakesNoRoleWithoutIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.options.Targets = deploy.NewUrnTargetsFromUrns([]resource.URN{
		"urn:pulumi:dev::shop::ci-oidc-trust:index:CiOidcTrust$aws:iam/role:Role::deploy",
		"urn:pulumi:dev::shop::ci-oidc-trust:index:CiOidcTrust$aws:iam/openIdConnectProvider:" +
			"OpenIdConnectProvider::deploy-github",
		"urn:pulumi:dev::shop::ci-oidc-trust:index:CiOidcTrust::deploy",
	})
	done := w.up(bounded)
	require.Error(t, done.err)
	requireProblem(t, done.messages(), "permissionsBoundary", "--target")
	require.Empty(t, w.aws.Inventory().Roles)
}
