package trust

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
)

// ParsePolicy reads a role trust policy strictly: unknown elements, names that stand twice, an identity policy and
// anything else that IAM would not store as a trust policy are errors that name line and column.
//
// Source of the grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func ParsePolicy(document []byte) (*Policy, error) {
	return parsePolicy(document, false)
}

// ParseLoosely is ParsePolicy for a document in which a name may stand twice in an object: the last one counts then,
// and twice is the error that ParsePolicy returns.
func ParseLoosely(document []byte) (policy *Policy, twice, err error) {
	policy, err = ParsePolicy(document)
	var refused *DocumentError
	if errors.As(err, &refused) && refused.Duplicate {
		twice = err
		policy, err = parsePolicy(document, true)
	}
	return policy, twice, err
}

func parsePolicy(document []byte, lastWins bool) (*Policy, error) {
	root, err := readJSON(document, lastWins)
	if err != nil {
		return nil, err
	}
	p := parser{document: document}
	return p.policy(root)
}

type parser struct{ document []byte }

func (p *parser) fail(n node, format string, args ...any) error {
	return at(p.document, n.offset, format, args...)
}

func (p *parser) policy(root node) (*Policy, error) {
	if root.kind != "object" {
		return nil, p.fail(root, "expected a trust policy, a JSON object with Version and Statement, found %s",
			article(root.kind))
	}
	policy := &Policy{}
	var statements *node
	for _, m := range root.members {
		var err error
		switch m.name {
		case "Version":
			policy.Version, err = p.text(m)
			if err == nil && policy.Version != policyVersion && policy.Version != "2008-10-17" {
				err = p.fail(m.value, "Version is %q; IAM knows 2012-10-17 and 2008-10-17", policy.Version)
			}
		case "Id":
			policy.ID, err = p.text(m)
		case "Statement":
			statements = &m.value
		default:
			err = at(p.document, m.offset, "unknown element %q; a policy has Version, Id and Statement%s", m.name,
				spelling.Guess(m.name, []string{"Version", "Id", "Statement"}))
		}
		if err != nil {
			return nil, err
		}
	}
	if statements == nil {
		return nil, p.fail(root, "expected a trust policy, found an object without Statement")
	}
	list := []node{*statements}
	if statements.kind == "array" {
		list = statements.list
	}
	if len(list) == 0 {
		return nil, p.fail(*statements, "Statement is empty; a trust policy has at least one")
	}
	for _, n := range list {
		s, err := p.statement(n, policy.Version)
		if err != nil {
			return nil, err
		}
		policy.Statements = append(policy.Statements, s)
	}
	return policy, nil
}

func (p *parser) statement(n node, version string) (Statement, error) {
	s := Statement{offset: n.offset}
	if n.kind != "object" {
		return s, p.fail(n, "a statement is an object, found %s", article(n.kind))
	}
	has := map[string]bool{}
	for _, m := range n.members {
		has[m.name] = true
		var err error
		switch m.name {
		case "Sid":
			s.Sid, err = p.text(m)
		case "Effect":
			s.Effect, err = p.text(m)
			if err == nil && s.Effect != "Allow" && s.Effect != "Deny" {
				err = p.fail(m.value, "Effect is %q; it is Allow or Deny, in this letter case", s.Effect)
			}
		case "Principal":
			s.Principals, err = p.principals(m.value)
		case "Action", "NotAction":
			s.NotAction = m.name == "NotAction"
			s.Actions, err = p.texts(m.name, m.value)
			s.actions = m.value.offsets()
		case "Condition":
			s.Conditions, s.tests, err = p.conditions(m.value, version)
		case "Resource", "NotResource":
			err = at(p.document, m.offset, "%s has no place in a trust policy: this looks like an identity policy, "+
				"which says what a role may do and not who may assume it", m.name)
		case "NotPrincipal":
			err = at(p.document, m.offset,
				"NotPrincipal has no place in a trust policy; name the trusted ones with Principal")
		default:
			err = at(p.document, m.offset, "unknown element %q; a statement of a trust policy has Sid, Effect, "+
				"Principal, Action or NotAction, and Condition%s", m.name, spelling.Guess(m.name, statementElements))
		}
		if err != nil {
			return s, err
		}
	}
	switch {
	case !has["Effect"]:
		return s, p.fail(n, "the statement has no Effect")
	case !has["Principal"]:
		return s, p.fail(n, "the statement has no Principal; a trust policy says who may assume the role, so this "+
			"looks like an identity policy")
	case has["Action"] == has["NotAction"]:
		return s, p.fail(n, "the statement needs either Action or NotAction")
	}
	s.compile()
	return s, nil
}

// statementElements are those of a statement of a trust policy.
var statementElements = []string{"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"}

// compile prepares what does not depend on a request.
func (s *Statement) compile() {
	for i := range s.tests {
		s.tests[i].deny = s.Effect == "Deny"
	}
	s.applies, s.tags, s.source = s.Covers(assumeRole), s.Covers(tagSession), s.Covers(setSourceIdentity)
}

// Covers reports whether the action element covers an action.
func (s *Statement) Covers(action string) bool {
	named := slices.ContainsFunc(s.Actions, func(pattern string) bool { return ActionCovers(pattern, action) })
	return named != s.NotAction
}

// ActionCovers reports whether an action as a policy writes it, with wildcards, covers one. Names of actions ignore
// letter case.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func ActionCovers(pattern, action string) bool {
	return wildcardPattern(strings.ToLower(pattern)).match(strings.ToLower(action))
}

