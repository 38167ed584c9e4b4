package adopt

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A made is what the component makes of a section.
type made struct {
	trusts []ci.Trust
	policy *trust.Policy // with the provider that the adopted policy names
}

func (m *made) sentences() string { return strings.Join(ci.Sentences(m.trusts), "; ") }

// risks accepts all findings of a system.
func (p *adopted) risks() []any {
	risks := []any{}
	for _, rule := range p.system.Rules() {
		if !slices.Contains(risks, any(rule.ID)) {
			risks = append(risks, rule.ID)
		}
	}
	return risks
}

// make makes of a section what the component makes of it; problems are what is wrong with it.
func (a *adopter) make(p *adopted, words map[string]any) (m *made, problems []string) {
	schema, err := check.Package()
	if err != nil {
		return nil, []string{err.Error()}
	}
	var found input.Problems
	root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", map[string]any{
		p.system.Section(): plainOf(p.complete(words), sampled), "acceptRisks": p.risks(),
	}, &found)
	var trusts []ci.Trust
	if a.spent > mostSpent {
		return nil, []string{"there is more in the policy than is looked at"}
	}
	if found.Len() == 0 {
		trusts = a.registry.Read(root, a.whole(), &found)
	}
	for _, problem := range found.Sorted() {
		problems = append(problems, problem.Path+" "+problem.Reason)
	}
	switch {
	case len(problems) > 0:
		return nil, problems
	case len(trusts) != 1 || len(trusts[0].Grants) == 0:
		return nil, []string{"the section trusts nobody"}
	}
	p.compactable = p.compactable || slices.ContainsFunc(trusts[0].Grants, func(g ci.Grant) bool {
		return g.Compact != nil
	})
	trusts[0].Compacted = trusts[0].Compacted || p.compact
	a.spent += 1 + len(trusts[0].Grants)
	policy := ci.Compile(trusts, a.whole(), map[string]string{trusts[0].Section: p.provider})
	return &made{trusts, policy}, nil
}

// complete adds to the words of a section what a policy says as a whole: the audiences, and whether session tags may
// be carried.
func (p *adopted) complete(words map[string]any) map[string]any {
	whole := maps.Clone(words)
	if p.system.Issuer().Any {
		for name, item := range words {
			if fields, isItem := item.(map[string]any); isItem {
				whole[name] = p.common(maps.Clone(fields))
			}
		}
		return whole
	}
	return p.common(whole)
}

func (p *adopted) common(fields map[string]any) map[string]any {
	if len(p.audiences) > 0 && !p.varied { // an issuer that gives each kind of token its own has them by itself
		fields["audiences"] = p.audiences
	}
	if p.tags && p.taggable {
		fields["sessionTags"] = true
	}
	return fields
}

// whole is the account, with a stand-in for what is not known of it.
func (a *adopter) whole() ci.Account {
	account := a.result.Account
	if account.ID == "" {
		account.ID = ci.PlaceholderAccount
	}
	account.Region = "us-east-1"
	return account
}

// decide judges a token of the provider by a policy.
func (a *adopter) decide(policy *trust.Policy, p *adopted, claims map[string]any) trust.Answer {
	host, partition := trust.HostAndPartition(p.provider)
	return policy.Decide(&trust.Request{Provider: p.provider, Issuer: host, Partition: partition, Claims: claims})
}

// covers reports that what was made admits the tokens of a way.
func (a *adopter) covers(p *adopted, m *made, w *way) bool {
	if m == nil || a.decide(m.policy, p, w.claims) == trust.Denied {
		return false
	}
	return !slices.ContainsFunc(w.further, func(claims map[string]any) bool {
		return a.decide(a.policy, p, claims) != trust.Denied && a.decide(m.policy, p, claims) == trust.Denied
	})
}
