package language

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// accepts walks an automaton with a text. It returns the texts of the fields for each way through it.
func accepts(a *Automaton, text string, fields int) [][]string {
	var found [][]string
	var walk func(s int32, rest []uint16, parts [][]uint16)
	walk = func(s int32, rest []uint16, parts [][]uint16) {
		if len(rest) == 0 && a.states[s].accept {
			texts := make([]string, fields)
			for i, part := range parts {
				texts[i] = Text(part)
			}
			if !slices.ContainsFunc(found, func(other []string) bool { return slices.Equal(other, texts) }) {
				found = append(found, texts)
			}
		}
		for _, move := range a.of(s) {
			read := a.word(&move)
			if read == nil {
				if on := a.label(&move); len(rest) == 0 || !on.has(rest[0]) {
					continue
				}
				read = rest[:1]
			}
			if len(rest) < len(read) || !slices.Equal(rest[:len(read)], read) {
				continue
			}
			longer := slices.Clone(parts)
			if part := int(a.states[move.to].part); part%2 == 1 {
				longer[part/2] = slices.Concat(longer[part/2], read)
			}
			walk(move.to, rest[len(read):], longer)
		}
	}
	if len(a.states) > 0 {
		walk(0, utf16.Encode([]rune(text)), make([][]uint16, fields))
	}
	return found
}

func someText(r *rand.Rand, letters string, most int) string {
	all := []rune(letters)
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteRune(all[r.IntN(len(all))])
	}
	return b.String()
}

func FuzzAnAutomatonReadsAsItsExpressionDoes(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	expressions := []string{
		`\A([^:]+):((?s:.*))\z`, `\A([^/](?s:.*?))/b/((?s:.+))\z`, `\A(a{0,3})(a{0,3}?)b\z`, `\A([ab]{2}|a*?)(b+|:)\z`,
		`\A((?:[^:/]+:)?[^:]*)((?::a)*)\z`, `\A(a|ab|𐐀)([𐐀-𐐂b]?)\z`, `\A((?i:aB)+)(.*)\z`,
		`\A([^\s:/]+(?:/[^\s:/]+)+)(b?)\z`,
		`\A([ab]{0,70})([b:]{1,2})\z`, `\A(?:(a)|(b))*?(a*)\z`, `\A(a|$)(b*|\Aa)\z`,
		`\A([^𐐀]*)([\x{FFF0}-\x{10403}]*)\z`,
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		expression := expressions[r.IntN(len(expressions))]
		text := someText(r, "aab:/b𐐀AB\n𐐂", 8)
		compiled := regexp.MustCompile(expression)
		want := compiled.FindStringSubmatch(text)
		exact, err := Read(expression, false)
		if err != nil {
			t.Fatal(err)
		}
		wide, err := Read(expression, true)
		if err != nil {
			t.Fatal(err)
		}
		fields := compiled.NumSubexp()
		got, more := accepts(exact, text, fields), accepts(wide, text, fields)
		if want == nil {
			if len(got) > 0 {
				t.Errorf("%s reads %q in %q", expression, got, text)
			}
			return
		}
		if strings.Contains(expression, `)*?(`) {
			want = nil // a field that repeats: only that it matches can be said
		} else if len(got) != 1 || !slices.Equal(got[0], want[1:]) {
			t.Errorf("%s reads %q in %q, want %q", expression, got, text, want[1:])
		}
		if len(more) == 0 || want != nil &&
			!slices.ContainsFunc(more, func(texts []string) bool { return slices.Equal(texts, want[1:]) }) {
			t.Errorf("%s, wide, reads %q in %q, want %q", expression, more, text, want)
		}
	})
}

