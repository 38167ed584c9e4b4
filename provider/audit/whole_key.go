package audit

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// requestTag is the beginning of the condition keys that test session tags.
const requestTag = "aws:RequestTag/"

// isWholeKey reports that a claim that a system declares is a condition key by itself, and not one of the issuer's:
// aws:RequestTag/projectId, sts:RoleSessionName.
func isWholeKey(claim string) bool { return strings.Contains(claim, ":") }

// wholeKeys takes the clauses on such keys for clauses on claims: they decide what the system says they decide.
func (i *issuer) wholeKeys(clauses []trust.Clause) []trust.Clause {
	for at := range clauses {
		c := &clauses[at]
		if c.About != trust.AboutTags && c.About != trust.AboutCall {
			continue
		}
		for _, f := range i.known.Claims {
			if isWholeKey(f.Name) && strings.EqualFold(f.Name, c.Key) {
				c.About, c.Claim = trust.AboutToken, f.Name
			}
		}
	}
	return clauses
}

// carry puts a claim into a request, wherever it belongs.
func carry(r *trust.Request, claim, text string) {
	tag, isTag := strings.CutPrefix(claim, requestTag)
	switch {
	case isTag:
		r.Claims = ci.SessionTags(map[string]string{tag: text})
	case isWholeKey(claim):
		r.RoleSessionName = text
	default:
		r.Claims = map[string]any{claim: text}
	}
}

// carried takes such claims out of a token, and returns the session tags among them. The others are of the call.
func (t *trial) carried(claims map[string]any) map[string]string {
	tags := map[string]string{}
	for _, f := range t.issuer.known.Claims {
		text, there := claims[f.Name].(string)
		if !isWholeKey(f.Name) || !there {
			continue
		}
		delete(claims, f.Name)
		if tag, found := strings.CutPrefix(f.Name, requestTag); found {
			tags[tag] = text
		}
	}
	return tags
}

// left are the texts that claims may have.
func (t *trial) left(wants map[string]want) map[string]*ci.Meeting {
	left := map[string]*ci.Meeting{}
	for name, w := range wants {
		if len(w.Fit)+len(w.Refuse) > 0 {
			if m, ok := t.meetClaim(name, w); ok && m != nil {
				left[name] = m
			}
		}
	}
	return left
}
