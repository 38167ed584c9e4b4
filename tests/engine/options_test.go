package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

// optioned is a program of one component with resource options.
func optioned(name string, inputs props, options deploytest.ResourceOptions) program {
	return func(p *running) error {
		_, err := p.component(name, inputs, options)
		return err
	}
}

func TestEveryChildBelongsToTheComponentAndIsNamedAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(with(bothSystems(), props{
		"policyArns":     []any{policy("AmazonS3FullAccess"), policy("job-function/ViewOnlyAccess")},
		"inlinePolicies": props{"read": document("s3:GetObject")},
	})))
	require.Equal(t, []string{
		"CiOidcTrust deploy", "OpenIdConnectProvider deploy-circleci", "OpenIdConnectProvider deploy-github",
		"Role deploy", "RolePolicy deploy-read", "RolePolicyAttachment deploy-AmazonS3FullAccess-9471f314",
		"RolePolicyAttachment deploy-ViewOnlyAccess-ee28ef7a",
	}, w.resources())
	component := w.resource("CiOidcTrust deploy")
	for _, r := range w.snapshot.Resources {
		if r.Type.Package() == "aws" {
			require.Equal(t, component.URN, r.Parent)
			require.Contains(t, string(r.URN), "::"+componentType+"$aws:iam/")
		}
	}
}

func TestAProtectedComponentProtectsItsChildren(t *testing.T) {
	t.Parallel()
	w, protect := newWorld(t), true
	inputs := with(github(),
		props{"policyArns": []any{policy("ReadOnlyAccess")}, "inlinePolicies": props{"read": document("s3:GetObject")}})
	w.mustUp(optioned("deploy", inputs, deploytest.ResourceOptions{Protect: &protect}))
	for _, r := range w.snapshot.Resources {
		require.Equal(t, r.Type.Package() != "pulumi", r.Protect, string(r.URN))
	}
	require.Error(t, w.destroy().err)
	require.Len(t, w.aws.Inventory().Roles, 1)
	require.Len(t, w.aws.Inventory().Providers, 1)
	require.Error(t,
		w.up(optioned("deploy", with(github(), props{"roleName": "other"}),
			deploytest.ResourceOptions{Protect: &protect})).err)
}

func TestAComponentThatDependsOnAResourceComesAfterItAndGoesBeforeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := w.mustUp(func(p *running) error {
		first, err := p.upstream("first", resource.NewProperty("x"))
		if err != nil {
			return err
		}
		return optioned("deploy", github(),
			deploytest.ResourceOptions{Dependencies: first.OutputValue().Dependencies})(p)
	})
	require.Less(t, slices.Index(done.order(), "create Source first"), slices.Index(done.order(), "create Role deploy"))
	destroyed := w.destroy()
	require.NoError(t, destroyed.err)
	require.Less(t, slices.Index(destroyed.order(), "delete Role deploy"),
		slices.Index(destroyed.order(), "delete Source first"))
}

func TestTheRoleDependsOnWhatTheInputsComeFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(func(p *running) error {
		branch, err := p.upstream("branch", resource.NewProperty("main"))
		if err != nil {
			return err
		}
		return trust(props{
			"github": props{"repositories": []any{props{"repository": "acme@1/web@2", "branches": []any{branch}}}},
		})(p)
	})
	require.Contains(t, w.resource("Role deploy").Dependencies, w.resource("Source branch").URN)
}

func TestARenamedComponentWithAnAliasReplacesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	arn, calls := w.roleArn(), len(w.changes())
	renamed := optioned("ship", everyday(), deploytest.ResourceOptions{Aliases: []*pulumirpc.Alias{
		{Alias: &pulumirpc.Alias_Spec_{Spec: &pulumirpc.Alias_Spec{Name: "deploy"}}},
	}})
	planned := w.preview(renamed)
	require.NoError(t, planned.err)
	require.Equal(t, []string{
		"update OpenIdConnectProvider ship-circleci", "update OpenIdConnectProvider ship-github",
	}, planned.plan(), "whose tags say who owns them")
	w.mustUp(renamed)
	require.Equal(t, arn, w.roleArn())
	require.Equal(t, []string{"TagOpenIDConnectProvider", "TagOpenIDConnectProvider"}, w.changes()[calls:])
	require.Contains(t, w.resources(), "RolePolicyAttachment ship-AmazonS3FullAccess-9471f314")
}

func TestAComponentMovedUnderAParentWithAnAliasReplacesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(everyday()))
	calls := len(w.changes())
	moved := func(p *running) error {
		parent, err := p.monitor.RegisterResource("shop:index:Pipeline", "pipeline", false)
		if err != nil {
			return err
		}
		return optioned("deploy", everyday(),
			deploytest.ResourceOptions{Parent: parent.URN, Aliases: []*pulumirpc.Alias{
				{Alias: &pulumirpc.Alias_Spec_{
					Spec: &pulumirpc.Alias_Spec{Parent: &pulumirpc.Alias_Spec_NoParent{NoParent: true}},
				}},
			}})(p)
	}
	planned := w.preview(moved)
	require.NoError(t, planned.err)
	require.Equal(t, []string{
		"create Pipeline pipeline", "update OpenIdConnectProvider deploy-circleci",
		"update OpenIdConnectProvider deploy-github",
	}, planned.plan(), "whose tags say who owns them")
	w.mustUp(moved)
	require.Equal(t, []string{"TagOpenIDConnectProvider", "TagOpenIDConnectProvider"}, w.changes()[calls:])
	require.Contains(t, string(w.resource("Role deploy").URN),
		"shop:index:Pipeline$"+componentType+"$aws:iam/role:Role::deploy")
}

