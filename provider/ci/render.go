package ci

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// PlaceholderAccount stands in a provider's ARN until the provider exists. It is as long as a real account id, so the
// policy's length is right.
const PlaceholderAccount = "000000000000"

// ProviderArn is the ARN that a section's provider has, or will have: the one it names, or the one that IAM gives to a
// provider made for the section's issuer.
func (t *Trust) arn(account Account) string {
	if t.providerArn != "" {
		return t.providerArn
	}
	if t.builtIn {
		return t.Host()
	}
	partition, id := account.Partition, account.ID
	if partition == "" {
		partition = "aws"
	}
	if id == "" {
		id = PlaceholderAccount
	}
	return fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", partition, id, t.Host())
}

// Compile turns sections into the role's trust policy. providers gives the ARNs of providers by section; where one is
// missing the ARN that IAM will give it stands in.
func Compile(trusts []Trust, account Account, providers map[string]string) *trust.Policy {
	var grants []trust.Grant
	for i := range trusts {
		t := &trusts[i]
		arn := providers[t.Section]
		if arn == "" {
			arn = t.arn(account)
		}
		for _, g := range t.Grants {
			if g.Refuse != nil {
				grants = append(grants,
					trust.Grant{Provider: arn, Claims: t.keyed(g.Refuse), Sentence: g.Sentence, Deny: true})
			}
			if !t.Compacted || g.Compact == nil {
				grants = append(grants, trust.Grant{
					Provider:    arn,
					Claims:      t.keyed(g.Claims),
					Sentence:    g.Sentence,
					SessionTags: t.sessionTags,
				})
				continue
			}
			grants = append(grants, trust.Grant{
				Provider:    arn,
				Claims:      t.keyed(g.Compact.Claims),
				Sentence:    g.Sentence,
				SessionTags: t.sessionTags,
			})
			if g.Compact.Refuse != nil {
				grants = append(grants,
					trust.Grant{Provider: arn, Claims: t.keyed(g.Compact.Refuse), Sentence: g.Sentence, Deny: true})
			}
		}
	}
	return trust.Compile(grants)
}

// keyed turns claims into condition keys.
func (t *Trust) keyed(claims map[string][]string) map[string][]string {
	keys := make(map[string][]string, len(claims))
	for claim, values := range claims {
		if !strings.HasPrefix(claim, requestTag) {
			claim = t.Host() + ":" + claim
		}
		keys[claim] = values
	}
	return keys
}

// Sentences are the grants of all sections in plain words, sorted, each once.
func Sentences(trusts []Trust) []string {
	seen := map[string]bool{}
	sentences := []string{}
	for _, t := range trusts {
		for _, g := range t.Grants {
			sentence := g.Sentence
			if t.Compacted && g.Compact != nil && g.Compact.Sentence != "" {
				sentence = g.Compact.Sentence
			}
			if !seen[sentence] {
				seen[sentence] = true
				sentences = append(sentences, sentence)
			}
		}
	}
	sort.Strings(sentences)
	return sentences
}

// Findings are those of all sections, worst first, each rule once with everything it applies to.
func Findings(trusts []Trust) []Finding {
	findings := []Finding{}
	index := map[string]int{}
	details := map[string][]string{}
	for _, t := range trusts {
		for _, f := range t.Findings {
			if _, known := index[f.ID]; !known {
				index[f.ID] = len(findings)
				findings = append(findings, f)
			}
			details[f.ID] = append(details[f.ID], f.Detail)
		}
	}
	for id, i := range index {
		findings[i].Detail = enumerate(details[id])
	}
	trust.SortFindings(findings)
	return findings
}

