package spelling

import "testing"

func TestAMisspeltWordIsTakenForTheOneItIsMostLikeAndForNoneIfItIsLikeNone(t *testing.T) {
	words := []string{"plan", "apply", "github-any-ref", "gitlab-any-ref", "TRACKED", "no"}
	for misspelt, want := range map[string]string{
		"aply":            "apply",
		"Plan":            "plan",
		"tracked":         "TRACKED",
		"github-any-refs": "github-any-ref",
		"gitlab_any_ref":  "gitlab-any-ref",
		"n":               "no",
		"destroy":         "",
		"*":               "",
		"":                "",
	} {
		if got := Nearest(misspelt, words); got != want {
			t.Errorf("%q is taken for %q, want %q", misspelt, got, want)
		}
	}
	if got := Nearest("plan", nil); got != "" {
		t.Errorf("of no words %q is the nearest", got)
	}
}

func TestAMessageEndsInTheNearestNameOrAsItIs(t *testing.T) {
	words := []string{"plan", "apply"}
	for misspelt, want := range map[string]string{"aply": "; did you mean apply?", "destroy": "", "": ""} {
		if got := Guess(misspelt, words); got != want {
			t.Errorf("of %q the message ends in %q, want %q", misspelt, got, want)
		}
	}
}
