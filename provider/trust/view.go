package trust

import (
	"slices"
	"strings"
)

// A View is one statement of a policy as it concerns one issuer, for an audit.
type View struct {
	Statement *Statement
	Provider  string // the provider's ARN in the statement, "" when the statement does not name the issuer
	Host      string // the issuer without its scheme
	Partition string
	Role      Role
}

// A Value is one accepted value of a claim.
type Value struct {
	Text string
	Like bool // "*" and "?" are wildcards
}

// Wild reports that the value stands for more than one text.
func (v Value) Wild() bool { return v.Like && HasWildcard(v.Text) }

// Claim are the values that the statement accepts for a claim of the issuer, by operators that demand it: without
// IfExists, without ForAllValues and not negated. tested is false when nothing demands the claim.
func (v View) Claim(claim string) (values []Value, tested bool) {
	for i, c := range v.Statement.Conditions {
		t := &v.Statement.tests[i]
		if !t.demands() || !t.key.is(v.Host, claim) || t.key.awsOnly && v.Partition != "aws" {
			continue
		}
		tested = true
		for _, text := range c.Values {
			values = append(values, Value{Text: text, Like: t.operator.family == stringLike})
		}
	}
	return values, tested
}

// Pins reports that every accepted value of a claim is one exact text.
func (v View) Pins(claim string) bool {
	values, tested := v.Claim(claim)
	return tested && len(values) > 0 && !slices.ContainsFunc(values, Value.Wild)
}

// demands reports that the condition holds only for a text that is there and fits.
func (t *test) demands() bool {
	switch t.operator.family {
	case stringEquals, stringEqualsIgnoreCase, stringLike:
		return !t.operator.negated && !t.operator.ifExists && t.operator.quantifier != forAllValues
	}
	return false
}

// is reports that the key is a claim of an issuer.
func (k *keyRef) is(host, claim string) bool {
	if !strings.EqualFold(k.issuer, host) {
		return false
	}
	switch k.kind {
	case audienceKey:
		return claim == "aud"
	case originalAudKey:
		return claim == "oaud"
	case claimKey:
		return claim == k.claim
	}
	return false
}
