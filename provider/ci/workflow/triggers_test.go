package workflow

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// events adds events and reads the lines as a workflow would.
func events(t *testing.T, events ...Event) (string, map[string]any) {
	t.Helper()
	var triggers Triggers
	for _, e := range events {
		triggers.Add(e)
	}
	text := "on:\n" + triggers.Events()
	var document map[string]map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return text, document["on"]
}

func exactly(text string) ci.Name { return ci.Name{Text: text} }
func prefix(text string) ci.Name  { return ci.Name{Text: text, Prefix: true} }

func TestAPushIsFilteredByTheBranchesAndTagsThatAreTrusted(t *testing.T) {
	text, on := events(t, Event{"branch", exactly("main")}, Event{"branch", prefix("release/")},
		Event{"tag", prefix("v")}, Event{"branch", exactly("main")})
	citest.SameStrings(t, "branches", citest.Texts(citest.At(on["push"], "branches")), []string{"main", "release/**"})
	citest.SameStrings(t, "tags", citest.Texts(citest.At(on["push"], "tags")), []string{"v**"})
	if _, there := on["pull_request"]; there || len(on) != 1 {
		t.Error(text)
	}
}

func TestAPullRequestStartsTheWorkflowOnlyWhereItIsTrusted(t *testing.T) {
	text, on := events(t, Event{Kind: "pull_request"})
	if _, there := on["pull_request"]; !there || len(on) != 1 {
		t.Error(text)
	}
}

func TestAnEnvironmentAloneStartsNothing(t *testing.T) {
	var triggers Triggers
	triggers.Add(Event{"environment", exactly("production")})
	triggers.Add(Event{"environment", prefix("review/")})
	if text := triggers.Events(); text != "" {
		t.Errorf("%q", text)
	}
	citest.SameStrings(t, "environments", triggers.Environments, []string{"production", "review/NAME"})
}

// Unescaped, the filter of the branch "c+" would take in "cc", and "!main" would exclude main: neither is what is
// trusted.
func TestWhatAFilterWouldReadAsAPatternIsEscaped(t *testing.T) {
	for name, want := range map[string]string{"c+": `c\+`, "!main": `\!main`, "a]b": `a\]b`} {
		if got := filter(exactly(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		text, on := events(t, Event{"branch", exactly(name)})
		if citest.At(on["push"], "branches", 0) != want {
			t.Error(text)
		}
	}
}

func TestABranchThatYAMLWouldReadOtherwiseStaysText(t *testing.T) {
	for _, name := range []string{"on", "true", "null", "1.0", "a: b", "a'b", `a"b`, "é"} {
		text, on := events(t, Event{"branch", exactly(name)}, Event{"tag", exactly(name)})
		if citest.At(on["push"], "branches", 0) != name || citest.At(on["push"], "tags", 0) != name {
			t.Errorf("%q:\n%s", name, text)
		}
	}
}

func TestTheEventsAreTheSameWhateverTheOrderOfTheInput(t *testing.T) {
	a, b, c := Event{"branch", exactly("a")}, Event{"branch", prefix("b")}, Event{"tag", exactly("c")}
	first, _ := events(t, a, b, c)
	if again, _ := events(t, c, b, a, b); again != first {
		t.Errorf("%s\n%s", first, again)
	}
}
