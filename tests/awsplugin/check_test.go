package awsplugin

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
		`"Principal":{"Service":"ec2.amazonaws.com"}}]}`
	trustRewritten = `{
  "Statement": {"Principal": {"Service": ["ec2.amazonaws.com"]}, "Action": ["sts:AssumeRole"], "Effect": "Allow"},
  "Version": "2012-10-17"
}`
	otherTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
		`"Principal":{"Service":"lambda.amazonaws.com"}}]}`
)

// unconfigured is enough for Check and Diff: they need no AWS.
func unconfigured(t *testing.T, token string) *thing {
	t.Helper()
	plugin, err := New(nil)
	require.NoError(t, err)
	return (&cloud{plugin: plugin}).thing(token, "deploy")
}

func TestDefaultsAreFilledInAndRecorded(t *testing.T) {
	checked := unconfigured(t, roleType.token).check(t, values(props{"assumeRolePolicy": trust, "name": "deploy"}))
	assert.Equal(t, props{
		"assumeRolePolicy": trust, "name": "deploy", "path": "/",
		"maxSessionDuration": 3600.0, "forceDetachPolicies": false,
	}, plain(checked))
	assert.True(t, isDefaulted(checked, "path"))
	assert.False(t, isDefaulted(checked, "name"))
}

func TestAnUnknownPropertyIsRefused(t *testing.T) {
	for token := range resourceTypes {
		refusals := unconfigured(t, token).refusals(t, values(props{"colour": "red", "nmae": "x"}))
		assert.Contains(t, refusals["colour"], `unexpected property "colour"`, token)
		assert.Contains(t, refusals["nmae"], `unexpected property "nmae"`, token)
	}
}

func TestAMissingRequiredPropertyIsRefused(t *testing.T) {
	for token, ours := range resourceTypes {
		refusals := unconfigured(t, token).refusals(t, values(props{}))
		for _, p := range ours.inputs {
			if p.required {
				assert.Equal(t, `Missing required argument. The argument "`+p.name+
					`" is required, but no definition was found.`, refusals[p.name], token)
			}
		}
	}
}

func TestNullIsTheSameAsLeftOut(t *testing.T) {
	role := unconfigured(t, roleType.token)
	assert.Contains(t, role.refusals(t, values(props{"assumeRolePolicy": nil}))["assumeRolePolicy"], "Missing required")
	checked := role.check(t, values(props{"assumeRolePolicy": trust, "description": nil}))
	assert.NotContains(t, checked, resource.PropertyKey("description"))
}

func TestABadValueOfARoleIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		property string
		value    any
		reason   string
	}{
		"number for text":            {"description", 7, "expected a string, got a number"},
		"text for number":            {"maxSessionDuration", "3600", "expected an integer, got a string"},
		"half a second":              {"maxSessionDuration", 3600.5, "not one"},
		"session too short":          {"maxSessionDuration", 900, "in the range (3600 - 43200)"},
		"session too long":           {"maxSessionDuration", 43201, "in the range (3600 - 43200)"},
		"text for flag":              {"forceDetachPolicies", "true", "expected a boolean, got a string"},
		"list for map":               {"tags", []any{"a"}, "expected a map of strings, got a []"},
		"number as tag":              {"tags", props{"cost": 1}, `got a number at "cost"`},
		"trust that is not JSON":     {"assumeRolePolicy", "{", "contains an invalid JSON policy"},
		"trust that is empty":        {"assumeRolePolicy", " ", "policy is empty"},
		"trust that is a list":       {"assumeRolePolicy", "[]", "not an object"},
		"trust with a tail":          {"assumeRolePolicy", trust + "}", "contains an invalid JSON policy"},
		"name with a space":          {"name", "my role", "must match"},
		"name too long":              {"name", strings.Repeat("r", 65), "in the range (1 - 64), got 65"},
		"prefix too long":            {"namePrefix", strings.Repeat("r", 39), "in the range (1 - 38), got 39"},
		"path without a slash":       {"path", "ci", `must begin and end with "/"`},
		"path without its end":       {"path", "/ci", `must begin and end with "/"`},
		"boundary that is no ARN":    {"permissionsBoundary", "ReadOnly", "is an invalid ARN"},
		"description too long":       {"description", strings.Repeat("d", 1001), "got 1001 characters"},
		"inline policies":            {"inlinePolicies", []any{}, "use aws.iam.RolePolicy"},
		"managed policies":           {"managedPolicyArns", []any{}, "use aws.iam.RolePolicyAttachment"},
		"description that is a list": {"description", []any{"x"}, "expected a string, got a []"},
	} {
		t.Run(name, func(t *testing.T) {
			inputs := props{"assumeRolePolicy": trust}
			inputs[test.property] = test.value
			assert.Contains(t, unconfigured(t, roleType.token).refusals(t, values(inputs))[test.property], test.reason)
		})
	}
}

