package issuers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	jwksPath      = "/.well-known/jwks"
)

// Issuer is one token issuer: a URL, a discovery document, and the keys it publishes.
type Issuer struct {
	url     string
	rsaKey  *rsa.PrivateKey
	ecKey   *ecdsa.PrivateKey
	rsaKid  string
	ecKid   string
	stopped atomic.Bool
}

func newIssuer(url string) (*Issuer, error) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", url, err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", url, err)
	}
	return &Issuer{url: url, rsaKey: rsaKey, ecKey: ecKey, rsaKid: rand.Text(), ecKid: rand.Text()}, nil
}

// URL is the issuer as its tokens carry it in iss.
func (i *Issuer) URL() string { return i.url }

// Stop makes the issuer unreachable: connections to its discovery document and keys are dropped. It can still sign.
func (i *Issuer) Stop() { i.stopped.Store(true) }

// Resume undoes Stop.
func (i *Issuer) Resume() { i.stopped.Store(false) }

func (i *Issuer) serve(w http.ResponseWriter, document string) {
	if i.stopped.Load() {
		panic(http.ErrAbortHandler) // net/http's way to drop a connection without an answer
	}
	w.Header().Set("Content-Type", "application/json")
	var body any
	switch document {
	case jwksPath:
		body = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: i.rsaKey.Public(), KeyID: i.rsaKid, Algorithm: string(jose.RS256), Use: "sig"},
			{Key: i.ecKey.Public(), KeyID: i.ecKid, Algorithm: string(jose.ES256), Use: "sig"},
		}}
	default:
		body = map[string]any{
			"issuer":                                i.url,
			"jwks_uri":                              strings.TrimSuffix(i.url, "/") + jwksPath,
			"subject_types_supported":               []string{"public"},
			"response_types_supported":              []string{"id_token"},
			"id_token_signing_alg_values_supported": []jose.SignatureAlgorithm{jose.RS256, jose.ES256},
			"scopes_supported":                      []string{"openid"},
		}
	}
	_ = json.NewEncoder(w).Encode(body) // a client that went away is no concern of the issuer
}
