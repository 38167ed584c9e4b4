package ci

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A suite is what the tests that go over all systems know of one.
type suite struct {
	system   System
	among    *Registry             // of several systems, for trusts that have more than one; nil for the system alone
	matrix   []object              // trusts of every shape: each word alone and together
	mintable func(sub string) bool // whether the issuer could write the subject; nil where the subject's forms tell
	ours     []exception           // near misses that a trust with one grant admits all the same
	phrase   func(g Grant) string  // how ours names a grant; nil for its sentence
	harmless map[string]string     // mistakes in a policy that change nothing for any token of the issuer, each with its reason
}

// An exception is a near miss that gets in, "phrase: token", with the reason.
type exception struct{ form, reason string }

// registry knows the system alone, or those of a suite of several.
func (s suite) registry() *Registry {
	if s.among != nil {
		return s.among
	}
	return NewRegistry(s.system)
}

// allRisks accepts every finding of the system.
func (s suite) allRisks() []string { return slices.Sorted(maps.Keys(s.registry().Rules())) }

// read reads the section, and returns the problems as "path: reason" lines.
func (s suite) read(written object, account Account) ([]Trust, []string) {
	return readBy(s.registry(), written, account)
}

// mustRead reads a section in which nothing is wrong, with every risk accepted.
func (s suite) mustRead(t testing.TB, written object, account Account) []Trust {
	t.Helper()
	if _, given := written["acceptRisks"]; !given {
		written = maps.Clone(written)
		written["acceptRisks"] = s.allRisks()
	}
	trusts, lines := s.read(written, account)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	return trusts
}

// accounts are those in which a trust can be made: one that needs a key cannot be made where AWS fills none.
func (s suite) accounts(written object, all ...Account) []Account {
	risky := maps.Clone(written)
	risky["acceptRisks"] = s.allRisks()
	return slices.DeleteFunc(all, func(a Account) bool {
		_, lines := s.read(risky, a)
		return a.Partition != "" && a.Partition != "aws" && len(lines) > 0 &&
			!slices.ContainsFunc(lines, func(line string) bool { return !strings.Contains(line, "in the aws partition") })
	})
}

// canMint reports whether the issuer could put the subject into a token.
func (s suite) canMint(sub string) bool {
	if s.mintable != nil {
		return s.mintable(sub)
	}
	for _, system := range s.registry().Systems() {
		for _, f := range system.Forms() {
			if _, ok := f.parse(sub); ok {
				return true
			}
		}
	}
	return false
}

// together holds trusts of several systems on one role against what is asked of each.
func (s suite) together(t *testing.T) {
	t.Run("the grants and the compiled policy agree on every token made up", s.agreement)
	t.Run("no mutated token gets in by the policy that the grants refuse", s.mutatedTokens)
	t.Run("every mistake in a policy is found by the proof with the name of a token", s.mistakes)
	t.Run("the policy is the same whatever the order of lists", s.order)
}

// conformance holds a system against everything that is asked of all systems.
func (s suite) conformance(t *testing.T) {
	t.Run("every part of the contract is there", s.contract)
	t.Run("the grants and the compiled policy agree on every token made up", s.agreement)
	t.Run("no mutated token gets in by the policy that the grants refuse", s.mutatedTokens)
	t.Run("every near miss is refused by a trust with that grant alone, or for a reason", s.nearMisses)
	t.Run("every mistake in a policy is found by the proof with the name of a token", s.mistakes)
	t.Run("the policy is the same whatever the order of lists", s.order)
	t.Run("no secret appears in any problem", s.secrets)
	t.Run("a subject of any form is read back as it was built", s.forms)
	t.Run("every field has a sample that its issuer could write", s.samples)
	t.Run("an open field admits whatever its run of question marks admits", s.openFields)
}
