package awsplugin

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
)

// minimal inputs of every type.
var minimal = map[string]props{
	openIDConnectProviderType.token: {"url": "https://ci.example", "clientIdLists": []any{"sts.amazonaws.com"}},
	roleType.token:                  {"assumeRolePolicy": trust},
	rolePolicyType.token:            {"role": "deploy", "policy": permissions},
	rolePolicyAttachmentType.token:  {"role": "deploy", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
	policyType.token:                {"policy": permissions},
}

const (
	permissions = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],` +
		`"Resource":"*"}]}`
	otherPermissions = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":"s3:GetObject","Resource":"*"}]}`
)

func with(inputs props, changes props) props {
	changed := props{}
	for key, value := range inputs {
		changed[key] = value
	}
	for key, value := range changes {
		changed[key] = value
	}
	return changed
}

// remembered is a resource whose state is its inputs.
func remembered(t *testing.T, token string, inputs props) *thing {
	t.Helper()
	r := unconfigured(t, token)
	r.inputs = r.check(t, values(inputs))
	r.state = known(r.inputs)
	return r
}

func TestAChangeOfAnImmutablePropertyReplaces(t *testing.T) {
	for token, changes := range map[string]props{
		openIDConnectProviderType.token: {"url": "https://other.example"},
		roleType.token:                  {"name": "other", "path": "/ci/"},
		rolePolicyType.token:            {"name": "other", "role": "other"},
		rolePolicyAttachmentType.token:  {"role": "other", "policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
		policyType.token:                {"name": "other", "path": "/ci/", "description": "other"},
	} {
		for name, value := range changes {
			answer := remembered(t, token, minimal[token]).diff(t, values(with(minimal[token], props{name: value})))
			assert.Equal(t, []string{name}, answer.GetReplaces(), token)
			assert.Contains(t, answer.GetDetailedDiff()[name].GetKind().String(), "REPLACE", token)
		}
	}
}

func TestAChangeOfAnyOtherPropertyUpdates(t *testing.T) {
	for token, changes := range map[string]props{
		openIDConnectProviderType.token: {"clientIdLists": []any{"b"}, "tags": props{"a": "b"}},
		roleType.token: {
			"assumeRolePolicy": otherTrust, "description": "d", "maxSessionDuration": 7200, "forceDetachPolicies": true,
			"permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess", "tags": props{"a": "b"},
		},
		rolePolicyType.token: {"policy": otherPermissions},
		policyType.token:     {"policy": otherPermissions, "tags": props{"a": "b"}},
	} {
		for name, value := range changes {
			answer := remembered(t, token, minimal[token]).diff(t, values(with(minimal[token], props{name: value})))
			assert.Equal(t, []string{name}, answer.GetDiffs(), token)
			assert.Empty(t, answer.GetReplaces(), token)
		}
	}
}

func TestAReplacementWithAFixedNameDeletesFirst(t *testing.T) {
	fixed := with(minimal[roleType.token], props{"name": "deploy"})
	answer := remembered(t, roleType.token, fixed).diff(t, values(with(fixed, props{"path": "/ci/"})))
	assert.True(t, answer.GetDeleteBeforeReplace())
}

func TestAReplacementWithAGeneratedNameCreatesFirst(t *testing.T) {
	generated := minimal[roleType.token]
	answer := remembered(t, roleType.token, generated).diff(t, values(with(generated, props{"path": "/ci/"})))
	assert.NotEmpty(t, answer.GetReplaces())
	assert.False(t, answer.GetDeleteBeforeReplace())
}

func TestAReplacementWithAPrefixCreatesFirst(t *testing.T) {
	prefixed := with(minimal[roleType.token], props{"namePrefix": "ci-"})
	answer := remembered(t, roleType.token, prefixed).diff(t, values(with(prefixed, props{"path": "/ci/"})))
	assert.NotEmpty(t, answer.GetReplaces())
	assert.False(t, answer.GetDeleteBeforeReplace())
}

func TestAnEquivalentDocumentIsNoChange(t *testing.T) {
	role := remembered(t, roleType.token, minimal[roleType.token])
	role.requireNoDiff(t, props{"assumeRolePolicy": trustRewritten})
}

func TestADocumentThatMeansSomethingElseIsAChange(t *testing.T) {
	for _, other := range []string{
		otherTrust,
		`{"Version":"2008-10-17","Statement":[]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole",` +
			`"Principal":{"Service":"ec2.amazonaws.com"}}]}`,
	} {
		assert.False(t, sameDocument(trust, other), other)
	}
	assert.False(t, sameDocument(`{"a":"1"}`, `{"a":1}`))
	assert.False(t, sameDocument(`{"a":["x","y"]}`, `{"a":"x,y"}`))
	assert.False(t, sameDocument(`not JSON`, `not JSON either`))
}

func TestTheOrderOfClientIDsIsNoChangeAndThatOfThumbprintsIs(t *testing.T) {
	one, two := "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"
	inputs := with(minimal[openIDConnectProviderType.token], props{
		"clientIdLists": []any{"a", "b"}, "thumbprintLists": []any{one, two},
	})
	provider := remembered(t, openIDConnectProviderType.token, inputs)
	provider.requireNoDiff(t, with(inputs, props{"clientIdLists": []any{"b", "a"}}))
	answer := provider.diff(t, values(with(inputs, props{"thumbprintLists": []any{two, one}})))
	assert.Equal(t, []string{"thumbprintLists"}, answer.GetDiffs())
}

func TestAnIssuerWithoutItsSchemeIsTheSameIssuer(t *testing.T) {
	provider := remembered(t, openIDConnectProviderType.token, minimal[openIDConnectProviderType.token])
	provider.state["url"] = resource.NewProperty("ci.example")
	provider.requireNoDiff(t, minimal[openIDConnectProviderType.token])
}

func TestATrailingSlashIsAnotherIssuer(t *testing.T) {
	inputs := minimal[openIDConnectProviderType.token]
	answer := remembered(t, openIDConnectProviderType.token, inputs).
		diff(t, values(with(inputs, props{"url": "https://ci.example/"})))
	assert.Equal(t, []string{"url"}, answer.GetReplaces())
}

func TestAnUnknownValueOfAnImmutablePropertyMayReplace(t *testing.T) {
	provider := remembered(t, openIDConnectProviderType.token, minimal[openIDConnectProviderType.token])
	news := values(minimal[openIDConnectProviderType.token])
	news["url"] = unknown()
	assert.Equal(t, []string{"url"}, provider.diff(t, news).GetReplaces())
}

func TestASecretIsComparedByItsValue(t *testing.T) {
	role := remembered(t, roleType.token, minimal[roleType.token])
	same := role.diff(t, resource.PropertyMap{"assumeRolePolicy": secret(trustRewritten)})
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, same.GetChanges())
	other := role.diff(t, resource.PropertyMap{"assumeRolePolicy": secret(otherTrust)})
	assert.Equal(t, []string{"assumeRolePolicy"}, other.GetDiffs())
}

func TestTheKindOfAChangeIsTold(t *testing.T) {
	role := remembered(t, roleType.token,
		with(minimal[roleType.token], props{"description": "old", "tags": props{"a": "b"}}))
	kinds := role.diff(t, values(with(minimal[roleType.token], props{
		"description": "new", "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
	}))).GetDetailedDiff()
	assert.Equal(t, pulumirpc.PropertyDiff_UPDATE, kinds["description"].GetKind())
	assert.Equal(t, pulumirpc.PropertyDiff_DELETE, kinds["tags"].GetKind())
	assert.Equal(t, pulumirpc.PropertyDiff_ADD, kinds["permissionsBoundary"].GetKind())
	assert.Len(t, kinds, 3)
}

func TestIgnoredChangesAreNoChanges(t *testing.T) {
	role := remembered(t, roleType.token, minimal[roleType.token])
	news := values(with(minimal[roleType.token], props{"description": "new", "tags": props{"a": "b"}}))
	answer := role.diff(t, news, "description", "tags.a")
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, answer.GetChanges())
}
