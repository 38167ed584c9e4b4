package ci

import (
	"errors"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// placeholder, replaced by branch h/meet

// ErrTooLarge is returned where too many states would be looked at.
var ErrTooLarge = errors.New("too large")

type Demand struct{ Fit, Refuse []trust.Value }

func (d Demand) admits(text string) bool {
	for _, v := range d.Fit {
		if !v.Admits(text) {
			return false
		}
	}
	return !slices.ContainsFunc(d.Refuse, func(v trust.Value) bool { return v.Admits(text) })
}

type Meeting struct {
	form *Form
	all  [][]string
}

func (f *Form) Meet(sub Demand, fields map[string]Demand) (*Meeting, error) {
	m := &Meeting{form: f}
	lists := make([][]string, len(f.Fields))
	for i, field := range f.Fields {
		lists[i] = []string{field.Sample, field.Other}
		lists[i] = append(lists[i], field.Choices...)
	}
	for _, v := range slices.Concat(sub.Fit, sub.Refuse) {
		for _, fill := range []string{"x", "", "mallory"} {
			for _, before := range []string{"", f.between[0]} {
				if parts, ok := f.Parse(before + strings.ReplaceAll(strings.ReplaceAll(v.Pattern, "*", fill), "?", "1")); ok {
					for i := range parts {
						lists[i] = append(lists[i], parts[i])
					}
				}
			}
		}
	}
	for i := range lists {
		for _, v := range fields[f.Fields[i].Name].Fit {
			lists[i] = append(lists[i], Fill(v.Pattern))
		}
		slices.Sort(lists[i])
		lists[i] = slices.Compact(lists[i])
	}
	m.walk(lists, nil, sub, fields)
	return m, nil
}

func (m *Meeting) walk(lists [][]string, texts []string, sub Demand, fields map[string]Demand) {
	if len(texts) == len(lists) {
		built := m.form.Build(texts...)
		if _, ok := m.form.Parse(built); ok && sub.admits(built) {
			m.all = append(m.all, slices.Clone(texts))
		}
		return
	}
	for _, text := range lists[len(texts)] {
		if fields[m.form.Fields[len(texts)].Name].admits(text) {
			m.walk(lists, append(texts, text), sub, fields)
		}
	}
}

func (m *Meeting) Dead() bool { return len(m.all) == 0 }

func (m *Meeting) at(name string) int {
	return slices.IndexFunc(m.form.Fields, func(f Field) bool { return f.Name == name })
}

func (m *Meeting) Field(name string) Span {
	i := m.at(name)
	if i < 0 || m.Dead() {
		return Span{}
	}
	first := m.all[0][i]
	for _, texts := range m.all {
		if texts[i] != first {
			return Span{}
		}
	}
	return Span{Kind: Exact, Text: first}
}

func (m *Meeting) Witness(wanted map[string]string) ([]string, bool) {
	return m.Other("", wanted)
}

func (m *Meeting) Other(field string, wanted map[string]string, than ...string) ([]string, bool) {
	for _, texts := range m.all {
		good := true
		for i, f := range m.form.Fields {
			text, asked := wanted[f.Name]
			good = good && (!asked || text == texts[i]) && !(f.Name == field && slices.Contains(than, texts[i]))
		}
		if good {
			return texts, true
		}
	}
	return nil, false
}

type Span struct {
	Kind SpanKind
	Text string
}

type SpanKind int

const (
	Open SpanKind = iota
	Prefix
	Exact
)
