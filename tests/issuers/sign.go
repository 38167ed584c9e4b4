package issuers

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// lifetime is that of a GitHub Actions token.
const lifetime = 5 * time.Minute

// Sign makes the token a job would get, with RS256. iss, iat, nbf, exp and jti are filled in when absent; a claim set
// to nil is left out, so that a token can lack any of them.
func (i *Issuer) Sign(claims map[string]any) (string, error) {
	return i.sign(jose.RS256, i.rsaKey, i.rsaKid, claims)
}

// SignES256 is Sign with the issuer's elliptic-curve key.
func (i *Issuer) SignES256(claims map[string]any) (string, error) {
	return i.sign(jose.ES256, i.ecKey, i.ecKid, claims)
}

// SignWithStrangersKey names the issuer's key and signs with one the issuer never published.
func (i *Issuer) SignWithStrangersKey(claims map[string]any) (string, error) {
	key, err := strangersKey()
	if err != nil {
		return "", err
	}
	return i.sign(jose.RS256, key, i.rsaKid, claims)
}

// SignWithUnknownKey signs with, and names, a key the issuer never published.
func (i *Issuer) SignWithUnknownKey(claims map[string]any) (string, error) {
	key, err := strangersKey()
	if err != nil {
		return "", err
	}
	return i.sign(jose.RS256, key, "never-published", claims)
}

// SignWithPublicKeyAsSecret is the algorithm-confusion attack: HS256 with the published RSA key as the shared secret.
func (i *Issuer) SignWithPublicKeyAsSecret(claims map[string]any) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(i.rsaKey.Public())
	if err != nil {
		return "", fmt.Errorf("encoding the public key of %s: %w", i.url, err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return i.sign(jose.HS256, secret, i.rsaKid, claims)
}

// Unsigned makes a token with algorithm "none", which says nothing but what its writer wants.
func Unsigned(claims map[string]any) (string, error) {
	payload, err := json.Marshal(complete("", claims))
	if err != nil {
		return "", fmt.Errorf("encoding the claims: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + ".", nil
}

func (i *Issuer) sign(algorithm jose.SignatureAlgorithm, key any, kid string, claims map[string]any) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		return "", fmt.Errorf("signing for %s: %w", i.url, err)
	}
	payload, err := json.Marshal(complete(i.url, claims))
	if err != nil {
		return "", fmt.Errorf("encoding the claims for %s: %w", i.url, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing for %s: %w", i.url, err)
	}
	return signed.CompactSerialize()
}

func complete(issuer string, claims map[string]any) map[string]any {
	now := time.Now()
	all := map[string]any{
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(lifetime).Unix(),
		"jti": rand.Text(),
	}
	if issuer != "" {
		all["iss"] = issuer
	}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

var strangersKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
