package awsplugin

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

func (c *cloud) tryConfigure(t *testing.T, settings props) error {
	t.Helper()
	_, err := c.plugin.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: encoded(t, values(settings))})
	return err
}

func (c *cloud) configRefusals(t *testing.T, settings resource.PropertyMap) map[string]string {
	t.Helper()
	answer, err := c.plugin.CheckConfig(context.Background(), &pulumirpc.CheckRequest{News: encoded(t, settings)})
	require.NoError(t, err)
	refusals := map[string]string{}
	for _, failure := range answer.GetFailures() {
		refusals[failure.GetProperty()] = failure.GetReason()
	}
	return refusals
}

func isolatedCloud(t *testing.T) *cloud {
	t.Helper()
	isolate(t)
	return startCloud(t)
}

func TestEndpointsComeFromTheConfiguration(t *testing.T) {
	c := newCloud(t, nil)
	c.thing(roleType.token, "deploy").create(t, minimal[roleType.token])
	assert.Equal(t, []string{"GetCallerIdentity", "CreateRole", "GetRole"}, c.aws.Calls())
}

func TestStackConfigurationWritesEverythingAsText(t *testing.T) {
	c := isolatedCloud(t)
	settings := c.settings(props{
		"skipCredentialsValidation": "true", "maxRetries": "1", "allowedAccountIds": `["123456789012"]`,
		"defaultTags": `{"tags":{"stack":"dev"}}`,
	})
	endpoints, err := json.Marshal(settings["endpoints"])
	require.NoError(t, err)
	settings["endpoints"] = string(endpoints)
	require.Empty(t, c.configRefusals(t, values(settings)))
	require.NoError(t, c.tryConfigure(t, settings))
	role := c.thing(roleType.token, "deploy").create(t, minimal[roleType.token])
	assert.Equal(t, props{"stack": "dev"}, plain(role.state)["tags"])
}

func TestEndpointsAndCredentialsComeFromTheEnvironment(t *testing.T) {
	for name, variables := range map[string][]string{
		"one for all":     {"AWS_ENDPOINT_URL"},
		"one per service": {"AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS"},
	} {
		t.Run(name, func(t *testing.T) {
			c := isolatedCloud(t)
			id, key := c.aws.Credentials()
			t.Setenv("AWS_REGION", "eu-west-1")
			t.Setenv("AWS_ACCESS_KEY_ID", id)
			t.Setenv("AWS_SECRET_ACCESS_KEY", key)
			t.Setenv("AWS_CA_BUNDLE", c.bundle)
			for _, variable := range variables {
				t.Setenv(variable, c.aws.URL())
			}
			require.Empty(t, c.configRefusals(t, resource.PropertyMap{}))
			require.NoError(t, c.tryConfigure(t, props{}))
			c.thing(roleType.token, "deploy").create(t, minimal[roleType.token])
			// Credentials were validated once, and not again for the same configuration.
			assert.Equal(t, []string{"GetCallerIdentity", "CreateRole", "GetRole"}, c.aws.Calls())
		})
	}
}

func TestAProfileOfTheSharedConfigurationIsUsed(t *testing.T) {
	c := isolatedCloud(t)
	id, key := c.aws.Credentials()
	shared := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(shared, []byte("[profile ci]\nregion = eu-north-1\naws_access_key_id = "+id+
		"\naws_secret_access_key = "+key+"\n"), 0o600))
	t.Setenv("AWS_CONFIG_FILE", shared)
	require.NoError(t, c.tryConfigure(t, c.settings(props{
		"profile": "ci", "region": nil, "accessKey": nil, "secretKey": nil,
	})))
	region, err := c.invoke(t, getRegion.token, props{})
	require.NoError(t, err)
	assert.Equal(t, "eu-north-1", region["name"])
}

func TestAServerThatIsNotTrustedIsNotTalkedTo(t *testing.T) {
	c := isolatedCloud(t)
	err := c.tryConfigure(t, c.settings(props{"customCaBundle": nil, "maxRetries": 0}))
	require.ErrorContains(t, err, "certificate")
	assert.Empty(t, c.aws.Calls())
}

func TestAWrongSecretIsToldByAWS(t *testing.T) {
	c := isolatedCloud(t)
	wrong := c.settings(props{"secretKey": "wrong"})
	err := c.tryConfigure(t, wrong)
	require.ErrorContains(t, err, "Invalid credentials configured.")
	require.ErrorContains(t, err, "SignatureDoesNotMatch")
	assert.Contains(t, c.configRefusals(t, values(wrong))[""], "SignatureDoesNotMatch")

	require.NoError(t, c.tryConfigure(t, c.settings(props{"secretKey": "wrong", "skipCredentialsValidation": true})))
	err = c.thing(roleType.token, "deploy").tryCreate(t, values(deployRole))
	require.ErrorContains(t, err, "creating IAM Role (deploy)")
	require.ErrorContains(t, err, "SignatureDoesNotMatch")
}

func TestNoCredentialsAtAllIsAnErrorOfItsOwn(t *testing.T) {
	c := isolatedCloud(t)
	err := c.tryConfigure(t, c.settings(props{"accessKey": nil, "secretKey": nil}))
	require.ErrorContains(t, err, "No valid credential sources found.")
	assert.Empty(t, c.aws.Calls())
}

