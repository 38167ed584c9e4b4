package ci

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// systems are all CI systems; the file of each registers it.
var systems []System

// register adds a system. It is called while the package is initialised, from the system's own file.
func register(s System) bool {
	systems = append(systems, s)
	slices.SortFunc(systems, func(a, b System) int { return strings.Compare(a.Section(), b.Section()) })
	return true
}

// Systems are all CI systems, by section.
func Systems() []System { return slices.Clone(systems) }

// Rules are the findings of all systems, by id.
func Rules() map[string]Rule {
	rules := map[string]Rule{}
	for _, s := range Systems() {
		for _, r := range s.Rules() {
			rules[r.ID] = r
		}
	}
	return rules
}

// Read understands all sections of the component's input, and refuses high findings that are not accepted.
func Read(root input.Value, account Account, problems *input.Problems) []Trust {
	accepted := readAcceptedRisks(root.Field("acceptRisks"), problems)
	var trusts []Trust
	var names []string
	for _, s := range Systems() {
		section := root.Field(s.Section())
		names = append(names, s.Section())
		if !section.Present {
			continue
		}
		if !section.Known {
			problems.Add(section, "is not known at preview; whether the section is there decides which resources exist, "+
				"so the section itself must be a plain value: what stands inside it may be an output")
			trusts = append(trusts, Trust{Section: s.Section()})
			continue
		}
		trust := s.Read(section, account, problems)
		trust.Section, trust.Title = s.Section(), s.Title()
		trust.FullyKnown, trust.HasSecret = section.FullyKnown(), section.HasSecret()
		refuseRisks(trust, section, accepted, problems)
		trusts = append(trusts, trust)
	}
	if len(trusts) == 0 {
		problems.Add(root.Field("github"), "nobody is trusted: give at least one section of "+strings.Join(names, ", "))
	}
	return trusts
}

// acceptedRisks are the ids the user listed; all is set while the list is not fully known yet.
type acceptedRisks struct {
	ids map[string]bool
	all bool
}

func readAcceptedRisks(list input.Value, problems *input.Problems) acceptedRisks {
	rules := Rules()
	accepted := acceptedRisks{ids: map[string]bool{}, all: !list.FullyKnown()}
	for _, id := range list.Texts() {
		if _, known := rules[id.Text()]; !known {
			ids := make([]string, 0, len(rules))
			for id := range rules {
				ids = append(ids, id)
			}
			sort.Strings(ids)
			problems.Add(id, "is not the id of a finding; the ids are "+strings.Join(ids, ", "), input.Got(id))
		}
		accepted.ids[id.Text()] = true
	}
	return accepted
}

func refuseRisks(trust Trust, section input.Value, accepted acceptedRisks, problems *input.Problems) {
	for _, f := range trust.Findings {
		if f.Severity != High || accepted.all || accepted.ids[f.ID] {
			continue
		}
		at := input.Value{Path: f.Path, Secret: section.HasSecret()}
		problems.Add(at, fmt.Sprintf("%s. %s To accept the risk, add %s to acceptRisks.", strings.TrimSuffix(f.Summary, "."), f.Remediation, f.ID),
			"("+f.Detail+")")
	}
}
