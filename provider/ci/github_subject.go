package ci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A githubContext is the part of a subject that says which event: a branch, a tag, an environment or a pull request.
type githubContext struct {
	kind string // "branch", "tag", "environment", "pull_request"
	name name
}

// pattern is the context as a condition value.
func (c githubContext) pattern() string {
	switch c.kind {
	case "branch":
		return "ref:" + branches.namespace + c.name.pattern()
	case "tag":
		return "ref:" + tags.namespace + c.name.pattern()
	case "environment":
		return "environment:" + encodeGitHub(c.name.text) + strings.Repeat("*", count(c.name.prefix))
	}
	return c.kind
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c githubContext) phrase() string {
	switch c.kind {
	case "branch":
		return c.name.phrase("on", "branch", "branches")
	case "tag":
		return c.name.phrase("on", "tag", "tags")
	case "environment":
		return c.name.phrase("in", "environment", "environments")
	}
	return "on pull requests"
}

// admits compares a parsed context of a token, whose name is exact, with the context of a grant.
func (c githubContext) admits(token githubContext) bool {
	return token.kind == c.kind && (c.kind == "pull_request" || c.name.admits(token.name.text))
}

// A githubSubject is a sub of GitHub's default template, parsed.
type githubSubject struct {
	repository githubRepository
	context    githubContext
}

// String builds the subject as GitHub does.
func (s githubSubject) String() string {
	repository := s.repository.classic()
	if s.repository.ownerID != "" {
		repository = s.repository.immutable()
	}
	return repository + ":" + s.context.pattern()
}

// parseGitHubSubject reads a subject of the default template, with or without ids. GitHub encodes ":" inside a value, so
// a further one means a customised template, which this grammar does not cover.
func parseGitHubSubject(sub string) (githubSubject, bool) {
	rest, ok := strings.CutPrefix(sub, "repo:")
	if !ok {
		return githubSubject{}, false
	}
	repositoryText, context, ok := strings.Cut(rest, ":")
	if !ok {
		return githubSubject{}, false
	}
	repository, rule := parseGitHubRepository(repositoryText)
	if rule != "" {
		return githubSubject{}, false
	}
	s := githubSubject{repository: repository}
	if context == "pull_request" {
		s.context = githubContext{kind: "pull_request"}
		return s, true
	}
	kind, value, _ := strings.Cut(context, ":")
	if value == "" || strings.Contains(value, ":") {
		return githubSubject{}, false
	}
	switch {
	case kind == "environment":
		s.context = githubContext{kind: "environment", name: name{text: decodeGitHub(value)}}
	case kind == "ref" && strings.HasPrefix(value, branches.namespace) && value != branches.namespace:
		s.context = githubContext{kind: "branch", name: name{text: value[len(branches.namespace):]}}
	case kind == "ref" && strings.HasPrefix(value, tags.namespace) && value != tags.namespace:
		s.context = githubContext{kind: "tag", name: name{text: value[len(tags.namespace):]}}
	default:
		return githubSubject{}, false
	}
	return s, true
}

// withoutFurtherClaims cuts what a customised subject has behind the repository and the context. A name that ends in "*"
// lets such a subject in, since "*" crosses ":"; what stands before is still the repository and the context, because
// GitHub writes ":" inside a value as "%3A".
func withoutFurtherClaims(sub string) string {
	parts := strings.SplitN(sub, ":", 5)
	return strings.Join(parts[:min(len(parts), 4)], ":")
}

// encodeGitHub writes a value as GitHub puts it into a subject: ":" would end it, and becomes "%3A".
// Source: https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
func encodeGitHub(value string) string { return strings.ReplaceAll(value, ":", "%3A") }

func decodeGitHub(value string) string { return strings.ReplaceAll(value, "%3A", ":") }

// readEnvironments reads the names of environments.
func readEnvironments(list input.Value, problems *input.Problems) []name {
	var names []name
	for _, v := range list.Texts() {
		text := v.Text()
		n := name{text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = name{text: before, prefix: true}
		}
		if rule := environmentProblem(n); rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		names = append(names, n)
	}
	return names
}

func environmentProblem(n name) string {
	switch {
	case n.text == "" && !n.prefix:
		return "is empty; write the name of an environment"
	case len([]rune(n.text)) > 255:
		return "is longer than the 255 characters that an environment's name has at most"
	case strings.Contains(n.text, "${"):
		return "must not contain ${, which IAM would read as a policy variable"
	case strings.ContainsAny(n.text, "*?"):
		return "an environment may end in one *, and has no other * and no ?: IAM would read them as wildcards; list the environments one by one"
	case strings.Contains(n.text, "%"):
		return "must not contain %: GitHub writes : as %3A, and whether it encodes a % is not documented, so two names could look alike"
	case !printable(n.text):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	case strings.TrimSpace(n.text) != n.text && !n.prefix, strings.HasPrefix(n.text, " "):
		return "begins or ends with white space"
	}
	return ""
}

func textOf(claim any) string {
	text, _ := claim.(string)
	return text
}

func contains(list []string, text string) bool { return slices.Contains(list, text) }
