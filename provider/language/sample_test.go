package language

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// everyText yields all texts of some letters up to a length.
func everyText(letters string, most int, yield func(string)) {
	var walk func(text string)
	walk = func(text string) {
		yield(text)
		if len(text) < most {
			for _, c := range letters {
				walk(text + string(c))
			}
		}
	}
	walk("")
}

// fitted says which values a text and the text of its field fit.
func fitted(whole, field []trust.Value, text, part string) string {
	var b strings.Builder
	for _, v := range whole {
		fmt.Fprint(&b, v.Admits(text), " ")
	}
	for _, v := range field {
		fmt.Fprint(&b, v.Admits(part), " ")
	}
	return b.String()
}

// randomValues are some values with wildcards.
func randomValues(r *rand.Rand) []trust.Value {
	var values []trust.Value
	for range 1 + r.IntN(3) {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteByte("aabb:*?"[r.IntN(7)])
		}
		text := b.String()
		values = append(values, trust.Value{Text: text, Pattern: text, Like: r.IntN(3) > 0})
	}
	return values
}

// The samples are one text for each combination of values that any text fits, and for no other: all texts are listed
// that are long enough to show each combination of such short values.
func TestThereIsOneSampleForEachCombinationOfValuesThatTextsFit(t *testing.T) {
	const letters, longest = "abc:", 8
	for seed, expression := range []string{
		`\A([ab]*):(c?)\z`, `\A(.*)\z`, `\Aa([a-c]+):b([ab]{0,2})\z`, `\A([^:]*)b?\z`,
	} {
		form := regexp.MustCompile(expression)
		var texts, parts []string
		everyText(letters, longest, func(text string) {
			if found := form.FindStringSubmatch(text); found != nil {
				texts, parts = append(texts, text), append(parts, found[1])
			}
		})
		a, err := Read(expression, false)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(11, uint64(seed)))
		for range 60 {
			whole, field := randomValues(r), randomValues(r)
			steps := 1_000_000
			samples, err := a.Samples([]Track{{Whole, whole}, {0, field}}, &steps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range samples {
				text, part := Text(s.Text), Text(s.Parts[1])
				found := form.FindStringSubmatch(text)
				if found == nil || found[1] != part || Text(s.Parts[0]) != text {
					t.Errorf("%s: the sample %q is read as %q, not with %q", expression, text, found, part)
				}
				got = append(got, fitted(whole, field, text, part))
			}
			if slices.Sort(got); len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Errorf("%s, %v, %v: two samples fit the same", expression, whole, field)
			}
			for i, text := range texts {
				if _, known := slices.BinarySearch(got, fitted(whole, field, text, parts[i])); !known {
					t.Errorf("%s, %v, %v: no sample fits what %q does", expression, whole, field, text)
					break
				}
			}
		}
	}
}

func TestSamplesThatTakeTooManyStepsAreAnError(t *testing.T) {
	a, err := Read(`\A(.*)\z`, true)
	if err != nil {
		t.Fatal(err)
	}
	var values []trust.Value
	for i := range 12 {
		text := fmt.Sprintf("*%c%s", 'a'+i, strings.Repeat("?", 30+i))
		values = append(values, trust.Value{Text: text, Pattern: text, Like: true})
	}
	steps := 100_000
	if _, err := a.Samples([]Track{{Whole, values}}, &steps); err != ErrTooLarge || steps >= 0 {
		t.Errorf("%v, %d steps are left", err, steps)
	}
}
