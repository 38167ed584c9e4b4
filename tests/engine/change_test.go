package engine

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyday is a trust as people have it: two systems, several of everything.
func everyday() props {
	return props{
		"github": props{"repositories": []any{
			repository("acme@1234567/web@1", "main"),
			repository("acme@1234567/api@2", "main"),
			props{"repository": "acme@1234567/docs@3", "environments": []any{"production", "staging"}},
		}},
		"circleci": circleci(),
		"policyArns": []any{
			policy("AmazonS3FullAccess"),
			policy("AmazonSQSFullAccess"),
			policy("AmazonSNSFullAccess"),
		},
		"inlinePolicies": props{"read": document("s3:GetObject"), "write": document("s3:PutObject")},
		"tags":           props{"team": "web", "cost": "12"},
	}
}

// reversed is the same input with every list turned around.
func reversed(v any) any {
	switch v := v.(type) {
	case props:
		turned := props{}
		for name, value := range v {
			turned[name] = reversed(value)
		}
		return turned
	case []any:
		turned := []any{}
		for _, item := range slices.Backward(v) {
			turned = append(turned, reversed(item))
		}
		return turned
	}
	return v
}

// changes brings a stack up, changes its input, holds the plan of the preview and of the update against what is wanted,
// and sees that the preview after it plans nothing.
func changes(t *testing.T, before, after props, plan ...string) *world {
	t.Helper()
	w := newWorld(t)
	w.mustUp(trust(before))
	w.change(after, plan...)
	return w
}

func (w *world) change(after props, plan ...string) {
	w.t.Helper()
	slices.Sort(plan)
	if plan == nil {
		plan = []string{}
	}
	planned := w.preview(trust(after))
	require.NoError(w.t, planned.err, planned.messages())
	require.Equal(w.t, plan, withoutComponent(planned.plan()), "preview")
	done := w.up(trust(after))
	require.NoError(w.t, done.err, done.messages())
	require.Equal(w.t, plan, withoutComponent(done.plan()), "update")
	again := w.preview(trust(after))
	require.NoError(w.t, again.err)
	require.Empty(w.t, again.plan())
}

// withoutComponent leaves out that the component's own record of its inputs changes.
func withoutComponent(plan []string) []string {
	return slices.DeleteFunc(plan, func(line string) bool { return line == "update CiOidcTrust deploy" })
}

func TestNothingChangesWhenNothingChanged(t *testing.T) {
	t.Parallel()
	w := changes(t, everyday(), everyday())
	calls := len(w.changes())
	w.mustUp(trust(everyday()))
	require.Len(t, w.changes(), calls)
	refreshed := w.refresh()
	require.NoError(t, refreshed.err)
	require.Empty(t, w.preview(trust(everyday())).plan())
}

func TestTheOrderOfListsChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	policy, trustPolicy := w.resource("CiOidcTrust deploy").Outputs["trustPolicy"], w.trustPolicy()
	w.change(reversed(everyday()).(props))
	require.Equal(t, policy, w.resource("CiOidcTrust deploy").Outputs["trustPolicy"])
	require.Equal(t, trustPolicy, w.trustPolicy())
}

func TestChangingWhoIsTrustedUpdatesTheRoleAlone(t *testing.T) {
	t.Parallel()
	one := props{"github": props{"repositories": []any{repository("acme@1234567/web@1", "main")}}}
	two := props{"github": props{
		"repositories": []any{repository("acme@1234567/api@2", "main"), repository("acme@1234567/web@1", "main")},
	}}
	other := props{"github": props{"repositories": []any{repository("acme@1234567/web@1", "main", "release/*")}}}
	w := changes(t, one, two, "update Role deploy")
	arn := w.roleArn()
	w.change(one, "update Role deploy")
	w.change(other, "update Role deploy")
	require.Equal(t, arn, w.roleArn())
}

func TestAPolicyInTheMiddleIsAttachedAndDetachedAlone(t *testing.T) {
	t.Parallel()
	outer := with(everyday(), props{"policyArns": []any{policy("AmazonS3FullAccess"), policy("AmazonSNSFullAccess")}})
	w := changes(t, everyday(), outer, "delete RolePolicyAttachment deploy-AmazonSQSFullAccess-3c32da3c")
	w.change(everyday(), "create RolePolicyAttachment deploy-AmazonSQSFullAccess-3c32da3c")
	w.change(with(everyday(), props{"policyArns": nil}),
		"delete RolePolicyAttachment deploy-AmazonS3FullAccess-9471f314",
		"delete RolePolicyAttachment deploy-AmazonSNSFullAccess-4ab9c5c0",
		"delete RolePolicyAttachment deploy-AmazonSQSFullAccess-3c32da3c")
}

func TestAnInlinePolicyChangesAlone(t *testing.T) {
	t.Parallel()
	changed := with(everyday(),
		props{"inlinePolicies": props{"read": document("s3:ListBucket"), "write": document("s3:PutObject")}})
	fewer := with(everyday(), props{"inlinePolicies": props{"write": document("s3:PutObject")}})
	w := changes(t, everyday(), changed, "update RolePolicy deploy-read")
	w.change(fewer, "delete RolePolicy deploy-read")
	w.change(everyday(), "create RolePolicy deploy-read")
}

func TestTheRolesOwnInputsUpdateTheRoleInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	arn := w.roleArn()
	input := everyday()
	for name, value := range map[string]any{
		"maxSessionDuration": 7200, "description": "for the shop", "permissionsBoundary": policy("PowerUserAccess"),
		"forceDetachPolicies": true,
	} {
		input = with(input, props{name: value})
		w.change(input, "update Role deploy")
	}
	w.change(with(input, props{"tags": props{"team": "shop"}}),
		"update OpenIdConnectProvider deploy-circleci", "update OpenIdConnectProvider deploy-github",
		"update Role deploy")
	require.Equal(t, arn, w.roleArn())
}

func TestAnotherNameOrPathReplacesTheRoleAndWhatHangsOnIt(t *testing.T) {
	t.Parallel()
	small := with(github(), props{"policyArns": []any{policy("ReadOnlyAccess")}})
	for property, value := range map[string]string{"roleName": "deployer", "path": "/ci/"} {
		w := newWorld(t)
		w.mustUp(trust(small))
		before := w.roleArn()
		planned := w.preview(trust(with(small, props{property: value})))
		require.NoError(t, planned.err)
		require.Contains(t, planned.plan(), "replace Role deploy")
		require.NotContains(t, planned.plan(), "replace OpenIdConnectProvider deploy-github")
		w.mustUp(trust(with(small, props{property: value})))
		require.NotEqual(t, before, w.roleArn())
		require.Len(t, w.aws.Inventory().Roles, 1)
		require.Len(t, w.aws.Inventory().Providers, 1)
		require.Empty(t, w.preview(trust(with(small, props{property: value}))).plan())
	}
}

func TestDestroyLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	require.Len(t, w.aws.Inventory().Providers, 2)
	destroyed := w.destroy()
	require.NoError(t, destroyed.err, destroyed.messages())
	require.Empty(t, w.resources())
	inventory := w.aws.Inventory()
	require.Empty(t, inventory.Roles)
	require.Empty(t, inventory.Providers)
	require.Empty(t, inventory.Policies)
}

func TestARemovedComponentLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	w.mustUp(func(*running) error { return nil })
	require.Empty(t, w.resources())
	require.Empty(t, w.aws.Inventory().Roles)
	require.Empty(t, w.aws.Inventory().Providers)
}
