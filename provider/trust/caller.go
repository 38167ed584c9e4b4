package trust

import (
	"slices"
	"strings"
)

// callAssumeRole is the action of callers that are AWS principals.
const callAssumeRole = "sts:AssumeRole"

// AboutCallers reports that the statement's action covers sts:AssumeRole, which AWS principals call.
func (s *Statement) AboutCallers() bool { return s.covers(callAssumeRole) }

// CallerDemands are what a key of an AWS principal must be for one Allow of the policy to let it in: for each condition
// that demands the key, the values of which one must fit. A Deny for everyone with a single negated condition demands
// as much as the same condition, not negated, in the Allow.
func (p *Policy) CallerDemands(allow int, key string) [][]Value {
	var demands [][]Value
	for i := range p.Statements {
		s := &p.Statements[i]
		guards := s.Effect == "Deny" && s.AboutCallers() && s.Everyone() && len(s.Conditions) == 1
		if i != allow && !guards {
			continue
		}
		for c := range s.Conditions {
			t := &s.tests[c]
			if strings.EqualFold(s.Conditions[c].Key, key) && t.operator.names(i != allow) {
				demands = append(demands, s.values(c))
			}
		}
	}
	return demands
}

// names reports that the operator, or with negated its negation, holds only for a text that is there and fits.
func (op operator) names(negated bool) bool {
	if op.family == arn || op.family == numeric && op.relation == equal {
		op.family = stringEquals
	}
	if negated {
		return op.negated && op.quantifier == single && operator{family: op.family}.demands(false)
	}
	return op.demands(false)
}

// values are what a condition names, as texts. ARN operators take wildcards.
func (s *Statement) values(condition int) []Value {
	t := &s.tests[condition]
	values := make([]Value, len(s.Conditions[condition].Values))
	for i, text := range s.Conditions[condition].Values {
		values[i] = valueOf(t, i, text)
		values[i].Like = values[i].Like || t.operator.family == arn
	}
	return values
}

// Everyone reports that the statement's principal is every AWS principal.
func (s *Statement) Everyone() bool {
	return s.Principals.Everyone || slices.Contains(s.Principals.ByType["AWS"], "*")
}
