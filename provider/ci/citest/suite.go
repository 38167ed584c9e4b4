// Package citest holds a CI system against everything that is asked of all of them.
package citest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Suite is what the tests that go over all systems know of one.
type Suite struct {
	System ci.System
	// Elsewhere are trusts that another suite of the system holds Together: of these Conformance asks only that an
	// audit finds in them what the component finds.
	Elsewhere []object
	// of several systems, for trusts that have more than one; nil for the system alone
	Among    *ci.Registry
	Matrix   []object                // trusts of every shape: each word alone and together
	Mintable func(sub string) bool   // whether the issuer could write the subject; nil where the subject's forms tell
	Ours     []Exception             // near misses that a trust with one grant admits all the same
	Phrase   func(g ci.Grant) string // how ours names a grant; nil for its sentence
	// mistakes in a policy that change nothing for any token of the issuer, each with its reason
	Harmless map[string]string
	// Unseen are findings of the component that its policy cannot show to an audit, each with its reason; AuditOnly are
	// findings that only the audit of such a policy has.
	Unseen, AuditOnly map[string]string
	// Jobs are jobs that somebody could run, for a system whose policies have a "*" in the middle of a subject: there
	// many mistakes change nothing, and too many to name. One that the proof does not find must change the answer to
	// none of these jobs.
	Jobs func(account ci.Account) []map[string]any
}

// An Exception is a near miss that gets in, "phrase: token", with the reason.
type Exception struct{ Form, Reason string }

// Registry knows the system alone, or those of a suite of several.
func (s Suite) Registry() *ci.Registry {
	if s.Among != nil {
		return s.Among
	}
	return ci.NewRegistry(s.System)
}

// AllRisks accepts every finding of the system.
func (s Suite) AllRisks() []string { return slices.Sorted(maps.Keys(s.Registry().Rules())) }

// RisksOf accepts every finding about the sections that are written.
func RisksOf(registry *ci.Registry, written object) []string {
	ids := []string{}
	for _, system := range registry.Systems() {
		if _, there := written[system.Section()]; there {
			for _, rule := range system.Rules() {
				ids = append(ids, rule.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Read reads the section, and returns the problems as "path: reason" lines.
func (s Suite) Read(written object, account ci.Account) ([]ci.Trust, []string) {
	return ReadBy(s.Registry(), written, account)
}

// MustRead reads a section in which nothing is wrong, with every risk accepted.
func (s Suite) MustRead(t testing.TB, written object, account ci.Account) []ci.Trust {
	t.Helper()
	if _, given := written["acceptRisks"]; !given {
		written = maps.Clone(written)
		written["acceptRisks"] = RisksOf(s.Registry(), written)
	}
	trusts, lines := s.Read(written, account)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	return trusts
}

// Accounts are those in which a trust can be made: one that needs a key cannot be made where AWS fills none.
func (s Suite) Accounts(written object, all ...ci.Account) []ci.Account {
	risky := maps.Clone(written)
	risky["acceptRisks"] = RisksOf(s.Registry(), written)
	return slices.DeleteFunc(all, func(a ci.Account) bool {
		_, lines := s.Read(risky, a)
		return a.Partition != "" && a.Partition != "aws" && len(lines) > 0 &&
			!slices.ContainsFunc(lines, func(line string) bool {
				return !strings.Contains(line, "in the aws partition")
			})
	})
}

// canMint reports whether the issuer could put the subject into a token.
func (s Suite) canMint(sub string) bool {
	if s.Mintable != nil {
		return s.Mintable(sub)
	}
	for _, system := range s.Registry().Systems() {
		for _, f := range system.Forms() {
			if _, ok := f.Parse(sub); ok {
				return true
			}
		}
	}
	return false
}

// Together holds trusts of several systems on one role against what is asked of each.
func (s Suite) Together(t *testing.T) {
	t.Run("the grants and the compiled policy agree on every token made up", s.agreement)
	t.Run("no mutated token gets in by the policy that the grants refuse", s.mutatedTokens)
	t.Run("every mistake in a policy is found by the proof with the name of a token", s.mistakes)
	t.Run("the policy is the same whatever the order of lists", s.order)
	t.Run("a Deny tests only keys that its Allow demands, plus the one it refuses", s.denies)
	t.Run("every policy of the component is turned back into sections that admit the same tokens", s.adopted)
}

// Conformance holds a system against everything that is asked of all systems.
func (s Suite) Conformance(t *testing.T) {
	t.Run("every part of the contract is there", s.contract)
	t.Run("the grants and the compiled policy agree on every token made up", s.agreement)
	t.Run("no mutated token gets in by the policy that the grants refuse", s.mutatedTokens)
	t.Run("every near miss is refused by a trust with that grant alone, or for a reason", s.nearMisses)
	t.Run("every mistake in a policy is found by the proof with the name of a token", s.mistakes)
	t.Run("the policy is the same whatever the order of lists", s.order)
	t.Run("a Deny tests only keys that its Allow demands, plus the one it refuses", s.denies)
	t.Run("CiOidcProviders makes the provider that the section needs", s.providers)
	t.Run("no secret appears in any problem", s.secrets)
	t.Run("what is pasted shows no token, shares none, and runs nothing without a version", s.pasted)
	t.Run("a subject of any form is read back as it was built", s.forms)
	t.Run("every field has a sample that its issuer could write", s.samples)
	t.Run("a Deny tests only what its Allow demands", s.grantDenies)
	t.Run("an open field admits whatever its run of question marks admits", s.openFields)
	t.Run("every policy of the component is turned back into a section that admits the same tokens", s.adopted)
	t.Run("an audit finds in every policy what the component finds, and no more", s.judgement)
	t.Run("a comparison finds what a mistake in a policy changes, and no more", s.comparison)
}
