package citest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Deny refuses a token only if every one of its conditions holds. Whoever is let in by an Allow without one of these
// keys, or with another value of it, walks around the Deny. So a Deny may test one key for what it refuses, and beside
// it only keys to which the Allow holds every token, with no value that the Deny does not name.

// walkedAround says of every Deny of a policy which Allow lets a token past it. cases are those of the policy's proof:
// a Deny is meant for the Allows that would let in a near miss without it.
func walkedAround(policy *trust.Policy, cases []trust.Case) []string {
	var faults []string
	for i := range policy.Statements {
		deny := &policy.Statements[i]
		if deny.Effect != "Deny" {
			continue
		}
		meant := meantFor(policy, i, cases)
		if len(meant) == 0 {
			faults = append(faults, fmt.Sprintf("statement %d refuses no near miss that another one lets in", i+1))
			continue
		}
		var reasons []string
		sound := false
		for _, refused := range deny.Conditions {
			reason := ""
			for _, other := range deny.Conditions {
				if other.Key != refused.Key && slices.ContainsFunc(meant, func(allow *trust.Statement) bool {
					return !holdsTo(allow, other)
				}) {
					reason = fmt.Sprintf("if it refuses by %s: it also tests %s, to which an Allow does "+
						"not hold every token", refused.Key, other.Key)
				}
			}
			if sound = sound || reason == ""; reason != "" {
				reasons = append(reasons, reason)
			}
		}
		if !sound {
			faults = append(faults,
				fmt.Sprintf("statement %d can be walked around; %s", i+1, strings.Join(reasons, "; ")))
		}
	}
	return faults
}

// meantFor are the Allows that let in what only the Deny at a place refuses.
func meantFor(policy *trust.Policy, place int, cases []trust.Case) []*trust.Statement {
	without := &trust.Policy{
		Version:    policy.Version,
		Statements: slices.Delete(slices.Clone(policy.Statements), place, place+1),
	}
	meant := map[int]bool{}
	for wrong := range trust.Wrong(without, slices.Values(cases)) {
		for i := range policy.Statements {
			allow := &policy.Statements[i]
			alone := &trust.Policy{Version: policy.Version, Statements: []trust.Statement{*allow}}
			if allow.Effect == "Allow" && !wrong.Case.Admit && !meant[i] {
				meant[i] = alone.Decide(&wrong.Case.Request) != trust.Denied
			}
		}
	}
	var allows []*trust.Statement
	for i := range policy.Statements {
		if meant[i] {
			allows = append(allows, &policy.Statements[i])
		}
	}
	return allows
}

// holdsTo reports that an Allow demands the key of a Deny's condition, and no value that the condition does not name.
func holdsTo(allow *trust.Statement, denied trust.Condition) bool {
	return demands(denied) && slices.ContainsFunc(allow.Conditions, func(allowed trust.Condition) bool {
		return allowed.Key == denied.Key && demands(allowed) &&
			!slices.ContainsFunc(allowed.Values, func(value string) bool {
				return !slices.ContainsFunc(denied.Values, func(pattern string) bool {
					return value == pattern || !trust.HasWildcard(value) && trust.Match(pattern, value)
				})
			})
	})
}

// demands reports that a condition holds only for a value that is there and fits.
func demands(c trust.Condition) bool {
	return c.Operator == "StringEquals" || c.Operator == "StringLike"
}

// denies holds every Deny of the section's policies against what its Allow demands, in the readable and the compact
// form.
func (s Suite) denies(t *testing.T) {
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS, InGov) {
			trusts := s.MustRead(t, written, account)
			for _, compacted := range []bool{false, true} {
				for i := range trusts {
					trusts[i].Compacted = compacted
				}
				policy := ci.Compile(trusts, account, nil)
				if !slices.ContainsFunc(policy.Statements, func(s trust.Statement) bool { return s.Effect == "Deny" }) {
					continue
				}
				for _, fault := range walkedAround(policy, Prepared(trusts, account)) {
					t.Errorf("%s\n%s", fault, policy.JSON())
				}
			}
		}
	}
}
