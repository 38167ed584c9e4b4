package trust

import (
	"strings"
)

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
