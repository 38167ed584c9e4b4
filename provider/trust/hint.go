package trust

import (
	"fmt"
	"slices"
	"strings"
)

// hint says what the operator makes of values that look right and do not fit, "" where there is nothing to say.
func (t *test) hint(c Condition, seen []string) string {
	if kind := t.operator.family.kind(); kind != "" {
		return t.hintKind(c, seen, kind)
	}
	if t.operator.negated || t.operator.family == null {
		return ""
	}
	folds, like := t.operator.family == stringEqualsIgnoreCase, t.operator.family == stringLike
	for _, value := range c.Values {
		if !like && HasWildcard(strings.NewReplacer("${*}", "", "${?}", "").Replace(value)) {
			return fmt.Sprintf("%s takes %s literally; StringLike reads it as a wildcard", c.Operator, wildcards(value))
		}
	}
	meets := func(value, text string) bool { return value == text || like && Match(value, text) }
	for _, value := range c.Values {
		for _, text := range seen {
			switch {
			case !folds && meets(strings.ToLower(value), strings.ToLower(text)):
				return "they differ in letter case alone, and AWS compares letter by letter"
			case meets(strings.TrimSpace(value), strings.TrimSpace(text)):
				return "they differ in white space at an end alone, and AWS compares letter by letter"
			}
		}
	}
	return ""
}

// wildcards are those that a value has.
func wildcards(value string) string {
	var has []string
	for _, wildcard := range []string{"*", "?"} {
		if strings.Contains(value, wildcard) {
			has = append(has, wildcard)
		}
	}
	return strings.Join(has, " and ")
}

// kind is what an operator of the family compares, where that is no text: "a number".
func (f family) kind() string {
	return map[family]string{
		numeric: "a number", date: "a date", boolean: "true or false", binary: "base64", address: "an IP address",
		arn: "an ARN",
	}[f]
}

// is reports that a text is of the kind that the family compares.
func (f family) is(text string) bool {
	switch f {
	case numeric:
		_, ok := parseDecimal(text)
		return ok
	case date:
		_, ok := parseInstant(text)
		return ok
	case boolean:
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	case address:
		_, ok := parseAddress(text)
		return ok
	case arn:
		return strings.Count(text, ":") >= 5
	}
	return true
}

// hintKind names a value that is not of the operator's kind: one of the condition, or of the token.
func (t *test) hintKind(c Condition, seen []string, kind string) string {
	for i, value := range c.Values {
		if o := &t.operands[i]; o.variable == nil && (o.invalid || t.operator.family == boolean && !boolean.is(value)) {
			return fmt.Sprintf("%s compares with %s, and %s is not %s; StringEquals compares texts", c.Operator, kind,
				Quoted([]string{value}, ""), kind)
		}
	}
	if i := slices.IndexFunc(seen, func(text string) bool { return !t.operator.family.is(text) }); i >= 0 {
		return fmt.Sprintf("%s compares with %s, and the token's %s is not %s", c.Operator, kind,
			Quoted(seen[i:i+1], ""), kind)
	}
	return ""
}
