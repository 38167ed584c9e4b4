package adopt

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A way is one way through the conditions of an Allow: one value of each condition on sub and on claims.
type way struct {
	statement int
	job       ci.Job
	claims    map[string]any   // of a token that comes in by it
	further   []map[string]any // of other tokens that do
	why       []string         // why no words were found for it alone
	witness   map[string]any
}

// tokens are the claims of the tokens that are known to come in by the way.
func (w *way) tokens() []map[string]any { return append([]map[string]any{w.claims}, w.further...) }

// The bounds of what is looked at: a policy has some dozen ways, and one of the highest quota some hundreds.
const (
	mostWays     = 20_000
	mostMeetings = 60_000
)

// A slot is a condition of which one value is chosen.
type slot struct {
	claim  string
	values []trust.Value
}

// slots are the conditions of a statement of which values are chosen; odd are those that no section has.
func (p *adopted) slots(s *trust.Statement) (slots []slot, odd []trust.Clause) {
	for _, c := range s.Clauses(p.provider) {
		switch {
		case c.About == trust.AboutTags && c.Text && !c.Negated && !c.Absent &&
			strings.HasPrefix(c.Key, ci.RequestTag):
			slots = append(slots, slot{c.Key, literal(c.Condition.Values, c.Operator)})
		case c.About == trust.AboutToken && c.Claim == "aud" && c.Text && !c.Negated: // every token has one
			slots = append(slots, slot{c.Claim, c.Values})
		case c.About != trust.AboutToken || !c.Text || c.Negated || c.Absent:
			odd = append(odd, c)
		case len(c.Sure) < len(c.Values):
			odd = append(odd, c)
			fallthrough
		default:
			slots = append(slots, slot{c.Claim, c.Values})
		}
	}
	return slots, odd
}

// allows are the statements of a policy that let tokens of the provider in, with their numbers.
func (p *adopted) allows(policy *trust.Policy) iter.Seq2[int, *trust.Statement] {
	return func(yield func(int, *trust.Statement) bool) {
		for i := range policy.Statements {
			s := &policy.Statements[i]
			if s.Effect == "Allow" && s.AboutWebIdentity() && s.Names(p.provider) && !yield(i+1, s) {
				return
			}
		}
	}
}

// look finds the ways of one provider's statements.
func (a *adopter) look(p *adopted) {
	w := walker{adopted: p, left: mostMeetings}
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		p.tags = p.tags || s.Effect == "Allow" && s.Names(p.provider) &&
			slices.ContainsFunc(s.Actions, func(action string) bool {
				return strings.EqualFold(action, "sts:TagSession")
			})
	}
	for number, s := range p.allows(a.policy) {
		slots, odd := p.slots(s)
		for _, c := range odd {
			what := fmt.Sprintf("tests %s by %s, which no section does", c.Key, c.Operator)
			if len(c.Sure) < len(c.Values) {
				what = "has a policy variable in " + c.Key + ", which no section has"
			}
			a.because(number, what, nil)
		}
		p.audience(slots)
		before := len(w.ways)
		switch {
		case !w.walk(number, slots):
			a.because(number, "has more combinations of values, or wildcards, than are looked at", nil)
			a.worse(Undecided)
			return
		case len(w.ways) == before:
			a.because(number, "admits nobody: no subject of "+p.system.Title()+" fits it", nil)
		}
	}
	p.ways = w.ways
}

