package engine

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// outputs are the component's in the state.
func (w *world) outputs() map[string]any {
	return revealed(w.resource("CiOidcTrust deploy").Outputs)
}

func TestTheEightOutputsOfATrustOfTwoSystems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	section := github()["github"].(props)
	section["repositories"].([]any)[0].(props)["environments"] = []any{"production"}
	done := w.mustUp(
		trust(props{"github": section, "circleci": circleci(), "policyArns": []any{policy("AmazonS3FullAccess")}}),
	)
	outputs := w.outputs()
	require.Len(t, outputs, 8)
	seen := resource.ToResourcePropertyMap(done.seen["deploy"].Outputs)
	require.Equal(t, outputs, revealed(seen), "the program sees what the state has")

	require.Equal(t, w.roleArn(), outputs["roleArn"])
	require.Equal(t, w.aws.Inventory().Roles[0], outputs["roleName"])
	require.Equal(t, map[string]any{"github": githubArn, "circleci": circleciArn}, outputs["providerArns"])
	require.Equal(t, w.trustPolicy(), outputs["trustPolicy"])
	require.Equal(t, []any{
		"CircleCI: github.com/acme/web (project " + project + ") on branch main",
		"GitHub Actions: acme/web in environment production",
		"GitHub Actions: acme/web on branch main",
	}, outputs["grants"])

	require.Len(t, outputs["findings"], 2)
	for i, want := range [][2]string{
		{"github-environment-rules", "acme/web in environment production: "},
		{"github-pull-request-target", "acme/web on branch main: "},
	} {
		finding := outputs["findings"].([]any)[i].(map[string]any)
		require.Equal(t, want[0], finding["id"])
		require.Equal(t, "low", finding["severity"])
		require.Contains(t, finding["message"], want[1])
		require.NotEmpty(t, finding["remediation"])
		require.Len(t, finding, 4)
	}

	variables := map[string]any{
		"AWS_ROLE_ARN": w.roleArn(), "AWS_REGION": region, "AWS_DEFAULT_REGION": region,
	}
	require.Equal(t, map[string]any{"github": variables, "circleci": variables}, outputs["pipelineVariables"])
	configs := outputs["pipelineConfigs"].(map[string]any)
	require.Len(t, configs, 2)
	for section, config := range configs {
		var parsed map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(config.(string)), &parsed), section)
		require.Contains(t, parsed, "jobs")
		require.Contains(t, config, w.roleArn())
		require.Contains(t, config, region)
	}
}

func TestTheLengthOfASessionReachesThePipeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(with(github(), props{"maxSessionDuration": 7200})))
	require.Contains(t, w.outputs()["pipelineConfigs"].(map[string]any)["github"], "role-duration-seconds: 7200\n")
	w.mustUp(trust(github()))
	require.Contains(t, w.outputs()["pipelineConfigs"].(map[string]any)["github"], "role-duration-seconds: 3600\n")
}

func TestTheTrustPolicyIsExactlyWhatStandsOnTheRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	require.Equal(t,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"`+githubArn+`"},`+
			`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{`+
			`"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",`+
			`"token.actions.githubusercontent.com:repository_id":"89012345",`+
			`"token.actions.githubusercontent.com:repository_owner_id":"1234567",`+
			`"token.actions.githubusercontent.com:sub":["repo:acme/web:ref:refs/heads/main",`+
			`"repo:acme@1234567/web@89012345:ref:refs/heads/main"]}}}]}`,
		w.trustPolicy())
	var policy map[string]any
	require.NoError(t, json.Unmarshal([]byte(w.trustPolicy()), &policy))
}

// A person reads the grants and findings before agreeing to the update.
func TestGrantsAndFindingsAreShownByTheFirstPreview(t *testing.T) {
	t.Parallel()
	planned := newWorld(t).preview(trust(github()))
	require.NoError(t, planned.err)
	outputs := resource.ToResourcePropertyMap(planned.seen["deploy"].Outputs)
	require.Equal(t, "GitHub Actions: acme/web on branch main", outputs["grants"].ArrayValue()[0].StringValue())
	require.Equal(t, "github-pull-request-target",
		outputs["findings"].ArrayValue()[0].ObjectValue()["id"].StringValue())
	require.True(t, outputs["roleArn"].IsComputed())
}

func TestTheStateHasTheInputsAndTheirDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	inputs := w.resource("CiOidcTrust deploy").Inputs
	require.Equal(t, resource.NewProperty(3600.0), inputs["maxSessionDuration"])
	require.Equal(t, resource.NewProperty("/"), inputs["path"])
	require.Equal(t, resource.NewProperty(false), inputs["forceDetachPolicies"])
	require.Equal(t, resource.NewProperty(2048.0), inputs["trustPolicyMaxLength"])
	require.Equal(t, revealed(values(github()))["github"], revealed(inputs)["github"])

	role := w.role()
	require.EqualValues(t, 3600, *role.MaxSessionDuration)
	require.Equal(t, "/", *role.Path)
	require.Equal(t, "Trusts GitHub Actions: acme/web on branch main", *role.Description)
	require.Nil(t, role.PermissionsBoundary)
	require.Empty(t, role.Tags)
	require.Regexp(t, `^deploy-[0-9a-f]{7}$`, *role.RoleName)
}

func TestEveryDefaultOfTheSchemaIsFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	inputs, defaults := w.resource("CiOidcTrust deploy").Inputs.Mappable(), 0
	for name, property := range parsedSchema(t).Resources[componentType].Inputs {
		if property.Default != nil {
			require.Equal(t, property.Default, inputs[name], name)
			defaults++
		}
	}
	require.GreaterOrEqual(t, defaults, 4)
}

func TestALongDescriptionOfTheGrantsEndsWhereIAMEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, "aws-us-gov", "us-gov-west-1")
	environments := []any{}
	for i := range 26 {
		environments = append(environments, fmt.Sprintf("é-%02d", i))
	}
	inputs := props{
		"github": props{"repositories": []any{props{"repository": "a@1/b@2", "environments": environments}}},
	}
	w.mustUp(trust(inputs))
	description := []rune(*w.role().Description)
	require.Len(t, description, 1000)
	require.Equal(t, " ...", string(description[996:]))
	require.Empty(t, w.preview(trust(inputs)).plan())
}

// IAM takes a no-break space in a policy and refuses it in a description.
func TestANoBreakSpaceInAnEnvironmentDoesNotMakeTheDescriptionInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(inEnvironment("production\u00a0eu")))
	require.Contains(t, w.trustPolicy(), "environment:production\u00a0eu")
	require.Contains(t, *w.role().Description, "environment production eu")
}
