package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// cloudBuild is a trust of one service account.
func cloudBuild(email string) props {
	return props{
		"googleCloudBuild": props{"serviceAccounts": []any{props{"uniqueId": "100000000000000777001", "email": email}}},
	}
}

// AWS has the issuer built in: a provider would be refused, or be one that the trust policy does not name.
func TestAnIssuerThatAWSKnowsGetsNoProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inputs := with(cloudBuild("deploy@acme-prod.iam.gserviceaccount.com"), props{"roleName": "deploy"})
	w.mustUp(trust(inputs))
	require.Equal(t, []string{"CiOidcTrust deploy", "Role deploy"}, w.resources())
	require.Empty(t, w.outputs()["providerArns"])
	require.Contains(t, w.trustPolicy(), `"Federated":"accounts.google.com"`)

	w.change(with(inputs, github()), "create OpenIdConnectProvider deploy-github", "update Role deploy")
	require.Equal(t, map[string]any{"github": githubArn}, w.outputs()["providerArns"])
	w.change(inputs, "delete OpenIdConnectProvider deploy-github", "update Role deploy")
}
