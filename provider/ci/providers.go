package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// ReadProviders understands the sections of CiOidcProviders: of which issuers there are providers, and for which
// audiences. The trusts that it returns trust nobody.
//
// A section is read by its system, as one of CiOidcTrust is. What is said of words that a section of CiOidcProviders
// does not have, such as that nobody is trusted, is left out.
func (r *Registry) ReadProviders(root input.Value, account Account, problems *input.Problems) []Trust {
	var trusts []Trust
	var names []string
	given := false
	for _, s := range r.systems {
		if s.Issuer().BuiltIn {
			continue
		}
		section := root.Field(s.Section())
		names = append(names, s.Section())
		if !section.Present {
			continue
		}
		given = true
		if !section.Known {
			problems.Add(section, "is not known at preview; whether the section is there decides which resources "+
				"exist, so the section itself must be a plain value: what stands inside it may be an output")
			trusts = append(trusts, Trust{Property: s.Section(), Section: s.Section(), Input: section})
			continue
		}
		var found input.Problems
		read := s.Read(section, account, &found)
		before := problems.Len()
		problems.AddWritten(&found, section)
		for _, trust := range read {
			trust.label(s, section)
			trust.Grants, trust.Findings, trust.Pipeline = nil, nil, nil
			r.refuseForeignIssuer(&trust, problems)
			if trust.issuer != "" && len(trust.audiences) == 0 && trust.FullyKnown && problems.Len() == before {
				problems.Add(trust.Input.Field("audiences"), "is missing, and nothing that is written says which "+
					"audience the tokens have; list those that roles require")
			}
			trusts = append(trusts, trust)
		}
	}
	refuseSameIssuer(trusts, problems)
	if !given {
		problems.Add(root.Field("github"),
			"there is no issuer to make a provider for: give at least one section of "+strings.Join(names, ", "))
	}
	return trusts
}

// label says where a trust was written.
func (t *Trust) label(s System, section input.Value) {
	if t.Section == "" {
		t.Section, t.Input = s.Section(), section
	}
	t.Property, t.Title = s.Section(), s.Title()
	t.FullyKnown, t.HasSecret = t.Input.FullyKnown(), t.Input.HasSecret()
}
