package citest

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Letters of made-up names, with those that have a meaning elsewhere in a subject.
const (
	RepositoryLetters = "abcXYZ019-_."
	RefLetters        = "abcXYZ019-_./@+!],é"
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
func writtenInto(f ci.Field, r *rand.Rand) string {
	if len(f.Choices) > 0 {
		return f.Choices[r.IntN(len(f.Choices))]
	}
	form := compiled(f.Texts)
	for range 20 {
		if text := RandomText(r, formLetters, 20); form.MatchString(text) {
			return text
		}
	}
	if text := []string{f.Sample, f.Other}[r.IntN(2)]; form.MatchString(text) {
		return text
	}
	return f.Sample
}

// RandomText is a text of up to a length, made of some letters.
func RandomText(r *rand.Rand, letters string, longest int) string {
	runes := []rune(letters)
	text := make([]rune, 1+r.IntN(longest))
	for i := range text {
		text[i] = runes[r.IntN(len(runes))]
	}
	return string(text)
}

func (s Suite) forms(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, f := range s.System.Forms() {
		for range 3000 {
			texts := make([]string, len(f.Fields))
			for i, field := range f.Fields {
				texts[i] = writtenInto(field, r)
			}
			sub := f.Build(texts...)
			if got, ok := f.Parse(sub); !ok || !slices.Equal(got, texts) {
				t.Fatalf("%s: %q was read as %q (%v), want %q", f.Template, sub, got, ok, texts)
			}
			if !f.Admits(ci.ExactlyAll(texts...), sub) {
				t.Fatalf("%s: %q is not admitted by its own texts", f.Template, sub)
			}
		}
	}
}

func (s Suite) samples(t *testing.T) {
	for _, f := range s.System.Forms() {
		for _, field := range f.Fields {
			form := regexp.MustCompile(`\A(` + field.Texts + `)\z`)
			for _, text := range []string{field.Sample, field.Other} {
				if len(field.Choices) == 0 && !form.MatchString(text) {
					t.Errorf("%s: %s is never %q", f.Template, field.Name, text)
				}
			}
			if field.Length > 0 && (len(field.Sample) != field.Length || len(field.Other) != field.Length) {
				t.Errorf("%s: %s has samples of other lengths than %d", f.Template, field.Name, field.Length)
			}
		}
	}
}

// The policy has a run of "?" there, which does not know what the issuer writes.
func (s Suite) openFields(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	compared, in := 0, 0
	for _, f := range s.System.Forms() {
		if !slices.ContainsFunc(f.Fields, func(field ci.Field) bool { return field.Length > 0 }) {
			continue
		}
		for range 3000 {
			terms, texts := make([]ci.Term, len(f.Fields)), make([]string, len(f.Fields))
			for i, field := range f.Fields {
				texts[i] = writtenInto(field, r)
				terms[i] = ci.Exactly(texts[i])
				if field.Length > 0 && r.IntN(2) == 0 {
					terms[i] = ci.Anything
				}
			}
			if i := r.IntN(len(texts)); r.IntN(2) == 0 {
				texts[i] = []string{strings.ToUpper(texts[i]), strings.Repeat("}", len(texts[i])), texts[i][1:] + "\n",
					texts[i][1:] + "é", texts[i] + "0"}[r.IntN(5)]
			}
			sub := f.Build(texts...)
			byPolicy := trust.Match(f.Pattern(terms), sub)
			if got := f.Admits(terms, sub); got != byPolicy {
				t.Fatalf("%s: %q: the words say %v and the policy %v to %s", f.Template, sub, got, byPolicy,
					f.Pattern(terms))
			}
			compared++
			in += ci.Count(byPolicy)
		}
	}
	if compared > 0 && in < compared/4 || in > compared*9/10 {
		t.Errorf("of %d subjects %d get in: the comparison means little", compared, in)
	}
}

// Randomize replaces the hex digits of a text.
func Randomize(r *rand.Rand, text string) string {
	digits := []byte(text)
	for i, d := range digits {
		if d != '-' {
			digits[i] = "0123456789abcdef"[r.IntN(16)]
		}
	}
	return string(digits)
}
