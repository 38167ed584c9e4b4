package all

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// forms are the forms of all systems' subjects.
func forms() []*ci.Form {
	var all []*ci.Form
	for _, s := range Registry().Systems() {
		all = append(all, s.Forms()...)
	}
	return all
}

// sampleOf is a subject of the form.
func sampleOf(form *ci.Form) string {
	texts := make([]string, len(form.Fields))
	for i, field := range form.Fields {
		texts[i] = field.Sample
		if len(field.Choices) > 0 {
			texts[i] = field.Choices[0]
		}
	}
	return form.Build(texts...)
}

func TestEveryFormReadsItsOwnSample(t *testing.T) {
	all := forms()
	if len(all) < 20 {
		t.Errorf("%d forms only: the tests over all forms mean little", len(all))
	}
	for _, form := range all {
		if _, ok := form.Parse(sampleOf(form)); !ok {
			t.Errorf("%s does not read %q", form.Template, sampleOf(form))
		}
		texts, _ := form.Parse(sampleOf(form))
		terms := ci.ExactlyAll(texts...)
		for i, field := range form.Fields {
			if field.Length > 0 {
				terms[i] = ci.Anything
			}
		}
		if !form.Admits(terms, sampleOf(form)) {
			t.Errorf("%s with open fields does not admit %q", form.Template, sampleOf(form))
		}
	}
}

func FuzzSubjectForms(f *testing.F) {
	all := forms()
	for i, form := range all {
		f.Add(i, sampleOf(form))
	}
	f.Fuzz(func(t *testing.T, i int, sub string) {
		form := all[(i%len(all)+len(all))%len(all)]
		texts, ok := form.Parse(sub)
		if !ok {
			return
		}
		if form.Build(texts...) != sub {
			t.Fatalf("%s: %q is built back as %q", form.Template, sub, form.Build(texts...))
		}
		if !form.Admits(ci.ExactlyAll(texts...), sub) {
			t.Fatalf("%s: %q is not admitted by its own texts", form.Template, sub)
		}
	})
}
