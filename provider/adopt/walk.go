package adopt

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A walker goes through the combinations of values of statements.
type walker struct {
	*adopted
	ways []*way
	left int // how often forms may be met yet
}

// audienceIn is the claim with the audiences: of an issuer whose tokens name a party that STS takes for the audience it
// is compared as oaud.
func audienceIn(slots []slot) string {
	if slices.ContainsFunc(slots, func(s slot) bool { return s.claim == "oaud" }) {
		return "oaud"
	}
	return "aud"
}

// audience notes the audiences of a statement.
func (p *adopted) audience(slots []slot) {
	claim := audienceIn(slots)
	var named []string
	for _, s := range slots {
		if s.claim == claim {
			for _, v := range s.values {
				named = ci.AddOnce(named, v.Pattern)
			}
		}
	}
	before := len(p.audiences)
	for _, audience := range named {
		p.audiences = ci.AddOnce(p.audiences, audience)
	}
	p.varied = p.varied || before > 0 && (len(p.audiences) > before || len(named) < before)
}

// literal are values of a key that is no claim.
func literal(texts []string, operator string) []trust.Value {
	values := make([]trust.Value, len(texts))
	for i, text := range texts {
		values[i] = trust.Value{Text: text, Pattern: text, Like: strings.Contains(operator, "Like")}
	}
	return values
}

// walk goes through the combinations of values; false where there are too many. Audiences are not combined: the
// component demands one of all in every statement.
func (w *walker) walk(statement int, slots []slot) bool {
	var subjects, claims []slot
	for _, s := range slots {
		switch {
		case s.claim == "sub":
			subjects = append(subjects, s)
		case s.claim == audienceIn(slots):
			claims = append(claims, slot{s.claim, s.values[:min(1, len(s.values))]})
		default:
			claims = append(claims, s)
		}
	}
	return combine(subjects, func(chosen []trust.Value) bool {
		return w.subjects(statement, ci.Demand{Fit: slices.Clone(chosen)}, claims)
	})
}

// combine yields every way to choose a value of each slot; false where yield stopped it.
func combine(slots []slot, yield func(chosen []trust.Value) bool) bool {
	chosen := make([]trust.Value, len(slots))
	var choose func(at int) bool
	choose = func(at int) bool {
		if at == len(slots) {
			return yield(chosen)
		}
		for _, v := range slots[at].values {
			if chosen[at] = v; !choose(at + 1) {
				return false
			}
		}
		return true
	}
	return choose(0)
}

// subjects finds the ways of some subjects: those of each form, with each combination of the values of claims.
func (w *walker) subjects(statement int, sub ci.Demand, claims []slot) bool {
	met := false
	for _, form := range w.system.Forms() {
		if w.left--; w.left < 0 {
			return false
		}
		m, err := form.Meet(sub, nil)
		if err != nil {
			return false
		}
		if m.Dead() {
			continue
		}
		met = true
		if !w.claimed(statement, form, m, sub, claims) {
			return false
		}
	}
	if met || len(sub.Fit) != 1 {
		return true
	}
	return combine(claims, func(chosen []trust.Value) bool { // the tenant may have chosen the form
		bare := w.bare(statement, values(claims, chosen))
		bare.demand("sub", sub.Fit[0])
		w.ways = append(w.ways, bare)
		return len(w.ways) <= mostWays
	})
}

// claimed finds the ways of subjects of a form: with each combination of the values of claims, as far as those that
// repeat a field of the subject agree with it.
func (w *walker) claimed(statement int, form *ci.Form, m *ci.Meeting, sub ci.Demand, claims []slot) bool {
	open := map[string]string{} // claim -> field
	agreeing := make([]slot, len(claims))
	for i, s := range claims {
		agreeing[i] = s
		for _, f := range form.Fields {
			if f.Key != s.claim {
				continue
			}
			if span := m.Field(f.Name); span.Kind == ci.Exact {
				agreeing[i].values = slices.DeleteFunc(slices.Clone(s.values), func(v trust.Value) bool {
					return !v.Admits(span.Text)
				})
			} else {
				open[s.claim] = f.Name
			}
		}
	}
	return combine(agreeing, func(chosen []trust.Value) bool {
		fields := map[string]ci.Demand{}
		for i, s := range agreeing {
			if name, is := open[s.claim]; is {
				fields[name] = ci.Demand{Fit: append(fields[name].Fit, chosen[i])}
			}
		}
		return w.choices(form, m, sub, fields, func(m *ci.Meeting) bool {
			w.ways = append(w.ways, w.way(statement, form, m, sub.Fit, values(agreeing, chosen)))
			return len(w.ways) <= mostWays
		})
	})
}

// choices yields the subjects that satisfy further demands on fields: those of each choice of a field that has but a
// few, apart, because a section lists them. It is false where yield stopped it, or there is too much to look at.
func (w *walker) choices(
	form *ci.Form, m *ci.Meeting, sub ci.Demand, fields map[string]ci.Demand, yield func(m *ci.Meeting) bool,
) bool {
	if len(fields) > 0 {
		if w.left--; w.left < 0 {
			return false
		}
		var err error
		if m, err = form.Meet(sub, fields); err != nil {
			return false
		}
	}
	if m.Dead() {
		return true
	}
	for _, f := range form.Fields {
		if len(f.Choices) == 0 || m.Field(f.Name).Kind == ci.Exact {
			continue
		}
		for _, choice := range f.Choices {
			chosen := maps.Clone(fields)
			chosen[f.Name] = ci.Demand{Fit: append(slices.Clone(fields[f.Name].Fit),
				trust.Value{Text: choice, Pattern: choice})}
			if !w.choices(form, m, sub, chosen, yield) {
				return false
			}
		}
		return true
	}
	return yield(m)
}

// values are chosen values by claim.
func values(slots []slot, chosen []trust.Value) map[string]trust.Value {
	byClaim := map[string]trust.Value{}
	for i, s := range slots {
		byClaim[s.claim] = chosen[i]
	}
	return byClaim
}
