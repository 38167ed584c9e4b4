package ci

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// leaveOutImplied takes out of the grants of a trust the claims that their subjects say already, where that lets
// statements merge: a statement with many subjects beside a list of ids would accept each id with each subject, and one
// for each id costs several hundred characters.
//
// A claim may be left out if the system says so for this issuer (Host.Implied), and if the subject says it: over all
// forms of the issuer, whatever fits the grant's subject has the one value of the claim in the field that repeats it.
// A name never implies an id, because no field of a name repeats one. An installation of the user's own and an issuer
// of custom have nothing that is declared of them.
func (r *Registry) leaveOutImplied(t *Trust) {
	owner, host := r.Owner(t.Host())
	if owner == nil || owner.Section() != t.Property || owner.Issuer().Any {
		return
	}
	forms := host.Forms
	if forms == nil {
		forms = owner.Forms()
	}
	for _, claim := range slices.Sorted(maps.Keys(host.Implied)) {
		alike := map[string][]*Grant{} // those that are one statement without the claim
		values := map[string]string{}
		several := map[string]bool{}
		for i := range t.Grants {
			g := &t.Grants[i]
			value, implied := g.implies(claim, forms)
			if !implied {
				continue
			}
			rest := maps.Clone(g.Claims)
			delete(rest, claim)
			delete(rest, "sub")
			key := fmt.Sprintf("%q", rest) // maps are printed in the order of their keys
			if first, again := values[key]; again && first != value {
				several[key] = true
			}
			values[key] = value
			alike[key] = append(alike[key], g)
		}
		for key := range several {
			for _, g := range alike[key] {
				g.leaveOut(claim)
			}
		}
	}
}

// implies reports whether the subjects of a grant say the one value that it wants of a claim.
func (g *Grant) implies(claim string, forms []*Form) (value string, implied bool) {
	if len(g.Claims[claim]) != 1 || len(g.Claims["sub"]) == 0 || g.Compact != nil || g.Refuse != nil {
		return "", false
	}
	value = g.Claims[claim][0]
	for _, sub := range g.Claims["sub"] {
		if !Implies(forms, sub, claim, value) {
			return "", false
		}
	}
	return value, true
}

// Implies reports whether every subject of some forms that fits a value of StringLike has a text in the field that
// repeats a claim.
func Implies(forms []*Form, sub, claim, text string) bool {
	fits := Demand{Fit: []trust.Value{{Text: sub, Pattern: sub, Like: trust.HasWildcard(sub)}}}
	some := false
	for _, f := range forms {
		m, err := f.Meet(fits, nil)
		if err != nil {
			return false
		}
		if m.Dead() {
			continue
		}
		some = true
		at := slices.IndexFunc(f.Fields, func(field Field) bool { return field.Key == claim })
		if at < 0 || m.Field(f.Fields[at].Name) != (Span{Exact, text}) {
			return false
		}
	}
	return some
}

// leaveOut takes a claim out of what the grant demands. What it means is what it meant: of a token that the issuer
// could have written, the subject says the claim.
func (g *Grant) leaveOut(claim string) {
	value, admits := g.Claims[claim][0], g.Admits
	g.Claims = maps.Clone(g.Claims)
	delete(g.Claims, claim)
	g.Admits = func(token map[string]any) bool { return admits(With(token, map[string]any{claim: value})) }
}
