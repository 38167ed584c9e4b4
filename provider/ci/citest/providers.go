package citest

import (
	"os"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/schema"
)

// providers holds what CiOidcProviders makes of a section against what the same section of CiOidcTrust needs.
func (s Suite) providers(t *testing.T) {
	fragment, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	words, has, err := schema.IssuerProperties(fragment)
	if err != nil {
		t.Fatal(err)
	}
	if !has {
		return
	}
	words = append(slices.Clone(words), "audiences", "thumbprints")
	section, compared := s.System.Section(), 0
	for _, written := range s.Matrix {
		if written[section] == nil {
			continue
		}
		var problems input.Problems
		made := s.Registry().ReadProviders(Tree("", object{section: s.only(written[section], words)}), InAWS, &problems)
		for _, p := range problems.Sorted() {
			t.Errorf("%v: %s: %s", written, p.Path, p.Reason)
		}
		needed := s.MustRead(t, written, InAWS)
		for i := range needed {
			at := slices.IndexFunc(made, func(m ci.Trust) bool { return m.Section == needed[i].Section })
			if needed[i].Property != section {
				continue
			}
			if at < 0 {
				t.Errorf("%v: no provider of %s", written, needed[i].Section)
				continue
			}
			compared++
			if got, want := made[at].Issuer(), needed[i].Issuer(); got != want {
				t.Errorf("provider/ci/%s/schema.json: section.provider lacks a word of the issuer: %v is %s, and its "+
					"provider would be %s", section, written, want, got)
			}
			for _, audience := range needed[i].Audiences() {
				if !slices.Contains(made[at].Audiences(), audience) {
					t.Errorf("provider/ci/%s/schema.json: section.provider lacks a word of the default audience: %v "+
						"needs %s, and its provider would have %v", section, written, audience, made[at].Audiences())
				}
			}
			SameStrings(t, "thumbprints", made[at].Thumbprints(), needed[i].Thumbprints())
			if len(made[at].Grants)+len(made[at].Findings) > 0 {
				t.Errorf("%v: a provider trusts somebody", written)
			}
		}
	}
	if compared == 0 {
		t.Error("the suite has no trust of the system")
	}
}

// only keeps some words of a section, or of each item of one that is a map.
func (s Suite) only(section any, words []string) object {
	kept := object{}
	for name, value := range section.(object) {
		switch {
		case s.System.Issuer().Any:
			kept[name] = object{}
			for word, field := range value.(object) {
				if slices.Contains(words, word) {
					kept[name].(object)[word] = field
				}
			}
		case slices.Contains(words, name):
			kept[name] = value
		}
	}
	return kept
}
