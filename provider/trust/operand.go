package trust

import (
	"encoding/base64"
	"net/netip"
	"strings"
)

// An operand is one value of a condition, compiled for its operator's family.
type operand struct {
	text     string       // stringEquals, stringEqualsIgnoreCase (in lower case), binary (base64)
	pattern  pattern      // stringLike
	arn      []pattern    // arn: six components
	number   decimal      // numeric
	instant  instant      // date
	truth    bool         // boolean, null
	prefix   netip.Prefix // address
	variable []segment    // the value has policy variables: compile again for each request
	loose    bool         // a variable is not known: pattern stands for all that the value could be
	// no value can equal it, such as a number that is none; an ARN that is none breaks the condition
	invalid bool
}

// compileOperand compiles one value. variables says that the policy's version knows policy variables.
func compileOperand(f family, value string, variables bool) operand {
	switch f {
	case stringEquals, stringEqualsIgnoreCase, stringLike, arn:
		if segments, _ := parseSegments(value); variables && segments != nil {
			return operand{variable: segments}
		}
		return textOperand(f, value, wildcardPattern(value))
	case numeric:
		number, ok := parseDecimal(value)
		return operand{number: number, invalid: !ok}
	case date:
		at, ok := parseInstant(value)
		return operand{instant: at, invalid: !ok}
	case boolean, null:
		return operand{truth: truth(value)}
	case binary:
		decoded, err := base64.StdEncoding.Strict().DecodeString(value)
		return operand{text: base64.StdEncoding.EncodeToString(decoded), invalid: err != nil}
	case address:
		prefix, ok := parseNetwork(value)
		return operand{prefix: prefix, invalid: !ok}
	}
	return operand{invalid: true}
}

func textOperand(f family, text string, p pattern) operand {
	switch f {
	case stringEqualsIgnoreCase:
		return operand{text: lower(text)}
	case stringLike:
		return operand{pattern: p}
	case arn:
		components := p.components()
		return operand{arn: components, invalid: components == nil}
	}
	return operand{text: text}
}

// components splits a pattern of an ARN at its first five colons; wildcards do not cross them. It is nil for a text
// that has fewer.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func (p pattern) components() []pattern {
	components := []pattern{nil}
	for _, piece := range p {
		if piece.wildcard != 0 {
			components[len(components)-1] = append(components[len(components)-1], piece)
			continue
		}
		texts := strings.SplitN(piece.literal, ":", 7-len(components))
		for i, text := range texts {
			if i > 0 {
				components = append(components, nil)
			}
			if text != "" {
				components[len(components)-1] = append(components[len(components)-1], part{literal: text})
			}
		}
	}
	if len(components) != 6 {
		return nil
	}
	return components
}

// matches reports whether one value of a key satisfies the operand, negation aside. A value that is not of the
// operator's kind matches nothing.
func (o *operand) matches(op operator, value string) bool {
	switch {
	case o.invalid:
		return false
	case o.loose:
		return o.pattern.match(value)
	}
	switch op.family {
	case stringEquals:
		return value == o.text
	case stringEqualsIgnoreCase:
		return equalsLower(value, o.text)
	case stringLike:
		return o.pattern.match(value)
	case numeric:
		number, ok := parseDecimal(value)
		return ok && op.relation.holds(number.compare(&o.number))
	case date:
		at, ok := parseInstant(value)
		return ok && op.relation.holds(at.compare(o.instant))
	case boolean:
		return truth(value) == o.truth
	case binary:
		return equalBase64(value, o.text)
	case address:
		a, ok := parseAddress(value)
		return ok && o.prefix.Contains(a.Unmap())
	case arn:
		return o.matchARN(value)
	}
	return false
}

func (o *operand) matchARN(value string) bool {
	for i, component := range o.arn {
		text := value
		if i < len(o.arn)-1 {
			before, after, found := strings.Cut(value, ":")
			if !found {
				return false
			}
			text, value = before, after
		}
		if !component.match(text) {
			return false
		}
	}
	return true
}

// truth reads a Boolean: "true" in any letter case, and everything else is false.
//
// Recorded: condition_values.json, rows 64 to 79, 134 to 149 and 188 to 190 (Bool), 235 to 238 (Null).
func truth(value string) bool { return strings.EqualFold(value, "true") }

// readable reports that a value of the request is of the kind that the operator compares, where it matters: an address
// or an ARN that is none matches no operator, not even a negated one.
//
// Recorded: condition_values.json, rows 110 to 115 (NotIpAddress) and 130 to 133 (ArnNotLike).
func (f family) readable(value string) bool {
	switch f {
	case address:
		_, ok := parseAddress(value)
		return ok
	case arn:
		return strings.Count(value, ":") >= 5
	}
	return true
}

// equalBase64 reports whether value is the base64 text, line breaks aside. Strict base64 writes the same bytes in one
// way only.
func equalBase64(value, text string) bool {
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '\n' || value[i] == '\r':
			continue
		case text == "" || text[0] != value[i]:
			return false
		}
		text = text[1:]
	}
	return text == ""
}

// holds reports whether a relation holds for the sign of a comparison of the request's value with the policy's.
func (r relation) holds(sign int) bool {
	switch r {
	case less:
		return sign < 0
	case lessOrEqual:
		return sign <= 0
	case greater:
		return sign > 0
	case greaterOrEqual:
		return sign >= 0
	}
	return sign == 0
}
