package ci

import (
	"slices"
	"strings"
)

// An excuses answers Trust.Admits for many tokens. It asks those grants first that name something of the token which
// few grants name, such as its project: of hundreds of grants that is one or two. Only where these refuse the token are
// all asked, which is before a proof fails and hardly ever else. So the answer is that of Admits, whatever the index
// holds.
type excuses struct {
	trust *Trust
	// index holds grants by a claim and the beginning of what they want of it, up to a separator.
	index map[claimText][]*Grant
	// claims are those that the index has.
	claims []string
	// refusals are what the grants refuse for the whole trust.
	refusals []func(claims map[string]any) bool
}

type claimText struct{ claim, text string }

func newExcuses(t *Trust) *excuses {
	x := &excuses{trust: t, index: map[claimText][]*Grant{}, refusals: t.refusals()}
	for i := range t.Grants {
		g := &t.Grants[i]
		x.add(g, g.Claims)
		if compact := t.compact(g); compact != nil {
			x.add(g, compact.Claims)
		}
	}
	return x
}

func (x *excuses) add(g *Grant, claims map[string][]string) {
	for claim, values := range claims {
		if claim == "aud" || claim != "sub" && len(values) > 16 {
			continue // the same for all, or a list that many grants have
		}
		if !slices.Contains(x.claims, claim) {
			x.claims = append(x.claims, claim)
		}
		for _, value := range values {
			if wildcard := strings.IndexAny(value, "*?"); wildcard >= 0 {
				value = value[:strings.LastIndexAny(value[:wildcard], separators)+1]
			}
			at := claimText{claim, value}
			if grants := x.index[at]; len(grants) == 0 || grants[len(grants)-1] != g {
				x.index[at] = append(grants, g)
			}
		}
	}
}

// admits is Trust.Admits.
func (x *excuses) admits(claims map[string]any) bool {
	if carriesTags(claims) && !x.trust.sessionTags {
		return false
	}
	for _, refuses := range x.refusals {
		if refuses(claims) {
			return false
		}
	}
	return x.finds(claims) || x.trust.Admits(claims)
}

// finds reports that one of the grants that the index has for the token admits it. What few grants name goes first.
func (x *excuses) finds(claims map[string]any) bool {
	var found [][]*Grant
	look := func(claim, text string) {
		if grants := x.index[claimText{claim, text}]; len(grants) > 0 {
			found = append(found, grants)
		}
	}
	for _, claim := range x.claims {
		text := TextOf(claims[claim])
		look(claim, text)
		for end := range len(text) {
			if end > 0 && strings.IndexByte(separators, text[end-1]) >= 0 {
				look(claim, text[:end])
			}
		}
	}
	slices.SortFunc(found, func(a, b []*Grant) int { return len(a) - len(b) })
	for _, grants := range found {
		for _, g := range grants {
			if x.trust.grantAdmits(g, claims) {
				return true
			}
		}
	}
	return false
}
