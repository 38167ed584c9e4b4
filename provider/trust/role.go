package trust

import (
	"slices"
	"strings"
)

// A Role is what is known of the role whose trust policy is audited, beside the policy.
type Role struct {
	Name string
	Arn  string
	// May is what the role's policies allow: nil where they are not known.
	May *May
}

// A May is what a role may do beyond reading what is no secret, in words: "iam:PassRole on *"; "" for nothing.
type May struct{ Write, ReadSecrets string }

// callerKeys name the AWS principal that calls, its account or its organization.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var callerKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceorgid", "aws:userid",
}

// pinsCaller reports that a condition demands a certain caller.
func (s *Statement) pinsCaller() bool {
	for i, c := range s.Conditions {
		t := &s.tests[i]
		arnTest := t.operator.family == arn && !t.operator.negated && !t.operator.ifExists &&
			t.operator.quantifier != forAllValues
		if (t.demands() || arnTest) && slices.Contains(callerKeys, t.key.lower) &&
			!slices.ContainsFunc(c.Values, func(value string) bool { return strings.Trim(value, "*?") == "" }) {
			return true
		}
	}
	return false
}