func TestABadValueOfAnOpenIDConnectProviderIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		property string
		value    any
		reason   string
	}{
		"plain http":         {"url", "http://ci.example", "must be a valid https:// URL"},
		"no scheme":          {"url", "ci.example", "must be a valid https:// URL"},
		"query":              {"url", "https://ci.example?tenant=1", "must not have a query"},
		"one client id":      {"clientIdLists", "sts.amazonaws.com", "expected a list of strings, got a string"},
		"number as client":   {"clientIdLists", []any{"a", 1}, "got a number at [1]"},
		"empty client id":    {"clientIdLists", []any{""}, "1 to 255 characters"},
		"short thumbprint":   {"thumbprintLists", []any{"abc"}, "40 characters"},
		"tags that are text": {"tags", "a", "expected a map of strings, got a string"},
	} {
		t.Run(name, func(t *testing.T) {
			inputs := props{"url": "https://ci.example", "clientIdLists": []any{"sts.amazonaws.com"}}
			inputs[test.property] = test.value
			provider := unconfigured(t, openIDConnectProviderType.token)
			assert.Contains(t, provider.refusals(t, values(inputs))[test.property], test.reason)
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	refusals := unconfigured(t, roleType.token).refusals(t, values(props{"a": 1, "maxSessionDuration": 1, "path": "x"}))
	assert.Len(t, refusals, 4)
}

// The engine prints the value at the path of a failure: the path of a secret must lead nowhere.
func TestASecretIsNotShownWhenItsValueIsRefused(t *testing.T) {
	news := resource.PropertyMap{
		"assumeRolePolicy":    secret("hunter2 is not JSON"),
		"description":         secret(7.0),
		"permissionsBoundary": secret("hunter2"),
		"maxSessionDuration":  secret(31337.5),
	}
	refusals := unconfigured(t, roleType.token).refusals(t, news)
	require.Len(t, refusals, 4)
	for path, reason := range refusals {
		assert.NotContains(t, news, resource.PropertyKey(path))
		assert.Contains(t, path, " (secret)")
		assert.NotContains(t, reason, "hunter2")
		assert.NotContains(t, reason, "31337")
	}
}

func TestANameAndAPrefixCannotBothBeGiven(t *testing.T) {
	refusals := unconfigured(t, roleType.token).refusals(t, values(props{
		"assumeRolePolicy": trust, "name": "a", "namePrefix": "b",
	}))
	assert.Contains(t, refusals["name"], `"name" conflicts with namePrefix`)
}

func TestADocumentWrittenAsAnObjectBecomesText(t *testing.T) {
	checked := unconfigured(t, roleType.token).check(t, values(props{
		"assumeRolePolicy": props{"Version": "2012-10-17", "Statement": []any{}},
	}))
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[]}`, checked["assumeRolePolicy"].StringValue())
}

func TestADocumentWrittenAsAnObjectWithAnUnknownInItIsUnknown(t *testing.T) {
	checked := unconfigured(t, roleType.token).check(t, resource.PropertyMap{
		"assumeRolePolicy": resource.NewProperty(resource.PropertyMap{"Version": unknown()}),
	})
	assert.True(t, checked["assumeRolePolicy"].IsComputed())
}

func TestADocumentWrittenAsAnObjectWithASecretInItIsSecret(t *testing.T) {
	checked := unconfigured(t, roleType.token).check(t, resource.PropertyMap{
		"assumeRolePolicy": resource.NewProperty(resource.PropertyMap{"Id": secret("x")}),
	})
	require.True(t, checked["assumeRolePolicy"].IsSecret())
	assert.JSONEq(t, `{"Id":"x"}`, reveal(checked["assumeRolePolicy"]).StringValue())
}

func TestUnknownInputsPassCheck(t *testing.T) {
	for token, ours := range resourceTypes {
		news := resource.PropertyMap{}
		for _, p := range ours.inputs {
			if p.unsupported == "" && p.name != "namePrefix" {
				news[resource.PropertyKey(p.name)] = unknown()
			}
		}
		checked := unconfigured(t, token).check(t, news)
		for key := range news {
			assert.True(t, checked[key].IsComputed(), "%s %s", token, key)
		}
	}
}

func TestAnUnknownTypeIsRefused(t *testing.T) {
	bucket := unconfigured(t, "aws:s3/bucket:Bucket")
	_, err := bucket.plugin.Check(context.Background(), &pulumirpc.CheckRequest{Urn: bucket.urn})
	require.ErrorContains(t, err, `no resource type "aws:s3/bucket:Bucket"`)
}
