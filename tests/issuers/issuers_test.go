package issuers_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // IAM thumbprints are SHA-1 by definition
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const github = "https://token.actions.githubusercontent.com"

func start(t *testing.T) *issuers.Set {
	t.Helper()
	set, err := issuers.Start()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, set.Close()) })
	return set
}

func add(t *testing.T, set *issuers.Set, url string) *issuers.Issuer {
	t.Helper()
	issuer, err := set.Add(url)
	require.NoError(t, err)
	return issuer
}

// reach is a context whose HTTP client dials the set for every host and trusts nobody but its authority.
func reach(t *testing.T, set *issuers.Set) context.Context {
	t.Helper()
	hosts := set.Hosts()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: set.Roots(), MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, hosts[strings.TrimSuffix(address, ":443")])
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return oidc.ClientContext(t.Context(), &http.Client{Transport: transport, Timeout: 5 * time.Second})
}

// verify does what any relying party does: discovery, keys, signature, audience, times.
func verify(t *testing.T, set *issuers.Set, url, token string) (*oidc.IDToken, error) {
	t.Helper()
	ctx := reach(t, set)
	provider, err := oidc.NewProvider(ctx, url)
	if err != nil {
		return nil, err
	}
	return provider.Verifier(&oidc.Config{ClientID: "me"}).Verify(ctx, token)
}

func TestATokenVerifiesAsAnyRelyingPartyWouldVerifyIt(t *testing.T) {
	set := start(t)
	for _, url := range []string{
		github, "https://oidc.circleci.com/org/acme", "https://oidc.circleci.com/org/other",
		"https://login.app.env0.com/",
	} {
		issuer := add(t, set, url)
		for _, how := range []func(map[string]any) (string, error){issuer.Sign, issuer.SignES256} {
			token, err := how(map[string]any{"aud": "me", "sub": "job"})
			require.NoError(t, err)
			id, err := verify(t, set, url, token)
			require.NoError(t, err)
			assert.Equal(t, url, id.Issuer)
			assert.Equal(t, "job", id.Subject)
			assert.WithinDuration(t, time.Now().Add(5*time.Minute), id.Expiry, time.Minute)
		}
	}
}

func TestForgedTokensDoNotVerify(t *testing.T) {
	set := start(t)
	issuer := add(t, set, github)
	for name, how := range map[string]func(map[string]any) (string, error){
		"unsigned":             issuers.Unsigned,
		"stranger's key":       issuer.SignWithStrangersKey,
		"unknown key":          issuer.SignWithUnknownKey,
		"public key as secret": issuer.SignWithPublicKeyAsSecret,
		"another issuer":       add(t, set, "https://attacker.example.com").Sign,
	} {
		token, err := how(map[string]any{"iss": github, "aud": "me", "sub": "job"})
		require.NoError(t, err)
		_, err = verify(t, set, github, token)
		assert.Error(t, err, name)
	}
}

func TestClaimsCanBeReplacedAndLeftOut(t *testing.T) {
	set := start(t)
	issuer := add(t, set, github)
	token, err := issuer.Sign(map[string]any{
		"aud": "me",
		"sub": "job",
		"jti": nil,
		"exp": time.Now().Add(time.Hour).Unix(),
	})
	require.NoError(t, err)
	id, err := verify(t, set, github, token)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(time.Hour), id.Expiry, time.Minute)
	var claims map[string]any
	require.NoError(t, id.Claims(&claims))
	assert.NotContains(t, claims, "jti")
	assert.Contains(t, claims, "iat")
}

func TestAStoppedIssuerIsUnreachable(t *testing.T) {
	set := start(t)
	issuer := add(t, set, github)
	token, err := issuer.Sign(map[string]any{"aud": "me", "sub": "job"})
	require.NoError(t, err)
	issuer.Stop()
	_, err = verify(t, set, github, token)
	assert.Error(t, err)
	issuer.Resume()
	_, err = verify(t, set, github, token)
	assert.NoError(t, err)
}

func TestOneURLIsOneIssuer(t *testing.T) {
	set := start(t)
	assert.Same(t, add(t, set, github), add(t, set, github))
	_, err := set.Add(github + "/")
	assert.ErrorContains(t, err, "would publish where")
}

func TestURLsThatAreNoIssuersAreRefused(t *testing.T) {
	set := start(t)
	for _, url := range []string{"", "idp.example.com", "http://idp.example.com", "https://idp.example.com:8443",
		"https://idp.example.com?a=b", "https://a b"} {
		_, err := set.Add(url)
		assert.Error(t, err, url)
	}
	assert.Empty(t, set.Hosts())
}

func TestEveryHostHasACertificateOfItsOwnAndOthersHaveNone(t *testing.T) {
	set := start(t)
	add(t, set, github)
	address := set.Hosts()["token.actions.githubusercontent.com"]
	assert.True(t, strings.HasPrefix(address, "127.0.0.1:"))

	connection, err := tls.Dial("tcp", address,
		&tls.Config{RootCAs: set.Roots(), ServerName: "token.actions.githubusercontent.com"})
	require.NoError(t, err)
	chain := connection.ConnectionState().PeerCertificates
	require.NoError(t, connection.Close())
	assert.Equal(t, []string{"token.actions.githubusercontent.com"}, chain[0].DNSNames)
	top := sha1.Sum(chain[len(chain)-1].Raw) //nolint:gosec // as above
	assert.Equal(t, set.Thumbprint(), hex.EncodeToString(top[:]))

	_, err = tls.Dial("tcp", address, &tls.Config{RootCAs: set.Roots(), ServerName: "gitlab.com"})
	assert.Error(t, err)
}

func TestAnotherSetsAuthorityIsNotTrusted(t *testing.T) {
	set, other := start(t), start(t)
	add(t, set, github)
	address := set.Hosts()["token.actions.githubusercontent.com"]
	_, err := tls.Dial("tcp", address,
		&tls.Config{RootCAs: other.Roots(), ServerName: "token.actions.githubusercontent.com"})
	assert.Error(t, err)
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	set := start(t)
	add(t, set, "https://oidc.circleci.com/org/acme")
	_, err := oidc.NewProvider(reach(t, set), "https://oidc.circleci.com/org/other")
	assert.ErrorContains(t, err, "404")
}
