package trust

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

func TestAPolicyWithManyValuesIsDecidedAlikeWhenTheyAreLookedUp(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(alphabet []string) string {
		text := ""
		for range r.IntN(6) {
			text += alphabet[r.IntN(len(alphabet))]
		}
		return text
	}
	plain, wild := []string{"a", "b", ":", "/", "@", "é"}, []string{"a", "b", ":", "/", "@", "é", "*", "?"}
	operators := []string{
		"StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists", "StringLikeIfExists",
		"StringNotLikeIfExists", "ForAnyValue:StringLike", "ForAllValues:StringEquals", "ForAllValues:StringNotLike",
		"ForAnyValue:StringNotEquals", "StringEqualsIgnoreCase",
	}
	answers, narrowed := map[Answer]int{}, 0
	for range 400 {
		conditions := map[string]map[string][]string{}
		for _, key := range []string{"gitlab.com:sub", "gitlab.com:amr", "aws:SourceArn"}[:1+r.IntN(3)] {
			var values []string
			for range r.IntN(3 * manyValues) {
				values = append(values, text(wild))
			}
			if r.IntN(8) == 0 {
				values = append(values, "${gitlab.com:email}")
			}
			conditions[operators[r.IntN(len(operators))]] = map[string][]string{key: append(values, "a")}
		}
		condition, err := json.Marshal(conditions)
		if err != nil {
			t.Fatal(err)
		}
		p := policyWith(t, string(condition))
		d := newDecider(p)
		narrowed += len(d.long)
		for range 50 {
			methods, sources := []any{text(plain), text(plain), text(plain)}, []string{text(plain), text(plain)}
			values := claims{"sub": text(plain), "email": text(plain), "amr": methods[:r.IntN(4)]}
			if r.IntN(8) == 0 {
				delete(values, "sub")
			}
			request := request(values)
			if r.IntN(2) == 0 {
				request.Context = map[string][]string{"aws:sourcearn": sources[:r.IntN(3)]}
			}
			want := p.Decide(request)
			answers[want]++
			if got := d.decide(request); got != want {
				t.Fatalf("%s for %v: %v when all values are compared, %v when they are looked up", condition, request,
					want, got)
			}
		}
	}
	if narrowed < 100 || answers[Allowed] < 1000 || answers[Denied] < 1000 || answers[Undecided] < 100 {
		t.Errorf("%d conditions with many values, answers %v: the comparison means little", narrowed, answers)
	}
}
