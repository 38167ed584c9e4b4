package ci

import (
	"os/exec"
	"strings"
	"testing"
)

func TestASessionHasTheRolesNameAndNotItsPath(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:role/deploy":             "arn:aws:sts::123456789012:assumed-role/deploy/",
		"arn:aws-cn:iam::123456789012:role/ci/prod/d+=,.@_": "arn:aws-cn:sts::123456789012:assumed-role/d+=,.@_/",
		"arn:aws:iam::123456789012:role/a:b/deploy":         "arn:aws:sts::123456789012:assumed-role/deploy/",
		"ROLE": "ROLE/",
	} {
		if got := (Role{ARN: arn}).Sessions(); got != want {
			t.Errorf("%s: %s, want %s", arn, got, want)
		}
	}
}

func TestASessionLastsAnHourUnlessTheRoleAllowsMore(t *testing.T) {
	if (Role{}).Seconds() != 3600 || (Role{Duration: 43200}).Seconds() != 43200 {
		t.Error("another length")
	}
	for seconds, want := range map[int]string{0: "--duration-seconds 3600", 7200: "--duration-seconds 7200"} {
		if text := (Exchange{Role: Role{Duration: seconds}}).Script(""); !strings.Contains(text, want) {
			t.Errorf("%d:\n%s", seconds, text)
		}
	}
}

// A role's path may have any printable character, and a project's name as well.
func TestARoleOrAnAudienceThatCallsItselfACommandRunsNone(t *testing.T) {
	for _, text := range []string{
		"it's", `$(touch x)`, "`id`", `a"b`, `\`, "'; id; '", "a\nb", "", "-n", "*", "~", "$HOME", "'''",
	} {
		out, err := exec.Command("sh", "-c", "printf '%s|' "+QuoteShell(text)).Output()
		if err != nil || string(out) != text+"|" {
			t.Errorf("%q is read as %q (%v)", text, out, err)
		}
	}
}

// session runs the command of the script that makes the session's name.
func session(t *testing.T, name string, env ...string) string {
	t.Helper()
	for _, command := range (Exchange{Session: name}).Commands() {
		if strings.HasPrefix(command, "session=") {
			shell := exec.Command("sh", "-c", command+"\nprintf %s \"$session\"")
			shell.Env = append([]string{"PATH=/usr/bin:/bin"}, env...)
			out, err := shell.Output()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
	}
	t.Fatal("no session")
	return ""
}

func TestTheNameOfASessionIsOneThatSTSTakesAndEndsInTheJob(t *testing.T) {
	for repository, want := range map[string]string{
		"acme/web":                "ci-acme-web-41",
		"a b\tc\nd$(id)'\"é":      "ci-a-b-c-d--id------41",
		strings.Repeat("x", 100):  strings.Repeat("x", 61) + "-41",
		"{8e2f3a4b-9c5d-4e61-ad}": "ci--8e2f3a4b-9c5d-4e61-ad--41",
		"":                        "ci--41",
	} {
		got := session(t, "ci-$REPOSITORY-$JOB", "REPOSITORY="+repository, "JOB=41")
		if got != want {
			t.Errorf("%q: %q, want %q", repository, got, want)
		}
	}
}

func TestATokenIsReadOutOfAnAnswerOfAnyLayout(t *testing.T) {
	request := HandOutRequest{URL: "unused", Member: "id_token"}
	_, read, _ := strings.Cut(request.Command(""), "|")
	for answer, want := range map[string]string{
		`{"id_token":"a.b-c_d.e"}`:                            "a.b-c_d.e",
		"{\n  \"count\": 1,\n  \"id_token\" : \"a.b.c\"\n}\n": "a.b.c",
		`{"value":"other","id_token":"a.b.c","x":"y"}`:        "a.b.c",
		`{"id_token":null}`:                                   "",
		`{"id_token":""}`:                                     "",
		`{"error":"no"}`:                                      "",
		"":                                                    "",
		"<html>":                                              "",
	} {
		shell := exec.Command("sh", "-c", strings.TrimLeft(strings.ReplaceAll(read, "\\\n", ""), " "))
		shell.Stdin = strings.NewReader(answer)
		out, err := shell.Output()
		if err != nil || string(out) != want {
			t.Errorf("%q: %q (%v)", answer, out, err)
		}
	}
}
