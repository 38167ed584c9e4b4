package custom

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// readingsOf are the readings of a subject that is written, as an audit has them of the policy that it becomes: the
// section is judged as the audit judges.
func readingsOf(known *ci.Host, sub string, t *ci.Trust, claims map[string][]string) []*ci.Reading {
	value := trust.Value{Text: sub, Pattern: sub, Like: trust.HasWildcard(sub)}
	spans := map[string]ci.Span{}
	for claim, values := range claims {
		if len(values) > 0 {
			spans[claim] = ci.Span{Kind: ci.Exact, Text: values[0]}
		}
	}
	// Audiences are always exact; while they are not known, or where they are wrong, nothing is said of them here.
	spans["aud"] = ci.Span{Kind: ci.Exact, Text: strings.Join(t.Audiences(), " ")}
	var readings []*ci.Reading
	for _, form := range known.Forms {
		m, err := form.Meet(ci.Demand{Fit: []trust.Value{value}}, nil)
		if err == nil && !m.Dead() {
			readings = append(readings, &ci.Reading{
				Host: *known, Issuer: t.Host(), Form: form, Meeting: m, Tested: true, Values: []trust.Value{value},
				Claims: spans,
			})
		}
	}
	for _, r := range readings {
		r.Among = readings
	}
	return readings
}

// rulesOf are the rules that readings have, each once.
func rulesOf(readings []*ci.Reading) []ci.Rule {
	var rules []ci.Rule
	for _, r := range readings {
		for _, v := range r.Host.Judge(r) {
			if !slices.Contains(rules, v.Rule) {
				rules = append(rules, v.Rule)
			}
		}
	}
	return rules
}

// sampleOf is a subject as the issuer writes it.
func sampleOf(known *ci.Host) string {
	form := known.Forms[0]
	texts := make([]string, len(form.Fields))
	for i, f := range form.Fields {
		texts[i] = f.Sample
	}
	return form.Build(texts...)
}
