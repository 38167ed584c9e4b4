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

// Letters of made-up names, with those that have a meaning elsewhere in a subject.
const (
	repositoryLetters = "abcXYZ019-_."
	refLetters        = "abcXYZ019-_./@+!],é"
)

// formLetters are those of names and of what stands between them.
const formLetters = "abcXYZ019-_. /@:{}|"

var compiledTexts sync.Map // texts of fields -> *regexp.Regexp

// compiled is the expression of a field's texts, compiled once: there are a few, and they are asked thousands of times.
func compiled(texts string) *regexp.Regexp {
	form, known := compiledTexts.Load(texts)
	if !known {
		form, _ = compiledTexts.LoadOrStore(texts, regexp.MustCompile(`\A(`+texts+`)\z`))
	}
	return form.(*regexp.Regexp)
}

// writtenInto is a text that the issuer could write into the field: the sample, another's, one of few, or a random one.
func writtenInto(f field, r *rand.Rand) string {
	if len(f.choices) > 0 {
		return f.choices[r.IntN(len(f.choices))]
	}
	form := compiled(f.texts)
	for range 20 {
		if text := randomText(r, formLetters, 20); form.MatchString(text) {
			return text
		}
	}
	if text := []string{f.sample, f.other}[r.IntN(2)]; form.MatchString(text) {
		return text
	}
	return f.sample
}

func randomText(r *rand.Rand, letters string, longest int) string {
	runes := []rune(letters)
	text := make([]rune, 1+r.IntN(longest))
	for i := range text {
		text[i] = runes[r.IntN(len(runes))]
	}
	return string(text)
}

func (s suite) forms(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, f := range s.system.Forms() {
		for range 3000 {
			texts := make([]string, len(f.fields))
			for i, field := range f.fields {
				texts[i] = writtenInto(field, r)
			}
			sub := f.build(texts...)
			if got, ok := f.parse(sub); !ok || !slices.Equal(got, texts) {
				t.Fatalf("%s: %q was read as %q (%v), want %q", f.template, sub, got, ok, texts)
			}
			if !f.admits(exactlyAll(texts...), sub) {
				t.Fatalf("%s: %q is not admitted by its own texts", f.template, sub)
			}
		}
	}
}

func (s suite) samples(t *testing.T) {
	for _, f := range s.system.Forms() {
		for _, field := range f.fields {
			form := regexp.MustCompile(`\A(` + field.texts + `)\z`)
			for _, text := range []string{field.sample, field.other} {
				if len(field.choices) == 0 && !form.MatchString(text) {
					t.Errorf("%s: %s is never %q", f.template, field.name, text)
				}
			}
			if field.length > 0 && (len(field.sample) != field.length || len(field.other) != field.length) {
				t.Errorf("%s: %s has samples of other lengths than %d", f.template, field.name, field.length)
			}
		}
	}
}

// The policy has a run of "?" there, which does not know what the issuer writes.
func (s suite) openFields(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	compared, in := 0, 0
	for _, f := range s.system.Forms() {
		if !slices.ContainsFunc(f.fields, func(field field) bool { return field.length > 0 }) {
			continue
		}
		for range 3000 {
			terms, texts := make([]term, len(f.fields)), make([]string, len(f.fields))
			for i, field := range f.fields {
				texts[i] = writtenInto(field, r)
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
				t.Fatalf("%s: %q: the words say %v and the policy %v to %s", f.template, sub, got, byPolicy, f.pattern(terms))
			}
			compared++
			in += count(byPolicy)
		}
	}
	if compared > 0 && in < compared/4 || in > compared*9/10 {
		t.Errorf("of %d subjects %d get in: the comparison means little", compared, in)
	}
}

// randomize replaces the hex digits of a text.
func randomize(r *rand.Rand, text string) string {
	digits := []byte(text)
	for i, d := range digits {
		if d != '-' {
			digits[i] = "0123456789abcdef"[r.IntN(16)]
		}
	}
	return string(digits)
}
