package citest

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	denyProvider = "arn:aws:iam::123456789012:oidc-provider/ci.example.com"
	key          = "ci.example.com:"
)

// evil are the cases of one token that must not get in, with claims of its own.
func evil(own map[string]any) []trust.Case {
	claims := map[string]any{"aud": "sts", "email": "7"}
	maps.Copy(claims, own)
	return []trust.Case{{
		Token:   "mallory's",
		Request: trust.Request{Provider: denyProvider, Issuer: "ci.example.com", Partition: "aws", Claims: claims},
	}}
}

func TestADenyThatATokenWalksAroundIsFound(t *testing.T) {
	allow := trust.Grant{Provider: denyProvider, Claims: map[string][]string{
		key + "aud": {"sts"}, key + "email": {"7"}, key + "sub": {"acme/*:main*"},
	}}
	for name, c := range map[string]struct {
		refuse map[string][]string
		evil   map[string]any
		fault  string
	}{
		"it tests what it refuses alone": {map[string][]string{key + "sub": {"*:*:*"}},
			map[string]any{"sub": "acme/web:main:evil"}, ""},
		"and what the Allow demands": {map[string][]string{
			key + "aud":   {"sts"},
			key + "email": {"7"},
			key + "sub":   {"*:*:*"},
		}, map[string]any{"sub": "acme/web:main:evil"}, ""},
		"and more values than the Allow has": {map[string][]string{
			key + "aud": {"sts", "other"},
			key + "sub": {"*:*:*"},
		}, map[string]any{"sub": "acme/web:main:evil"}, ""},
		"it refuses by a claim that may be missing": {map[string][]string{key + "aud": {"sts"}, key + "name": {"*:*"}},
			map[string]any{"sub": "acme/web:main", "name": "main:evil"}, ""},
		"and a claim that a token need not have": {map[string][]string{key + "name": {"main*"}, key + "sub": {"*:*:*"}},
			map[string]any{"sub": "acme/web:main:evil", "name": "main"}, "can be walked around"},
		"and two claims that a token need not have": {map[string][]string{
			key + "name":    {"main*"},
			key + "profile": {"*"},
		}, map[string]any{"sub": "acme/web:main", "name": "main", "profile": "v1"}, "can be walked around"},
		"and less than the Allow lets in": {map[string][]string{key + "name": {"*:*"}, key + "sub": {"acme/web:main*"}},
			map[string]any{"sub": "acme/web:main", "name": "main:evil"}, "can be walked around"},
		"it is for an audience that no Allow has": {map[string][]string{key + "aud": {"other"}, key + "sub": {"*:*:*"}},
			map[string]any{"sub": "acme/web:main:evil"}, "can be walked around"},
		"it refuses what no Allow lets in": {map[string][]string{key + "sub": {"globex:*"}},
			map[string]any{"sub": "globex:web"}, "refuses no near miss"},
	} {
		deny := trust.Grant{Provider: denyProvider, Deny: true, Claims: c.refuse}
		faults := strings.Join(walkedAround(trust.Compile([]trust.Grant{allow, deny}), evil(c.evil)), "\n")
		if c.fault == "" && faults != "" || !strings.Contains(faults, c.fault) {
			t.Errorf("%s: %q, want %q", name, faults, c.fault)
		}
	}
}

// One Allow beside it that demands less is enough.
func TestADenyMustHoldForEveryAllowBesideIt(t *testing.T) {
	cases := evil(map[string]any{"sub": "acme/web:main:evil"})
	narrow := trust.Grant{
		Provider: denyProvider,
		Claims:   map[string][]string{key + "email": {"7"}, key + "sub": {"acme/*:main*"}},
	}
	wide := trust.Grant{Provider: denyProvider, Claims: map[string][]string{key + "sub": {"acme/web:main*"}}}
	deny := trust.Grant{
		Provider: denyProvider,
		Deny:     true,
		Claims:   map[string][]string{key + "email": {"7"}, key + "sub": {"*:*:*"}},
	}
	if faults := walkedAround(trust.Compile([]trust.Grant{narrow, deny}), cases); len(faults) != 0 {
		t.Errorf("%q", faults)
	}
	if faults := walkedAround(trust.Compile([]trust.Grant{narrow, wide, deny}), cases); len(faults) != 1 {
		t.Errorf("%q", faults)
	}
	other := wide // a token that it lets in is none of those that the Deny is there for
	other.Claims = map[string][]string{key + "sub": {"acme/api:*"}}
	if faults := walkedAround(trust.Compile([]trust.Grant{narrow, other, deny}), cases); len(faults) != 0 {
		t.Errorf("%q", faults)
	}
}
