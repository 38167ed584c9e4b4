package citest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Exchanges holds a script against what a script that exchanges a token must have: the command that gets the token, the
// role and region, and a session that leads back to the job. What the script does, tests/clients runs.
func Exchanges(t *testing.T, script any, token, session, region string) {
	t.Helper()
	text, _ := script.(string)
	text = wrapped.ReplaceAllString(text, " ")
	wants := ci.Exchange{Role: Role(region), Token: token, Session: session}.Commands()
	at := 0
	for _, want := range wants {
		if strings.HasPrefix(want, "test -s") {
			want = `test -s "$token" || {` // the message is the system's own
		}
		want = wrapped.ReplaceAllString(want, " ")
		found := strings.Index(text[at:], want)
		if found < 0 {
			t.Fatalf("the script lacks %q behind what comes before it:\n%s", want, text)
		}
		at += found + len(want)
	}
}

// Asked is the command that hands headers to curl, as it may stand between double quotes, and reads a member of the
// JSON that curl gets. What is written here by hand is what ci.HandOutRequest is held against.
func Asked(curl, member string, headers ...string) string {
	return `printf '%s\n' "` + strings.Join(headers, `" "`) + `" | ` + curl + ` | sed -n 's/.*"` + member +
		`" *: *"\([^"]*\)".*/\1/p' | tr -d '\n'`
}

// wrapped is where a command goes on with the next line.
var wrapped = regexp.MustCompile(` *\\\n *`)

// Commands are the items of a list of commands, as one script.
func Commands(items any) string {
	list, _ := items.([]any)
	text := ""
	for _, item := range list {
		text += fmt.Sprintln(item)
	}
	return text
}
