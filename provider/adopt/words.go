package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// adopt finds the words for one provider's tokens: in the section of the system that they are of, and where that has
// none as those of any other issuer.
func (a *adopter) adopt(p *adopted) {
	spoken, _ := a.registry.Speaking(p.host, a.subjects(p))
	other, _ := a.registry.Unknown()
	var unsaid []*way
	why := slices.Clone(a.result.Why)
	for _, system := range []ci.System{spoken, other} {
		if system == nil || p.system != nil && p.system.Section() == system.Section() {
			continue
		}
		tried := &adopted{provider: p.provider, host: p.host, system: system}
		rest, same := a.sayAll(tried)
		if !same {
			return
		}
		if p.system == nil || len(rest) == 0 && len(tried.ways) > 0 {
			*p, unsaid, why = *tried, rest, a.result.Why
		}
		if a.result.Why = why; len(unsaid) == 0 {
			break
		}
	}
	if p.system == nil {
		a.because(0, "no section is for the issuer "+p.host, nil)
		a.worse(Inexpressible)
	}
	if a.spent > mostSpent && len(unsaid) > 0 {
		a.because(0, "there is more in the policy than is looked at", nil)
		a.worse(Undecided)
		unsaid = nil
	}
	for _, w := range unsaid {
		a.because(w.statement, w.name()+": "+strings.Join(w.why, "; "), w.witness)
		a.worse(Inexpressible)
	}
	if p.words != nil {
		a.choose(p)
		a.name(p)
		a.sections = append(a.sections, p)
	}
}

// name gives an item of a map a name that no other issuer has.
func (a *adopter) name(p *adopted) {
	if !p.system.Issuer().Any {
		return
	}
	const longest = 32
	for name, item := range p.words {
		p.item = name
		for n := 2; slices.ContainsFunc(a.sections, func(other *adopted) bool { return other.item == p.item }); n++ {
			end := fmt.Sprint("-", n)
			p.item = name[:min(len(name), longest-len(end))] + end
		}
		p.words = map[string]any{p.item: item}
	}
}

// sayAll finds words for all that a provider's statements admit, and returns what has none; false if the section of the
// system is another issuer's already.
func (a *adopter) sayAll(p *adopted) (unsaid []*way, free bool) {
	if other := a.section(p.system); other != nil && !p.system.Issuer().Any {
		a.because(0, fmt.Sprintf("the policy trusts two issuers of %s, %s and %s, and a role has one section for it: "+
			"give the second one a role of its own", p.system.Title(), other.host, p.host), nil)
		a.worse(Inexpressible)
		return nil, false
	}
	p.taggable, p.compactable = takes(p.system, "sessionTags"), takes(p.system, "identify")
	a.look(p)
	unsaid = a.attempt(p)
	if p.compactable && (len(unsaid) > 0 || !a.literally(p)) {
		readable := *p
		p.compact, p.words, p.made = true, nil, nil
		rest := a.attempt(p)
		switch {
		case len(rest) <= len(unsaid) && a.within(p) &&
			(len(rest) < len(unsaid) || a.literally(p) || !a.within(&readable)):
			unsaid = rest
		default:
			*p = readable
		}
	}
	return unsaid, true
}

// takes reports that the section of a system has a property.
func takes(system ci.System, property string) bool {
	schema, err := check.Package()
	if err != nil {
		return false
	}
	section := schema.Resources["ci-oidc-trust:index:CiOidcTrust"].Inputs[system.Section()]
	if section.AdditionalProperties != nil {
		section = *section.AdditionalProperties
	}
	_, has := schema.Types[strings.TrimPrefix(section.Ref, "#/types/")].Properties[property]
	return has
}

// section is what was found for another provider of a system; nil where there is none.
func (a *adopter) section(system ci.System) *adopted {
	for _, p := range a.sections {
		if p.system == system {
			return p
		}
	}
	return nil
}

// attempt finds words for all ways, and returns those that are not said. Together, words may say more than each alone.
func (a *adopter) attempt(p *adopted) (unsaid []*way) {
	p.pairs = pairs{}
	rest := p.ways
	for crossings := 0; len(rest) > 0; crossings++ {
		var later []*way
		for _, w := range rest {
			if p.pairs.crossings(w) > crossings {
				later = append(later, w)
				continue
			}
			w.why, w.witness = nil, nil
			if a.say(p, w) {
				p.pairs.note(w)
			}
		}
		rest = later
	}
	for again := true; again; { // what stands only beside other words may stand beside those that came later
		again, unsaid = false, nil
		for _, w := range p.ways {
			if w.why == nil || a.covers(p, p.made, w) {
				continue
			}
			if w.why, w.witness = nil, nil; a.say(p, w) {
				again = true
			} else if w.why != nil {
				unsaid = append(unsaid, w)
			}
		}
	}
	return unsaid
}

