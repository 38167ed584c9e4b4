// Package whoami finds the token of the job that it runs in, as the job's CI system hands it out, and the keys that its
// issuer publishes. It never prints, writes or passes on a token.
package whoami

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Search says where to look.
type Search struct {
	Systems  []ci.System
	System   string // the section of the one to ask; "" for all
	Audience string // what to ask for; "" for the system's default, or sts.amazonaws.com where a request must name one
	Env      string // the environment variable that has the token; "" for those of the systems
	File     string // the file that has the token
	// Connection is the id of the service connection whose token is asked for; "" for the pipeline's own.
	Connection string
	Getenv     func(name string) string
	Client     *http.Client
}

// A Found is a token and where it was.
type Found struct {
	Token  string
	Source string // "the environment variable CIRCLE_OIDC_TOKEN_V2"
}

// longestToken is the longest that STS takes.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
const longestToken = 20000

// NoToken says that there is no token, and how the systems that the environment looks like are asked for one.
type NoToken struct{ Reason string }

func (e *NoToken) Error() string { return e.Reason }

// Token finds the token of this job.
func (s Search) Token(ctx context.Context) (*Found, error) {
	if s.Connection != "" && !connectionID.MatchString(s.Connection) {
		return nil, errors.New("--service-connection-id takes the id of a service connection, a UUID: the resourceId " +
			"in the address of its page under Project settings > Service connections")
	}
	switch {
	case s.Env != "":
		token := strings.TrimSpace(s.Getenv(s.Env))
		if token == "" {
			return nil, &NoToken{fmt.Sprintf("the environment variable %s is empty or not set", s.Env)}
		}
		return s.found(token, "the environment variable "+s.Env)
	case s.File != "":
		return s.file(s.File)
	}
	var ways []way
	for _, system := range s.Systems {
		if s.System == "" || s.System == system.Section() {
			ways = append(ways, s.ways(system)...)
		}
	}
	if s.System == "" && len(ways) == 0 {
		if file := s.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"); file != "" {
			return s.file(file)
		}
	}
	if len(ways) == 0 {
		return nil, s.noToken()
	}
	if s.Connection != "" {
		ways = slices.DeleteFunc(ways, func(w way) bool { return !w.connection })
	}
	if len(ways) == 0 {
		return nil, errors.New("--service-connection-id is for Azure DevOps, and this job is another system's")
	}
	names := []string{}
	for _, w := range ways {
		names = append(names, w.source)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 1 {
		return nil, &NoToken{"there is more than one token here: " + strings.Join(names, ", ") +
			"; say which with --system, --token-env or --token-file"}
	}
	token, err := ways[0].ask(ctx)
	if err != nil {
		return nil, err
	}
	return s.found(token, ways[0].source)
}

func (s Search) found(token, source string) (*Found, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return nil, &NoToken{source + " gave no token"}
	case len(token) > longestToken:
		return nil, fmt.Errorf("the token of %s is longer than the %d characters that STS takes", source, longestToken)
	case !jwtForm.MatchString(token):
		return nil, fmt.Errorf("what %s has is opaque: it is no JWT, three parts with dots between them, so STS "+
			"cannot take it", source)
	}
	return &Found{Token: token, Source: source}, nil
}

// jwtForm is a JWT: its header is a JSON object, and "{" followed by a quotation mark begins with "eyJ" in base64.
var jwtForm = regexp.MustCompile(`^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$`)

func (s Search) file(name string) (*Found, error) {
	file, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, &NoToken{"the token's file cannot be read: " + err.Error()}
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, longestToken+2))
	if err != nil {
		return nil, &NoToken{"the token's file cannot be read: " + err.Error()}
	}
	return s.found(string(raw), "the file "+name)
}

// A way is one way to get the token in this environment.
type way struct {
	source     string
	ask        func(ctx context.Context) (string, error)
	connection bool // it can ask for the token of a service connection
}

// connectionID is what Azure DevOps calls its service connections by.
var connectionID = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// whichConnections says whose token Azure DevOps refuses.
// Source: https://github.com/dotnet/docker-tools/issues/2012 (seen since 2026-03-11)
const whichConnections = "; a job gets the token of a service connection only if its pipeline may use it, and a task " +
	"of the same stage names it"

// requested says whose token a request asks for.
func (s Search) requested(r *ci.HandOutRequest) string {
	const request = "the token request of this job"
	switch {
	case r.Connection == "":
		return request
	case s.Connection == "":
		return request + ", for the pipeline itself (--service-connection-id asks for that of a service connection)"
	}
	return request + ", for the service connection " + s.Connection
}

// environmentName is what an environment variable can be called; TeamCity and Octopus have variables of their own kind.
var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ways are those of a system that the environment has. A token that names the audience wanted goes before one that lies
// there.
func (s Search) ways(system ci.System) []way {
	h := system.HandOut()
	if h.Server {
		return nil
	}
	var ways []way
	if h.Request != nil && (s.Audience != "" || h.Variable == "") && s.has(h.Request) {
		audience := s.Audience
		if audience == "" && h.Request.Audience != "" {
			audience = "sts.amazonaws.com"
		}
		ways = append(ways, way{s.requested(h.Request), func(ctx context.Context) (string, error) {
			return s.request(ctx, h.Request, audience)
		}, h.Request.Connection != ""})
	}
	here := s.System == system.Section() ||
		slices.ContainsFunc(h.Marks, func(name string) bool { return s.Getenv(name) != "" })
	if len(ways) == 0 && len(h.Command) > 0 && here && (s.Audience != "" || h.Variable == "") {
		ways = append(ways, way{"the command " + h.Command[0], func(ctx context.Context) (string, error) {
			return s.command(ctx, h.Command)
		}, false})
	}
	if len(ways) == 0 && environmentName.MatchString(h.Variable) && s.Getenv(h.Variable) != "" {
		ways = append(ways, way{"the environment variable " + h.Variable, func(context.Context) (string, error) {
			return s.Getenv(h.Variable), nil
		}, false})
	}
	if len(ways) == 0 && h.File != "" {
		if _, err := os.Stat(h.File); err == nil {
			ways = append(ways, way{"the file " + h.File, func(context.Context) (string, error) {
				found, err := s.file(h.File)
				if err != nil {
					return "", err
				}
				return found.Token, nil
			}, false})
		}
	}
	return ways
}

