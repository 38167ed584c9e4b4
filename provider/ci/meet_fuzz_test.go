package ci

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A small form is one whose subjects can be listed: all of them where it is finite, else the short ones.
type small struct {
	form     *Form
	letters  string
	length   int // that is listed, in letters
	finite   bool
	once     sync.Once
	subjects []string
	texts    [][]string // of the fields, for each subject
}

// smallForms have what the forms of the systems have: bounds, fixed lengths, choices, fields that may be empty or
// directly follow each other, subjects that can be split in several ways, characters of two units.
var smallForms = []*small{
	{letters: "ab:", length: 7, finite: true, form: NewForm("a:{x}:{y}",
		Field{Name: "x", Texts: `[ab]{1,2}`, Sample: "b"}, Field{Name: "y", Texts: `[ab:]{0,2}`})},
	{letters: "ab/", length: 7, finite: true, form: NewForm("{x}/{y}",
		Field{Name: "x", Texts: `[ab](?:[ab/]{0,3}?)`}, Field{Name: "y", Texts: `[ab/]{1,2}`})},
	{letters: "ab:", length: 5, finite: true, form: NewForm("{x}{y}:",
		Field{Name: "x", Choices: []string{"a", "ab", "b:"}}, Field{Name: "y", Texts: `(?:b|:a)?`})},
	{letters: "ab𐐀ǅ:", length: 4, finite: true, form: NewForm("{x}:{y}",
		Field{Name: "x", Texts: `[ab𐐀ǅ]{2}`, Length: 2}, Field{Name: "y", Texts: `[a𐐀]?`})},
	{letters: "ab:-A", length: 6, form: NewForm("{x}b{y}",
		Field{Name: "x", Texts: `(?:a?b)*?a{0,2}`}, Field{Name: "y", Texts: `[^b]{0,1}`})},
	{letters: "ab:𐐀A", length: 6, form: NewForm("{x}:{y}",
		Field{Name: "x", Texts: `[^:]+`, Sample: "a"}, Field{Name: "y", Texts: `(?s:.*)`, Sample: "b"})},
	{letters: "ab:/-", length: 7, form: NewForm("{x}-{n}/{y}{z}",
		Field{Name: "x", Texts: `[^:/]+`}, Field{Name: "n", Texts: `[ab]+`},
		Field{Name: "y", Texts: `(?:[^:/]+:)?[^:]*`}, Field{Name: "z", Texts: `(?::a)*`})},
	{letters: "ab/", length: 9, form: NewForm("a/{x}/b/{y}",
		Field{Name: "x", Texts: `[^/](?s:.*?)`}, Field{Name: "y", Texts: `(?s:.+)`})},
	{letters: "aΑΣσς", length: 5, form: NewForm("{x}{y}",
		Field{Name: "x", Texts: `a?`}, Field{Name: "y", Texts: `[^a]{0,4}`})},
	{letters: "ab:", length: 6, form: NewForm("{x}", Field{Name: "x", Texts: `(?:[ab]{3}|a{0,70}:)b*`})},
}

// list lists the subjects of the form, once.
func (s *small) list() {
	var grow func(sub string, left int)
	grow = func(sub string, left int) {
		if texts, ok := s.form.Parse(sub); ok {
			s.subjects = append(s.subjects, sub)
			s.texts = append(s.texts, texts)
		}
		if left > 0 {
			for _, letter := range s.letters {
				grow(sub+string(letter), left-1)
			}
		}
	}
	s.once.Do(func() { grow("", s.length) })
}

// any value of a small alphabet.
func someValue(r *rand.Rand) trust.Value {
	alphabet := []string{"a", "b", ":", "/", "-", "*", "*", "?", "𐐀", "A"}
	switch r.IntN(6) {
	case 0, 1, 2:
		alphabet = []string{"a", "b", "*", "?", ":"}
	case 3:
		alphabet = []string{"a", "α", "σ", "Σ", "ς", "*"}
	}
	var b strings.Builder
	for range r.IntN(8) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	value := trust.Value{Text: b.String(), Pattern: b.String(), Like: true}
	switch r.IntN(8) {
	case 0:
		value.Like = false
	case 1:
		value.Like, value.Fold = false, true
	case 2:
		value.Fold = true
	}
	return value
}

func someDemand(r *rand.Rand, form *small) Demand {
	var d Demand
	for range r.IntN(3) {
		d.Fit = append(d.Fit, someValue(r))
	}
	if r.IntN(4) == 0 && len(form.subjects) > 0 { // one that is not dead
		sub := []rune(form.subjects[r.IntN(len(form.subjects))])
		at := r.IntN(len(sub) + 1)
		d.Fit = append(d.Fit, like(string(sub[:at])+"*"+string(sub[r.IntN(len(sub)+1-at)+at:])))
	}
	for range r.IntN(3) {
		d.Refuse = append(d.Refuse, someValue(r))
	}
	return d
}

