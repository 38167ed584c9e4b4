package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A refKind is a word that names git refs.
type refKind struct {
	word      string // the property: "branches"
	noun      string // "branch"
	namespace string // "refs/heads/"
}

var (
	branches = refKind{"branches", "branch", "refs/heads/"}
	tags     = refKind{"tags", "tag", "refs/tags/"}
)

// A name is one exact name, or all names that begin with a prefix.
type name struct {
	text   string // without the "*"
	prefix bool
}

func (n name) admits(text string) bool {
	return text == n.text || n.prefix && strings.HasPrefix(text, n.text)
}

// pattern is the name as StringLike takes it.
func (n name) pattern() string {
	if n.prefix {
		return n.text + "*"
	}
	return n.text
}

// phrase says in words what the name covers.
func (n name) phrase(preposition, noun, plural string) string {
	switch {
	case n.prefix && n.text == "":
		return preposition + " any " + noun
	case n.prefix:
		return preposition + " all " + plural + " that begin with " + n.text + " (also across further slashes)"
	}
	return preposition + " " + noun + " " + n.text
}

// sample is a name that the name admits.
func (n name) sample() string {
	if n.prefix {
		return n.text + "sample/1"
	}
	return n.text
}

// shortest is the shortest name that the name admits, where it can exist: the prefix itself.
func (n name) shortest() (string, bool) {
	return n.text, n.prefix && n.text != "" && !strings.HasSuffix(n.text, "/") && !strings.HasSuffix(n.text, ".") && !strings.HasSuffix(n.text, " ")
}

// neighbour is a name as close as can be that the name does not admit; "" when it admits all.
func (n name) neighbour() string {
	switch {
	case n.prefix && n.text == "":
		return ""
	case n.prefix:
		runes := []rune(n.text)
		if len(runes) == 1 {
			return string(runes[0] ^ 1)
		}
		return string(runes[:len(runes)-1])
	}
	return n.text + "x"
}

// readRefs reads the names of branches or tags. Names follow git's rules for refs, may end in one "*", and must be text
// that IAM can store.
// Source: https://git-scm.com/docs/git-check-ref-format
func readRefs(list input.Value, kind refKind, problems *input.Problems) []name {
	var names []name
	for _, v := range list.Texts() {
		text := v.Text()
		n := name{text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = name{text: before, prefix: true}
		}
		if rule := refProblem(n, kind); rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		names = append(names, n)
	}
	return names
}

func refProblem(n name, kind refKind) string {
	text := n.text
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "refs/heads/"), "refs/tags/")
	switch {
	case text == "" && !n.prefix:
		return "is empty; write the name of a " + kind.noun
	case strings.HasPrefix(text, "refs/"):
		if bare != text {
			return "write the " + kind.noun + "'s name without " + text[:len(text)-len(bare)] + ", such as main for refs/heads/main"
		}
		return "is not the name of a " + kind.noun + "; write it without refs/"
	case strings.Contains(text, "*"):
		return "a " + kind.noun + " may end in one *, and has none elsewhere: what stands behind it would not be checked; write release/*, or list the names"
	case strings.Contains(text, "${"):
		return "must not contain ${, which IAM would read as a policy variable"
	case !printable(text):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	case strings.ContainsAny(text, " ~^:?[\\"):
		return "git allows no space and none of ~ ^ : ? [ \\ in the name of a " + kind.noun
	case strings.Contains(text, ".."), strings.Contains(text, "@{"), strings.Contains(text, "//"):
		return "git allows no .. and no @{ and no // in the name of a " + kind.noun
	case text == "@" && !n.prefix:
		return "git allows no " + kind.noun + " of the name @"
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "-"), !n.prefix && strings.HasSuffix(text, "/"), !n.prefix && strings.HasSuffix(text, "."):
		return "git allows no name of a " + kind.noun + " that begins with / or - or ends with / or ."
	}
	components := strings.Split(text, "/")
	for i, component := range components {
		open := n.prefix && i == len(components)-1 // what the "*" stands for may go on
		if strings.HasPrefix(component, ".") || strings.HasSuffix(component, ".lock") && !open {
			return "git allows no part of a " + kind.noun + "'s name that begins with . or ends with .lock"
		}
	}
	return ""
}