// within reports that the policy admits all that was made.
func (a *adopter) within(p *adopted) bool {
	if p.made == nil {
		return false
	}
	alone := &trust.Policy{Version: a.policy.Version}
	for i := range a.policy.Statements {
		if s := &a.policy.Statements[i]; s.Effect == "Deny" || s.Names(p.provider) {
			alone.Statements = append(alone.Statements, *s)
		}
	}
	return audit.Compare(a.registry, alone, p.made.policy).Admitted.Nothing()
}

// literally reports that the policy has all statements of what was made.
func (a *adopter) literally(p *adopted) bool {
	text := func(s *trust.Statement) string {
		return (&trust.Policy{Version: a.policy.Version, Statements: []trust.Statement{*s}}).JSON()
	}
	have := map[string]bool{}
	for i := range a.policy.Statements {
		have[text(&a.policy.Statements[i])] = true
	}
	return p.made != nil && !slices.ContainsFunc(p.made.policy.Statements, func(s trust.Statement) bool {
		return !have[text(&s)]
	})
}

// subjects are those that the statements of a provider name.
func (a *adopter) subjects(p *adopted) []trust.Value {
	var subjects []trust.Value
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if s.Effect != "Allow" || !s.Names(p.provider) {
			continue
		}
		for _, c := range s.Clauses(p.provider) {
			if c.Claim == "sub" && c.Text && !c.Negated {
				subjects = append(subjects, c.Values...)
			}
		}
	}
	return subjects[:min(len(subjects), 20)]
}

// say finds words for a way, and adds them to the section; false if there are none, or others say it. Words that admit
// nothing but what the policy does come first, and then those that admit the same jobs by another form of subject, too.
func (a *adopter) say(p *adopted, w *way) bool {
	if a.decide(a.policy, p, w.claims) == trust.Denied || a.covers(p, p.made, w) {
		return false // a Deny refuses it, or other words say it
	}
	w.job.Compact = p.compact
	type candidate struct {
		words map[string]any
		*made
	}
	var wider, more []candidate
	add := func(c candidate) bool {
		if a.add(p, c.words, c.made) {
			w.why = nil
			return true
		}
		w.why = ci.AddOnce(w.why, "what it trusts cannot stand in one section with the rest, and a role has one "+
			"section of "+p.system.Title()+": it needs a role of its own")
		return false
	}
	for _, words := range p.system.Words(w.job) {
		made, problems := a.make(p, words)
		switch {
		case made == nil:
			w.why = ci.AddOnce(w.why, strings.Join(problems, "; "))
		case !a.covers(p, made, w):
			w.why = ci.AddOnce(w.why, "the words that come closest admit something else: "+made.sentences())
		default:
			witness, same := a.excess(p, made, w)
			if witness == nil && add(candidate{words, made}) {
				return true
			}
			if witness == nil {
				continue
			}
			if same {
				wider = append(wider, candidate{words, made})
			} else {
				more = append(more, candidate{words, made})
			}
			w.why = ci.AddOnce(w.why, "the words that come closest admit more: "+made.sentences()+w.untested(made))
			w.witness = witness
		}
	}
	if slices.ContainsFunc(wider, add) || slices.ContainsFunc(more, func(c candidate) bool {
		return a.addBeside(p, c.words)
	}) {
		w.why = nil
		return true
	}
	if len(w.why) == 0 {
		w.why = []string{"no word of the section " + p.system.Section() + " says it"}
	}
	return false
}

// name says which way it is.
func (w *way) name() string {
	if sub := ci.TextOf(w.claims["sub"]); sub != "" {
		return fmt.Sprintf("sub %q", sub)
	}
	return "any sub"
}

// add puts words into the section, unless they contradict what it has.
func (a *adopter) add(p *adopted, words map[string]any, alone *made) bool {
	if p.words == nil {
		p.words, p.made = words, alone
		return true
	}
	combined, fits := a.combine(p, p.words, words)
	if !fits {
		return false
	}
	made, _ := a.make(p, combined)
	if made == nil || !alike(p.words, words) && !a.keeps(p, made, p.made, alone) {
		return false
	}
	p.words, p.made = combined, made
	return true
}

// addBeside puts words into the section which only beside its other words trust nothing but what the policy does: one
// of those refuses the rest for the whole role.
func (a *adopter) addBeside(p *adopted, words map[string]any) bool {
	if p.words == nil {
		return false
	}
	combined, fits := a.combine(p, p.words, words)
	if !fits {
		return false
	}
	made, _ := a.make(p, combined)
	if made == nil {
		return false
	}
	for range a.beyond(p, made, p.made) {
		return false
	}
	p.words, p.made = combined, made
	return true
}
