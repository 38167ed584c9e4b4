package ci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A NameKind is a kind of name or id that users write and issuers put into subjects.
type NameKind struct {
	Noun string
	Form *Expression
	Rule string    // what it must be, where it stands, and an example
	Not  []Mistake // what people write in its place
}

// Mistake is something that is written in the place of something else, and what to say to that.
type Mistake struct {
	Form   *Expression
	Reason string
}

// IsAnID is the mistake of writing an id where the subject carries names.
func IsAnID(noun, form string) Mistake {
	return Mistake{NewExpression(form),
		"is an id, and the subject of a token carries names; write the name of the " + noun}
}

// Read reads a name, "" when there is none or it is wrong. A name is exact: no wildcard, nothing that IAM would read as
// a policy variable or not store.
func (n NameKind) Read(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	if strings.ContainsAny(text, "*?") || strings.Contains(text, "${") {
		problems.Add(v, "must be one exact "+n.Noun+", without *, ? and ${; list each "+n.Noun+" that is meant",
			input.Got(v))
		return ""
	}
	if !Printable(text) {
		problems.Add(v, "has a control character or one beyond Latin-1, which IAM does not store in a policy",
			input.Got(v))
		return ""
	}
	for _, m := range n.Not {
		if m.Form.MatchString(text) {
			problems.Add(v, m.Reason, input.Got(v))
			return ""
		}
	}
	if !n.Form.MatchString(text) {
		problems.Add(v, n.Rule, input.Got(v))
		return ""
	}
	return text
}

// ReadAll reads a list of names, those that are right.
func (n NameKind) ReadAll(list input.Value, problems *input.Problems) []string {
	var names []string
	for _, v := range list.List {
		if text := n.Read(v, problems); text != "" {
			names = append(names, text)
		}
	}
	return names
}

// ReadChoices reads a list whose items are each one of a few words, those that are right.
func ReadChoices(list input.Value, choices []string, problems *input.Problems) []string {
	var chosen []string
	for _, v := range list.Texts() {
		if !slices.Contains(choices, v.Text()) {
			problems.Add(v, "must be "+OrList(choices), input.Got(v))
			continue
		}
		chosen = AddOnce(chosen, v.Text())
	}
	return chosen
}

// OrList joins words: "a, b or c".
func OrList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
