package advice

import (
	"maps"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// compare says in which fields of a form the token is none of the subjects that fit a way; ok is false where no subject
// of the form does.
func (a *adviser) compare(way []value, form *ci.Form, met *int) (r reading, ok bool) {
	r.form = form
	m, ok := a.meet(way, form, met)
	if !ok {
		return r, false
	}
	fitting := map[string]string{}
	for _, decision := range []ci.Decision{ci.Tenant, ci.Project, ci.RefOf, ci.Event, ci.Nothing} {
		for _, field := range form.Fields {
			if field.Decides != decision {
				continue
			}
			seen, known := a.job.Texts[field.Name]
			trial := maps.Clone(fitting)
			trial[field.Name] = seen
			if known && m.admits(trial) {
				fitting = trial
				continue
			}
			if decision == ci.Nothing {
				continue
			}
			if span := m.span(field.Name, fitting); known || span.Kind != ci.Open {
				r.differences = append(r.differences, ci.Difference{Field: field.Name, Decides: decision,
					Wanted: []ci.Span{span}, Seen: seen})
			}
		}
	}
	if a.job.Form != nil && a.job.Form != form {
		for _, field := range a.job.Form.Fields {
			if field.Decides == ci.Nothing || slices.ContainsFunc(form.Fields, func(f ci.Field) bool {
				return f.Name == field.Name
			}) {
				continue
			}
			r.differences = append(r.differences,
				ci.Difference{Field: field.Name, Decides: field.Decides, Seen: a.job.Texts[field.Name]})
		}
	}
	r.pins = a.pinned(m, form)
	return r, true
}

// A meeting is the subjects of a form that fit a way: one of which the texts are known, or those of an automaton.
type meeting struct {
	form  *ci.Form
	texts []string
	wild  *ci.Meeting
	way   []trust.Value
}

func (a *adviser) meet(way []value, form *ci.Form, met *int) (*meeting, bool) {
	m := &meeting{form: form}
	for _, v := range way {
		m.way = append(m.way, v.Value)
	}
	exact := slices.IndexFunc(way, func(v value) bool { return v.Exact() && !v.Fold })
	if exact >= 0 {
		texts, ok := form.Parse(way[exact].Pattern)
		m.texts = texts
		return m, ok && !slices.ContainsFunc(way, func(v value) bool { return !v.Admits(way[exact].Pattern) })
	}
	if *met++; *met > mostMet*len(a.forms) || slices.ContainsFunc(way, value.hostile) {
		return nil, false
	}
	wild, err := form.Meet(ci.Demand{Fit: m.way}, nil)
	m.wild = wild
	return m, err == nil && !wild.Dead()
}

func (m *meeting) admits(fields map[string]string) bool {
	if m.wild == nil {
		for i, field := range m.form.Fields {
			if text, wanted := fields[field.Name]; wanted && text != m.texts[i] {
				return false
			}
		}
		return true
	}
	_, ok := m.wild.Witness(fields)
	return ok
}

// span sums up what the subjects with some texts in some fields have in another one.
func (m *meeting) span(field string, fields map[string]string) ci.Span {
	if m.wild == nil {
		at := slices.IndexFunc(m.form.Fields, func(f ci.Field) bool { return f.Name == field })
		return ci.Span{Kind: ci.Exact, Text: m.texts[at]}
	}
	demands := map[string]ci.Demand{}
	for name, text := range fields {
		demands[name] = ci.Demand{Fit: []trust.Value{{Text: text, Pattern: text}}}
	}
	narrower, err := m.form.Meet(ci.Demand{Fit: m.way}, demands)
	if err != nil || narrower.Dead() {
		return m.wild.Field(field)
	}
	return narrower.Field(field)
}
