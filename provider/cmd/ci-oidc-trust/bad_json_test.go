package main

import (
	"strings"
	"testing"
)

func TestJSONThatDoesNotParseIsNamedWithLineAndColumnByEveryVerb(t *testing.T) {
	const bad = "{\"one\": 1,\n \"two\": oops}"
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUvd2ViIn0.c2lnbmF0dXJl"
	good, wrong := file(t, policy), file(t, bad)
	list := "{\"github\": [\n  ,]}"
	event := `{"eventName":"AssumeRoleWithWebIdentity","userIdentity":{}}`
	for name, c := range map[string]struct {
		want string
		args []string
	}{
		"evaluate, policy": {"line 2, column 9: ",
			[]string{"evaluate", "--trust-policy", wrong, "--claims", file(t, claims)}},
		"evaluate, claims": {"line 2, column 9: ",
			[]string{"evaluate", "--trust-policy", good, "--claims", wrong}},
		"evaluate, CloudTrail": {"line 2, column 9: ",
			[]string{"evaluate", "--trust-policy", good, "--cloudtrail", wrong}},
		"evaluate, the second event": {"line 3, column 9: ",
			[]string{"evaluate", "--trust-policy", good, "--cloudtrail", file(t, event+"\n"+bad)}},
		"evaluate, events cut off": {"line 2, column 10: ",
			[]string{"evaluate", "--trust-policy", good, "--cloudtrail", file(t, "{\"Records\":\n [{\"a\": 1")}},
		"evaluate, keys": {"line 2, column 9: ", []string{"evaluate", "--trust-policy", good, "--token", file(t, token),
			"--jwks", wrong}},
		"audit":            {"line 2, column 9: ", []string{"audit", "--trust-policy", wrong}},
		"diff, the first":  {"line 2, column 9: ", []string{"diff", wrong, good}},
		"diff, the second": {"line 2, column 9: ", []string{"diff", good, wrong}},
		"adopt":            {"line 2, column 9: ", []string{"adopt", "--trust-policy", wrong}},
		"render": {"line 2, column 3: ",
			[]string{"render", "--account-id", "123456789012", "--input", file(t, list)}},
		"a policy in a role": {"line 1, column 13: ", []string{"diff", good,
			file(t, `{"Role":{"AssumeRolePolicyDocument":"{\"Version\": oops}"}}`)}},
	} {
		got := cli(t, "", c.args...)
		if got.code != 2 || got.out != "" || strings.Count(got.err, c.want) != 1 {
			t.Errorf("%s: want %q, got %+v", name, c.want, got)
		}
	}
}
