package ci

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// accepted holds a value that validation let through against what a policy can bear: no wildcard but the trailing one
// that the word allows, no policy variable, nothing unprintable.
func accepted(t *testing.T, text, ending string) {
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

// proveWritten compiles and proves what was written, and holds every value of the policy against the rules of wildcards: a run of
// 36 question marks stands for a UUID.
func proveWritten(t *testing.T, registry *Registry, written object) {
	t.Helper()
	written = maps.Clone(written)
	written["acceptRisks"] = slices.Sorted(maps.Keys(registry.Rules()))
	trusts, lines := readBy(registry, written, inAWS)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	var problems input.Problems
	if err := Check(trusts, inAWS, input.Value{Known: true, Scalar: 1e6}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v is not proved: %v %v", written, err, problems.Sorted())
	}
	policy := Compile(trusts, inAWS, nil)
	for _, s := range policy.Statements {
		for _, c := range s.Conditions {
			for _, v := range c.Values {
				accepted(t, strings.ReplaceAll(v, strings.Repeat("?", 36), "user"), "*")
			}
		}
	}
}

// proved compiles and proves what was written.
func (s suite) proved(t *testing.T, written object) {
	t.Helper()
	proveWritten(t, s.registry(), written)
}
