package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// anyText is the form of a claim of which nothing is known.
var anyText = ci.NewForm("{text}", ci.Field{Name: "text", Texts: `(?s:.+)`, Sample: "text", Other: "mallory"})

// place is the only field of a claim's form.
func place(form *ci.Form) string { return form.Fields[0].Name }

// meetClaim says what demands leave of a claim; ok is false where no text is left.
func (t *trial) meetClaim(name string, w want) (m *ci.Meeting, ok bool) {
	m, err := t.meet(t.issuer.claimForm(name), w.Demand, nil)
	if err != nil {
		t.doubt(nil, err.Error())
		return nil, true
	}
	return m, !m.Dead() || !w.present && name != "aud"
}

// spans are what demands leave of the claims, for a reading; ok is false where a claim cannot be as demanded.
func (t *trial) spans(wants map[string]want) (spans map[string]ci.Span, ok bool) {
	spans = map[string]ci.Span{}
	for name, w := range wants {
		if len(w.Fit) == 0 && len(w.Refuse) == 0 {
			continue
		}
		m, alive := t.meetClaim(name, w)
		if !alive {
			return nil, false
		}
		if m != nil && len(w.Fit) > 0 {
			spans[name] = m.Field(place(t.issuer.claimForm(name)))
		}
	}
	return spans, true
}

// text finds a text for a claim. other says that it should be another one than the policy can have been meant for.
func (t *trial) text(name string, w want, wanted string, other bool) (string, bool) {
	form := t.issuer.claimForm(name)
	field := form.Fields[0]
	fits := func(text string) bool {
		return !slices.ContainsFunc(w.Fit, func(v trust.Value) bool { return !v.Admits(text) }) &&
			!slices.ContainsFunc(w.Refuse, func(v trust.Value) bool { return v.Admits(text) }) &&
			t.probed(name, w, text)
	}
	var tries []string
	if wanted != "" {
		tries = []string{wanted}
	} else {
		if other {
			tries = append(tries, field.Other)
		}
		if t.issuer.claim(name) != nil {
			tries = append(tries, field.Sample)
		}
		if m, err := t.meet(form, w.Demand, nil); err == nil && !m.Dead() {
			if other {
				if texts, found := m.Other(field.Name, nil, field.Sample); found {
					tries = append(tries, texts[0])
				}
			}
			if texts, found := m.Witness(nil); found {
				tries = append(tries, texts[0])
			}
		}
		tries = append(tries, "mallory", "true", "false", "1", "0", "2026-01-01T00:00:00Z")
		for _, p := range w.probes {
			for _, value := range p.statement.Conditions[p.number].Values {
				tries = append(tries, value, value+"1", "-"+value, strings.ReplaceAll(value, "*", "x"))
			}
		}
	}
	for _, text := range tries {
		if fits(text) {
			return text, true
		}
	}
	return "", false
}

// probed reports that a text of a claim is as all probes want it.
func (t *trial) probed(name string, w want, text string) bool {
	r := t.issuer.request(t.role)
	carry(r, name, text)
	for _, p := range w.probes {
		if (p.statement.Holds(p.number, r) == trust.Allowed) != p.holds {
			return false
		}
	}
	return true
}

// unprobed reports that a token without the claim is as all probes want it.
func (t *trial) unprobed(w want) bool {
	for _, p := range w.probes {
		if (p.statement.Holds(p.number, t.issuer.request(t.role)) == trust.Allowed) != p.holds {
			return false
		}
	}
	return true
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
