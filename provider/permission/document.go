package permission

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A statement is one of a permission policy.
type statement struct {
	number      int
	allow       bool
	actions     set // in lower case
	resources   set
	written     []string // the actions as they are written
	conditional bool
	conditions  []condition
	known       bool // of a policy of AWS that is known to read only
}

// A set are the texts that fit one of some patterns, or, negated, those that fit none.
type set struct {
	patterns []string
	not      bool
}

// A condition is one key under one operator.
type condition struct {
	operator, key string // as written; the key in lower case
	values        []string
}

// maxDocument bounds what is read. A managed policy has 6,144 characters at most without white space; those of AWS are
// longer: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxDocument = 1 << 20

// longestPattern bounds an action and a resource, in bytes: an ARN has 2,048 at most, and all inline policies of a role
// have 10,240 together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const longestPattern = 10_240

// parse reads a permission policy. An element that is not known, a name that stands twice in an object and whatever
// else IAM would not store is an error.
// Source of the grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func parse(document string) ([]*statement, error) {
	if document == "" {
		return nil, nil
	}
	if len(document) > maxDocument {
		return nil, fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	if err := eachOnce(document); err != nil {
		return nil, err
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document), &root); err != nil || root == nil {
		return nil, errors.New("it is no JSON object")
	}
	var statements []*statement
	for name, raw := range root {
		switch name {
		case "Version", "Id":
		case "Statement":
			list, err := listOf[json.RawMessage](raw)
			if err != nil {
				return nil, errors.New("its Statement is neither an object nor a list of them")
			}
			for i, one := range list {
				s, err := parseStatement(one)
				if err != nil {
					return nil, fmt.Errorf("statement %d %w", i+1, err)
				}
				s.number = i + 1
				statements = append(statements, s)
			}
		default:
			return nil, fmt.Errorf("it has the element %q, which no policy has", name)
		}
	}
	if len(statements) == 0 {
		return nil, errors.New("it has no Statement")
	}
	return statements, nil
}

func parseStatement(raw json.RawMessage) (*statement, error) {
	var elements map[string]json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil || elements == nil {
		return nil, errors.New("is no object")
	}
	s := &statement{}
	var err error
	for name, value := range elements {
		switch name {
		case "Sid":
		case "Effect":
			var effect string
			if json.Unmarshal(value, &effect) != nil || effect != "Allow" && effect != "Deny" {
				return nil, errors.New("has an Effect that is neither Allow nor Deny")
			}
			s.allow = effect == "Allow"
		case "Action", "NotAction":
			if s.written, err = listOf[string](value); err != nil {
				return nil, fmt.Errorf("has no strings in %s", name)
			}
			s.actions.not = name == "NotAction"
			for _, action := range s.written {
				s.actions.patterns = append(s.actions.patterns, strings.ToLower(action))
			}
		case "Resource", "NotResource":
			if s.resources.patterns, err = listOf[string](value); err != nil {
				return nil, fmt.Errorf("has no strings in %s", name)
			}
			s.resources.not = name == "NotResource"
		case "Condition":
			if s.conditions, err = parseConditions(value); err != nil {
				return nil, err
			}
			s.conditional = len(s.conditions) > 0
		default:
			return nil, fmt.Errorf("has the element %q, which no permission policy has", name)
		}
	}
	switch has := func(name string) bool { return elements[name] != nil }; {
	case !has("Effect"):
		return nil, errors.New("has no Effect")
	case has("Action") == has("NotAction"):
		return nil, errors.New("needs either Action or NotAction")
	case has("Resource") == has("NotResource"):
		return nil, errors.New("needs either Resource or NotResource")
	}
	for _, pattern := range slices.Concat(s.actions.patterns, s.resources.patterns) {
		if len(pattern) > longestPattern {
			return nil, fmt.Errorf("has an action or a resource of more than %d bytes", longestPattern)
		}
	}
	s.resources = s.resources.withoutVariables(s.allow)
	return s, nil
}

// withoutVariables puts something in the place of policy variables, which stand for what only the call decides: always
// that with which more is allowed.
func (s set) withoutVariables(allow bool) set {
	wide := allow != s.not // a wider pattern allows more
	plain := set{not: s.not}
	for _, pattern := range s.patterns {
		if !strings.Contains(pattern, "${") {
			plain.patterns = append(plain.patterns, pattern)
		} else if wide {
			plain.patterns = append(plain.patterns, starred(pattern))
		}
	}
	return plain
}

// starred is a pattern with a * in the place of each variable.
func starred(pattern string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('*')
		_, pattern, _ = strings.Cut(rest, "}")
	}
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &operators); err != nil {
		return nil, errors.New("has a Condition that is no object of operators")
	}
	var conditions []condition
	for operator, keys := range operators {
		for key, values := range keys {
			list, err := listOf[any](values)
			if err != nil {
				return nil, fmt.Errorf("has a condition on %q without values", key)
			}
			c := condition{operator: operator, key: strings.ToLower(key)}
			for _, v := range list {
				c.values = append(c.values, fmt.Sprint(v))
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

// listOf reads one value or a list of them.
func listOf[T any](raw json.RawMessage) ([]T, error) {
	var list []T
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		err := json.Unmarshal(raw, &list)
		return list, err
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil || string(bytes.TrimSpace(raw)) == "null" {
		return nil, errors.New("no value")
	}
	return []T{one}, nil
}

// eachOnce refuses a document in which a name stands twice in one object: readers differ in which of the two counts.
func eachOnce(document string) error {
	decoder := json.NewDecoder(strings.NewReader(document))
	type level struct {
		names map[string]bool // nil in a list
		value bool            // the next token is a value
	}
	var levels []level
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return errors.New("it is no JSON")
		}
		top := len(levels) - 1
		switch token {
		case json.Delim('{'), json.Delim('['):
			if top >= 0 {
				levels[top].value = false
			}
			if len(levels) == 32 {
				return errors.New("it is nested too deeply for a policy")
			}
			one := level{}
			if token == json.Delim('{') {
				one.names = map[string]bool{}
			}
			levels = append(levels, one)
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
			continue
		}
		if top < 0 || levels[top].names == nil {
			continue
		}
		name, isText := token.(string)
		if levels[top].value || !isText {
			levels[top].value = false
			continue
		}
		if levels[top].names[name] {
			return fmt.Errorf("the name %q stands twice in one object", name)
		}
		levels[top].names[name], levels[top].value = true, true
	}
}
