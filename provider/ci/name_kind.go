package ci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A nameKind is a kind of name or id that users write and issuers put into subjects.
type nameKind struct {
	noun string
	form *expression
	rule string     // what it must be, where it stands, and an example
	not  []mistaken // what people write in its place
}

// mistaken is something that is written in the place of something else, and what to say to that.
type mistaken struct {
	form   *expression
	reason string
}

// isAnID is the mistake of writing an id where the subject carries names.
func isAnID(noun, form string) mistaken {
	return mistaken{newExpression(form), "is an id, and the subject of a token carries names; write the name of the " + noun}
}

// read reads a name, "" when there is none or it is wrong. A name is exact: no wildcard, nothing that IAM would read as a
// policy variable or not store.
func (n nameKind) read(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	if strings.ContainsAny(text, "*?") || strings.Contains(text, "${") {
		problems.Add(v, "must be one exact "+n.noun+", without *, ? and ${; list each "+n.noun+" that is meant", input.Got(v))
		return ""
	}
	if !printable(text) {
		problems.Add(v, "has a control character or one beyond Latin-1, which IAM does not store in a policy", input.Got(v))
		return ""
	}
	for _, m := range n.not {
		if m.form.MatchString(text) {
			problems.Add(v, m.reason, input.Got(v))
			return ""
		}
	}
	if !n.form.MatchString(text) {
		problems.Add(v, n.rule, input.Got(v))
		return ""
	}
	return text
}

// readAll reads a list of names, those that are right.
func (n nameKind) readAll(list input.Value, problems *input.Problems) []string {
	var names []string
	for _, v := range list.List {
		if text := n.read(v, problems); text != "" {
			names = append(names, text)
		}
	}
	return names
}

// readChoices reads a list whose items are each one of a few words, those that are right.
func readChoices(list input.Value, choices []string, problems *input.Problems) []string {
	var chosen []string
	for _, v := range list.Texts() {
		if !slices.Contains(choices, v.Text()) {
			problems.Add(v, "must be "+orList(choices), input.Got(v))
			continue
		}
		chosen = addOnce(chosen, v.Text())
	}
	return chosen
}

// orList joins words: "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
