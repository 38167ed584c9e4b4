package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// with is the policy of the tests with a text in the place of another.
func with(old, text string) string { return strings.Replace(policy, old, text, 1) }

// twoFiles writes two texts into files of the test.
func twoFiles(t *testing.T, before, after string) (string, string) {
	t.Helper()
	return file(t, before), file(t, after)
}

func TestDiffSaysWhatIsNewlyAdmittedWithItsTokenAndExitsOne(t *testing.T) {
	wider := with(`"repo:acme@1234567/web@89012345:ref:refs/heads/main"`,
		`["repo:acme@1234567/web@89012345:ref:refs/heads/main","repo:acme@1234567/web@89012345:environment:prod"]`)
	before, after := twoFiles(t, policy, wider)
	got := cli(t, "", "diff", before, after)
	for _, want := range []string{
		"newly admitted:\n  GitHub Actions: owner acme, owner id 1234567, repository web, repository id 89012345, " +
			"environment prod", "(statement 1 of NEW)", `"sub":"repo:acme@1234567/web@89012345:environment:prod"`,
		"OLD refuses it: statement 1: sub must be", "no longer admitted: nothing",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("lacks %q:\n%s", want, got.out)
		}
	}
	if got.code != 1 || got.err != "" || strings.Count(got.out, "token:") != 1 {
		t.Errorf("%+v", got)
	}
	back := cli(t, "", "diff", after, before)
	if back.code != 0 || !strings.Contains(back.out, "newly admitted: nothing\nno longer admitted:\n") ||
		!strings.Contains(back.out, "(statement 1 of OLD)") {
		t.Errorf("%+v", back)
	}
	same := cli(t, policy, "diff", "-", before)
	if same.code != 0 || same.out != "both policies admit the same\n" {
		t.Errorf("%+v", same)
	}
}

func TestDiffReadsEveryFormOfATrustPolicy(t *testing.T) {
	for name, form := range forms() {
		before, after := twoFiles(t, form, policy)
		if got := cli(t, "", "diff", before, after); got.code != 0 || !strings.Contains(got.out, "the same") {
			t.Errorf("%s: %+v", name, got)
		}
		if got := cli(t, form, "diff", after, "-"); got.code != 0 || !strings.Contains(got.out, "the same") {
			t.Errorf("%s, standard input: %+v", name, got)
		}
	}
	section := file(t, "github:\n  repositories:\n"+
		"    - repository: acme@1234567/web@89012345\n      branches: [main]\n")
	rendered := cli(t, "", "render", "--input", section, "--account-id", "123456789012", "--json")
	if rendered.code != 0 {
		t.Fatalf("%+v", rendered)
	}
	if got := cli(t, rendered.out, "diff", "-", file(t, rendered.out)); got.code != 0 {
		t.Errorf("what render prints: %+v", got)
	}
}

func TestTheJSONOfDiffHasAVersionAndWitnesses(t *testing.T) {
	before, after := twoFiles(t, policy, with(":ref:refs/heads/main", ":environment:prod"))
	for _, flags := range [][]string{{"--json"}, {"--format", "json"}, {"--format=json", "--json"}} {
		got := cli(t, "", append([]string{"diff", before, after}, flags...)...)
		var diff verb.Diff
		if err := json.Unmarshal([]byte(got.out), &diff); err != nil {
			t.Fatal(err, got)
		}
		if got.code != 1 || diff.Version != 1 || diff.Same || len(diff.Admitted.Differences) != 1 ||
			len(diff.Refused.Differences) != 1 {
			t.Errorf("%v: %+v", flags, got)
		}
		document, err := trust.ParsePolicy([]byte(with(":ref:refs/heads/main", ":environment:prod")))
		if err != nil {
			t.Fatal(err)
		}
		d := diff.Admitted.Differences[0]
		if document.Decide(&trust.Request{Provider: d.Provider, Issuer: host, Partition: "aws",
			Claims: d.Witness.Claims}) != trust.Allowed {
			t.Errorf("the witness does not get in: %v", d.Witness)
		}
		for _, list := range []string{`"undecided": []`, `"otherPrincipals": []`, `"beyond": []`} {
			if strings.Count(got.out, list) != 2 {
				t.Errorf("%s is not there twice: %s", list, got.out)
			}
		}
	}
}

