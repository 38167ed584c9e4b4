package ci

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// written is a text that the issuer could write into the field: the sample, another's, one of few, or a random one.
func (f field) written(r *rand.Rand) string {
	if len(f.choices) > 0 {
		return f.choices[r.IntN(len(f.choices))]
	}
	form := compiled(f.texts)
	for range 20 {
		if text := randomText(r, repositoryLetters+" /@:{}|", 20); form.MatchString(text) {
			return text
		}
	}
	if text := []string{f.sample, f.other}[r.IntN(2)]; form.MatchString(text) {
		return text
	}
	return f.sample
}

var compiledTexts sync.Map // texts of fields -> *regexp.Regexp

// compiled is the expression of a field's texts, compiled once: there are a few, and they are asked thousands of times.
func compiled(texts string) *regexp.Regexp {
	form, known := compiledTexts.Load(texts)
	if !known {
		form, _ = compiledTexts.LoadOrStore(texts, regexp.MustCompile(`\A(`+texts+`)\z`))
	}
	return form.(*regexp.Regexp)
}

func TestASubjectOfAnyFormIsReadBackAsItWasBuilt(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	for _, f := range subjectForms {
		for range 3000 {
			texts := make([]string, len(f.fields))
			for i, field := range f.fields {
				texts[i] = field.written(r)
			}
			sub := f.build(texts...)
			if got, ok := f.parse(sub); !ok || !slices.Equal(got, texts) {
				t.Fatalf("%s: %q was read as %q (%v), want %q", f.section, sub, got, ok, texts)
			}
			if !f.admits(exactlyAll(texts...), sub) {
				t.Fatalf("%s: %q is not admitted by its own texts", f.section, sub)
			}
		}
	}
}

func TestEveryFieldHasASampleThatItsIssuerCouldWrite(t *testing.T) {
	for _, f := range subjectForms {
		if !slices.ContainsFunc(Systems(), func(s System) bool { return s.Section() == f.section }) {
			t.Errorf("no system has the form of %q", f.section)
		}
		for _, field := range f.fields {
			form := regexp.MustCompile(`\A(` + field.texts + `)\z`)
			for _, text := range []string{field.sample, field.other} {
				if len(field.choices) == 0 && !form.MatchString(text) {
					t.Errorf("%s: %s is never %q", f.section, field.name, text)
				}
			}
			if field.length > 0 && (len(field.sample) != field.length || len(field.other) != field.length) {
				t.Errorf("%s: %s has samples of other lengths than %d", f.section, field.name, field.length)
			}
		}
	}
}

// The policy has a run of "?" there, which does not know what the issuer writes.
func TestAnOpenFieldAdmitsWhateverItsRunOfQuestionMarksAdmits(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	compared, in := 0, 0
	for _, f := range subjectForms {
		if !slices.ContainsFunc(f.fields, func(field field) bool { return field.length > 0 }) {
			continue
		}
		for range 3000 {
			terms, texts := make([]term, len(f.fields)), make([]string, len(f.fields))
			for i, field := range f.fields {
				texts[i] = field.written(r)
				terms[i] = exactly(texts[i])
				if field.length > 0 && r.IntN(2) == 0 {
					terms[i] = anything
				}
			}
			if i := r.IntN(len(texts)); r.IntN(2) == 0 {
				texts[i] = []string{strings.ToUpper(texts[i]), strings.Repeat("}", len(texts[i])), texts[i][1:] + "\n", texts[i][1:] + "é", texts[i] + "0"}[r.IntN(5)]
			}
			sub := f.build(texts...)
			byPolicy := trust.Match(f.pattern(terms), sub)
			if got := f.admits(terms, sub); got != byPolicy {
				t.Fatalf("%s: %q: the words say %v and the policy %v to %s", f.section, sub, got, byPolicy, f.pattern(terms))
			}
			compared++
			in += count(byPolicy)
		}
	}
	if in < compared/4 || in > compared*9/10 {
		t.Errorf("of %d subjects %d get in: the comparison means little", compared, in)
	}
}

func FuzzSubjectForms(f *testing.F) {
	for i, form := range subjectForms {
		texts := make([]string, len(form.fields))
		for j, field := range form.fields {
			texts[j] = field.sample
			if len(field.choices) > 0 {
				texts[j] = field.choices[0]
			}
		}
		f.Add(i, form.build(texts...))
	}
	f.Fuzz(func(t *testing.T, i int, sub string) {
		form := subjectForms[(i%len(subjectForms)+len(subjectForms))%len(subjectForms)]
		if texts, ok := form.parse(sub); ok && form.build(texts...) != sub {
			t.Fatalf("%s: %q is built back as %q", form.section, sub, form.build(texts...))
		}
	})
}
