package github

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A context is the part of a subject that says which event.
type context struct {
	workflow.Event
	queue string // the branch whose merge queue it is, "" for anything else
}

func newContext(kind string, n ci.Name) context {
	return context{Event: workflow.Event{Kind: kind, Name: n}}
}

// queueBranches is what begins the name of every branch that a merge queue makes.
// Source:
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
const queueBranches = "gh-readonly-queue/"

// newQueue is the context of the merge queue of a branch. A job of the event merge_group runs on a branch that the
// queue makes, and its subject is that of a push to it.
func newQueue(branch string) context {
	c := newContext(ci.Branches.Noun, ci.Name{Text: queueBranches + branch + "/pr-", Prefix: true})
	c.queue = branch
	return c
}

// sample is a name that the context admits.
func (c context) sample() string {
	if c.queue != "" {
		return c.Name.Text + "7-0123456789abcdef0123456789abcdef01234567"
	}
	return c.Name.Sample()
}

// pattern is the context as a condition value.
func (c context) pattern() string {
	switch c.Kind {
	case "branch", "tag":
		return "ref:" + c.ref()
	case "environment":
		return "environment:" + encode(c.Name.Text) + strings.Repeat("*", ci.Count(c.Name.Prefix))
	}
	return c.Kind
}

// ref is the full name of the branch or tag, "" of anything else.
func (c context) ref() string { return c.fullRef().Pattern() }

// fullRef is the name of the branch or tag with its namespace.
func (c context) fullRef() ci.Name {
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		if c.Kind == kind.Noun {
			return ci.Name{Text: kind.Namespace + c.Name.Text, Prefix: c.Name.Prefix}
		}
	}
	return ci.Name{}
}

func (c context) phrase() string {
	if c.queue != "" {
		return "in the merge queue of branch " + c.queue + ", and on any branch that somebody pushes as " +
			c.Name.Pattern()
	}
	switch c.Kind {
	case "branch":
		return c.Name.Phrase("on", "branch", "branches")
	case "tag":
		return c.Name.Phrase("on", "tag", "tags")
	case "environment":
		return c.Name.Phrase("in", "environment", "environments")
	}
	return "on pull requests"
}

// A subject is a sub of GitHub's default template, read.
type subject struct {
	repository repository
	context    context
}

// String builds the subject as GitHub does.
func (s subject) String() string {
	repository := s.repository.classic()
	if s.repository.ownerID != "" {
		repository = s.repository.immutable()
	}
	return repository + ":" + s.context.pattern()
}

// readSubject reads a subject of the default template, with or without ids.
func readSubject(sub string) (subject, bool) {
	for _, f := range defaultForms {
		if texts, ok := f.Parse(sub); ok {
			return f.subject(texts), true
		}
	}
	return subject{}, false
}

// encode writes a value as GitHub puts it into a subject: ":" would end it, and becomes "%3A".
// Source: https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
func encode(value string) string { return strings.ReplaceAll(value, ":", "%3A") }

func decode(value string) string { return strings.ReplaceAll(value, "%3A", ":") }

// readEnvironments reads the names of environments. A GitHub Enterprise Server encodes ":" from version 3.19 on.
func readEnvironments(list input.Value, server bool, problems *input.Problems) []ci.Name {
	var names []ci.Name
	for _, v := range list.Texts() {
		text := v.Text()
		n := ci.Name{Text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = ci.Name{Text: before, Prefix: true}
		}
		rule := environmentProblem(n)
		if rule == "" && server && strings.Contains(text, ":") {
			rule = "must not contain : on a GitHub Enterprise Server: it stands in the subject as it is before " +
				"version 3.19, and as %3A from there on; rename the environment"
		}
		if rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		names = append(names, n)
	}
	return names
}

func environmentProblem(n ci.Name) string {
	switch {
	case n.Text == "" && !n.Prefix:
		return "is empty; write the name of an environment"
	case len([]rune(n.Text)) > 255:
		return "is longer than the 255 characters that an environment's name has at most"
	case strings.Contains(n.Text, "${"):
		return "must not contain ${, which IAM would read as a policy variable"
	case strings.ContainsAny(n.Text, "*?"):
		return "an environment may end in one *, and has no other * and no ?: IAM would read them as wildcards; list " +
			"the environments one by one"
	case strings.Contains(n.Text, "%"):
		return "must not contain %: GitHub writes : as %3A, and whether it encodes a % is not documented, so two " +
			"names could look alike"
	case !ci.Printable(n.Text):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	case strings.TrimSpace(n.Text) != n.Text && !n.Prefix, strings.HasPrefix(n.Text, " "):
		return "begins or ends with white space"
	}
	return ""
}
