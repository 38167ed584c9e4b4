package localaws

import (
	"encoding/json"
	"strings"
)

// permissionDocument reads the document of an inline or managed policy. Only its grammar is checked:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func (c *call) permissionDocument() (string, error) {
	document, err := c.form.document("PolicyDocument")
	if err != nil {
		return "", err
	}
	syntax := malformedPolicy("Syntax errors in policy.")
	if !json.Valid([]byte(document)) {
		return "", syntax
	}
	version, statements, err := parsePolicy(document)
	if err != nil || len(statements) == 0 {
		return "", syntax
	}
	if version != "2012-10-17" {
		return "", malformedPolicy("Policy document must be version 2012-10-17 or greater.")
	}
	for _, s := range statements {
		if err := checkPermission(s, syntax); err != nil {
			return "", err
		}
	}
	return document, checkSids(statements)
}

func checkPermission(s statement, syntax error) error {
	switch {
	case s.effect != "Allow" && s.effect != "Deny":
		return syntax
	case s.hasPrincipal || s.hasNot:
		return malformedPolicy("Policy document should not specify a principal.")
	case len(s.actions) == 0 && len(s.notActions) == 0:
		return malformedPolicy("Policy statement must contain actions.")
	case len(s.resources) == 0:
		return malformedPolicy("Policy statement must contain resources.")
	}
	for _, action := range append(s.actions, s.notActions...) {
		if action != "*" && !strings.Contains(action, ":") {
			return malformedPolicy(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.`)
		}
	}
	for _, resource := range s.resources {
		if resource != "*" && !strings.HasPrefix(resource, "arn:") {
			return malformedPolicy(`Resource %s must be in ARN format or "*".`, resource)
		}
	}
	return nil
}
