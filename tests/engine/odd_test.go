package engine

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"
)

// odd are values that a program can send and nobody expects. What they mean is less important than that the plugin
// lives on: a panic ends it, and with it every other component of the update.
func odd(t *testing.T) map[string]resource.PropertyValue {
	t.Helper()
	text, err := asset.FromText("text")
	require.NoError(t, err)
	computed := unknown()
	return map[string]resource.PropertyValue{
		"an empty text":   resource.NewProperty(""),
		"an empty list":   resource.NewProperty([]resource.PropertyValue{}),
		"an empty object": resource.NewProperty(resource.PropertyMap{}),
		"an asset":        resource.NewProperty(text),
		"a resource": resource.NewProperty(resource.ResourceReference{
			URN: "urn:pulumi:dev::shop::a:b:C::d",
			ID:  resource.NewProperty("x"),
		}),
		"a secret null": resource.MakeSecret(null()),
		"a known output that is null": resource.NewProperty(resource.Output{
			Element: null(), Known: true,
		}),
		"a known output of an unknown": resource.NewProperty(resource.Output{Element: computed, Known: true}),
		"a secret of an unknown output": resource.MakeSecret(
			resource.NewProperty(resource.Output{Element: resource.NewProperty("")}),
		),
		"a secret unknown":   resource.MakeSecret(computed),
		"a list of unknowns": resource.NewProperty([]resource.PropertyValue{computed, computed}),
		"a list of nulls":    resource.NewProperty([]resource.PropertyValue{null()}),
		"an object of unknowns": resource.NewProperty(resource.PropertyMap{
			"repository": computed,
			"":           computed,
		}),
		"an object of nulls":          resource.NewProperty(resource.PropertyMap{"a": null()}),
		"a huge text":                 resource.NewProperty(strings.Repeat("x", 1<<16)),
		"a huge number":               resource.NewProperty(1e300),
		"a negative number":           resource.NewProperty(-1.0),
		"a text with line ends":       resource.NewProperty("a\nb\r\n"),
		"a text with a zero":          resource.NewProperty("a\x00b"),
		"a text of quotes and braces": resource.NewProperty("\"'`{}[]${}<%v>%!s(MISSING)"),
	}
}

func TestNoOddValueEndsThePlugin(t *testing.T) {
	eachProperty(t, func(t *testing.T, p place) {
		w := newExampleWorld(t, p.example)
		for name, value := range odd(t) {
			if strings.Contains(name, "unknown") {
				requireAlive(t, name, w.preview(trust(p.replaced(value))))
			}
			requireAlive(t, name, w.up(trust(p.replaced(value))))
		}
	})
}

func requireAlive(t *testing.T, name string, r *run) {
	t.Helper()
	for _, sign := range []string{"panic", "Unavailable", "EOF", "nil pointer", "interface conversion",
		"index out of range"} {
		require.NotContains(t, r.messages(), sign, name)
	}
}

func TestNoPoliciesAtAllAreFine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(with(github(),
		props{"policyArns": []any{}, "inlinePolicies": props{}, "tags": props{}, "acceptRisks": []any{}})))
	require.Equal(t, []string{"CiOidcTrust deploy", "OpenIdConnectProvider deploy-github", "Role deploy"},
		w.resources())
	require.Empty(t, withoutComponent(w.preview(trust(github())).plan()))
}

func TestAWholeMapOrListThatIsUnknownIsFilledAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(p *running) error {
		more := props{}
		for name, value := range map[string]any{
			"inlinePolicies": props{"read": document("s3:GetObject")}, "tags": props{"team": "web"},
			"policyArns": []any{policy("ReadOnlyAccess")}, "permissionsBoundary": policy("PowerUserAccess"),
		} {
			output, err := p.upstream(name, values(props{"": value})[""])
			if err != nil {
				return err
			}
			more[name] = output
		}
		return trust(with(github(), more))(p)
	}
	planned := w.preview(program)
	require.NoError(t, planned.err, planned.messages())
	require.Contains(t, planned.plan(), "create Role deploy")
	w.mustUp(program)
	require.Contains(t, w.resources(), "RolePolicy deploy-read")
	require.Equal(t, policy("PowerUserAccess"), *w.role().PermissionsBoundary.PermissionsBoundaryArn)
	require.Empty(t, w.preview(program).plan())
}

// Found with --target: the engine hands on unknowns in an update for what it leaves out, and the SDK drops them. A
// dropped permissionsBoundary lets the role do more than was meant.
func TestAnUnknownDuringAnUpdateIsAnErrorAndNeverDropped(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		w := newExampleWorld(t, p.example)
		before := len(w.changes())
		r := w.up(trust(p.replaced(unknown())))
		require.Error(t, r.err)
		requireProblem(t, r.messages(), p.path, "--target")
		require.Empty(t, w.resources())
		require.Len(t, w.changes(), before)
	})
}

// Found in the SDK: it forgets a secret that stands inside an output that is none.
func TestASecretInsideAPlainOutputStaysSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	section := values(props{
		"": props{"repositories": []any{props{"repository": secret("hunter2@1/web@2"), "branches": []any{"main"}}}},
	})[""]
	w.mustUp(optioned("deploy", props{
		"github": resource.NewProperty(resource.Output{Element: section, Known: true}),
		"policyArns": resource.NewProperty(resource.Output{Known: true,
			Element: resource.NewProperty([]resource.PropertyValue{
				secret(policy("SecurityAudit")),
			})}),
	}, deploytest.ResourceOptions{}))
	hasNo(t, []string{"hunter2", "SecurityAudit"}, "the state", w.state())
}

// Names of resources are never secret, so a secret ARN must not be in one.
func TestASecretPolicyArnIsNotInTheNameOfItsAttachment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(
		trust(with(github(), props{"policyArns": []any{secret(policy("SecurityAudit")), policy("ReadOnlyAccess")}})),
	)
	hasNo(t, []string{"SecurityAudit"}, "the state", w.state())
	require.Contains(t, strings.Join(w.resources(), " "), "RolePolicyAttachment deploy-policy-")
}
