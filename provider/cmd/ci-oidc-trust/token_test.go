package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// An issuer signs tokens as a CI system does.
type issuer struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{r, e}
}

func (i issuer) jwks(t *testing.T) string {
	t.Helper()
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: i.rsa.Public(), KeyID: "r", Algorithm: "RS256", Use: "sig"},
		{Key: i.ec.Public(), KeyID: "e", Algorithm: "ES256", Use: "sig"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func tokenClaims(change map[string]any) map[string]any {
	all := map[string]any{
		"iss": "https://" + host, "aud": "sts.amazonaws.com",
		"sub": "repo:acme@1234567/web@89012345:ref:refs/heads/main", "iat": time.Now().Unix(),
		"exp": time.Now().Add(5 * time.Minute).Unix(), "jti": "6f1b5a0e-token-id",
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// neverPrinted fails when an output has the token or one of its parts.
func neverPrinted(t *testing.T, name, token string, got answer) {
	t.Helper()
	for _, part := range append(strings.Split(strings.TrimSpace(token), "."), token, "6f1b5a0e-token-id") {
		if len(part) > 3 && (strings.Contains(got.out, part) || strings.Contains(got.err, part)) {
			t.Errorf("%s: the output has a part of the token: %+v", name, got)
		}
	}
}

func TestATokenIsReadAndItsSignatureCheckedWhereThereAreKeys(t *testing.T) {
	ours, theirs := newIssuer(t), newIssuer(t)
	const (
		notChecked = "the token's signature was not checked: that needs the issuer's keys (jwks)"
		checked    = "the token's signature was checked with the given keys"
		wrong      = "the token's signature does not verify with the given keys"
		noJWT      = "the token is no JWT that STS accepts"
	)
	rs256 := sign(t, jose.RS256, ours.rsa, "r", tokenClaims(nil))
	parts := strings.Split(rs256, ".")
	encode := base64.RawURLEncoding.EncodeToString
	payload, _ := json.Marshal(tokenClaims(map[string]any{"sub": "repo:mallory/web:ref:refs/heads/main"}))
	public, err := x509.MarshalPKIXPublicKey(ours.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token          string
		offline, keyed int
		offlineSays    string
		keyedSays      string
	}{
		"RS256": {rs256, 0, 0, notChecked, checked},
		"RS512": {sign(t, jose.RS512, ours.rsa, "", tokenClaims(nil)), 0, 2,
			notChecked, wrong},
		"ES256": {sign(t, jose.ES256, ours.ec, "e", tokenClaims(nil)), 0, 0, notChecked,
			checked},
		"white space around": {"\n " + rs256 + " \n", 0, 0, notChecked, checked},
		"another branch": {
			sign(t, jose.RS256, ours.rsa, "r", tokenClaims(map[string]any{
				"sub": "repo:acme@1234567/web@89012345:ref:refs/heads/x",
			})), 1, 1, notChecked, "branch: wants",
		},
		"another issuer's key": {sign(t, jose.RS256, theirs.rsa, "r", tokenClaims(nil)), 0, 2,
			notChecked, wrong},
		"a key of another id": {sign(t, jose.RS256, ours.rsa, "q", tokenClaims(nil)), 0, 2,
			notChecked, wrong},
		"a payload put in later": {parts[0] + "." + encode(payload) + "." + parts[2], 1, 2, notChecked, wrong},
		"a signature cut off":    {parts[0] + "." + parts[1] + ".", 0, 2, notChecked, wrong},
		"alg none": {encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + ".", 2, 2,
			noJWT, noJWT},
		"HS256 with the public key":      {sign(t, jose.HS256, public, "r", tokenClaims(nil)), 2, 2, noJWT, noJWT},
		"PS256, which STS does not take": {sign(t, jose.PS256, ours.rsa, "r", tokenClaims(nil)), 2, 2, noJWT, noJWT},
		"expired": {sign(t, jose.RS256, ours.rsa, "r", tokenClaims(map[string]any{"exp": 1})), 1, 1,
			"(ExpiredTokenException)", "were it not for that, the answer would be allowed:"},
		"without exp": {sign(t, jose.RS256, ours.rsa, "r", tokenClaims(map[string]any{"exp": nil})), 1, 1,
			"it has no exp, and STS wants iss, sub, aud, iat, exp in every token (InvalidIdentityToken)",
			"it has no exp"},
		"without sub": {sign(t, jose.RS256, ours.rsa, "r", tokenClaims(map[string]any{"sub": nil})), 1, 1,
			"it has no sub", "sub must be"},
		"no token":                     {"hello", 2, 2, noJWT, noJWT},
		"two parts":                    {parts[0] + "." + parts[1], 2, 2, noJWT, noJWT},
		"five parts, an encrypted one": {rs256 + ".a.b", 2, 2, noJWT, noJWT},
		"a header that is no JSON": {encode([]byte("hello world")) + "." + parts[1] + "." + parts[2], 2, 2,
			noJWT, noJWT},
		"a payload that is a list": {signRaw(t, ours.rsa, `[1,2]`), 2, 2, "the token's payload is no JSON object",
			"the token's payload"},
		"a payload with a name twice": {signRaw(t, ours.rsa, `{"sub":"a","sub":"b"}`), 1, 1, "it has no iss",
			"the token has"},
		"a payload that is no JSON": {signRaw(t, ours.rsa, `hello`), 2, 2, "the token's payload is no JSON object",
			"the token's"},
		"claims in the place of a token": {claims, 2, 2, noJWT, noJWT},
		"white space in the place of one": {" \n", 2, 2, "--token: the file is empty; expected a JWT",
			"--token: the file is empty"},
	} {
		args := []string{"evaluate", "--trust-policy", file(t, policy), "--token", file(t, c.token)}
		for _, more := range [][]string{nil, {"--json"}} {
			offline := cli(t, "", append(args, more...)...)
			if offline.code != c.offline || !strings.Contains(offline.out+offline.err, c.offlineSays) {
				t.Errorf("%s, without keys: expected %d and %q, got %+v", name, c.offline, c.offlineSays, offline)
			}
			keyed := cli(t, "", append(append(args, more...), "--jwks", file(t, ours.jwks(t)))...)
			if keyed.code != c.keyed || !strings.Contains(keyed.out+keyed.err, c.keyedSays) {
				t.Errorf("%s, with keys: expected %d and %q, got %+v", name, c.keyed, c.keyedSays, keyed)
			}
			for _, got := range []answer{offline, keyed} {
				if got.code == 2 && strings.Count(got.err, "\n") != 1 {
					t.Errorf("%s: expected one sentence, got %q", name, got.err)
				}
				neverPrinted(t, name, c.token, got)
			}
		}
	}
}

// signRaw signs a payload that need not be an object.
func signRaw(t *testing.T, key crypto.Signer, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		(&jose.SignerOptions{}).WithHeader("kid", "r"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestBadKeysAreRefusedAndNeverIgnored(t *testing.T) {
	ours := newIssuer(t)
	token := sign(t, jose.RS256, ours.rsa, "r", tokenClaims(nil))
	for name, c := range map[string]struct{ keys, want string }{
		"an empty file": {"", "--jwks: the file is empty; expected a JSON Web Key Set"},
		"no keys":       {`{"keys":[]}`, "jwks: expected a JSON Web Key Set, an object with a list keys"},
		"another shape": {`[]`, "jwks: expected a JSON Web Key Set"},
		"no JSON":       {`hello`, "jwks: expected a JSON Web Key Set"},
		"the discovery document": {`{"issuer":"https://` + host + `","jwks_uri":"https://` + host +
			`/.well-known/jwks"}`, "jwks: expected a JSON Web Key Set"},
		"the token": {token, "jwks: expected a JSON Web Key Set"},
	} {
		got := cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--token", file(t, token), "--jwks",
			file(t, c.keys))
		if got.code != 2 || got.out != "" || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
		neverPrinted(t, name, token, got)
	}
}

func TestATokenInTheWrongPlaceIsNotPrinted(t *testing.T) {
	ours := newIssuer(t)
	token := sign(t, jose.ES256, ours.ec, "e", tokenClaims(nil))
	for _, wrapped := range []string{token, quoted(token), "Bearer " + token, `{"value":"` + token + `"}`,
		`{"` + token + `":1}`, `{"Role":{"AssumeRolePolicyDocument":"` + token + `"}}`} {
		at := file(t, wrapped)
		for _, args := range [][]string{
			{"audit", "--trust-policy", at}, {"evaluate", "--trust-policy", at, "--claims", file(t, claims)},
			{"evaluate", "--trust-policy", file(t, policy), "--claims", at},
			{"evaluate", "--trust-policy", file(t, policy), "--token", at, "--jwks", at},
		} {
			got := cli(t, "", args...)
			read := len(args) == 5 && args[3] == "--claims" && args[4] == at && !strings.Contains(wrapped, ":1}") &&
				!strings.Contains(wrapped, "Role")
			if (got.code == 0) != read {
				t.Errorf("%v: %+v", args, got)
			}
			neverPrinted(t, strings.Join(args, " "), token, got)
		}
	}
}