// elsewhere gives the component an AWS provider of its own, of another account and region.
func elsewhere(other *world, inputs, settings props) program {
	return elsewhereOf("6.83.4", other, inputs, settings)
}

// elsewhereOf is elsewhere with the version of the AWS plugin.
func elsewhereOf(version string, other *world, inputs, settings props) program {
	return func(p *running) error {
		configured := resource.PropertyMap{}
		for name, value := range other.settings() {
			configured[resource.PropertyKey(name)] = resource.NewProperty(value)
		}
		for name, value := range settings {
			configured[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
		}
		made, err := p.monitor.RegisterResource("pulumi:providers:aws", "elsewhere", true,
			deploytest.ResourceOptions{Inputs: resource.FromResourcePropertyMap(configured), Version: version})
		if err != nil {
			return err
		}
		id := string(made.ID)
		if id == "" {
			id = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
		}
		return optioned("deploy", inputs,
			deploytest.ResourceOptions{Providers: map[string]string{"aws": string(made.URN) + "::" + id}})(p)
	}
}

func TestAnExplicitAWSProviderIsUsedForTheChildrenAndTheLookUps(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorldIn(t, "aws", "ap-south-1")
	arn := other.existingProvider(githubURL, "sts.amazonaws.com")
	w.mustUp(elsewhere(other,
		with(using(arn, nil), props{"circleci": circleci(), "policyArns": []any{policy("ReadOnlyAccess")}}), nil))
	require.Len(t, other.aws.Inventory().Roles, 1)
	require.Len(t, other.aws.Inventory().Providers, 2)
	require.Empty(t, w.aws.Calls(), "the stack's own account was asked")
	for _, r := range w.snapshot.Resources {
		if r.Type.Package() == "aws" {
			require.Contains(t, r.Provider, "::elsewhere::")
		}
	}
	configs := w.resource("CiOidcTrust deploy").Outputs["pipelineConfigs"].ObjectValue()
	for _, section := range []resource.PropertyKey{"github", "circleci"} {
		require.Contains(t, configs[section].StringValue(), "ap-south-1")
		require.Contains(t, configs[section].StringValue(), other.roleArn())
	}
}

func TestTheTagsOfTheAWSProviderReachEverythingWithoutAChangeLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tagged := elsewhere(w, with(github(), props{"tags": props{"team": "web"}}),
		props{"defaultTags": props{"tags": props{"stage": "test"}}})
	w.mustUp(tagged)
	found := map[string]string{}
	for _, tag := range w.role().Tags {
		found[*tag.Key] = *tag.Value
	}
	require.Equal(t, map[string]string{"team": "web", "stage": "test"}, found)
	require.Empty(t, w.preview(tagged).plan())
}

// A provider whose configuration is unknown answers nothing at preview.
func TestAnAWSProviderThatIsConfiguredByAnotherResourceIsPlannedWith(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorldIn(t, "aws", "ap-south-1")
	program := func(p *running) error {
		region, err := p.upstream("region", resource.NewProperty("eu-west-3"))
		if err != nil {
			return err
		}
		value := region.OutputValue().Element
		if !region.OutputValue().Known {
			value = unknown()
		}
		return elsewhere(other, everyday(), props{"region": value})(p)
	}
	planned := w.preview(program)
	require.NoError(t, planned.err, planned.messages())
	require.Contains(t, planned.plan(), "create Role deploy")
	w.mustUp(program)
	require.True(t,
		strings.Contains(w.resource("CiOidcTrust deploy").
			Outputs["pipelineConfigs"].ObjectValue()["github"].StringValue(), "eu-west-3"))
}

func manyTags(n int, name string) props {
	tags := props{}
	for i := range n {
		tags[fmt.Sprint(name, i)] = "x"
	}
	return tags
}

func TestTagsThatTheAWSProviderAddsCountTowardsWhatIAMTakes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		own, added props
		inputs     func(own props) program
		problem    string // "": there is none
	}{
		"a role and its provider": {manyTags(24, "own"), manyTags(24, "added"), trustTagged, ""},
		"one more": {manyTags(25, "own"), manyTags(24, "added"), trustTagged,
			"has 49 tags with the 24 that the AWS provider adds (defaultTags), and IAM takes 50 on an OIDC provider"},
		"too many for a role": {manyTags(25, "own"), manyTags(26, "added"), trustTagged,
			"has 51 tags with the 26 that the AWS provider adds (defaultTags), and IAM takes 50"},
		"none of the component": {nil, manyTags(49, "added"), trustTagged, "has 49 tags with the 49"},
		"the same ones twice":   {manyTags(48, "both"), manyTags(48, "both"), trustTagged, ""},
		"providers of one place": {manyTags(25, "own"), manyTags(24, "added"), func(own props) program {
			return providers(props{"github": props{}, "tags": own})
		}, "has 49 tags with the 24"},
		"another letter case": {props{"Team": "web"}, props{"team": "web"}, trustTagged,
			"differs from a tag of the AWS provider's defaultTags in letter case alone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			added, err := json.Marshal(props{"tags": row.added})
			require.NoError(t, err)
			w.extra = map[string]string{"defaultTags": string(added)}
			program := row.inputs(row.own)
			if row.problem == "" {
				w.mustUp(program)
				require.Empty(t, w.preview(program).plan())
				return
			}
			refused := w.preview(program)
			require.Error(t, refused.err)
			require.Contains(t, refused.messages(), row.problem)
			require.Empty(t, w.changes())
		})
	}
}

func trustTagged(own props) program {
	if own == nil {
		return trust(github())
	}
	return trust(with(github(), props{"tags": own}))
}
