package ci

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// projects trusts two branches of each of n projects of a made-up system.
func projects(n int) *Trust {
	form := NewForm("org:{org}:project:{project}:ref:{ref}", Field{Name: "org", Sample: "acme"},
		Field{Name: "project", Sample: "web"},
		Field{Name: "ref", Sample: "main"})
	t := &Trust{issuer: "https://ci.example.com", audiences: []string{"a"}}
	for i := range n {
		for _, ref := range []Name{{Text: "main"}, {Text: "release/", Prefix: true}} {
			t.Allow("projects", fmt.Sprint(i, ref),
				Subject{Form: form, Terms: append(ExactlyAll("acme", fmt.Sprint("p", i)), Term{Name: ref})})
		}
	}
	return t
}

func TestTheIndexedExcuseIsTheOneThatAskingEveryGrantGives(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	trusted := projects(60)
	x := newExcuses(trusted)
	excused, found := 0, 0
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	for range 20000 {
		claims := map[string]any{"aud": pick("a", "a", "b"), "sub": fmt.Sprintf("org:%s:project:p%d:ref:%s%s",
			pick("acme", "acme", "acme", "mallory"), r.IntN(70), pick("main", "release/", "dev"),
			pick("", "", "1", ":x"))}
		want := trusted.Admits(claims)
		if got := x.admits(claims); got != want {
			t.Fatalf("%v: %v by the index, %v by all grants", claims, got, want)
		}
		if want {
			excused++
			found += Count(x.finds(claims))
		}
	}
	if excused < 1000 || found != excused {
		t.Errorf("of %d tokens that a grant admits, the index finds the grant of %d", excused, found)
	}
}
