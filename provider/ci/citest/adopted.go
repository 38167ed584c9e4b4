package citest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Adopted turns every policy that the component makes back into a section, which must admit the same tokens: in the
// readable form and in the compact one.
func (s Suite) Adopted(t *testing.T) {
	for _, written := range slices.Concat(s.Matrix, s.Elsewhere) {
		for _, account := range s.Accounts(written, InAWS, InChina, InGov) {
			trusts := s.MustRead(t, written, account)
			seen := ""
			for _, compacted := range []bool{false, true} {
				for i := range trusts {
					trusts[i].Compacted = trusts[i].Compacted || compacted
				}
				document := ci.Compile(trusts, account, nil).JSON()
				if document != seen {
					s.adopted(t, written, document)
				}
				seen = document
			}
		}
	}
}

// adopted turns one policy into sections.
func (s Suite) adopted(t *testing.T, written object, document string) {
	t.Helper()
	policy, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	result := adopt.Policy(s.Registry(), policy)
	if result.Same() {
		return
	}
	var why []string
	for _, r := range result.Why {
		why = append(why, r.Text)
	}
	t.Errorf("%v\n%s: %s\npolicy: %s\nfound:  %v", written, result.Verdict, strings.Join(why, "\n  "), document,
		result.Inputs)
}