func TestDiffRefusesBadInputWithLineAndColumn(t *testing.T) {
	good := file(t, policy)
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":         {"{\n  \"Version\": \"2012-10-17\",\n  oops", "line 3, column 3: expected JSON"},
		"cut off":         {`{"Statement": [`, "line 1, column 16: expected more JSON"},
		"empty":           {"  \n", "is empty"},
		"identity policy": {`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, "identity policy"},
		"a name twice":    {with(`"Statement"`, `"Version":"2012-10-17","Statement"`), "stands twice"},
		"two roles":       {`{"Roles":[{"RoleName":"a"},{"RoleName":"b"}]}`, "there are 2 roles"},
	} {
		bad := file(t, c.text)
		for side, names := range map[string][]string{"before": {bad, good}, "after": {good, bad}} {
			got := cli(t, "", "diff", names[0], names[1])
			if got.code != 2 || got.out != "" || !strings.Contains(got.err, "the policy "+side+": ") ||
				!strings.Contains(got.err, c.want) {
				t.Errorf("%s: %+v", name, got)
			}
		}
		both := cli(t, "", "diff", bad, bad)
		if both.code != 2 || !strings.Contains(both.err, "the policy before: ") ||
			!strings.Contains(both.err, "the policy after: ") {
			t.Errorf("%s: not both are reported: %+v", name, both)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing.json")
	for _, args := range [][]string{
		{"diff"}, {"diff", good}, {"diff", good, good, good}, {"diff", "-", "-"}, {"diff", good, missing},
		{"diff", good, good, "--format", "sarif"}, {"diff", good, t.TempDir()},
	} {
		if got := cli(t, policy, args...); got.code != 2 || got.out != "" || got.err == "" {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestWhatCannotBeDecidedExitsThreeAndNeverSaysNothing(t *testing.T) {
	variable := func(end string) string {
		return with(`"StringEquals":{`,
			`"StringLike":{"`+host+`:actor":"${`+host+`:environment}`+end+`"},"StringEquals":{`)
	}
	before, after := twoFiles(t, variable("x"), variable("y"))
	got := cli(t, "", "diff", before, after)
	if got.code != 3 || !strings.Contains(got.out, "newly admitted: not decided") ||
		!strings.Contains(got.out, "has a policy variable") {
		t.Errorf("%+v", got)
	}
	if got := cli(t, "", "diff", before, before); got.code != 0 || !strings.Contains(got.out, "the same") {
		t.Errorf("the same policy with a variable: %+v", got)
	}
}

func TestControlCharactersOfAPolicyReachNoTerminalThroughDiff(t *testing.T) {
	evil := with("web@89012345:ref:refs/heads/main", `web@89012345:environment:\u001b[31mred\u202e`)
	before, after := twoFiles(t, policy, evil)
	for _, flags := range [][]string{nil, {"--json"}} {
		got := cli(t, "", append([]string{"diff", before, after}, flags...)...)
		if got.code != 1 || strings.ContainsAny(got.out+got.err, "\x1b\u202e") {
			t.Errorf("%q", got.out)
		}
	}
}

func TestATokenThatSomebodyPutIntoAPolicyIsNotPrintedByDiff(t *testing.T) {
	token := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUvd2ViIn0.c2lnbmF0dXJl"
	before, after := twoFiles(t, policy, with("web@89012345:ref:refs/heads/main", "web@89012345:environment:"+token))
	for _, flags := range [][]string{nil, {"--json"}} {
		got := cli(t, "", append([]string{"diff", before, after}, flags...)...)
		if got.code != 1 || strings.Contains(got.out, "c2lnbmF0dXJl") {
			t.Errorf("%q", got.out)
		}
	}
}

func TestDiffReadsURLEncodedAnswersAndFoldersAreNoFiles(t *testing.T) {
	before := file(t, `{"Role":{"RoleName":"deploy","AssumeRolePolicyDocument":`+quoted(url.PathEscape(policy))+`}}`)
	if got := cli(t, "", "diff", before, os.TempDir()); got.code != 2 || got.err == "" {
		t.Errorf("%+v", got)
	}
}
