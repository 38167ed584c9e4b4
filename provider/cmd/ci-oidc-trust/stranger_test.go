package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In a job --fail-on "$SEVERITY" is empty where the variable is not set, and the audit passed whatever it found.
func TestAFlagThatIsGivenEmptyIsNotTakenForOneThatIsLeftOut(t *testing.T) {
	wide := file(t, strings.ReplaceAll(policy, `"StringEquals"`, `"StringNotEquals"`))
	good := file(t, policy)
	token := file(t, claims)
	for _, args := range [][]string{
		{"audit", "--fail-on", "", wide}, {"audit", "--fail-on= ", wide}, {"audit", "--baseline", "", good},
		{"audit", "--config=", good}, {"audit", "--write-baseline", "", good}, {"audit", "--trust-policy", ""},
		{"diff", "--since", "", good}, {"diff", "--format", "", good, good},
		{"evaluate", "--trust-policy", good, "--claims", token, "--role-arn", ""},
		{"evaluate", "--trust-policy", good, "--claims", token, "--client-id", "sts.amazonaws.com", "--client-id", ""},
		{"whoami", "--trust-policy", ""}, {"whoami", "--role-arn", ""}, {"doctor", "--role", ""},
		{"render", "--input", good, "--account-id", "123456789012", "--partition", ""},
		{"adopt", "--trust-policy", good, "--account-id", ""},
	} {
		got := cli(t, "", args...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.err, " is empty; give ") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// --out wrote nothing, and said nothing, without --import.
func TestAdoptRefusesWhatGoesWithImportAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "out")
	for _, args := range [][]string{{"--out", folder}, {"--role", "x"}, {"--name", "x"}, {"--own-providers"}} {
		got := cli(t, policy, append([]string{"adopt", "--trust-policy", "-"}, args...)...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.err, args[0]+" goes with --import; leave it out") {
			t.Errorf("%q: %+v", args, got)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was made")
	}
}

func TestATokenInAPolicyIsNotPrintedByAdopt(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl"
	const main = "repo:acme@1234567/web@89012345:ref:refs/heads/main"
	for name, text := range map[string]string{
		"a subject": strings.ReplaceAll(policy, main, token),
		"a Sid": strings.Replace(strings.ReplaceAll(policy, main, "repo:*"), `{"Effect"`,
			`{"Sid":"`+token+`","Effect"`, 1),
	} {
		for _, more := range [][]string{nil, {"--json"}} {
			got := cli(t, text, append([]string{"adopt", "--trust-policy", "-"}, more...)...)
			if strings.Contains(got.out+got.err, "c2lnbmF0dXJl") {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// A branch that is called like a date was an object to YAML, and the advice was to write JSON.
func TestABranchThatIsCalledLikeADateIsRendered(t *testing.T) {
	got := renders(t, "github:\n  repositories:\n    - repository: acme@1234567/web@89012345\n      branches: "+
		"[2026-11-29]\n")
	if got.code != 0 || !strings.Contains(got.out, "refs/heads/2026-11-29") {
		t.Errorf("%+v", got)
	}
}
