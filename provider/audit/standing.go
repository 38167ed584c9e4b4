package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// audience judges what a statement demands of aud, where aud names no tenant.
func (t *trial) audience() {
	if field := t.issuer.claim("aud"); field != nil || !t.anyAlive() {
		return
	}
	var loose *trust.Clause
	pinned, like := false, false
	for i := range t.clauses {
		c := &t.clauses[i]
		if c.Claim != "aud" || !c.Text || c.Negated {
			continue
		}
		if slices.ContainsFunc(c.Values, trust.Value.Wild) {
			loose = c
			continue
		}
		pinned = true
		like = like || slices.ContainsFunc(c.Values, func(v trust.Value) bool { return v.Like })
	}
	switch {
	case pinned && like:
		t.found = append(t.found, t.about("aud", audienceLike, t.issuer.host))
	case pinned:
	case loose != nil:
		t.otherAudience(t.atKey(t.at, loose, audienceWildcard, t.issuer.host))
	default:
		t.otherAudience(t.about("aud", noAudience, t.issuer.host))
	}
}

// otherAudience reports that a token with an audience of somebody else's gets in, if one does.
func (t *trial) otherAudience(f ci.Finding) {
	for _, r := range slices.Concat(t.living...) {
		w := r.rest["aud"]
		if slices.ContainsFunc(w.Fit, trust.Value.Exact) {
			continue // a Deny pins it
		}
		for _, aud := range []string{"https://mallory.example", "mallory", ""} {
			if aud == "" {
				aud, _ = t.text("aud", w, "", true)
			}
			if aud == "" {
				continue
			}
			if token, _ := t.token(r, ci.Verdict{Claims: map[string]string{"aud": aud}}); token != nil {
				f.Witness = t.witness(r, ci.Verdict{}, token)
				t.found = append(t.found, f)
				return
			}
		}
	}
}

// slashed reports, and says, that the provider's issuer differs from the one that is known by a slash at its end: no
// token has such an issuer.
func (t *trial) slashed() bool {
	known := t.issuer.known.Host
	if trust.HasWildcard(known) || known == t.issuer.host ||
		strings.TrimSuffix(known, "/") != strings.TrimSuffix(t.issuer.host, "/") || known == "" {
		return false
	}
	t.add(t.at.finding(issuerSlash, t.issuer.title+" is "+known))
	return true
}

// control says what AWS demands before it stores the statement.
func (t *trial) control() {
	control := t.issuer.known.Control
	if control.Satisfied(t.statement, t.issuer.host) {
		return
	}
	if slices.ContainsFunc(t.found, func(f ci.Finding) bool {
		return f.Witness != nil && f.Severity.AtLeast(ci.Medium)
	}) {
		return // the same claim is missing, and the finding says what follows
	}
	t.found = append(t.found, t.about(control.Claims[0], requiredClaim,
		t.issuer.title+" wants "+strings.Join(control.Claims, " or ")))
}
