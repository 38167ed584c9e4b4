package moto

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// TestTheExampleLivesOnMoto takes examples/yaml through its whole life with the real CLI: up, no change, an update,
// destroy.
//
// Not checked here, for moto does not do it: that a token is admitted or refused (its AssumeRoleWithWebIdentity accepts
// any text), that requests are signed, that the endpoint is under TLS. tests/sdks and tests/localaws do, against
// localaws.
func TestTheExampleLivesOnMoto(t *testing.T) {
	world := startWorld(t)
	ctx := t.Context()
	dir, err := world.Example("yaml")
	require.NoError(t, err)
	pulumi := func(args ...string) {
		t.Helper()
		_, err := world.Run(ctx, dir, "pulumi", append(args, "--non-interactive")...)
		require.NoError(t, err)
	}
	pulumi("stack", "init", "dev")
	pulumi("up", "--yes")
	first := check(t, world, dir)
	assert.Equal(t, []string{"arn:aws:iam::aws:policy/AmazonS3FullAccess"}, attached(t, world, first.RoleName))
	pulumi("preview", "--expect-no-changes")

	edit(t, filepath.Join(dir, "Pulumi.yaml"),
		"branches: [main]", "branches: [main, release]",
		"policy/AmazonS3FullAccess", "policy/AmazonS3ReadOnlyAccess")
	pulumi("up", "--yes")
	second := check(t, world, dir)
	assert.Equal(t, first.RoleArn, second.RoleArn, "a changed trust must not replace the role")
	assert.Contains(t, second.TrustPolicy, "refs/heads/release")
	assert.Equal(t, []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}, attached(t, world, second.RoleName))
	pulumi("preview", "--expect-no-changes")

	pulumi("destroy", "--yes")
	roles, err := world.IAM().ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	assert.Empty(t, roles.Roles)
	providers, err := world.IAM().ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	require.NoError(t, err)
	assert.Empty(t, providers.OpenIDConnectProviderList)
}

func startWorld(t *testing.T) *harness.World {
	t.Helper()
	progress := func(line string) { t.Log(line) }
	server, err := Start(t.Context(), progress)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	world, err := harness.StartAt(t.Context(), server.Endpoint(), progress)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, world.Close()) })
	return world
}

// check holds the outputs of the stack against what moto has.
func check(t *testing.T, world *harness.World, dir string) harness.Outputs {
	t.Helper()
	ctx := t.Context()
	o, err := world.StackOutputs(ctx, dir)
	require.NoError(t, err)
	role, err := world.IAM().GetRole(ctx, &iam.GetRoleInput{RoleName: &o.RoleName})
	require.NoError(t, err)
	assert.Equal(t, o.RoleArn, aws.ToString(role.Role.Arn))
	document, err := url.QueryUnescape(aws.ToString(role.Role.AssumeRolePolicyDocument))
	require.NoError(t, err)
	assert.JSONEq(t, o.TrustPolicy, document)

	assert.Len(t, o.ProviderArns, 2)
	for section, arn := range o.ProviderArns {
		provider, err := world.IAM().GetOpenIDConnectProvider(ctx,
			&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
		require.NoError(t, err, section)
		assert.Equal(t, strings.SplitN(arn, ":oidc-provider/", 2)[1], aws.ToString(provider.Url), section)
		require.Len(t, provider.ClientIDList, 1, section)
		assert.Contains(t, o.TrustPolicy, provider.ClientIDList[0], section)
	}
	assert.NotEmpty(t, o.Grants)
	for section, pipeline := range o.PipelineConfigs {
		assert.Contains(t, pipeline, o.RoleArn, section)
		assert.Contains(t, pipeline, harness.Region, section)
	}
	assert.True(t, json.Valid([]byte(o.TrustPolicy)))
	return o
}

func attached(t *testing.T, world *harness.World, role string) (arns []string) {
	t.Helper()
	answer, err := world.IAM().ListAttachedRolePolicies(t.Context(),
		&iam.ListAttachedRolePoliciesInput{RoleName: &role})
	require.NoError(t, err)
	for _, policy := range answer.AttachedPolicies {
		arns = append(arns, aws.ToString(policy.PolicyArn))
	}
	return arns
}

// edit replaces texts in a file, each of which must be there.
func edit(t *testing.T, path string, pairs ...string) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, string(content), pairs[i])
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(content))), 0o644))
}