func TestAMissingRegionIsRefusedWithWhatToDo(t *testing.T) {
	c := isolatedCloud(t)
	refusals := c.configRefusals(t, values(c.settings(props{"region": nil})))
	assert.Contains(t, refusals[""], "missing region information")
	assert.Contains(t, refusals[""], "pulumi config set aws:region us-west-2")
	require.ErrorContains(t, c.tryConfigure(t, c.settings(props{"region": nil})), "missing region information")
	assert.Empty(t, c.aws.Calls())
}

func TestARegionIsCheckedOnlyWhenAsked(t *testing.T) {
	c := isolatedCloud(t)
	require.NoError(t, c.tryConfigure(t, c.settings(props{"region": "mars"})))
	err := c.tryConfigure(t, c.settings(props{"region": "mars", "skipRegionValidation": false}))
	require.ErrorContains(t, err, "invalid AWS Region: mars")
}

func TestUnknownAndMisshapenConfigurationIsRefused(t *testing.T) {
	c := isolatedCloud(t)
	refusals := c.configRefusals(t, values(c.settings(props{
		"assumeRole": props{}, "skipCredentialsValidation": "perhaps", "region": 7, "maxRetries": "many",
		"endpoints": []any{props{"s3": "https://s3.example"}}, "defaultTags": props{"tagz": props{}},
		"allowedAccountIds": "123456789012",
	})))
	assert.Contains(t, refusals["assumeRole"], `unknown configuration key "assumeRole"`)
	assert.Contains(t, refusals["skipCredentialsValidation"], "cannot be read as a boolean")
	assert.Contains(t, refusals["region"], "expected a string, got a number")
	assert.Contains(t, refusals["maxRetries"], "cannot be read as an integer")
	assert.Contains(t, refusals["endpoints[0].s3"], `unexpected service "s3"`)
	assert.Contains(t, refusals["defaultTags"], "cannot be read as an object of the form")
	assert.Contains(t, refusals["allowedAccountIds"], "cannot be read as a list of strings")
	assert.Len(t, refusals, 7)
	require.ErrorContains(t, c.tryConfigure(t, props{"assumeRole": props{}}),
		"aws:assumeRole: unknown configuration key")
}

func TestConfigurationThatIsNotKnownYetIsNotTried(t *testing.T) {
	c := isolatedCloud(t)
	settings := values(c.settings(nil))
	settings["secretKey"] = unknown()
	assert.Empty(t, c.configRefusals(t, settings))
	assert.Empty(t, c.aws.Calls())
}

func TestAnAccountThatIsNotAllowedIsRefused(t *testing.T) {
	c := isolatedCloud(t)
	require.NoError(t, c.tryConfigure(t, c.settings(props{"allowedAccountIds": []any{"123456789012"}})))
	err := c.tryConfigure(t,
		c.settings(props{"allowedAccountIds": []any{"999999999999"}, "skipCredentialsValidation": true}))
	require.ErrorContains(t, err, "AWS account ID not allowed: 123456789012")
}

func TestRequestsAreTriedAgainAsOftenAsConfigured(t *testing.T) {
	c := newCloud(t, props{"maxRetries": 1})
	c.aws.Misbehave(localaws.Misbehaviour{Throttle: 1})
	c.thing(roleType.token, "one").create(t, minimal[roleType.token])

	c = newCloud(t, props{"maxRetries": 0})
	c.aws.Misbehave(localaws.Misbehaviour{Throttle: 1})
	err := c.thing(roleType.token, "two").tryCreate(t, values(minimal[roleType.token]))
	require.ErrorContains(t, err, "Rate exceeded")
}

func TestDefaultTagsAreMergedUnderAResourcesOwn(t *testing.T) {
	c := newCloud(t, props{"defaultTags": props{"tags": props{"team": "platform", "stack": "dev"}}})
	inputs := props{"assumeRolePolicy": trust, "tags": props{"team": "mine"}}
	role := c.thing(roleType.token, "deploy").create(t, inputs)
	assert.Equal(t, props{"team": "mine", "stack": "dev"}, plain(role.state)["tagsAll"])
	role.requireNoDiff(t, inputs)

	news := values(props{"assumeRolePolicy": trust})
	news["tags"] = resource.MakeSecret(resource.NewProperty(resource.PropertyMap{"team": resource.NewProperty("hush")}))
	checked := role.check(t, news)
	require.True(t, checked["tags"].IsSecret())
	assert.Equal(t, props{"team": "hush", "stack": "dev"}, reveal(checked["tags"]).Mappable())
}

func TestAChangeOfConfigurationReplacesNoProvider(t *testing.T) {
	c := isolatedCloud(t)
	answer, err := c.plugin.DiffConfig(context.Background(), &pulumirpc.DiffRequest{
		OldInputs: encoded(t, values(props{"region": "eu-west-1", "version": "6.0.0"})),
		News:      encoded(t, values(props{"region": "eu-west-2", "version": Version, "token": "t"})),
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"region", "token"}, answer.GetDiffs())
	assert.Empty(t, answer.GetReplaces())
}
