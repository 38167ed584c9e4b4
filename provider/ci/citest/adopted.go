package citest

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// adopted turns every policy that the component makes back into a section, in the readable form and in the compact one.
// It must admit the same tokens.
func (s Suite) adopted(t *testing.T) {
	for _, written := range slices.Concat(s.Matrix, s.Elsewhere, s.crossed(24)) {
		for _, account := range s.Accounts(written, InAWS, InChina, InGov) {
			trusts := s.MustRead(t, written, account)
			seen := ""
			for _, compacted := range []bool{false, true} {
				for i := range trusts {
					trusts[i].Compacted = trusts[i].Compacted || compacted
				}
				document := ci.Compile(trusts, account, nil).JSON()
				if document != seen { // a compact form that is longer the component does not write
					s.adopts(t, trusts, account, document, seen != "" && trust.Size(document) >= trust.Size(seen))
				}
				seen = document
			}
		}
	}
}

// crossed are trusts of two of the matrix in one, as far as these can stand in one section.
func (s Suite) crossed(most int) []object {
	if s.System == nil {
		return nil // a suite of several systems crosses none: each of its own suites does
	}
	rng := rand.New(rand.NewPCG(41, 42))
	section := s.System.Section()
	var all []object
	for range 20 * most {
		x, isOne := s.Matrix[rng.IntN(len(s.Matrix))][section].(object)
		y, isAnother := s.Matrix[rng.IntN(len(s.Matrix))][section].(object)
		if !isOne || !isAnother || len(all) == most {
			continue
		}
		both := maps.Clone(x)
		for name, value := range y {
			have, isList := x[name].(list)
			if more, also := value.(list); isList && also && name != "audiences" {
				both[name] = append(slices.Clone(have), more...)
			} else {
				both[name] = value
			}
		}
		written := object{section: both}
		written["acceptRisks"] = RisksOf(s.Registry(), written)
		if _, lines := s.Read(written, InAWS); len(lines) == 0 {
			all = append(all, written)
		}
	}
	return all
}

// adopts turns one policy into sections, and holds what they make against the tokens of those that made it. A foreign
// one, which the component does not write, may differ from all sections.
func (s Suite) adopts(t *testing.T, trusts []ci.Trust, account ci.Account, document string, foreign bool) {
	t.Helper()
	policy, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	result := adopt.Policy(s.Registry(), policy)
	var why []string
	for _, r := range result.Why {
		why = append(why, r.Text)
	}
	if !result.Same() {
		if foreign && result.Verdict != adopt.Undecided {
			return
		}
		t.Errorf("%s: %s\npolicy: %s\nfound:  %v", result.Verdict, strings.Join(why, "\n  "), document, result.Inputs)
		return
	}
	inputs, err := json.Marshal(result.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	var again object
	if err := json.Unmarshal(inputs, &again); err != nil {
		t.Fatal(err)
	}
	made, lines := s.Read(again, account)
	if strings.Contains(string(inputs), `\u003c`) { // a placeholder, which nothing takes
		if !strings.Contains(strings.Join(lines, "\n"), "<") {
			t.Errorf("a placeholder is taken: %s\n%s", inputs, strings.Join(lines, "\n"))
		}
		return
	}
	var problems input.Problems
	limit := input.Value{Known: true, Scalar: again["trustPolicyMaxLength"]}
	if err := ci.Check(made, account, limit, &problems); len(lines) > 0 || err != nil || problems.Len() > 0 {
		t.Errorf("%s: %v %v\n%s", inputs, err, problems.Sorted(), strings.Join(lines, "\n"))
		return
	}
	rendered := ci.Compile(made, account, nil)
	for wrong := range trust.Wrong(rendered, ci.Proof(trusts, account, func(*ci.Grant, []ci.Token) {})) {
		if policy.Decide(&wrong.Case.Request) != rendered.Decide(&wrong.Case.Request) {
			t.Errorf("%s\nadopted from %s\nas %s\nrendered %s", wrong, document, inputs, rendered.JSON())
			return
		}
	}
}
