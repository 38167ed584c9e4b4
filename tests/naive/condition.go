package naive

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// negated maps the operators of negated matching to the ones they negate.
var negated = map[string]string{
	"StringNotEquals":           "StringEquals",
	"StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
	"StringNotLike":             "StringLike",
	"NumericNotEquals":          "NumericEquals",
	"DateNotEquals":             "DateEquals",
	"NotIpAddress":              "IpAddress",
	"ArnNotEquals":              "ArnEquals",
	"ArnNotLike":                "ArnLike",
}

// condition says whether every element of the statement's Condition is true.
func condition(m map[string]any, variables, deny bool, keys map[string][]string) (bool, error) {
	c, ok := m["Condition"]
	if !ok {
		return true, nil
	}
	block, ok := c.(map[string]any)
	if !ok {
		return false, fmt.Errorf("the Condition is not a JSON object: %v", c)
	}
	all := true
	for operator, v := range block {
		byKey, ok := v.(map[string]any)
		if !ok {
			return false, fmt.Errorf("%s is not a JSON object", operator)
		}
		if !known(operator) {
			return false, fmt.Errorf("unknown operator %q", operator)
		}
		for key, v := range byKey {
			values, err := conditionValues(v)
			if err != nil {
				return false, fmt.Errorf("%s of %s: %w", operator, key, err)
			}
			holds, err := element(operator, key, values, variables, deny, keys)
			if err != nil {
				return false, fmt.Errorf("%s of %s: %w", operator, key, err)
			}
			all = all && holds
		}
	}
	return all, nil
}

// parts takes an operator apart: ForAnyValue:StringLikeIfExists is ForAnyValue,
// StringLike, true.
func parts(operator string) (qualifier, base string, ifExists bool) {
	base = operator
	for _, q := range []string{"ForAllValues", "ForAnyValue"} {
		if rest, ok := strings.CutPrefix(base, q+":"); ok {
			qualifier, base = q, rest
			break
		}
	}
	base, ifExists = strings.CutSuffix(base, "IfExists")
	return qualifier, base, ifExists
}

func known(operator string) bool {
	_, base, ifExists := parts(operator)
	if base == "Null" {
		return !ifExists
	}
	if _, ok := negated[base]; ok {
		return true
	}
	_, ok := tests[base]
	return ok
}

func conditionValues(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case bool:
			out = append(out, fmt.Sprint(e))
		case json.Number:
			out = append(out, e.String())
		default:
			return nil, fmt.Errorf("the value %v is not a string, number or Boolean", e)
		}
	}
	return out, nil
}

// isSet says whether a key has a set for a value by its nature, whatever is in it.
func isSet(key string) bool {
	return key == "aws:tagkeys" || key == "sts:transitivetagkeys" || strings.HasSuffix(key, ":amr")
}

// multivalued says whether a key that is there is a set by its nature, or because it has not exactly one value.
func multivalued(key string, values []string) bool { return isSet(key) || len(values) != 1 }

// element evaluates one operator with one key.
func element(operator, key string, values []string, variables, deny bool, keys map[string][]string) (bool, error) {
	qualifier, base, ifExists := parts(operator)
	name := strings.ToLower(key)
	request, present := keys[name]

	if base == "Null" {
		switch qualifier {
		case "ForAllValues":
			return true, nil
		case "ForAnyValue":
			return false, nil
		}
		for _, v := range values {
			if isTrue(v) != present {
				return true, nil
			}
		}
		return false, nil
	}

	if base == "BinaryEquals" {
		for _, v := range values {
			if _, err := base64.StdEncoding.DecodeString(v); err != nil {
				return false, fmt.Errorf("the value %q is not base64", v)
			}
		}
	}
	positive, negate := negated[base]
	if !negate {
		positive = base
	}
	var wanted []text // the values in the policy, variables replaced
	unresolved := false
	for _, v := range values {
		t := plain(v)
		if withVariables[positive] && variables {
			var ok bool
			var err error
			if t, ok, err = expand(v, keys); err != nil {
				return false, err
			}
			if !ok {
				unresolved = true
				continue // it equals nothing
			}
		}
		wanted = append(wanted, t)
	}

	switch {
	case !present && ifExists:
		return true, nil
	case qualifier == "ForAllValues" && len(request) == 0: // missing or empty
		return true, nil
	case qualifier == "ForAnyValue" && len(request) == 0:
		return false, nil
	case !present:
		return negate, nil
	case qualifier == "" && multivalued(name, request):
		return false, nil
	case unresolved && !negate:
		return false, nil
	}

	// The first value of the request that decides, decides.
	anyValue := qualifier == "ForAnyValue"
	for _, v := range request {
		hit, broken := holds(positive, negate, wanted, v)
		if broken {
			return deny, nil // the statement applies only if it denies
		}
		if hit == anyValue {
			return anyValue, nil
		}
	}
	return !anyValue, nil
}

// holds says whether one value of the request is one of the policy's values (OR), or none of them (NOR). The first that
// decides, decides; an operand that is no ARN breaks the comparison.
func holds(positive string, negate bool, wanted []text, have string) (hit, broken bool) {
	if !readable(positive, have) {
		return false, false
	}
	for _, w := range wanted {
		if void(positive, w) {
			return false, true
		}
		if tests[positive](w, have) {
			return !negate, false
		}
	}
	return negate, false
}
