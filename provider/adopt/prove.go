package adopt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
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

// prove writes the inputs, and compares what the component makes of them with the policy.
func (a *adopter) prove() {
	for _, p := range a.sections {
		section, _ := plainOf(p.complete(p.words), printed).(map[string]any)
		if have, there := a.result.Inputs[p.system.Section()].(map[string]any); there {
			maps.Copy(have, section)
		} else {
			a.result.Inputs[p.system.Section()] = section
		}
		a.result.Providers[p.name()] = p.provider
	}
	trusts := a.read()
	if len(trusts) == 0 {
		return
	}
	risks := []any{}
	for _, f := range ci.Findings(trusts) {
		if f.IsRefused() {
			risks = append(risks, program.Placeholder{Text: f.ID, Comment: f.Summary})
			a.result.Accepted = append(a.result.Accepted, f)
		}
	}
	if len(risks) > 0 {
		a.result.Inputs["acceptRisks"] = risks
	}
	policy := a.shorten(a.compile(trusts), trusts)
	a.result.Policy = policy
	if a.result.Verdict == Same {
		a.compare(policy)
	}
}

// read reads the sections together with the statements that stand beside them, as the component does. One that it does
// not take is no statement of a CiOidcTrust.
func (a *adopter) read() []ci.Trust {
	beside := a.beside()
	for len(a.sections) > 0 {
		trusts, problems := a.readWith(beside)
		at := slices.IndexFunc(beside, func(number int) bool {
			return slices.ContainsFunc(problems, func(p input.Problem) bool {
				return strings.HasPrefix(p.Path, fmt.Sprintf("%s[%d]", ci.AdditionalProperty,
					slices.Index(beside, number)))
			})
		})
		switch {
		case at >= 0:
			a.besideProblem(beside[at], at, problems)
			beside = slices.Delete(slices.Clone(beside), at, at+1)
			continue
		case len(problems) > 0:
			a.because(0, problems[0].Path+" "+problems[0].Reason, nil)
			a.worse(Inexpressible)
			return nil
		}
		if len(beside) > 0 {
			a.result.Inputs[ci.AdditionalProperty] = a.texts(beside)
		}
		return trusts
	}
	if a.result.Verdict == Same && len(beside) == 0 {
		a.because(0, "nobody gets in whom a section names", nil)
		a.worse(Inexpressible)
	}
	for _, number := range beside {
		a.because(number, "trusts callers without a token, and no section stands beside it", nil)
		a.worse(Inexpressible)
	}
	return nil
}

// besideProblem says why a statement cannot stand beside the sections.
func (a *adopter) besideProblem(number, at int, problems []input.Problem) {
	path := fmt.Sprintf("%s[%d]", ci.AdditionalProperty, at)
	for _, p := range problems {
		if strings.HasPrefix(p.Path, path) {
			a.because(number, "cannot stand beside the sections: "+strings.TrimSpace(strings.TrimPrefix(p.Path, path)+
				" "+p.Reason), nil)
		}
	}
	a.worse(Inexpressible)
}

// texts are statements of the policy as JSON.
func (a *adopter) texts(numbers []int) []any {
	texts := make([]any, len(numbers))
	for i, number := range numbers {
		texts[i] = a.policy.Statements[number-1].JSON()
	}
	return texts
}

// readWith reads the sections with some statements beside them.
func (a *adopter) readWith(beside []int) ([]ci.Trust, []input.Problem) {
	schema, err := check.Package()
	if err != nil {
		return nil, []input.Problem{{Reason: err.Error()}}
	}
	inputs, risks := map[string]any{}, []any{}
	accept := func(rules []ci.Rule) {
		for _, rule := range rules {
			if !slices.Contains(risks, any(rule.ID)) {
				risks = append(risks, rule.ID)
			}
		}
	}
	for _, p := range a.sections {
		section, _ := plainOf(p.complete(p.words), sampled).(map[string]any)
		if have, there := inputs[p.system.Section()].(map[string]any); there {
			maps.Copy(have, section)
		} else {
			inputs[p.system.Section()] = section
		}
		accept(p.system.Rules())
	}
	if len(beside) > 0 {
		inputs[ci.AdditionalProperty] = a.texts(beside)
		accept(ci.AdditionalRules())
	}
	inputs["acceptRisks"] = risks
	var problems input.Problems
	root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", inputs, &problems)
	trusts := a.registry.Read(root, a.whole(), &problems)
	for i := range trusts {
		p := a.of(&trusts[i])
		trusts[i].Compacted = trusts[i].Compacted || p != nil && p.compact
	}
	return trusts, problems.Sorted()
}

// of is what was found for the issuer of a trust.
func (a *adopter) of(t *ci.Trust) *adopted {
	for _, p := range a.sections {
		if p.host == t.Host() {
			return p
		}
	}
	return nil
}

// compile is the policy that the component makes of the sections, with the providers that the policy names.
func (a *adopter) compile(trusts []ci.Trust) *trust.Policy {
	providers := map[string]string{}
	for i := range trusts {
		if p := a.of(&trusts[i]); p != nil {
			providers[trusts[i].Section] = p.provider
		}
	}
	return ci.Compile(trusts, a.whole(), providers)
}

// shorten asks for the compact form where the component would not take it by itself, and returns the policy that the
// component makes then. It takes the readable form where that fits as well, and else the compact one of all sections.
func (a *adopter) shorten(policy *trust.Policy, trusts []ci.Trust) *trust.Policy {
	readable, short := slices.Clone(trusts), slices.Clone(trusts)
	shortened := false
	for i := range readable {
		if p := a.of(&readable[i]); p != nil && p.compact && p.words["identify"] == nil {
			readable[i].Compacted, shortened = false, true
		}
		short[i].Compacted = short[i].Compacted || slices.ContainsFunc(short[i].Grants, func(g ci.Grant) bool {
			return g.Compact != nil
		})
	}
	whole := a.compile(readable)
	size, limit := trust.Size(policy.JSON()), trust.DefaultMaxLength
	if shortened && trust.Size(whole.JSON()) <= trust.DefaultMaxLength || size > trust.DefaultMaxLength {
		limit = size
		a.result.Inputs["trustPolicyMaxLength"] = float64(size)
	}
	if trust.Size(whole.JSON()) <= limit {
		return whole
	}
	return a.compile(short)
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
