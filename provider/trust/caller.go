package trust

import (
	"slices"
	"strings"
)

// callAssumeRole is the action of callers that are AWS principals.
const callAssumeRole = "sts:AssumeRole"

// AboutCallers reports that the statement's action covers sts:AssumeRole, which AWS principals call.
func (s *Statement) AboutCallers() bool { return s.Covers(callAssumeRole) }

// Demands are what keys must be, by the key in lower case: for each condition the values of which one must fit.
type Demands map[string][][]Value

// CallerDemands are what the conditions of an Allow demand of the keys of an AWS principal.
func (s *Statement) CallerDemands() Demands {
	demands := Demands{}
	demands.add(s, false)
	return demands
}

// GuardDemands are what the policy's Denies demand of every AWS principal that an Allow lets in: a Deny for everyone
// with a single negated condition demands as much as the same condition, not negated, in each Allow.
func (p *Policy) GuardDemands() Demands {
	demands := Demands{}
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect == "Deny" && s.AboutCallers() && s.Everyone() && len(s.Conditions) == 1 {
			demands.add(s, true)
		}
	}
	return demands
}

// add adds what the conditions of a statement, or their negations, demand.
func (d Demands) add(s *Statement, negated bool) {
	for c := range s.Conditions {
		if s.tests[c].operator.names(negated) {
			key := strings.ToLower(s.Conditions[c].Key)
			d[key] = append(d[key], s.values(c))
		}
	}
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
