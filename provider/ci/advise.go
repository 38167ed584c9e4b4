package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Adviser is a CI system that says more of a token that does not fit than its forms do.
type Adviser interface {
	// Recognises reports that an issuer, without its scheme, has the form of the system's, also on a host of the user's
	// own.
	Recognises(host string) bool
	// Advise says what to change so that the claim that was seen fits, or "" when nothing is known.
	Advise(m trust.Mismatch, seen string) string
}

// Advise says what to change so that a token fits, in the words of its CI system, or "" when nothing is known.
func (r *Registry) Advise(m trust.Mismatch) string {
	seen := ""
	if len(m.Seen) > 0 {
		seen = m.Seen[0]
	}
	for _, wanted := range m.Wanted {
		if seen != "" &&
			(strings.EqualFold(wanted, seen) || m.Like && trust.Match(strings.ToLower(wanted), strings.ToLower(seen))) {
			return "they differ in letter case alone, and AWS compares letter by letter"
		}
	}
	for _, s := range r.systems {
		if adviser, ok := s.(Adviser); ok && adviser.Recognises(m.Issuer) {
			return adviser.Advise(m, seen)
		}
	}
	if m.Claim == "sub" {
		return r.adviseForm(m.Issuer, m.Wanted, seen)
	}
	return ""
}
