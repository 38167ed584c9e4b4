package trust

import (
	"slices"
	"strings"
)

// A Control is what AWS demands of every Allow for an issuer before it stores the policy. Another statement that is in
// order repairs nothing. The zero Control demands nothing.
//
// Recorded: oidc_trust_controls_aws.json, oidc_trust_controls_edges_aws.json, oidc_trust_controls_github_aws.json,
// oidc_trust_controls_details_aws.json.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
type Control struct {
	// Claims are those of which one has to be tested by a positive text operator.
	Claims []string
	// Form says which tests count.
	Form ControlForm
}

// A ControlForm says which tests of a claim satisfy a Control.
type ControlForm int

const (
	// NotEverything refuses the value *, and no other: ?, ** and an empty text pass.
	NotEverything ControlForm = iota
	// NotFromTheStart refuses values that begin with * and blank ones; ? and ?* pass.
	NotFromTheStart
	// ByEquality wants StringEquals or StringEqualsIgnoreCase on the key in lower case, with any value.
	ByEquality
)

// satisfied reports that AWS stores the statement as far as the control is concerned. In each block of one operator,
// every test of a claim of the control must pass; one block that does is enough.
func (c Control) satisfied(s *Statement, host string) bool {
	if len(c.Claims) == 0 {
		return true
	}
	blocks := map[string]bool{}
	for i, condition := range s.Conditions {
		if !c.counts(s.tests[i].operator) || !c.names(condition.Key, host) {
			continue
		}
		others, seen := blocks[condition.Operator]
		blocks[condition.Operator] = !slices.ContainsFunc(condition.Values, c.refuses) && (others || !seen)
	}
	for _, good := range blocks {
		if good {
			return true
		}
	}
	return false
}

// counts reports that AWS looks at conditions of the operator. ForAllValues counts, although it holds without the
// claim.
func (c Control) counts(op operator) bool {
	if op.negated || op.ifExists {
		return false
	}
	return op.family == stringEquals || op.family == stringEqualsIgnoreCase ||
		op.family == stringLike && c.Form != ByEquality
}

// names reports that the key is one of the control's claims at the issuer. It reads the key as text: AWS looks for the
// issuer's own key, whether or not it fills one.
func (c Control) names(key, host string) bool {
	return slices.ContainsFunc(c.Claims, func(claim string) bool {
		wanted := host + ":" + claim
		return key == wanted || c.Form != ByEquality && strings.EqualFold(key, wanted)
	})
}

func (c Control) refuses(value string) bool {
	switch c.Form {
	case NotEverything:
		return value == "*"
	case NotFromTheStart:
		return strings.HasPrefix(value, "*") || strings.TrimSpace(value) == ""
	}
	return false
}
