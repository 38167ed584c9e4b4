package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A word is a short way to ask for the token of an event: the parameter, and the properties of the sections that name
// such events, in the words of the systems.
type word struct {
	parameter  string
	properties []string
	flag       bool // the property is true, and takes no value
}

var words = []word{
	{"branch", []string{"branches"}, false},
	{"tag", []string{"tags"}, false},
	{"environment", []string{"environments"}, false},
	{"pullRequest", []string{"pullRequests", "mergeRequests"}, true},
	{"runPhase", []string{"runPhases"}, false},
}

// A wish says which token somebody wants.
type wish struct {
	system   string
	audience string            // "" for that of the trust
	name     string            // "" for a token that the trust admits, else a near miss by its name
	words    map[string]string // by the parameters above
}

// readWish reads the parameters of a request.
func readWish(system string, q url.Values) (wish, error) {
	w := wish{system: system, audience: q.Get("audience"), name: q.Get("name"), words: map[string]string{}}
	known := []string{"system", "audience", "name", "api-version"}
	for _, word := range words {
		known = append(known, word.parameter)
		if v := q.Get(word.parameter); v != "" {
			w.words[word.parameter] = v
		}
	}
	for name := range q {
		if !slices.Contains(known, name) {
			return w, fmt.Errorf("there is no %q to ask for; there are %s", name, strings.Join(known, ", "))
		}
	}
	if len(w.words) > 1 {
		return w, fmt.Errorf("a job has one event: ask for one of %s, not for several",
			strings.Join(slices.Sorted(maps.Keys(w.words)), ", "))
	}
	return w, nil
}

// claims finds the issuer and the claims of the token that was asked for, in the trust or in the system's own example.
func (s sections) claims(w wish) (issuer string, claims map[string]any, err error) {
	if _, named := s[w.system]; !named {
		if s, err = exampleOf(w.system); err != nil {
			return "", nil, err
		}
	}
	s = s.only(w.system)
	for _, word := range words {
		value, asked := w.words[word.parameter]
		if !asked {
			continue
		}
		if s, err = s.ofEvent(word, value); err != nil {
			return "", nil, fmt.Errorf("%s has no such job: %w", w.system, err)
		}
	}
	trusts, err := s.trusts()
	if err != nil {
		return "", nil, err
	}
	return choose(trusts, w)
}

// ofEvent returns the sections with the word as the only event that they trust.
func (s sections) ofEvent(w word, value string) (_ sections, err error) {
	var others []string
	for _, other := range words {
		others = append(others, other.properties...)
	}
	others = append(others, "mergeQueue", "stepsWithoutEnvironment")
	for _, drop := range [][]string{others, append(others, "protectedRefs")} { // merge requests have no protected refs
		for _, property := range w.properties {
			var wanted any = []any{value}
			if w.flag {
				wanted = true
			}
			changed := s.with(property, wanted, drop)
			var wrong error
			if _, wrong = changed.trusts(); wrong == nil {
				return changed, nil
			}
			err = cmp.Or(err, wrong)
		}
	}
	return nil, err
}

// choose takes the first token that is meant.
func choose(trusts []ci.Trust, w wish) (string, map[string]any, error) {
	var names []string
	for _, t := range trusts {
		for _, g := range t.Grants {
			for _, token := range g.Tokens() {
				if w.name == "" && token.Admit || w.name != "" && token.Name == w.name {
					claims := maps.Clone(token.Claims)
					claims["iss"] = t.Issuer() // a near miss may name another; this issuer signs its own name only
					if w.audience != "" {
						claims["aud"] = w.audience
					}
					return t.Issuer(), claims, nil
				}
				names = append(names, token.Name)
			}
		}
	}
	slices.Sort(names)
	return "", nil, fmt.Errorf("%s has no token named %q here; it has: %s", w.system, w.name,
		strings.Join(slices.Compact(names), "; "))
}