// enumerate joins texts, sorted and each once, and counts those beyond the eighth.
func enumerate(texts []string) string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - 8; more > 0 {
		texts = append(texts[:8], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// Check compiles the sections with stand-ins for providers that do not exist yet, holds the policy against the quota
// and proves it. Where the readable form is too long and the compact one is not, the trusts are compacted. Nothing may
// be registered before it has passed.
func Check(trusts []Trust, account Account, maxLength input.Value, problems *input.Problems) error {
	limit := trust.DefaultMaxLength
	if n, ok := maxLength.Scalar.(float64); ok {
		limit = int(n)
	}
	policy := Compile(trusts, account, nil)
	size := trust.Size(policy.JSON())
	secret := slices.ContainsFunc(trusts, func(t Trust) bool { return t.HasSecret })
	var err error
	if size <= limit || !maxLength.Known {
		void, wrong := prove(policy, trusts, account)
		err = errors.Join(void, wrong)
	} else if compacted, void := compact(trusts, account, limit, size); compacted {
		err = void
	} else {
		maxLength.Secret = maxLength.Secret || secret
		problems.Add(maxLength, fmt.Sprintf("the trust policy has %d characters without white space and %d are "+
			"allowed. Split the trust over several roles, trust fewer repositories, projects or refs with each, let "+
			"one name end in * where that is meant, or ask AWS to raise the quota \"Role trust policy length\" "+
			"(L-C07B4B0D, up to 8192) and set trustPolicyMaxLength.", size, limit),
			costs(policy, trusts))
		return nil // it will not be used, and proving what may be thousands of grants takes its time
	}
	if err == nil {
		return nil
	}
	if secret {
		err = errors.New("the trust policy fails its own proof, in a trust with secret inputs; run with plain " +
			"inputs to see the token")
	}
	return fmt.Errorf("%w\nPlease report this at https://github.com/ci-oidc-trust/pulumi-ci-oidc-trust/issues", err)
}

// compact writes grants in their compact form where that makes the policy fit and the proof shows it exact; the error
// is then that of grants of which the proof says nothing. Otherwise it leaves the trusts as they are. readable is the
// size of the readable form.
func compact(trusts []Trust, account Account, limit, readable int) (done bool, void error) {
	compacted := slices.Clone(trusts)
	for i := range compacted {
		compacted[i].Compacted = slices.ContainsFunc(compacted[i].Grants, func(g Grant) bool {
			return g.Compact != nil
		})
	}
	policy := Compile(compacted, account, nil)
	size := trust.Size(policy.JSON())
	if size > limit {
		return false, nil
	}
	void, wrong := prove(policy, compacted, account)
	if wrong != nil {
		return false, nil
	}
	for i, t := range compacted {
		if at := slices.IndexFunc(t.Grants, func(g Grant) bool { return g.Compact != nil }); at >= 0 {
			trusts[i].Compacted = true
			trusts[i].Findings = append(trusts[i].Findings, Finding{Rule: t.Grants[at].Compact.Rule, Path: t.Section,
				Detail: fmt.Sprintf("%d characters instead of %d", size, readable)})
		}
	}
	return true, void
}

// costs says which part of a policy costs what.
func costs(policy *trust.Policy, trusts []Trust) string {
	var parts []string
	for i := range policy.Statements {
		s := &policy.Statements[i]
		fixed := s.Size()
		var values []string
		for _, c := range s.Conditions {
			n := 0
			for _, v := range c.Values {
				n += trust.Size(v) + len(`"",`)
			}
			fixed -= n
			values = append(values,
				fmt.Sprintf("%d for %d values of %s", n, len(c.Values), c.Key[strings.IndexByte(c.Key, ':')+1:]))
		}
		parts = append(parts, fmt.Sprintf("statement %d: %s, %d for the rest", i+1, strings.Join(values, ", "), fixed))
	}
	n := 0
	for _, t := range trusts {
		n += len(t.Grants)
	}
	return fmt.Sprintf("(%d grants in %d statements; %s; the grants that cost most: %s)",
		n, len(policy.Statements), strings.Join(parts, "; "), strings.Join(dearest(trusts), ", "))
}

// dearest names the grants with the longest values of their own, and what these cost, up to five.
func dearest(trusts []Trust) []string {
	type cost struct {
		sentence string
		size     int
	}
	var costs []cost
	for _, t := range trusts {
		for _, g := range t.Grants {
			claims := g.Claims
			if t.Compacted && g.Compact != nil {
				claims = g.Compact.Claims
			}
			c := cost{sentence: g.Sentence}
			for claim, values := range claims {
				if claim == "aud" {
					continue // the same for all
				}
				for _, v := range values {
					c.size += trust.Size(v) + len(`"",`)
				}
			}
			costs = append(costs, c)
		}
	}
	slices.SortStableFunc(costs, func(a, b cost) int { return b.size - a.size })
	var texts []string
	for _, c := range costs[:min(len(costs), 5)] {
		texts = append(texts, fmt.Sprintf("%s (%d)", c.sentence, c.size))
	}
	return texts
}
