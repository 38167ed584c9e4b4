package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A githubContext is the part of a subject that says which event.
type githubContext struct{ workflowEvent }

func newGitHubContext(kind string, n name) githubContext {
	return githubContext{workflowEvent{kind, n}}
}

// pattern is the context as a condition value.
func (c githubContext) pattern() string {
	switch c.kind {
	case "branch", "tag":
		return "ref:" + c.ref()
	case "environment":
		return "environment:" + encodeGitHub(c.name.text) + strings.Repeat("*", count(c.name.prefix))
	}
	return c.kind
}

// ref is the full name of the branch or tag, "" of anything else.
func (c githubContext) ref() string {
	for _, kind := range []refKind{branches, tags} {
		if c.kind == kind.noun {
			return kind.namespace + c.name.pattern()
		}
	}
	return ""
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

// parseGitHubSubject reads a subject of the default template, with or without ids.
func parseGitHubSubject(sub string) (githubSubject, bool) {
	values, ok := githubDefault.parse(sub)
	if !ok {
		return githubSubject{}, false
	}
	repository, rule := parseGitHubRepository(values["repo"])
	context, known := parseGitHubContext(values["context"])
	if rule != "" || !known {
		return githubSubject{}, false
	}
	return githubSubject{repository: repository, context: context}, true
}

// parseGitHubContext reads a context as a subject has it.
func parseGitHubContext(text string) (githubContext, bool) {
	if text == "pull_request" {
		return newGitHubContext("pull_request", name{}), true
	}
	kind, value, _ := strings.Cut(text, ":")
	if kind == "environment" && value != "" {
		return newGitHubContext(kind, name{text: decodeGitHub(value)}), true
	}
	for _, ref := range []refKind{branches, tags} {
		if short, found := strings.CutPrefix(value, ref.namespace); kind == "ref" && found && short != "" {
			return newGitHubContext(ref.noun, name{text: short}), true
		}
	}
	return githubContext{}, false
}

// encodeGitHub writes a value as GitHub puts it into a subject: ":" would end it, and becomes "%3A".
// Source: https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
func encodeGitHub(value string) string { return strings.ReplaceAll(value, ":", "%3A") }

func decodeGitHub(value string) string { return strings.ReplaceAll(value, "%3A", ":") }

// readEnvironments reads the names of environments. A GitHub Enterprise Server encodes ":" from version 3.19 on.
func readEnvironments(list input.Value, server bool, problems *input.Problems) []name {
	var names []name
	for _, v := range list.Texts() {
		text := v.Text()
		n := name{text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = name{text: before, prefix: true}
		}
		rule := environmentProblem(n)
		if rule == "" && server && strings.Contains(text, ":") {
			rule = "must not contain : on a GitHub Enterprise Server: it stands in the subject as it is before version 3.19, and as %3A from there on; " +
				"rename the environment"
		}
		if rule != "" {
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
