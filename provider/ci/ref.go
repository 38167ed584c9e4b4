package ci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A RefKind is a word that names git refs.
type RefKind struct {
	Word      string // the property: "branches"
	Noun      string // "branch"
	Namespace string // "refs/heads/"
}

// The refs that users name.
var (
	Branches = RefKind{"branches", "branch", "refs/heads/"}
	Tags     = RefKind{"tags", "tag", "refs/tags/"}
)

// A Name is one exact Name, or all names that begin with a prefix.
type Name struct {
	Text   string // without the "*"
	Prefix bool
}

// Admits reports that the text is the name, or begins with the prefix.
func (n Name) Admits(text string) bool {
	return text == n.Text || n.Prefix && strings.HasPrefix(text, n.Text)
}

// Pattern is the name as StringLike takes it.
func (n Name) Pattern() string {
	if n.Prefix {
		return n.Text + "*"
	}
	return n.Text
}

// Phrase says in words what the name covers.
func (n Name) Phrase(preposition, noun, plural string) string {
	switch {
	case n.Prefix && n.Text == "":
		return preposition + " any " + noun
	case n.Prefix:
		return preposition + " all " + plural + " that begin with " + n.Text + " (also across further slashes)"
	}
	return preposition + " " + noun + " " + n.Text
}

// Sample is a name that the name admits.
func (n Name) Sample() string {
	if n.Prefix {
		return n.Text + "sample/1"
	}
	return n.Text
}

// RefFindings are what names of branches or tags that end in "*" let in: any is the rule about all of them. whose says
// which project's they are. There is none of an exact name, and none of what another one of the names covers.
func RefFindings(names []Name, kind RefKind, any Rule, path, whose string) []Finding {
	var findings []Finding
	for _, n := range names {
		switch {
		case !n.Prefix || slices.ContainsFunc(names, func(other Name) bool {
			return other != n && other.Prefix && strings.HasPrefix(n.Text, other.Text)
		}):
		case n.Text == "":
			findings = append(findings, Finding{Rule: any, Path: path, Detail: whose + " on any " + kind.Noun})
		default:
			findings = append(findings,
				Finding{Rule: RefPrefix(n.Text), Path: path, Detail: whose + " on " + kind.Word + " " + n.Pattern()})
		}
	}
	return findings
}

// Shortest is the shortest name that the name admits, where it can exist: the prefix itself.
func (n Name) Shortest() (string, bool) {
	return n.Text, n.Prefix && n.Text != "" && !strings.HasSuffix(n.Text, "/") && !strings.HasSuffix(n.Text, ".") &&
		!strings.HasSuffix(n.Text, " ")
}

// Neighbour is a name as close as can be that the name does not admit; "" when it admits all.
func (n Name) Neighbour() string {
	switch {
	case n.Prefix && n.Text == "":
		return ""
	case n.Prefix:
		runes := []rune(n.Text)
		if len(runes) == 1 {
			return string(runes[0] ^ 1)
		}
		return string(runes[:len(runes)-1])
	}
	return n.Text + "x"
}

// ReadRefs reads the names of branches or tags. Names follow git's rules for refs, may end in one "*", and must be text
// that IAM can store.
// Source: https://git-scm.com/docs/git-check-ref-format
func ReadRefs(list input.Value, kind RefKind, problems *input.Problems) []Name {
	var names []Name
	for _, v := range list.Texts() {
		text := v.Text()
		n := Name{Text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = Name{Text: before, Prefix: true}
		}
		if rule := RefProblem(n, kind); rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		names = append(names, n)
	}
	return names
}

// RefProblem says what is wrong with the name of a branch or tag, "" for nothing.
func RefProblem(n Name, kind RefKind) string {
	text := n.Text
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "refs/heads/"), "refs/tags/")
	switch {
	case text == "" && !n.Prefix:
		return "is empty; write the name of a " + kind.Noun
	case strings.HasPrefix(text, "refs/"):
		if bare != text {
			return "write the " + kind.Noun + "'s name without " + text[:len(text)-len(bare)] +
				", such as main for refs/heads/main"
		}
		return "is not the name of a " + kind.Noun + "; write it without refs/"
	case strings.Contains(text, "*"):
		return "a " + kind.Noun + " may end in one *, and has none elsewhere: what stands behind it would not be " +
			"checked; write release/*, or list the names"
	case strings.Contains(text, "${"):
		return "must not contain ${, which IAM would read as a policy variable"
	case !Printable(text):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	case strings.ContainsAny(text, " ~^:?[\\"):
		return "git allows no space and none of ~ ^ : ? [ \\ in the name of a " + kind.Noun
	case strings.Contains(text, ".."), strings.Contains(text, "@{"), strings.Contains(text, "//"):
		return "git allows no .. and no @{ and no // in the name of a " + kind.Noun
	case text == "@" && !n.Prefix:
		return "git allows no " + kind.Noun + " of the name @"
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "-"), !n.Prefix && strings.HasSuffix(text, "/"),
		!n.Prefix && strings.HasSuffix(text, "."):
		return "git allows no name of a " + kind.Noun + " that begins with / or - or ends with / or ."
	}
	components := strings.Split(text, "/")
	for i, component := range components {
		open := n.Prefix && i == len(components)-1 // what the "*" stands for may go on
		if strings.HasPrefix(component, ".") || strings.HasSuffix(component, ".lock") && !open {
			return "git allows no part of a " + kind.Noun + "'s name that begins with . or ends with .lock"
		}
	}
	return ""
}