func (p *parser) principals(n node) (Principals, error) {
	var principals Principals
	switch n.kind {
	case "string":
		if n.scalar != "*" {
			return principals, p.fail(n, `Principal is %q; it is "*" or an object such as {"Federated": "arn:..."}`,
				n.scalar)
		}
		principals.Everyone = true
	case "object":
		principals.ByType = map[string][]string{}
		for _, m := range n.members {
			switch m.name {
			case "AWS", "Federated", "Service", "CanonicalUser":
			default:
				return principals, at(p.document, m.offset,
					"unknown kind of principal %q; IAM knows Federated, AWS, Service and CanonicalUser%s", m.name,
					spelling.Guess(m.name, []string{"Federated", "AWS", "Service", "CanonicalUser"}))
			}
			values, err := p.texts(m.name, m.value)
			if err != nil {
				return principals, err
			}
			principals.ByType[m.name] = values
		}
	default:
		return principals, p.fail(n, `Principal is "*" or an object, found %s`, article(n.kind))
	}
	return principals, nil
}

func (p *parser) conditions(n node, version string) ([]Condition, []test, error) {
	if n.kind != "object" {
		return nil, nil, p.fail(n, "Condition is an object of operators, found %s", article(n.kind))
	}
	var conditions []Condition
	var tests []test
	for _, m := range n.members {
		op, known := parseOperator(m.name)
		if !known {
			return nil, nil, at(p.document, m.offset, "unknown condition operator %q%s", m.name, meantOperator(m.name))
		}
		if m.value.kind != "object" {
			return nil, nil, p.fail(m.value, "%s is an object of condition keys, found %s", m.name,
				article(m.value.kind))
		}
		for _, k := range m.value.members {
			values, err := p.values(k.name, k.value)
			if err != nil {
				return nil, nil, err
			}
			if version == policyVersion && op.family.hasVariables() {
				if err := p.variables(k.value, values); err != nil {
					return nil, nil, err
				}
			}
			if op.family == binary {
				if err := p.base64(k.value, values); err != nil {
					return nil, nil, err
				}
			}
			c := Condition{Operator: m.name, Key: k.name, Values: values, key: k.offset, values: k.value.offsets()}
			conditions, tests = append(conditions, c), append(tests, compileTest(&c, op, version))
		}
	}
	return conditions, tests, nil
}

func (p *parser) text(m member) (string, error) {
	if text, ok := m.value.scalar.(string); ok {
		return text, nil
	}
	return "", p.fail(m.value, "%s is a string, found %s", m.name, article(m.value.kind))
}

// texts reads a string or a list of strings. An empty list is allowed, as IAM allows it: the element then applies to
// nothing.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func (p *parser) texts(name string, n node) ([]string, error) {
	values, err := p.values(name, n)
	if err != nil {
		return nil, err
	}
	for _, item := range append(n.list, n) {
		if item.kind != "string" && item.kind != "array" {
			return nil, p.fail(item, "%s takes strings, found %s", name, article(item.kind))
		}
	}
	return values, nil
}

// variables refuses values in which "${" begins no policy variable.
func (p *parser) variables(n node, values []string) error {
	for i, value := range values {
		if _, reason := parseSegments(value); reason != "" {
			item := n
			if n.kind == "array" {
				item = n.list[i]
			}
			return p.fail(item, "in %q %s", value, reason)
		}
	}
	return nil
}

// base64 refuses values that are no base64, as IAM does.
//
// Recorded: condition_values.json, rows 231 to 234, 263 and 264.
func (p *parser) base64(n node, values []string) error {
	for i, value := range values {
		if _, err := base64.StdEncoding.DecodeString(value); err != nil {
			item := n
			if n.kind == "array" {
				item = n.list[i]
			}
			return p.fail(item, "%q is no base64, and BinaryEquals compares nothing else", value)
		}
	}
	return nil
}

// values reads a scalar or a list of scalars as texts.
func (p *parser) values(name string, n node) ([]string, error) {
	list := []node{n}
	if n.kind == "array" {
		list = n.list
	}
	values := make([]string, len(list))
	for i, item := range list {
		switch v := item.scalar.(type) {
		case string:
			values[i] = v
		case json.Number:
			values[i] = string(v)
		case bool:
			values[i] = truthText(v)
		default:
			return nil, p.fail(item, "%s takes a value or a list of values, found %s", name, article(item.kind))
		}
	}
	return values, nil
}

// offsets are where the values of a scalar or a list stand.
func (n node) offsets() []int64 {
	if n.kind != "array" {
		return []int64{n.offset}
	}
	offsets := make([]int64, len(n.list))
	for i, item := range n.list {
		offsets[i] = item.offset
	}
	return offsets
}

func article(kind string) string {
	if kind == "object" || kind == "array" {
		return "an " + kind
	}
	if kind == "null" {
		return kind
	}
	return "a " + kind
}

// ParseClaims reads the claims of a token: a JSON object. Of a name that stands twice the last counts, as it does for
// STS.
//
// Recorded: aws.json, duplicate-claim and duplicate-same-claim.
func ParseClaims(document []byte) (map[string]any, error) {
	root, err := readJSON(document, true)
	if err != nil {
		return nil, err
	}
	if root.kind != "object" {
		p := parser{document: document}
		return nil, p.fail(root, "expected the claims of a token, a JSON object, found %s", article(root.kind))
	}
	claims, ok := root.plain().(map[string]any)
	if !ok {
		return nil, errors.New("expected the claims of a token, a JSON object")
	}
	return claims, nil
}

// plain is the value as encoding/json would decode it.
func (n node) plain() any {
	switch n.kind {
	case "object":
		object := map[string]any{}
		for _, m := range n.members {
			object[m.name] = m.value.plain()
		}
		return object
	case "array":
		list := make([]any, len(n.list))
		for i, item := range n.list {
			list[i] = item.plain()
		}
		return list
	}
	return n.scalar
}
