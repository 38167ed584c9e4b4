package citest

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// grantDenies holds every Deny that stands beside an Allow against the Allow: a Deny on a claim that a token can leave
// out, or held to other claims, is walked around.
func (s Suite) grantDenies(t *testing.T) {
	within := func(g *ci.Grant, refuse, demanded map[string][]string) {
		t.Helper()
		for claim := range refuse {
			if len(demanded[claim]) == 0 {
				t.Errorf("%s: the Deny tests %s, which the Allow does not demand", g.Sentence, claim)
			}
		}
	}
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS, InChina, InGov, ci.Account{}) {
			for _, tr := range s.MustRead(t, written, account) {
				for i := range tr.Grants {
					g := &tr.Grants[i]
					within(g, g.Refuse, g.Claims)
					if (g.Refuse == nil) != (g.Refuses == nil) {
						t.Errorf("%s: Refuse and its meaning, Refuses, come together", g.Sentence)
					}
					if g.Compact != nil {
						within(g, g.Compact.Refuse, g.Compact.Claims)
					}
				}
			}
		}
	}
}
