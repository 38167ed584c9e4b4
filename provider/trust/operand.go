package trust

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An operand is one value of a condition, compiled for its operator's family.
type operand struct {
	text     string       // stringEquals, stringEqualsIgnoreCase, binary (decoded)
	pattern  pattern      // stringLike
	arn      []pattern    // arn: six components
	number   float64      // numeric; date: seconds since 1970
	truth    bool         // boolean, null
	prefix   netip.Prefix // address
	variable []segment    // the value has policy variables: compile again for each request
	invalid  bool         // no value can equal it, such as a number that is none
}

// A segment of a value with policy variables: literal text, text in which wildcards count, or a variable.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type segment struct {
	text     string
	literal  bool
	key      *keyRef
	fallback *string
}

// parseSegments splits a value at its "${...}". A value without one yields nil.
func parseSegments(value string) []segment {
	var segments []segment
	found := false
	for value != "" {
		open := strings.Index(value, "${")
		end := -1
		if open >= 0 {
			end = strings.IndexByte(value[open:], '}')
		}
		if end < 0 {
			segments = append(segments, segment{text: value})
			break
		}
		found = true
		if open > 0 {
			segments = append(segments, segment{text: value[:open]})
		}
		inside := value[open+2 : open+end]
		value = value[open+end+1:]
		switch inside {
		case "*", "?", "$":
			segments = append(segments, segment{text: inside, literal: true})
			continue
		}
		name, rest, hasDefault := strings.Cut(inside, ",")
		s := segment{}
		key := resolveKey(strings.TrimSpace(name))
		s.key = &key
		if hasDefault {
			text := strings.Trim(strings.TrimSpace(rest), "'")
			s.fallback = &text
		}
		segments = append(segments, s)
	}
	if !found {
		return nil
	}
	return segments
}

// compileOperand compiles one value. variables says that the policy's version knows policy variables, which only the
// string and ARN operators take.
func compileOperand(f family, value string, variables bool) operand {
	switch f {
	case stringEquals, stringEqualsIgnoreCase, stringLike, arn:
		if segments := parseSegments(value); variables && segments != nil {
			return operand{variable: segments}
		}
		return textOperand(f, value, wildcardPattern(value))
	case numeric:
		number, err := strconv.ParseFloat(value, 64)
		return operand{number: number, invalid: err != nil}
	case date:
		at, ok := parseTime(value)
		return operand{number: at, invalid: !ok}
	case boolean, null:
		return operand{truth: strings.EqualFold(value, "true"), invalid: !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false")}
	case binary:
		decoded, err := base64.StdEncoding.DecodeString(value)
		return operand{text: string(decoded), invalid: err != nil}
	case address:
		prefix, err := netip.ParsePrefix(value)
		if err != nil {
			var alone netip.Addr
			if alone, err = netip.ParseAddr(value); err == nil {
				prefix = netip.PrefixFrom(alone, alone.BitLen())
			}
		}
		return operand{prefix: prefix, invalid: err != nil}
	}
	return operand{invalid: true}
}

func textOperand(f family, text string, p pattern) operand {
	switch f {
	case stringLike:
		return operand{pattern: p}
	case arn:
		components := p.components()
		return operand{arn: components, invalid: components == nil}
	}
	return operand{text: text}
}

// resolve puts a request's values in the place of policy variables. It fails when a variable has neither a value nor a
// default, or more than one value: then no value matches.
func (o *operand) resolve(f family, r *Request) (operand, presence) {
	var text strings.Builder
	var p pattern
	for _, s := range o.variable {
		piece, literal := s.text, s.literal
		if s.key != nil {
			literal = true
			switch value := r.lookup(s.key); {
			case value.state == unknown:
				return operand{}, unknown
			case value.count() == 1:
				piece = value.value(0)
			case s.fallback != nil:
				piece = *s.fallback
			default:
				return operand{}, absent
			}
		}
		text.WriteString(piece)
		if literal {
			p = append(p, part{literal: piece})
		} else {
			p = append(p, wildcardPattern(piece)...)
		}
	}
	return textOperand(f, text.String(), p), present
}

// components splits a pattern of an ARN at its first five colons; wildcards do not cross them. It is nil for a text
// that has fewer.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
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

// matches reports whether one value of a key satisfies the operand, negation aside. comparable is false when the value
// is not of the operator's kind at all.
func (o *operand) matches(op operator, value string) (match, comparable bool) {
	if o.invalid {
		return false, true
	}
	switch op.family {
	case stringEquals:
		return value == o.text, true
	case stringEqualsIgnoreCase:
		return strings.EqualFold(value, o.text), true
	case stringLike:
		return o.pattern.match(value), true
	case numeric:
		number, err := strconv.ParseFloat(value, 64)
		return compare(op.relation, number, o.number), err == nil
	case date:
		at, ok := parseTime(value)
		return compare(op.relation, at, o.number), ok
	case boolean:
		return o.truth == strings.EqualFold(value, "true"), strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case binary:
		decoded, err := base64.StdEncoding.DecodeString(value)
		return string(decoded) == o.text, err == nil
	case address:
		a, err := netip.ParseAddr(value)
		return err == nil && o.prefix.Contains(a), err == nil
	case arn:
		return o.matchARN(value), true
	}
	return false, false
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

func compare(r relation, value, wanted float64) bool {
	switch r {
	case less:
		return value < wanted
	case lessOrEqual:
		return value <= wanted
	case greater:
		return value > wanted
	case greaterOrEqual:
		return value >= wanted
	}
	return value == wanted
}

// parseTime reads a date as IAM takes it: ISO 8601 or seconds since 1970.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func parseTime(value string) (float64, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, value); err == nil {
			return float64(t.UnixNano()) / 1e9, true
		}
	}
	seconds, err := strconv.ParseFloat(value, 64)
	return seconds, err == nil
}
