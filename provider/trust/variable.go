package trust

import "strings"

// A segment of a value with policy variables: literal text, text in which wildcards count, or a variable.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type segment struct {
	text     string
	literal  bool
	key      *keyRef
	fallback *string
}

// A guess stands for a variable of which nothing is known.
type guess int

const (
	noText    guess = iota // it has no value
	freshText              // it has one that stands nowhere else
	everyText              // it has all at once
)

// fresh is a text that no token has: a private-use character.
const fresh = "\U0010FFFD"

// hasVariables reports whether values of the family's operators may have policy variables.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse
func (f family) hasVariables() bool {
	return f == stringEquals || f == stringEqualsIgnoreCase || f == stringLike || f == arn
}

// parseSegments splits a value at its "${...}". A value without one yields nil. The reason says what is wrong with the
// first variable that is none.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func parseSegments(value string) (segments []segment, reason string) {
	if !strings.Contains(value, "${") {
		return nil, ""
	}
	for value != "" {
		before, rest, found := strings.Cut(value, "${")
		if before != "" {
			segments = append(segments, segment{text: before})
		}
		if !found {
			break
		}
		end := strings.IndexAny(rest, ",}")
		if end < 0 {
			return nil, "the policy variable lacks its closing brace"
		}
		name := rest[:end]
		value = rest[end+1:]
		s := segment{text: name, literal: true}
		switch {
		case name == "":
			return nil, "the policy variable has no name"
		case strings.Contains(name, " "):
			return nil, "the policy variable has a space in its name"
		case rest[end] == ',':
			quoted, opened := strings.CutPrefix(value, " '")
			text, after, closed := strings.Cut(quoted, "'}")
			if !opened || !closed {
				return nil, "the default of a policy variable is written ${key, 'text'}"
			}
			key := resolveKey(name)
			s, value = segment{key: &key, fallback: &text}, after
		case name != "*" && name != "?" && name != "$":
			key := resolveKey(name)
			s = segment{key: &key}
		}
		segments = append(segments, s)
	}
	return segments, ""
}

// resolve puts a request's values in the place of policy variables. found is false when a variable has neither a value
// nor a default, or names a key that holds a set. What a variable brings in is literal.
//
// Recorded: condition_sets.json, rows 79 to 90.
func (o *operand) resolve(f family, r *Request, g guess) (resolved operand, found, guessed bool) {
	var text strings.Builder
	var p pattern
	loose := false
	for _, s := range o.variable {
		piece, literal := s.text, s.literal
		if s.key != nil {
			literal = true
			if s.key.set {
				return operand{}, false, guessed
			}
			value := r.lookup(s.key)
			if value.state == unknown {
				guessed = true
				if g == everyText {
					loose = true
					p = append(p, part{wildcard: '*'})
					continue
				}
				value = seen{}
				if g == freshText {
					value = seen{state: present, one: fresh}
				}
			}
			switch {
			case value.set:
				return operand{}, false, guessed
			case value.count() == 1:
				piece = value.value(0)
			case s.fallback != nil:
				piece = *s.fallback
			default:
				return operand{}, false, guessed
			}
		}
		text.WriteString(piece)
		if literal || f == stringEquals {
			p = append(p, part{literal: piece})
		} else {
			p = append(p, wildcardPattern(piece)...)
		}
	}
	if !loose {
		return textOperand(f, text.String(), p), true, guessed
	}
	switch f { // more than can be, which errs towards Undecided
	case stringEqualsIgnoreCase:
		p = wildcardPattern("*")
	case arn:
		p = wildcardPattern("*:*:*:*:*:*")
	}
	return operand{pattern: p, loose: true}, true, guessed
}
