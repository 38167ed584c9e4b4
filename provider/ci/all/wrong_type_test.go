package all

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// places calls a function for each value below one, with a setter that puts another in its place.
func places(path string, v any, set func(any), visit func(path string, v any, set func(any))) {
	if path != "" {
		visit(path, v, set)
	}
	switch found := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(found)) {
			below := strings.TrimPrefix(path+"."+name, ".")
			places(below, found[name], func(other any) { found[name] = other }, visit)
		}
	case []any:
		for i := range found {
			places(fmt.Sprintf("%s[%d]", path, i), found[i], func(other any) { found[i] = other }, visit)
		}
	}
}

// A repository that is a text in the place of an object is not one whose every branch is trusted: whoever reads that
// believes that the mistake is another one.
func TestAValueOfTheWrongTypeIsOneProblemAtItsPlaceAndNothingElse(t *testing.T) {
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, s := range Registry().Systems() {
		told, err := page.Of("..", s.Section())
		if err != nil {
			t.Fatal(err)
		}
		root := map[string]any{}
		if err := yaml.Unmarshal([]byte(told.Example), &root); err != nil {
			t.Fatal(err)
		}
		places("", root, nil, func(path string, right any, set func(any)) {
			for _, wrong := range []any{"text", 1.5, true, []any{}, map[string]any{}} {
				if _, text := right.(string); text == (wrong == "text") && text {
					continue
				}
				set(wrong)
				var problems input.Problems
				tree, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", root, &problems)
				mistyped := problems.Len()
				Registry().Read(tree, ci.Account{}, &problems)
				set(right)
				said := problems.Sorted()
				if mistyped == 0 || !strings.HasPrefix(said[0].Reason, "must be a") || said[0].Path != path {
					continue // it fits, or is checked as what it is
				}
				tried++
				if len(said) != 1 {
					t.Errorf("%s: %v at %s is said in %d ways: %v", s.Section(), wrong, path, len(said), said)
				}
			}
		})
	}
	if tried < 500 {
		t.Errorf("tried only %d wrong types", tried)
	}
}
