package citest

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Accepted holds a value that validation let through against what a policy can bear: no wildcard but the trailing one
// that the word allows, no policy variable, nothing unprintable.
func Accepted(t *testing.T, text, ending string) {
	t.Helper()
	body := strings.TrimSuffix(text, ending)
	if strings.ContainsAny(body, "*?") || strings.Contains(body, "${") {
		t.Fatalf("%q is accepted", text)
	}
	for _, r := range text {
		if r < ' ' || r == 0x7f || r > 0xff {
			t.Fatalf("%q is accepted with %U", text, r)
		}
	}
}

// ProveWritten compiles and proves what was written, and holds every value that is accepted against the rules of
// wildcards: a run of 36 question marks stands for a UUID.
func ProveWritten(t *testing.T, registry *ci.Registry, written object) {
	t.Helper()
	written = maps.Clone(written)
	written["acceptRisks"] = RisksOf(registry, written)
	trusts, lines := ReadBy(registry, written, InAWS)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	var problems input.Problems
	if err := ci.Check(trusts, InAWS, input.Value{Known: true, Scalar: 1e6}, &problems); err != nil ||
		problems.Len() > 0 {
		t.Fatalf("%v is not proved: %v %v", written, err, problems.Sorted())
	}
	policy := ci.Compile(trusts, InAWS, nil)
	for _, s := range policy.Statements {
		if s.Effect == "Deny" {
			continue // what it stands for is refused
		}
		for _, c := range s.Conditions {
			for _, v := range c.Values {
				Accepted(t, strings.ReplaceAll(v, strings.Repeat("?", 36), "user"), "*")
			}
		}
	}
}

// Proved compiles and proves what was written.
func (s Suite) Proved(t *testing.T, written object) {
	t.Helper()
	ProveWritten(t, s.Registry(), written)
}
