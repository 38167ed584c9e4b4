package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// tokenAlgorithms are those STS verifies:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
var tokenAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512,
}

// maxKeys is the number of RSA keys, and of EC keys, an issuer may publish. (Same page as above.)
const maxKeys = 100

// webToken is a token that parses as one STS could verify. Its claims are only what it says until verify has passed.
type webToken struct {
	signed *jose.JSONWebSignature
	kid    string
	claims map[string]any
}

func parseToken(raw string) (*webToken, error) {
	signed, err := jose.ParseSignedCompact(raw, tokenAlgorithms)
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &algorithm):
		return nil, errTokenNotValidated()
	case err != nil:
		return nil, errNotJWT()
	}
	claims, err := naive.ReadClaims(signed.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, errNotJWT()
	}
	return &webToken{signed: signed, kid: signed.Signatures[0].Header.KeyID, claims: claims}, nil
}

func errNotJWT() error {
	return invalidToken("The ID Token provided is not a valid JWT. (You may see this error if you " +
		"sent an Access Token)")
}

func errTokenNotValidated() error { return refusal(naive.NotValidated()) }

func errNoVerificationKey() error {
	return invalidToken("Couldn't retrieve verification key from your identity provider,  " +
		"please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// verify checks the token's signature with the keys its issuer publishes now.
func (t *webToken) verify(ctx context.Context, issuer string, client *http.Client) error {
	keys, err := fetchKeys(ctx, issuer, client)
	switch {
	case errors.Is(err, errThumbprint):
		return invalidToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	case err != nil:
		return errNoVerificationKey()
	}
	candidates := keys.Key(t.kid)
	if t.kid == "" || len(candidates) == 0 {
		return errNoVerificationKey()
	}
	for _, key := range candidates {
		if _, err := t.signed.Verify(key.Key); err == nil {
			return nil // what the claims say has rules of STS's own, and is judged afterwards
		}
	}
	return errTokenNotValidated()
}

// fetchKeys reads the discovery document, whose issuer must be the same to the letter, and the keys it points to.
func fetchKeys(ctx context.Context, issuer string, client *http.Client) (*jose.JSONWebKeySet, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, client), issuerPatience)
	defer cancel()
	discovered, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	var document struct {
		JWKS string `json:"jwks_uri"`
	}
	if err := discovered.Claims(&document); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, document.JWKS, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("reading the keys of %s: %s", issuer, response.Status)
	}
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&keys); err != nil {
		return nil, fmt.Errorf("reading the keys of %s: %w", issuer, err)
	}
	kinds := map[string]int{}
	for _, key := range keys.Keys {
		kind := fmt.Sprintf("%T", key.Key)
		if kinds[kind]++; kinds[kind] > maxKeys {
			return nil, fmt.Errorf("%s publishes more than %d keys of one kind", issuer, maxKeys)
		}
	}
	return &keys, nil
}
