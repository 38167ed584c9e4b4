package all

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// everyForm runs a test for each form of each system, with a subject of it.
func everyForm(t *testing.T, test func(t *testing.T, form *ci.Form, texts []string)) {
	t.Helper()
	for _, s := range Registry().Systems() {
		for _, form := range s.Forms() {
			t.Run(s.Section()+" "+form.Template, func(t *testing.T) {
				anything := meeting(t, form, "*")
				if anything.Dead() {
					t.Fatal("* meets nothing")
				}
				texts, ok := anything.Witness(nil)
				if !ok {
					t.Fatal("* has no witness")
				}
				test(t, form, texts)
			})
		}
	}
}

func meeting(t *testing.T, form *ci.Form, text string) *ci.Meeting {
	t.Helper()
	m, err := form.Meet(ci.Demand{Fit: []trust.Value{{Text: text, Pattern: text, Like: true}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parsed fails unless the form reads the texts back.
func parsed(t *testing.T, form *ci.Form, texts []string) {
	t.Helper()
	if read, ok := form.Parse(form.Build(texts...)); !ok || !slices.Equal(read, texts) {
		t.Errorf("%q is no subject", texts)
	}
}

func TestASubjectMeetsItsFormInAllItsFields(t *testing.T) {
	everyForm(t, func(t *testing.T, form *ci.Form, texts []string) {
		parsed(t, form, texts)
		m := meeting(t, form, form.Build(texts...))
		if m.Dead() {
			t.Fatal("it is dead")
		}
		for i, field := range form.Fields {
			if got := m.Field(field.Name); got != (ci.Span{Kind: ci.Exact, Text: texts[i]}) {
				t.Errorf("%s is %v, not %q", field.Name, got, texts[i])
			}
			if other, ok := m.Other(field.Name, nil, texts[i]); ok {
				t.Errorf("%s has another text: %q", field.Name, other)
			}
		}
	})
}

// The samples are what tokens are made of, so that the witness of "*" is made of them, where they are texts of the
// field.
func TestTheWitnessOfAnythingHasTheSamples(t *testing.T) {
	everyForm(t, func(t *testing.T, form *ci.Form, texts []string) {
		samples := slices.Clone(texts)
		for i, field := range form.Fields {
			if field.Sample != "" {
				samples[i] = field.Sample
			}
		}
		if _, ok := form.Parse(form.Build(samples...)); ok && !slices.Equal(samples, texts) {
			t.Errorf("%q, not %q", texts, samples)
		}
	})
}

func TestAFieldThatIsLeftOpenHasAnotherText(t *testing.T) {
	everyForm(t, func(t *testing.T, form *ci.Form, texts []string) {
		for i, field := range form.Fields {
			// "*" in the place of the field; a field of fixed length may have a "?" for each of its units as well.
			opened := slices.Clone(texts)
			opened[i] = "*"
			written := []string{form.Build(opened...)}
			if field.Length > 0 {
				opened[i] = strings.Repeat("?", field.Length)
				written = append(written, form.Build(opened...))
			}
			for _, text := range written {
				m := meeting(t, form, text)
				if m.Dead() {
					t.Fatalf("%s is dead", text)
				}
				single := len(field.Choices) == 1
				if span := m.Field(field.Name); (span.Kind == ci.Exact) != single {
					t.Errorf("%s: %s is %v", text, field.Name, span)
				}
				other, ok := m.Other(field.Name, nil, texts[i])
				if single {
					continue
				}
				if !ok || other[i] == texts[i] {
					t.Errorf("%s: %q is not another %s", text, other, field.Name)
					continue
				}
				parsed(t, form, other)
				if sub := form.Build(other...); !trust.Match(text, sub) {
					t.Errorf("%s does not match %s", text, sub)
				}
				own := ci.Demand{Fit: []trust.Value{{Pattern: form.Build(texts...)}}}
				if within, err := m.Within(own); within || err != nil {
					t.Errorf("%s is more than its own subject: %t, %v", text, within, err)
				}
			}
		}
	})
}

// Values that people write for another system, or for none, meet no form.
func TestAValueOfNoFormIsDead(t *testing.T) {
	everyForm(t, func(t *testing.T, form *ci.Form, texts []string) {
		if form.Template == "{subject}" || strings.Contains(form.Template, "{team}") {
			return // anything is a subject of custom, and nearly anything one of Concourse
		}
		for _, text := range []string{"", "/:", "::", "repo:acme/web{,@1}", form.Build(texts...) + "\n/:"} {
			if _, ok := form.Parse(text); !ok && !meeting(t, form, text).Dead() {
				t.Errorf("%q is not dead", text)
			}
		}
	})
}

// What is written for one system's subjects costs little with every other one's, too: 2,000 characters.
func TestALongValueIsMetByEveryForm(t *testing.T) {
	everyForm(t, func(t *testing.T, form *ci.Form, _ []string) {
		m := meeting(t, form, strings.Repeat("*a", 1000))
		if m.Dead() {
			return
		}
		texts, ok := m.Witness(nil)
		if !ok {
			t.Fatal("no witness")
		}
		parsed(t, form, texts)
	})
}

// BenchmarkALongValue shows what one value of 2,000 characters costs with one form of a system.
func BenchmarkALongValue(b *testing.B) {
	for _, s := range Registry().Systems() {
		b.Run(s.Section(), func(b *testing.B) {
			forms := s.Forms()
			round := 0
			for b.Loop() {
				// One more "*" each time, so that no meeting is one that was kept.
				text := strings.Repeat("*a", 1000) + strings.Repeat("*", round/len(forms)%64)
				_, err := forms[round%len(forms)].Meet(ci.Demand{Fit: []trust.Value{{Pattern: text, Like: true}}}, nil)
				if err != nil {
					b.Fatal(err)
				}
				round++
			}
		})
	}
}