// has reports that the environment has what the request needs.
func (s Search) has(r *ci.HandOutRequest) bool {
	if r.Socket != "" {
		info, err := os.Stat(r.Socket)
		return err == nil && info.Mode()&os.ModeSocket != 0
	}
	return !slices.ContainsFunc(r.Variables(), func(name string) bool { return s.Getenv(name) == "" })
}

// noToken says how the systems that the environment looks like are asked for a token.
func (s Search) noToken() error {
	var lines []string
	for _, system := range s.Systems {
		h := system.HandOut()
		marked := slices.ContainsFunc(h.Marks, func(name string) bool { return s.Getenv(name) != "" })
		if s.System != system.Section() && (s.System != "" || !marked) {
			continue
		}
		line := system.Title() + ": "
		switch {
		case h.Server:
			line += "its server exchanges the token, and the job sees credentials alone"
		case h.Chosen || !environmentName.MatchString(h.Variable) && h.Request == nil && len(h.Command) == 0:
			line += "say where the token is with --token-env or --token-file; there is one with " + h.Condition
		case h.Condition != "":
			line += "there is a token with " + h.Condition
		default:
			line += "the job has no token"
		}
		lines = append(lines, line+" ("+h.Source+")")
	}
	if len(lines) == 0 {
		return &NoToken{"there is no token in this environment, and nothing shows a CI system that is known; run it " +
			"in a job, or say where the token is with --token-env or --token-file"}
	}
	return &NoToken{"there is no token in this environment. " + strings.Join(lines, "; ")}
}

// request asks as a job does. Nothing of the answer but the token is kept, and of a refusal only its status: what a
// server writes into it may hold what was sent.
func (s Search) request(ctx context.Context, r *ci.HandOutRequest, audience string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	address, err := url.Parse(r.Fill(r.URL, s.Getenv))
	if err != nil || address.Scheme != "https" && r.Socket == "" {
		return "", errors.New("the address of the job's token request is no https URL; it is not asked")
	}
	refused := ""
	if r.Connection != "" && s.Connection != "" {
		query := address.Query()
		query.Set(r.Connection, s.Connection)
		address.RawQuery = query.Encode()
		refused = whichConnections
	}
	var body io.Reader
	if r.Audience != "" && audience != "" {
		if r.Method == http.MethodGet {
			query := address.Query()
			query.Set(r.Audience, audience)
			address.RawQuery = query.Encode()
		} else {
			raw, err := json.Marshal(map[string]string{r.Audience: audience})
			if err != nil {
				return "", err
			}
			body = bytes.NewReader(raw)
		}
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address.String(), body)
	if err != nil {
		return "", errors.New("the address of the job's token request cannot be used")
	}
	request.Header.Set("Accept", "application/json")
	if r.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.Headers {
		request.Header.Set(name, r.Fill(value, s.Getenv))
	}
	client := s.Client
	if r.Socket != "" {
		client = overSocket(r.Socket)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("the token request of this job got no answer: %s", withoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 4*longestToken))
	switch {
	case err != nil:
		return "", errors.New("the answer to the token request of this job broke off")
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated:
		return "", fmt.Errorf("the token request of this job was refused: HTTP status %d%s", answer.StatusCode, refused)
	case r.Member == "":
		return string(raw), nil
	}
	members := map[string]any{}
	token, is := "", false
	if json.Unmarshal(raw, &members) == nil {
		token, is = members[r.Member].(string)
	}
	if !is {
		return "", fmt.Errorf("the answer to the token request of this job has no member %s%s", r.Member, refused)
	}
	return token, nil
}

// withoutURL is the reason of a failed request: its URL may hold a secret.
func withoutURL(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}

func overSocket(path string) *http.Client {
	return &http.Client{
		CheckRedirect: refuseRedirect,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
	}
}

// command asks the system's agent. The token comes by a pipe, and is no argument of anything.
func (s Search) command(ctx context.Context, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	audience := s.Audience
	if audience == "" {
		audience = "sts.amazonaws.com"
	}
	quoted, err := json.Marshal(audience)
	if err != nil {
		return "", err
	}
	var args []string
	for _, arg := range argv[1:] {
		if strings.HasPrefix(arg, "{") { // JSON
			arg = strings.ReplaceAll(arg, `"`+ci.AudienceWord+`"`, string(quoted))
		}
		args = append(args, strings.ReplaceAll(arg, ci.AudienceWord, audience))
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], args...)
	cmd.Stdout = &out // what it says of an error is left out: it may hold what must not be printed
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the command %s, which this CI system has for it, gave no token: %w", argv[0], err)
	}
	return out.String(), nil
}
