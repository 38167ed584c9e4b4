package gitlab

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// An item is one item of projects or groups, read: whose jobs are trusted, on which refs, and by what they are known.
type item struct {
	unit      unit
	at        int    // in the list
	path      string // where it was written
	issuer    string
	audiences []string
	keyed     bool // AWS fills the claim with the unit's id
	byIDs     bool // nothing but the id counts
	refs      []reference
	listed    *listed
}

// subjects are the subjects of the item's jobs. Where AWS does not fill the id, the form that has it in sub is all that
// shows it.
func (i *item) subjects() []subject {
	switch {
	case !i.byIDs:
		return i.unit.subjects()
	case i.keyed:
		return i.unit.pinned()
	}
	return unit{id: i.unit.id}.subjects()
}

// grant trusts one ref, or a prefix of refs.
func (i *item) grant(ref reference) ci.Grant {
	subjects := i.subjects()
	claims := i.claims(subjects, ref)
	if i.keyed {
		claims[i.unit.key()] = i.ids()
	}
	return ci.Grant{
		Path:     i.path,
		Sentence: i.sentence(ref, i.byIDs),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			return i.admits(subjects, ref, token) && (!i.keyed || i.admitsID(ref, ci.TextOf(token[i.unit.key()])))
		},
		Compact: i.compact(ref),
		Tokens:  func() []ci.Token { return tokens(i, ref) },
	}
}

// claims are what a grant wants of a token beside the id.
func (i *item) claims(subjects []subject, ref reference) map[string][]string {
	claims := map[string][]string{"aud": i.audiences, "sub": patterns(subjects, ref)}
	for claim, value := range ref.keys() {
		claims[claim] = []string{value}
	}
	return claims
}

// keys are the claims beside sub that the words for refs want, with their values.
func (r reference) keys() map[string]string {
	keys := map[string]string{}
	if r.protected {
		keys[protectedClaim] = "true"
	}
	if r.merge {
		keys[sourceClaim] = mergeRequestEvent
	}
	return keys
}

// admits judges a token by the words of the item, its id aside.
func (i *item) admits(subjects []subject, ref reference, token map[string]any) bool {
	sub := ci.TextOf(token["sub"])
	for claim, value := range ref.keys() {
		if ci.TextOf(token[claim]) != value {
			return false
		}
	}
	return slices.Contains(i.audiences, ci.AudienceOf(token)) &&
		slices.ContainsFunc(subjects, func(s subject) bool { return s.admits(sub, ref) })
}

// compact knows the item by its id alone: the "*" in sub stands where the name is, and the id pins what that is. There
// is none where AWS fills no id.
func (i *item) compact(ref reference) *ci.Compact {
	if !i.keyed || i.byIDs {
		return nil
	}
	subjects := i.unit.pinned()
	if !i.unit.group && i.unit.path == "" {
		subjects = subjects[1:] // subjects with a path were never trusted
	}
	claims := i.claims(subjects, ref)
	claims[i.unit.key()] = []string{i.unit.id}
	return &ci.Compact{
		Rule:     idsAlone,
		Sentence: i.sentence(ref, true),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			return i.admits(subjects, ref, token) && ci.TextOf(token[i.unit.key()]) == i.unit.id
		},
	}
}

// sentence says in plain words who gets in.
func (i *item) sentence(ref reference, byIDs bool) string {
	var b strings.Builder
	b.WriteString(System{}.Title())
	if i.issuer != issuer {
		b.WriteString(" at " + ci.HostOf(i.issuer))
	}
	b.WriteString(": ")
	if i.unit.group {
		b.WriteString("every project of ")
	}
	if byIDs && i.unit.path != "" {
		b.WriteString(unit{group: i.unit.group, id: i.unit.id}.String() + ", whatever its path (written as " +
			i.unit.path + "),")
	} else {
		b.WriteString(i.unit.String())
	}
	if i.unit.group && !i.keyed {
		b.WriteString(" and of its subgroups")
	}
	return b.String() + " " + ref.phrase()
}
