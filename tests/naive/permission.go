package naive

import (
	"errors"
	"fmt"
	"strings"
)

// Permissions are the policies that say what a role may do.
type Permissions struct {
	Policies []string // attached and inline
	Boundary string   // "" without one
}

// Permit says whether a role with these policies may do something: an Allow of one of its policies, and one of its
// boundary if it has one, and no Deny. keys are the condition keys of the request, in lower case. Policies of
// resources, of the organization and of the session are not looked at.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (p Permissions) Permit(action, resource string, keys map[string][]string) (bool, error) {
	allowed := false
	for _, policy := range p.Policies {
		allows, denies, err := permission(policy, action, resource, keys)
		if err != nil || denies {
			return false, err
		}
		allowed = allowed || allows
	}
	if p.Boundary != "" {
		allows, denies, err := permission(p.Boundary, action, resource, keys)
		if err != nil || denies {
			return false, err
		}
		allowed = allowed && allows
	}
	return allowed, nil
}

func permission(policy, action, resource string, keys map[string][]string) (allows, denies bool, err error) {
	document, err := decode([]byte(policy))
	if err != nil {
		return false, false, err
	}
	top, ok := document.(map[string]any)
	if !ok {
		return false, false, errors.New("the policy is not a JSON object")
	}
	if err := onlyElements(top, "Version", "Id", "Statement"); err != nil {
		return false, false, err
	}
	statements, ok := top["Statement"].([]any)
	if !ok {
		statements = []any{top["Statement"]}
	}
	for i, s := range statements {
		m, ok := s.(map[string]any)
		if !ok {
			return false, false, fmt.Errorf("statement %d is not a JSON object", i)
		}
		effect, applies, err := permits(m, action, resource, top["Version"] == "2012-10-17", keys)
		if err != nil {
			return false, false, fmt.Errorf("statement %d: %w", i, err)
		}
		allows = allows || applies && effect == "Allow"
		denies = denies || applies && effect == "Deny"
	}
	return allows, denies, nil
}

func permits(m map[string]any, action, resource string, variables bool, keys map[string][]string) (
	effect string, applies bool, err error,
) {
	err = onlyElements(m, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
	if err != nil {
		return "", false, err
	}
	effect, _ = m["Effect"].(string)
	if effect != "Allow" && effect != "Deny" {
		return "", false, fmt.Errorf("Effect is %v, not Allow or Deny", m["Effect"])
	}
	actionOK, err := actions(m, action)
	if err != nil {
		return "", false, err
	}
	resourceOK, err := resources(m, resource, variables, keys)
	if err != nil {
		return "", false, err
	}
	conditionOK, err := condition(m, variables, effect == "Deny", keys)
	return effect, actionOK && resourceOK && conditionOK, err
}

// resources compares letter by letter, with * and ? and policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func resources(m map[string]any, resource string, variables bool, keys map[string][]string) (bool, error) {
	r, has := m["Resource"]
	n, hasNot := m["NotResource"]
	if has == hasNot {
		return false, errors.New("needs one of Resource and NotResource")
	}
	if hasNot {
		r = n
	}
	list, err := stringList(r)
	if err != nil {
		return false, fmt.Errorf("resource: %w", err)
	}
	listed := false
	for _, pattern := range list {
		wanted := plain(pattern)
		if variables && strings.Contains(pattern, "${") {
			known := false
			if wanted, known, err = expand(pattern, keys); err != nil {
				return false, err
			} else if !known {
				continue
			}
		}
		listed = listed || like(wanted, resource)
	}
	return listed != hasNot, nil
}
