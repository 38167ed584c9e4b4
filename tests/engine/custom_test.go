package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTwoCustomIssuersOnOneRoleHaveAProviderEach(t *testing.T) {
	t.Parallel()
	issuer := func(url string) props {
		return props{"issuer": url, "audiences": []any{"sts.amazonaws.com"}, "subjects": []any{"acme:web"}}
	}
	w := newWorld(t)
	w.mustUp(trust(props{
		"custom": props{"one": issuer("https://one.example.com"), "two": issuer("https://two.example.com/")},
	}))
	require.Equal(t, map[string]any{
		"one": "arn:aws:iam::123456789012:oidc-provider/one.example.com",
		"two": "arn:aws:iam::123456789012:oidc-provider/two.example.com/",
	}, w.outputs()["providerArns"])
	require.Contains(t, w.resources(), "OpenIdConnectProvider deploy-one")
	require.Contains(t, w.resources(), "OpenIdConnectProvider deploy-two")
	pipelines, _ := w.outputs()["pipelineConfigs"].(map[string]any)
	require.Len(t, pipelines, 2)

	w.mustUp(trust(props{"custom": props{"two": issuer("https://two.example.com/")}}))
	require.NotContains(t, w.resources(), "OpenIdConnectProvider deploy-one")
}

func TestACustomIssuerOfAnExistingProviderUsesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider("https://ci.example.com", "sts.amazonaws.com")
	w.mustUp(trust(props{"custom": props{"ci": props{
		"issuer": "https://ci.example.com", "audiences": []any{"sts.amazonaws.com"}, "subjects": []any{"acme:web"},
		"providerArn": arn,
	}}}))
	require.Equal(t, map[string]any{"ci": arn}, w.outputs()["providerArns"])
	require.NotContains(t, w.resources(), "OpenIdConnectProvider deploy-ci")

	messages := newWorld(t).refused(props{"custom": props{"ci": props{
		"issuer": "https://ci.example.com", "audiences": []any{"x"}, "subjects": []any{"acme:web"},
		"providerArn": "arn:aws:iam::123456789012:oidc-provider/other.example.com",
	}}})
	requireProblem(t, messages, "custom.ci.providerArn", "is the provider of another issuer")
}
