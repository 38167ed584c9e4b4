package adopt

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// beyond are tokens that what was made admits, and neither the policy nor what is allowed does: of those that the proof
// makes up, and of those of each way through what was made. That there is no other, the comparison proves at the end.
func (a *adopter) beyond(p *adopted, m *made, allowed ...*made) iter.Seq[map[string]any] {
	return func(yield func(map[string]any) bool) {
		exceeds := func(claims map[string]any) bool {
			return a.decide(a.policy, p, claims) == trust.Denied && !slices.ContainsFunc(allowed, func(m *made) bool {
				return a.decide(m.policy, p, claims) != trust.Denied
			})
		}
		for _, g := range m.trusts[0].Grants {
			for _, token := range g.Tokens() {
				if token.Admit && exceeds(token.Claims) && !yield(token.Claims) {
					return
				}
			}
		}
		for _, way := range p.waysOf(m) {
			for _, claims := range way.tokens() {
				if a.decide(m.policy, p, claims) != trust.Denied && exceeds(claims) && !yield(claims) {
					return
				}
			}
		}
	}
}

// waysOf are the ways through what was made, as far as they are looked at.
func (p *adopted) waysOf(m *made) []*way {
	w := walker{adopted: p, left: mostWays}
	for number, s := range p.allows(m.policy) {
		slots, _ := p.slots(s)
		w.walk(number, slots)
	}
	return w.ways
}

// excess is a token that what was made admits and the policy does not, nil if there is none. same says that each such
// token is of a job that the way admits, but that its subject has another form.
func (a *adopter) excess(p *adopted, m *made, w *way) (witness map[string]any, same bool) {
	same = true
	for claims := range a.beyond(p, m) {
		if witness == nil {
			witness = claims
		}
		if same = w.job.Form != nil && w.demands(claims); same {
			_, itself := w.job.Form.Parse(ci.TextOf(claims["sub"]))
			same = !itself
		}
		if !same {
			return claims, false
		}
	}
	return witness, same
}

// untested says which claims of a way no word tests; "" for none.
func (w *way) untested(m *made) string {
	var claims []string
	for _, claim := range slices.Sorted(maps.Keys(w.job.Claims)) {
		if claim == "sub" || slices.ContainsFunc(m.trusts[0].Grants, func(g ci.Grant) bool {
			return g.Claims[claim] != nil || g.Compact != nil && g.Compact.Claims[claim] != nil
		}) {
			continue
		}
		claims = append(claims, claim)
	}
	if len(claims) == 0 {
		return ""
	}
	return ", whatever " + ci.OrList(claims) + " is, which they do not test"
}

// demands reports that claims are as the way demands them, but for the subject and the audience.
func (w *way) demands(claims map[string]any) bool {
	for claim, demanded := range w.job.Claims {
		text, prefix := strings.CutSuffix(ci.TextOf(demanded), ci.Any)
		if claim == "sub" || claim == "aud" || claim == "oaud" || strings.HasPrefix(claim, ci.RequestTag) {
			continue
		}
		if seen := ci.TextOf(claims[claim]); seen != text && !(prefix && strings.HasPrefix(seen, text)) {
			return false
		}
	}
	return true
}