// way makes a way of the subjects of a meeting.
func (p *adopted) way(
	statement int, form *ci.Form, m *ci.Meeting, fit []trust.Value, rest map[string]trust.Value,
) *way {
	w := p.bare(statement, rest)
	w.job.Form = form
	for _, other := range p.system.Forms() {
		for _, f := range other.Fields {
			if v, demanded := rest[f.Key]; demanded && f.Key != "" && v.Exact() {
				w.job.Texts[f.Name] = v.Pattern
			}
		}
	}
	for _, f := range form.Fields {
		w.job.Texts[f.Name] = textOf(m.Field(f.Name))
	}
	w.job.Claims["sub"] = ci.Any
	if len(fit) == 1 {
		w.job.Claims["sub"] = fit[0].Pattern
	}
	bare, found := w.claims, witnesses(form, m)
	for i, f := range form.Fields { // where nothing may follow what is certain, that is all of it
		if span := m.Field(f.Name); span.Kind == ci.Prefix && !slices.ContainsFunc(found, func(texts []string) bool {
			return texts[i] != span.Text
		}) {
			w.job.Texts[f.Name] = span.Text
		}
	}
	for i, texts := range found {
		claims := maps.Clone(bare)
		for i, f := range form.Fields {
			if f.Key != "" {
				claims[f.Key] = texts[i]
			}
		}
		claims["sub"] = form.Build(texts...)
		if i == 0 {
			w.claims = claims
		} else {
			w.further = append(w.further, claims)
		}
	}
	return w
}

// witnesses are the texts of subjects of a meeting, the first one for people to read. Where something is open each has
// another text there, so that words for some of it are not taken for words for all.
func witnesses(form *ci.Form, m *ci.Meeting) [][]string {
	var all [][]string
	for _, text := range []string{"", "unheard-of", "quite-another", "0-of-all"} {
		for _, open := range []bool{true, false} {
			wanted := unlike(form, m, text, open)
			if len(wanted) == 0 {
				continue
			}
			if texts, found := m.Witness(wanted); found {
				all = append(all, texts)
				break
			}
		}
	}
	if len(all) == 0 {
		texts, _ := m.Witness(nil)
		return [][]string{texts}
	}
	return all
}

// bare is a way of what is demanded of claims.
func (p *adopted) bare(statement int, rest map[string]trust.Value) *way {
	w := &way{statement: statement, claims: map[string]any{"iss": "https://" + p.host}, job: ci.Job{
		Issuer: p.host, Demanded: true, Texts: map[string]string{}, Claims: map[string]any{},
	}}
	tags := map[string]string{}
	for claim, v := range rest {
		w.demand(claim, v)
		if tag, isTag := strings.CutPrefix(claim, ci.RequestTag); isTag {
			tags[tag] = ci.TextOf(w.claims[claim])
			delete(w.claims, claim)
		}
	}
	if len(tags) > 0 {
		maps.Copy(w.claims, ci.SessionTags(tags))
	}
	if w.claims["oaud"] != nil {
		w.claims["azp"], w.claims["aud"] = w.claims["aud"], w.claims["oaud"]
		delete(w.claims, "oaud")
	}
	return w
}

// demand notes what is demanded of a claim, and a text for it.
func (w *way) demand(claim string, v trust.Value) {
	switch {
	case v.Exact():
		w.job.Claims[claim], w.claims[claim] = v.Pattern, v.Pattern
		return
	case v.Literal() == strings.TrimSuffix(v.Pattern, "*"):
		w.job.Claims[claim] = v.Literal() + ci.Any
	default:
		w.job.Claims[claim] = v.Pattern
	}
	w.claims[claim] = strings.NewReplacer("*", "x1", "?", "1").Replace(v.Pattern)
}

// unlike are texts for the fields of which the beginning is all that is demanded, and if open for those of which
// nothing is; "" stands for those of somebody else.
func unlike(form *ci.Form, m *ci.Meeting, text string, open bool) map[string]string {
	wanted := map[string]string{}
	for _, f := range form.Fields {
		if len(f.Choices) > 0 || f.Decides == ci.Nothing {
			continue
		}
		if f.Length > 0 { // another text of the length
			if m.Field(f.Name).Kind == ci.Open && open {
				wanted[f.Name] = f.Other
			}
			continue
		}
		end := cmp.Or(text, f.Other)
		switch span := m.Field(f.Name); {
		case span.Kind == ci.Prefix:
			wanted[f.Name] = span.Text + end
		case span.Kind == ci.Open && open:
			wanted[f.Name] = end
		}
	}
	return wanted
}

// textOf is a span as a job has it.
func textOf(s ci.Span) string {
	switch s.Kind {
	case ci.Exact:
		return s.Text
	case ci.Prefix:
		return s.Text + ci.Any
	}
	return ci.Any
}
