package ci

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// A HandOut is how a CI system gives a job its token: in an environment variable, in a file, to a request or a command
// of the job, or not at all because its server exchanges the token.
type HandOut struct {
	// Marks are environment variables that the system sets in its jobs, whether they have a token or not; another
	// system may set them as well.
	Marks    []string
	Variable string          // the environment variable that holds the token
	Chosen   bool            // the job's definition chooses the variable or the file
	File     string          // the path of the file that holds the token
	Request  *HandOutRequest // what answers with the token
	Command  []string        // what prints the token: a program and its arguments, AudienceWord in the audience's place
	Server   bool            // the system's server exchanges the token, and the job sees credentials alone
	// Condition is what has to be turned on before there is a token.
	Condition string
	Source    string // URL
}

// AudienceWord stands for the audience in a Command.
const AudienceWord = "AUDIENCE"

// None reports that the hand-out says nothing of a way to get the token.
func (h *HandOut) None() bool {
	return h.Variable == "" && h.File == "" && h.Request == nil && len(h.Command) == 0 && !h.Chosen && !h.Server
}

// A HandOutRequest is the HTTP request that a job makes for its token, be it by a program or by a script. In URL and
// Headers $NAME is an environment variable of the job, and nothing else has a meaning between double quotes of a shell.
type HandOutRequest struct {
	Method   string // GET or POST
	URL      string
	Queried  bool              // URL has a query already
	Audience string            // names the audience: in the query (GET) or the JSON body (POST); "" for nothing
	Headers  map[string]string // by name
	Member   string            // of the answer's JSON object; "" where the answer is the token
	Socket   string            // the path of the unix socket that answers; "" for the URL's host
	// Connection names the query parameter that takes the id of a service connection, whose token is handed out then in
	// the place of the pipeline's own; "" for nothing.
	Connection string
}

// Variables are the environment variables that the request needs, sorted.
func (r *HandOutRequest) Variables() []string {
	var names []string
	for _, text := range append(slices.Sorted(maps.Values(r.Headers)), r.URL) {
		for _, after := range strings.Split(text, "$")[1:] {
			end := strings.IndexFunc(after, func(c rune) bool { return !strings.ContainsRune(variableRunes, c) })
			if end < 0 {
				end = len(after)
			}
			names = append(names, after[:end])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const variableRunes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// Fill puts the values of environment variables into a URL or a header of the request.
func (r *HandOutRequest) Fill(text string, value func(name string) string) string {
	for _, name := range slices.Backward(r.Variables()) { // a longer name before one that it begins with
		text = strings.ReplaceAll(text, "$"+name, value(name))
	}
	return text
}

// Command asks for a token for an audience, or for the default one if it is "", and writes the token to standard
// output, by curl and sed, which every image has. Headers come from a pipe, since everybody on the host can read the
// arguments of a process.
func (r *HandOutRequest) Command(audience string) string {
	address, options := r.URL, "-sSf"
	if r.Socket != "" {
		options += " --unix-socket " + r.Socket
	}
	asked := r.Audience != "" && audience != ""
	switch {
	case asked && r.Method == "POST":
		text, _ := json.Marshal(audience) // a string always is JSON
		options += " -H 'Content-Type: application/json' --data " +
			QuoteShell(fmt.Sprintf("{%q: %s}", r.Audience, text))
	case r.Method == "POST":
		options += " -X POST -H 'Content-Type: application/json' --data ''"
	case asked:
		address += map[bool]string{false: "?", true: "&"}[r.Queried] + r.Audience + "=" + url.QueryEscape(audience)
	}
	command := fmt.Sprintf(`curl %s "%s"`, options, address)
	if len(r.Headers) > 0 {
		var headers []string
		for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
			headers = append(headers, fmt.Sprintf(`"%s: %s"`, name, r.Headers[name]))
		}
		command = `printf '%s\n' ` + strings.Join(headers, " ") + " |" + wrap +
			fmt.Sprintf(`curl %s -H @- "%s"`, options, address)
	}
	if r.Member == "" {
		return command
	}
	return command + " |" + wrap + fmt.Sprintf(`sed -n 's/.*"%s" *: *"\([^"]*\)".*/\1/p' | tr -d '\n'`, r.Member)
}
