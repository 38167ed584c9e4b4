package localaws

import (
	"encoding/json"
	"regexp"
	"strings"
)

// statement is one statement of a policy, with the elements both kinds of policy share.
type statement struct {
	sid, effect  string
	actions      []string
	notActions   []string
	principals   map[string][]string // by type: AWS, Federated, Service
	conditions   []condition
	resources    []string
	hasPrincipal bool
	hasNot       bool // NotPrincipal
	hasResource  bool // Resource or NotResource
	anyone       bool // "Principal": "*"
}

// condition is one key under one operator.
type condition struct {
	operator string
	key      string
	values   []string
}

// parsePolicy reads the version and the statements of a document.
func parsePolicy(document string) (version string, statements []statement, err error) {
	elements, err := parseObject([]byte(document))
	if err != nil {
		return "", nil, err
	}
	var raw []json.RawMessage
	for _, e := range elements {
		switch e.name {
		case "Version":
			version, err = parseText(e.value)
		case "Id":
			_, err = parseText(e.value)
		case "Statement":
			if json.Unmarshal(e.value, &raw) != nil {
				raw = []json.RawMessage{e.value}
			}
		default:
			err = errNotPolicyJSON
		}
		if err != nil {
			return "", nil, err
		}
	}
	for _, text := range raw {
		s, err := parseStatement(text)
		if err != nil {
			return "", nil, err
		}
		statements = append(statements, s)
	}
	return version, statements, nil
}

func parseStatement(raw json.RawMessage) (statement, error) {
	elements, err := parseObject(raw)
	if err != nil {
		return statement{}, err
	}
	var s statement
	for _, e := range elements {
		switch e.name {
		case "Sid":
			s.sid, err = parseText(e.value)
		case "Effect":
			s.effect, err = parseText(e.value)
		case "Action":
			s.actions, err = parseValues(e.value)
		case "NotAction":
			s.notActions, err = parseValues(e.value)
		case "Resource", "NotResource":
			s.hasResource = true
			s.resources, err = parseValues(e.value)
		case "Principal":
			s.hasPrincipal = true
			s.principals, s.anyone, err = parsePrincipal(e.value)
		case "NotPrincipal":
			s.hasNot = true
		case "Condition":
			s.conditions, err = parseConditions(e.value)
		default:
			err = errNotPolicyJSON
		}
		if err != nil {
			return statement{}, err
		}
	}
	return s, nil
}

func parsePrincipal(raw json.RawMessage) (principals map[string][]string, anyone bool, err error) {
	if text, err := parseText(raw); err == nil {
		if text != "*" {
			return nil, false, errNotPolicyJSON
		}
		return nil, true, nil
	}
	elements, err := parseObject(raw)
	if err != nil {
		return nil, false, err
	}
	principals = map[string][]string{}
	for _, e := range elements {
		if principals[e.name], err = parseValues(e.value); err != nil {
			return nil, false, err
		}
	}
	return principals, false, nil
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	operators, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	var conditions []condition
	for _, operator := range operators {
		if !conditionOperator.MatchString(operator.name) {
			return nil, errNotPolicyJSON
		}
		keys, err := parseObject(operator.value)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			values, err := parseValues(key.value)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, condition{operator.name, key.name, values})
		}
	}
	return conditions, nil
}

// conditionOperator:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var conditionOperator = regexp.MustCompile(`(?i)^((ForAllValues|ForAnyValue):)?(` + strings.Join([]string{
	"String(Not)?Equals(IgnoreCase)?", "String(Not)?Like",
	"Numeric(Not)?Equals", "Numeric(Less|Greater)Than(Equals)?",
	"Date(Not)?Equals", "Date(Less|Greater)Than(Equals)?",
	"Bool", "BinaryEquals", "(Not)?IpAddress", "Arn(Not)?(Equals|Like)",
}, "|") + `)(IfExists)?$|^Null$`)

var sidText = regexp.MustCompile(`^[0-9A-Za-z]*$`)

// checkSids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func checkSids(statements []statement) error {
	seen := map[string]bool{}
	for _, s := range statements {
		if !sidText.MatchString(s.sid) {
			return malformedPolicy("Statement IDs (SID) must be alpha-numeric. " +
				"Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		if s.sid != "" && seen[s.sid] {
			return malformedPolicy("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[s.sid] = true
	}
	return nil
}

// covers tells whether an action, which may hold * and ?, covers a name. Actions do not distinguish case.
func covers(action, name string) bool {
	pattern := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(action))
	return regexp.MustCompile("(?i)^" + pattern + "$").MatchString(name)
}
