package ci

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asked runs the command of a request with a curl that writes down how it was called, and returns its arguments and
// what it got on its standard input.
func asked(t *testing.T, r HandOutRequest, audience string, environment ...string) (arguments []string, in string) {
	t.Helper()
	dir := t.TempDir()
	curl := "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + dir + "/arguments\n" +
		"case \" $* \" in *' @- '*) cat > " + dir + "/in;; *) : > " + dir + "/in;; esac\n" +
		`echo '{"value": "a.b.c"}'` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(curl), 0o755); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-euc", r.Command(audience))
	shell.Env = append([]string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}, environment...)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "a.b.c"
	if r.Member == "" {
		want = `{"value": "a.b.c"}` + "\n"
	}
	if string(out) != want {
		t.Errorf("the token is %q", out)
	}
	written, err := os.ReadFile(filepath.Join(dir, "arguments"))
	if err != nil {
		t.Fatal(err)
	}
	headers, err := os.ReadFile(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(written), "\n"), "\n"), string(headers)
}

func TestAScriptAsksForItsTokenAsAProgramDoes(t *testing.T) {
	get := HandOutRequest{
		Method: "GET", URL: "$ADDRESS", Audience: "audience", Member: "value",
		Headers: map[string]string{"X-B": "$SECRET", "Authorization": "bearer $SECRET"},
	}
	address := "ADDRESS=https://ci.example.com/token?run=1"
	for _, c := range []struct {
		audience, want string
		queried        bool
	}{
		{"", "https://ci.example.com/token?run=1", true},
		{"a&b=c", "https://ci.example.com/token?run=1&audience=a%26b%3Dc", true},
		{`$(id)"'`, "https://ci.example.com/token?run=1?audience=%24%28id%29%22%27", false},
	} {
		get.Queried = c.queried
		arguments, in := asked(t, get, c.audience, address, "SECRET=s3cret")
		if got := strings.Join(arguments, " "); got != "-sSf -H @- "+c.want {
			t.Errorf("%q: curl %s", c.audience, got)
		}
		if in != "Authorization: bearer s3cret\nX-B: s3cret\n" {
			t.Errorf("%q: headers %q", c.audience, in)
		}
	}
}

func TestAScriptPostsTheAudienceAsJSONAndNothingWithoutOne(t *testing.T) {
	post := HandOutRequest{Method: "POST", URL: "$ADDRESS/token", Audience: "aud", Socket: "/.ci/api"}
	for _, audience := range []string{"sts.amazonaws.com", `it's "$a" & \b <é>`, "tab\tand bell\a"} {
		arguments, _ := asked(t, post, audience, "ADDRESS=http://localhost")
		body := map[string]string{}
		if len(arguments) != 8 || json.Unmarshal([]byte(arguments[6]), &body) != nil || body["aud"] != audience {
			t.Errorf("%q: %q", audience, arguments)
		}
	}
	post.Audience = ""
	arguments, _ := asked(t, post, "sts.amazonaws.com", "ADDRESS=http://localhost")
	if got := strings.Join(arguments, " "); got != "-sSf --unix-socket /.ci/api -X POST -H Content-Type: "+
		"application/json --data  http://localhost/token" {
		t.Errorf("curl %s", got)
	}
}
