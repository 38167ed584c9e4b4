package main

import (
	"strings"
	"testing"
)

func TestWhatIsWrongInAFileIsNamedWithFileLineAndColumn(t *testing.T) {
	const json = "{\n  \"github\": {\n    \"organization\": 5,\n    \"repositories\": [\n" +
		"      {\"repository\": \"acme/web\", \"branches\": \"main\"},\n" +
		"      {\"branches\": [\"main\", 7]}\n    ]\n  }\n}\n"
	const alias = "github: &it\n  repositories: 5\n# a comment\ncircleci: *it\n"
	for name, c := range map[string]struct {
		verb, input string
		want        []string
	}{
		"JSON": {"render", json, []string{
			": the trust is refused\n",
			"  line 3, column 5: github.organization: unknown property",
			"  line 5, column 34: github.repositories[0].branches: must be a list, found a string; write a list of " +
				`one (["main"])` + "\n",
			"  line 6, column 29: github.repositories[1].branches[1]: must be a string, found a number; put it in ",
			"  line 6, column 7: github.repositories[1].repository: is missing",
		}},
		"an alias":         {"render", alias, []string{"  line 4, column 1: circleci.repositories: unknown property"}},
		"a flag":           {"render", "accountId: '1'\n", []string{"\n  --account-id: must be"}},
		"a list":           {"render", "\n  [1]", []string{": line 2, column 3: expected a YAML map with a section"}},
		"a recipe":         {"permissions", "s3Site:\n  bucket: 5\n", []string{"line 2, column 3: s3Site.bucket: "}},
		"characters":       {"permissions", "{'é': 1, s3Site: 5}", []string{"line 1, column 10: s3Site: must be"}},
		"JSON, not parsed": {"render", "{\n  \"github\": {,}}", []string{": line 2, column 14: expected JSON"}},
	} {
		t.Run(name, func(t *testing.T) {
			at := file(t, c.input)
			got := cli(t, "", c.verb, "--input", at, "--account-id", "12")
			if got.code != 2 || !strings.HasPrefix(got.err, "ci-oidc-trust: "+at+":") {
				t.Errorf("%d\n%s", got.code, got.err)
			}
			for _, want := range c.want {
				if !strings.Contains(got.err, want) {
					t.Errorf("it does not say %q:\n%s", want, got.err)
				}
			}
			piped := cli(t, c.input, c.verb, "--input", "-", "--account-id", "12")
			if want := strings.ReplaceAll(got.err, at, "standard input"); piped.err != want {
				t.Errorf("of standard input it says\n%s", piped.err)
			}
		})
	}
}
