package audit

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// requestTag is the beginning of the condition keys that test session tags.
const requestTag = "aws:RequestTag/"

// isWholeKey reports that a claim that a system declares is a condition key by itself, and not one of the issuer's:
// aws:RequestTag/projectId, sts:RoleSessionName.
func isWholeKey(claim string) bool { return strings.Contains(claim, ":") }

// wholeKeys takes the conditions on such keys for conditions on claims: they decide what the system says they decide.
func (t *trial) wholeKeys() {
	for i := range t.clauses {
		c := &t.clauses[i]
		if c.About != trust.AboutTags && c.About != trust.AboutCall {
			continue
		}
		for _, f := range t.issuer.known.Claims {
			if isWholeKey(f.Name) && strings.EqualFold(f.Name, c.Key) {
				c.About, c.Claim = trust.AboutToken, f.Name
			}
		}
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