func FuzzMeet(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		form := smallForms[r.IntN(len(smallForms))]
		form.list()
		sub, fields := someDemand(r, form), map[string]Demand{}
		for _, field := range form.form.Fields {
			if r.IntN(4) == 0 {
				fields[field.Name] = someDemand(r, &small{})
			}
		}
		agrees(t, form, sub, fields, r)
	})
}

// agrees holds a meeting against the listed subjects.
func agrees(t *testing.T, form *small, sub Demand, fields map[string]Demand, r *rand.Rand) {
	m, err := form.form.Meet(sub, fields)
	if err != nil {
		t.Fatal(err)
	}
	var met []int
	for i, subject := range form.subjects {
		if _, ok := m.read(subject); ok {
			met = append(met, i)
		}
	}
	say := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s met %+v and %+v: "+format, append([]any{form.form.Template, sub, fields}, args...)...)
	}
	if len(met) > 0 && m.Dead() {
		say("dead, and %q is not", form.subjects[met[0]])
	}
	if m.Dead() {
		if _, ok := m.Witness(nil); ok {
			say("dead with a witness")
		}
		return
	}
	if len(met) == 0 && form.finite {
		say("not dead, and nothing is met")
	}
	// Where a value ignores case, a capital sigma may keep a witness from being found.
	sigma := strings.Contains(keyOf(sub, fields), "i\"") && strings.ContainsAny(keyOf(sub, fields), "Σσς")
	check := func(texts []string, ok bool) {
		t.Helper()
		if !ok && !sigma {
			say("no witness")
		}
		if !ok {
			return
		}
		if read, ok := m.read(form.form.Build(texts...)); !ok || !slices.Equal(read, texts) {
			say("%q is no witness", texts)
		}
	}
	witness, ok := m.Witness(nil)
	if check(witness, ok); !ok {
		return
	}
	for i, field := range form.form.Fields {
		span := m.Field(field.Name)
		distinct := map[string]bool{}
		for _, n := range met {
			text := form.texts[n][i]
			if span.Kind == Exact && text != span.Text || !strings.HasPrefix(text, span.Text) {
				say("%s is %v, and %q", field.Name, span, text)
			}
			if distinct[text] || len(distinct) > 10 {
				distinct[text] = true
				continue
			}
			distinct[text] = true
			texts, ok := m.Witness(map[string]string{field.Name: text})
			if check(texts, ok); ok && texts[i] != text {
				say("%q has not %q", texts, text)
			}
		}
		switch other, ok := m.Other(field.Name, nil, witness[i]); {
		case span.Kind == Exact && ok:
			say("%s is exact with another: %q", field.Name, other)
		case span.Kind != Exact:
			if check(other, ok); ok && other[i] == witness[i] {
				say("%q is no other than %q", other, witness)
			}
			if form.finite && len(distinct) == 1 {
				say("%s is not exact, and all are %v", field.Name, distinct)
			}
		}
		if form.finite && span.Kind != Exact && len(distinct) > 1 && commonPrefix(distinct) != span.Text {
			say("%s begins with %q, not %q", field.Name, commonPrefix(distinct), span.Text)
		}
	}
	wide := []Demand{someDemand(r, form), someDemand(r, form)}
	if r.IntN(2) == 0 {
		wide = append(wide, Demand{Fit: sub.Fit, Refuse: wide[0].Fit}, Demand{Fit: wide[0].Fit})
	}
	within, err := m.Within(wide...)
	if err != nil {
		t.Fatal(err)
	}
	outside := slices.IndexFunc(met, func(n int) bool {
		return !slices.ContainsFunc(wide, func(d Demand) bool { return d.Admits(form.subjects[n]) })
	})
	if within && outside >= 0 {
		say("within %+v, and %q is not", wide, form.subjects[met[outside]])
	}
	if !within && outside < 0 && form.finite {
		say("not within %+v, and all are", wide)
	}
}

// commonPrefix is what all texts begin with, in whole characters.
func commonPrefix(texts map[string]bool) string {
	first := true
	var common []rune
	for text := range texts {
		next := []rune(text)
		if first {
			common, first = next, false
		}
		n := 0
		for n < len(common) && n < len(next) && common[n] == next[n] {
			n++
		}
		common = common[:n]
	}
	return string(common)
}
