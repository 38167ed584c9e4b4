package ci

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// PlaceholderAccount stands in a provider's ARN until the provider exists. It is as long as a real account id, so the
// policy's length is right.
const PlaceholderAccount = "000000000000"

// ArnIn is the ARN that a section's provider has, or will have: the one it names, or the one that IAM gives to a
// provider made for the section's issuer.
func (t *Trust) ArnIn(account Account) string {
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
			arn = t.ArnIn(account)
		}
		for k := range t.Grants {
			g := &t.Grants[k]
			claims, refused, sentence := g.Claims, []map[string][]string{g.Refuse}, t.sentence(g)
			if compact := t.compact(g); compact != nil {
				claims, refused = compact.Claims, append(refused, compact.Refuse)
			}
			grants = append(grants, trust.Grant{
				Provider:    arn,
				Claims:      t.keyed(claims),
				Sentence:    sentence,
				SessionTags: t.sessionTags,
			})
			for _, refuse := range refused {
				if refuse != nil {
					grants = append(grants,
						trust.Grant{Provider: arn, Claims: t.keyed(refuse), Sentence: sentence, Deny: true})
				}
			}
		}
	}
	policy := trust.Compile(grants)
	if beside := besides(trusts); beside != nil {
		policy.Statements = append(policy.Statements, beside.statements...)
	}
	return policy
}

// keyed turns claims into condition keys.
func (t *Trust) keyed(claims map[string][]string) map[string][]string {
	keys := make(map[string][]string, len(claims))
	for claim, values := range claims {
		if !strings.HasPrefix(claim, RequestTag) {
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
		for i := range t.Grants {
			if sentence := t.sentence(&t.Grants[i]); !seen[sentence] {
				seen[sentence] = true
				sentences = append(sentences, sentence)
			}
		}
	}
	if beside := besides(trusts); beside != nil {
		for i := range beside.statements {
			if sentence := principal.Sentence(&beside.statements[i]); sentence != "" && !seen[sentence] {
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
	add := func(f Finding) {
		if _, known := index[f.ID]; !known {
			index[f.ID] = len(findings)
			findings = append(findings, f)
		}
		details[f.ID] = append(details[f.ID], f.Detail)
	}
	for _, t := range trusts {
		for _, f := range t.Findings {
			add(f)
		}
	}
	if beside := besides(trusts); beside != nil {
		for _, f := range beside.findings {
			add(f)
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
	readable := compiledAs("the readable one", trusts, account)
	secret := slices.ContainsFunc(trusts, func(t Trust) bool { return t.HasSecret })
	if beside := besides(trusts); beside != nil {
		before := problems.Len()
		if beside.refusing(readable.policy, trusts, account, problems); problems.Len() > before {
			return nil
		}
	}
	var err error
	if readable.size <= limit || !maxLength.Known {
		void, wrong := prove(readable.policy, trusts, account)
		err = errors.Join(void, wrong)
	} else {
		short, smallest := compacted(trusts, account), readable
		switch {
		case short.size <= limit && short.replace(trusts, account, readable, &err):
			smallest = short
		case short.size > limit && short.size < readable.size:
			smallest = short
			smallest.name += fmt.Sprintf(" (the readable one has %d)", readable.size)
		}
		if smallest.size > limit {
			maxLength.Secret = maxLength.Secret || secret
			problems.Add(maxLength, smallest.tooLong(limit), costs(smallest.policy, smallest.trusts))
			return nil // it will not be used, and proving what may be thousands of grants takes its time
		}
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

// A compiled is a way to write trusts down.
type compiled struct {
	name   string // "that of finding github-compact-form"
	trusts []Trust
	policy *trust.Policy
	size   int // as IAM counts it
}

func compiledAs(name string, trusts []Trust, account Account) compiled {
	policy := Compile(trusts, account, nil)
	return compiled{name, trusts, policy, trust.Size(policy.JSON())}
}

// compacted writes the grants that have a compact form in it.
func compacted(trusts []Trust, account Account) compiled {
	short := slices.Clone(trusts)
	var rules []string
	for i := range short {
		for _, g := range short[i].Grants {
			if g.Compact != nil {
				short[i].Compacted, rules = true, AddOnce(rules, g.Compact.Rule.ID)
			}
		}
	}
	slices.Sort(rules)
	return compiledAs("that of finding "+strings.Join(rules, " and "), short, account)
}

// replace turns trusts into their compact form where the proof shows it exact, and says so in findings; void is then
// the error of grants of which the proof says nothing. Otherwise it leaves the trusts as they are.
func (c compiled) replace(trusts []Trust, account Account, readable compiled, void *error) bool {
	nothing, wrong := prove(c.policy, c.trusts, account)
	if wrong != nil {
		return false
	}
	*void = nothing
	for i, t := range c.trusts {
		at := slices.IndexFunc(t.Grants, func(g Grant) bool { return g.Compact != nil })
		if at < 0 || trusts[i].Compacted {
			continue
		}
		trusts[i].Compacted = true
		trusts[i].Findings = append(trusts[i].Findings, Finding{Rule: t.Grants[at].Compact.Rule, Path: t.Section,
			Detail: fmt.Sprintf("%d characters instead of %d", c.size, readable.size)})
	}
	return true
}

// quotas are the values of the IAM quota "Role trust policy length" that people ask AWS for, up to the highest.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var quotas = []int{4096, 8192}

// tooLong says that a policy does not fit, in its smallest form, and which quota it would fit.
func (c compiled) tooLong(limit int) string {
	const ask, quota = "ask AWS to raise the quota \"Role trust policy length\" (L-C07B4B0D, up to 8192) to ",
		" and set trustPolicyMaxLength"
	text := fmt.Sprintf("the trust policy has %d characters without white space and %d are allowed. That is its "+
		"smallest form, %s. Split the trust over several roles, trust fewer repositories, projects or "+
		"refs with each, let one name end in * where that is meant, or ", c.size, limit, c.name)
	for _, enough := range quotas {
		if enough > limit && c.size <= enough {
			return text + ask + fmt.Sprint(enough) + ", which would do," + quota + "."
		}
	}
	last := quotas[len(quotas)-1]
	return strings.TrimSuffix(text, ", or ") + fmt.Sprintf(
		". The highest quota for \"Role trust policy length\" (L-C07B4B0D), %d, would not do.", last)
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
			if compact := t.compact(&g); compact != nil {
				claims = compact.Claims
			}
			c := cost{sentence: t.sentence(&g)}
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
