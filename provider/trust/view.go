package trust

import (
	"slices"
	"strings"
)

// A View is one statement of a policy as it concerns one issuer, for an audit.
type View struct {
	Statement *Statement
	Provider  string // the provider's ARN in the statement
	Host      string // the issuer without its scheme
	Partition string
	Role      Role

	denies []View // the statements of the policy that refuse tokens of the provider
}

// A Value is one accepted value of a claim.
type Value struct {
	Text string // as written
	// what it accepts; where Like is set "*" and "?" are wildcards, and a policy variable has become a "*"
	Pattern string
	Like    bool
	Fold    bool // texts are compared in lower case, as StringEqualsIgnoreCase does
}

// Wild reports that the value stands for more than one text, or more than the spellings of one in another case.
func (v Value) Wild() bool { return v.Like && HasWildcard(v.Pattern) }

// Exact reports that the value stands for one text, whatever its case where Fold is set.
func (v Value) Exact() bool { return !v.Wild() }

// Literal is what every accepted text begins with.
func (v Value) Literal() string {
	if at := strings.IndexAny(v.Pattern, "*?"); v.Like && at >= 0 {
		return v.Pattern[:at]
	}
	return v.Pattern
}

// Admits reports whether the value accepts a text.
func (v Value) Admits(text string) bool {
	switch {
	case v.Like && v.Fold:
		return Match(lower(v.Pattern), lower(text))
	case v.Like:
		return Match(v.Pattern, text)
	case v.Fold:
		return equalsLower(text, lower(v.Pattern))
	}
	return text == v.Pattern
}

// Claim are the values that the statement accepts for a claim of the issuer, by operators that demand it: not negated
// and, but for sub and aud, which STS wants in every token, without IfExists and ForAllValues. Each condition has a
// list of its own, and a token must fit one value of every list. There is none when nothing demands the claim.
func (v View) Claim(claim string) [][]Value {
	var lists [][]Value
	for i, c := range v.Statement.Conditions {
		t := &v.Statement.tests[i]
		if !t.operator.demands(claim == "sub" || claim == "aud") || !t.key.is(v.Host, claim) ||
			t.key.awsOnly && v.Partition != "aws" {
			continue
		}
		values := make([]Value, len(c.Values))
		for j, text := range c.Values {
			values[j] = valueOf(t, j, text)
		}
		lists = append(lists, values)
	}
	return lists
}

// escaped stands in a Value's pattern for a "*" or "?" that is meant literally: a character that no token has.
const escaped = "\U0010FFFC"

func valueOf(t *test, i int, text string) Value {
	family := t.operator.family
	value := Value{Text: text, Pattern: text, Like: family == stringLike, Fold: family == stringEqualsIgnoreCase}
	segments := t.operands[i].variable
	if segments == nil {
		return value
	}
	literal := strings.NewReplacer("*", escaped, "?", escaped)
	var b strings.Builder
	for _, s := range segments {
		switch {
		case s.key != nil:
			b.WriteString("*")
		case s.literal || !value.Like:
			b.WriteString(literal.Replace(s.text))
		default:
			b.WriteString(s.text)
		}
	}
	return Value{Text: text, Pattern: b.String(), Like: true, Fold: value.Fold}
}

// Holds reports that a claim is demanded and that in one of the conditions every value is as it should be: whatever
// else the statement wants, no token without one of those gets in.
func (v View) Holds(claim string, good func(Value) bool) bool {
	return slices.ContainsFunc(v.Claim(claim), func(list []Value) bool {
		return !slices.ContainsFunc(list, func(value Value) bool { return !good(value) })
	})
}

// Pins reports that only tokens with one of a few exact values of a claim get in.
func (v View) Pins(claim string) bool { return v.Holds(claim, Value.Exact) }

// Admits reports whether a text fits every condition that demands a claim.
func (v View) Admits(claim, text string) bool {
	for _, list := range v.Claim(claim) {
		if !slices.ContainsFunc(list, func(value Value) bool { return value.Admits(text) }) {
			return false
		}
	}
	return true
}

// Refuses reports whether another statement of the policy refuses every token of the issuer that has a text in a claim,
// whatever else the token has.
func (v View) Refuses(claim, text string) bool {
	return slices.ContainsFunc(v.denies, func(deny View) bool {
		lists := deny.Claim(claim)
		return len(lists) == len(deny.Statement.Conditions) && deny.Admits(claim, text)
	})
}

// closed reports that tokens of the issuer never get in, because the statement demands a claim of another one.
func (v View) closed() bool {
	return slices.ContainsFunc(v.Statement.tests, func(t test) bool {
		return t.demands() && t.key.issuer != "" && !strings.EqualFold(t.key.issuer, v.Host)
	})
}

// demands reports that the condition holds only for a text that is there and fits.
func (t *test) demands() bool { return t.operator.demands(false) }

// demands reports that the operator accepts only values that fit; always says that the key is never missing.
func (op operator) demands(always bool) bool {
	switch op.family {
	case stringEquals, stringEqualsIgnoreCase, stringLike:
	case numeric:
		if op.relation != equal {
			return false
		}
	default:
		return false
	}
	return !op.negated && (always || !op.ifExists && op.quantifier != forAllValues)
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
