package all

import (
	"slices"
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

// auditedForms are the forms that an audit reads the subjects of a system by, where they are not those of its section.
func auditedForms(s ci.System) []*ci.Form {
	var all []*ci.Form
	for _, host := range auditedHosts(s) {
		all = append(all, host.Forms...)
	}
	return all
}

// auditedHosts are all issuers of a system that an audit knows something of.
func auditedHosts(s ci.System) []ci.Host {
	hosts := slices.Clone(s.Issuer().Hosts)
	if installed := s.Issuer().Installed; installed != nil {
		hosts = append(hosts, *installed)
	}
	return hosts
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
	for _, s := range Registry().Systems() {
		all = append(all, auditedForms(s)...)
	}
	if len(all) < 50 {
		t.Errorf("%d forms only: the tests over all forms mean little", len(all))
	}
	for _, form := range all {
		sample := sampleOf(form)
		if _, ok := form.Parse(sample); !ok {
			if sample == "" {
				continue // of claims in any order, of which no token is made up; its expression compiles
			}
			t.Errorf("%s does not read %q", form.Template, sample)
		}
		texts, _ := form.Parse(sample)
		terms := ci.ExactlyAll(texts...)
		for i, field := range form.Fields {
			if field.Length > 0 {
				terms[i] = ci.Anything
			}
		}
		if !form.Admits(terms, sample) {
			t.Errorf("%s with open fields does not admit %q", form.Template, sample)
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
