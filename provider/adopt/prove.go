package adopt

import (
	"maps"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// choose takes out of a section what the component writes anyway: the audiences of the system, and the compact form
// is the one that the policy has.
func (a *adopter) choose(p *adopted) {
	audiences := p.audiences
	if p.audiences = nil; p.varied {
		return
	}
	if made, _ := a.make(p, p.words); made == nil || !slices.Equal(made.trusts[0].Audiences(), slices.Sorted(
		slices.Values(audiences))) {
		p.audiences = slices.Sorted(slices.Values(audiences))
	}
	p.made, _ = a.make(p, p.words)
}

// prove compares what the sections make with the policy, and writes the inputs.
func (a *adopter) prove() {
	risks := []any{}
	var trusts []ci.Trust
	providers := map[string]string{}
	for _, p := range a.sections {
		section := plainOf(p.complete(p.words), printed)
		if have, there := a.result.Inputs[p.system.Section()].(map[string]any); there {
			maps.Copy(have, section.(map[string]any))
		} else {
			a.result.Inputs[p.system.Section()] = section
		}
		a.result.Providers[p.name()] = p.provider
		providers[p.made.trusts[0].Section] = p.provider
		trusts = append(trusts, p.made.trusts...)
	}
	for _, f := range ci.Findings(trusts) {
		if f.IsRefused() {
			risks = append(risks, program.Placeholder{Text: f.ID, Comment: f.Summary})
			a.result.Accepted = append(a.result.Accepted, f)
		}
	}
	if len(risks) > 0 {
		a.result.Inputs["acceptRisks"] = risks
	}
	if len(trusts) == 0 {
		return
	}
	policy := ci.Compile(trusts, a.whole(), providers)
	a.shorten(policy, trusts, providers)
	if a.result.Verdict != Same {
		return
	}
	if policy.JSON() == a.policy.JSON() {
		return
	}
	a.compare(policy)
}

// shorten asks for the compact form where the component would not take it by itself.
func (a *adopter) shorten(policy *trust.Policy, trusts []ci.Trust, providers map[string]string) {
	readable := slices.Clone(trusts)
	shortened := false
	for i, p := range a.sections {
		if p.compact && p.words["identify"] == nil {
			readable[i].Compacted, shortened = false, true
		}
	}
	size := trust.Size(policy.JSON())
	if shortened && trust.Size(ci.Compile(readable, a.whole(), providers).JSON()) <= trust.DefaultMaxLength ||
		size > trust.DefaultMaxLength {
		a.result.Inputs["trustPolicyMaxLength"] = float64(size)
	}
}

// compare holds the policy of the sections against the one that was given, in both directions.
func (a *adopter) compare(policy *trust.Policy) {
	c := audit.Compare(a.registry, a.policy, policy)
	for _, d := range c.Admitted.Differences {
		a.differs(0, "the section lets in, and the policy does not: "+d.Who, d)
	}
	for _, d := range c.Refused.Differences {
		a.differs(d.Statement, "the policy lets in, and the section does not: "+d.Who, d)
	}
	for _, text := range append(c.Admitted.Others, c.Refused.Others...) {
		a.because(0, "differs: "+text, nil)
		a.worse(Different)
	}
	for _, text := range append(c.Admitted.Undecided, c.Refused.Undecided...) {
		a.because(0, text, nil)
		a.worse(Undecided)
	}
	if c.Same() {
		a.result.Why = nil
	}
}

// differs notes a token that only one of the two admits.
func (a *adopter) differs(statement int, text string, d audit.Difference) {
	var claims map[string]any
	if d.Witness != nil {
		claims = d.Witness.Claims
	}
	a.because(statement, text, claims)
	a.worse(Different)
}