func FuzzADemandAdmitsWhatItsValuesDo(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	anything, err := Read(`\A((?s:.*))\z`, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		letters := []string{"ab**?", "ab*?:𐐀", "aAkKiſİ\u0307*?\u212A"}[r.IntN(3)]
		var demand Demand
		for range 1 + r.IntN(3) {
			pattern := someText(r, letters, 9)
			value := trust.Value{Pattern: pattern, Like: r.IntN(4) > 0, Fold: r.IntN(3) == 0}
			if r.IntN(3) == 0 {
				demand.Refuse = append(demand.Refuse, value)
			} else {
				demand.Fit = append(demand.Fit, value)
			}
		}
		a, err := anything.Satisfying(demand, Whole)
		if err != nil {
			t.Fatal(err)
		}
		within, err := anything.Satisfying(demand, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			text := someText(r, strings.NewReplacer("*", "", "?", "").Replace(letters), 8)
			if len(demand.Fit) > 0 && r.IntN(2) == 0 { // one that is likely to fit
				text = strings.NewReplacer("*", text, "?", "a").Replace(demand.Fit[0].Pattern)
			}
			want := demand.Admits(text)
			if got := len(accepts(a, text, 1)) > 0; got != want {
				t.Errorf("%+v admits %q: %t", demand, text, got)
			}
			if got := len(accepts(within, text, 1)) > 0; got != want {
				t.Errorf("%+v admits %q in a field: %t", demand, text, got)
			}
			// Nothing of what a demand admits is outside it, and all else is outside.
			one, err := Read(`\A(`+regexp.QuoteMeta(text)+`)\z`, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, found, err := one.Outside([]Demand{demand}); err != nil || found == want {
				t.Errorf("%q is outside %+v: %t, %v", text, demand, found, err)
			}
		}
	})
}

// A capital sigma becomes one of two small letters. Which one is not in the automata, so that what is accepted may be
// too much, never too little.
func TestACapitalSigmaIsNeverLeftOut(t *testing.T) {
	anything, err := Read(`\A((?s:.*))\z`, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"ΑΣ", "ΣΑ", "ας", "ασ", "Σ"} {
		for _, pattern := range []string{"ΑΣ", "ας", "ασ", "σα", "Σ", "σ", "ς"} {
			value := trust.Value{Pattern: pattern, Fold: true}
			for _, demand := range []Demand{{Fit: []trust.Value{value}}, {Refuse: []trust.Value{value}}} {
				a, err := anything.Satisfying(demand, Whole)
				if err != nil {
					t.Fatal(err)
				}
				if demand.Admits(text) && len(accepts(a, text, 1)) == 0 {
					t.Errorf("%+v admits %q", demand, text)
				}
				one, err := Read(`\A(`+text+`)\z`, false)
				if err != nil {
					t.Fatal(err)
				}
				if _, found, err := one.Outside([]Demand{demand}); err != nil || !found && !demand.Admits(text) {
					t.Errorf("%q is outside %+v: %t, %v", text, demand, found, err)
				}
			}
		}
	}
}

func TestStatesAreFewWhateverAValueRepeats(t *testing.T) {
	anything, err := Read(`\A((?s:.*))\z`, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pattern string
		most    int // but for the first
	}{
		{strings.Repeat("*a", 1000), 1001},
		{"*" + strings.Repeat("a", 2000), 2001},
		{strings.Repeat("*?a", 600), 1200 + 1},
		{"*a" + strings.Repeat("?", 100), 102},
		{strings.Repeat("*a"+strings.Repeat("?", 10), 50), 600},
		{strings.Repeat("*", 2000), 1},
		{strings.Repeat("?*", 1000), 1001},
	} {
		a, err := anything.Satisfying(Demand{Fit: []trust.Value{{Pattern: c.pattern, Like: true}}}, Whole)
		if err != nil || a.Size() > c.most+1 {
			t.Errorf("%.20s...: %d states, %v", c.pattern, a.Size(), err)
		}
	}
}

func TestWhatIsNoExpressionOfASubjectIsRefused(t *testing.T) {
	for _, expression := range []string{`(`, `\A(\bx)\z`, `\A(?m:x$)\z`, `\A(?m:^x)\z`} {
		if _, err := Read(expression, true); err == nil {
			t.Errorf("%s is read", expression)
		}
	}
	if _, err := Read(`\A((?:a|b|ab|ba){1000}c){1000}\z`, false); err == nil || errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func TestADemandOfNothingIsMetByAll(t *testing.T) {
	a, err := Read(`\A(a+)\z`, true)
	if err != nil {
		t.Fatal(err)
	}
	same, err := a.Satisfying(Demand{}, Whole)
	if err != nil || same != a {
		t.Errorf("%v", err)
	}
	if _, found, err := a.Outside([]Demand{{}}); found || err != nil {
		t.Errorf("%t, %v", found, err)
	}
}
