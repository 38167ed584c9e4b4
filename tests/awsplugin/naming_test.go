package awsplugin

import (
	"context"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARoleWithoutANameGetsOneFromItsLogicalName(t *testing.T) {
	checked := unconfigured(t, roleType.token).check(t, values(props{"assumeRolePolicy": trust}))
	assert.Regexp(t, `^deploy-[0-9a-f]{7}$`, checked["name"].StringValue())
	assert.True(t, isDefaulted(checked, "name"))
}

func TestThePreviewAndTheUpdateGenerateTheSameName(t *testing.T) {
	role := unconfigured(t, roleType.token)
	news := values(props{"assumeRolePolicy": trust})
	assert.Equal(t, role.check(t, news)["name"], role.check(t, news)["name"])
}

func TestAGeneratedNameIsKept(t *testing.T) {
	role := unconfigured(t, roleType.token)
	role.inputs = role.check(t, values(props{"assumeRolePolicy": trust}))
	role.inputs["name"] = values(props{"name": "deploy-0000000"})["name"]
	assert.Equal(t, "deploy-0000000",
		role.check(t, values(props{"assumeRolePolicy": otherTrust}))["name"].StringValue())
}

func TestANameNoLongerGivenIsReplacedByAGeneratedOne(t *testing.T) {
	role := unconfigured(t, roleType.token)
	role.inputs = role.check(t, values(props{"assumeRolePolicy": trust, "name": "fixed"}))
	assert.Regexp(t, `^deploy-`, role.check(t, values(props{"assumeRolePolicy": trust}))["name"].StringValue())
}

func TestAGeneratedNameIsCutToWhatIAMAllows(t *testing.T) {
	for token, longest := range map[string]int{roleType.token: 64, policyType.token: 128, rolePolicyType.token: 128} {
		thing := unconfigured(t, token).cloud.thing(token, strings.Repeat("x", 200))
		checked := thing.check(t, values(minimal[token]))
		assert.Len(t, checked["name"].StringValue(), longest, token)
	}
}

func TestALogicalNameThatCannotBeAnIAMNameIsRefused(t *testing.T) {
	role := unconfigured(t, roleType.token).cloud.thing(roleType.token, "deploy to production")
	assert.Contains(t, role.refusals(t, values(minimal[roleType.token]))["name"], "is not valid")
}

func TestAPrefixLeavesTheNameToCreation(t *testing.T) {
	role := unconfigured(t, roleType.token)
	news := values(props{"assumeRolePolicy": trust, "namePrefix": "ci-"})
	assert.NotContains(t, plain(role.check(t, news)), "name")
	planned := role.previewCreate(t, news)
	assert.True(t, planned["name"].IsComputed())
}

func TestTheEnginesAutonamingSettingsAreHonoured(t *testing.T) {
	role := unconfigured(t, roleType.token)
	request := func(mode pulumirpc.CheckRequest_AutonamingOptions_Mode) *pulumirpc.CheckResponse {
		answer, err := role.plugin.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: role.urn, News: encoded(t, values(props{"assumeRolePolicy": trust})),
			Autonaming: &pulumirpc.CheckRequest_AutonamingOptions{ProposedName: "acme-deploy", Mode: mode},
		})
		require.NoError(t, err)
		return answer
	}
	for _, mode := range []pulumirpc.CheckRequest_AutonamingOptions_Mode{
		pulumirpc.CheckRequest_AutonamingOptions_PROPOSE, pulumirpc.CheckRequest_AutonamingOptions_ENFORCE,
	} {
		assert.Equal(t, "acme-deploy", request(mode).GetInputs().AsMap()["name"], mode)
	}
	disabled := request(pulumirpc.CheckRequest_AutonamingOptions_DISABLE)
	require.Len(t, disabled.GetFailures(), 1)
	assert.Contains(t, disabled.GetFailures()[0].GetReason(), "automatic naming is disabled")
}

func TestUniqueSuffixesAreUniqueAndOfTheLengthTerraformUses(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		suffix := uniqueSuffix()
		require.Len(t, suffix, suffixLength)
		require.False(t, seen[suffix])
		seen[suffix] = true
	}
}
