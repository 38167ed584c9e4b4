package all

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var refRules = []struct{ text, rule string }{
	{"", "is empty; write the name of a branch"},
	{"refs/heads/main", "write the branch's name without refs/heads/, such as main for refs/heads/main"},
	{"refs/tags/v1", "write the branch's name without refs/tags/, such as main for refs/heads/main"},
	{"refs/pull/7/merge", "is not the name of a branch; write it without refs/"},
	{"rel*ase", "a branch may end in one *, and has none elsewhere: what stands behind it would not be checked; " +
		"write release/*, or list the names"},
	{"**", "a branch may end in one *, and has none elsewhere: what stands behind it would not be checked; write " +
		"release/*, or list the names"},
	{"*/main", "a branch may end in one *, and has none elsewhere: what stands behind it would not be checked; write " +
		"release/*, or list the names"},
	{"${x}", "must not contain ${, which IAM would read as a policy variable"},
	{"a${", "must not contain ${, which IAM would read as a policy variable"},
	{"日本", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
	{"a\x00b", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
	{"a\u0085b", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
	{"a\nb", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
	{"my branch", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"a~1", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"a^", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"a:b", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"a?", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"v[0-9]", "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{`a\b`, "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch"},
	{"a..b", "git allows no .. and no @{ and no // in the name of a branch"},
	{"a@{1}", "git allows no .. and no @{ and no // in the name of a branch"},
	{"a//b", "git allows no .. and no @{ and no // in the name of a branch"},
	{"@", "git allows no branch of the name @"},
	{"/a", "git allows no name of a branch that begins with / or - or ends with / or ."},
	{"-a", "git allows no name of a branch that begins with / or - or ends with / or ."},
	{"a/", "git allows no name of a branch that begins with / or - or ends with / or ."},
	{"a.", "git allows no name of a branch that begins with / or - or ends with / or ."},
	{".a", "git allows no part of a branch's name that begins with . or ends with .lock"},
	{"a/.b", "git allows no part of a branch's name that begins with . or ends with .lock"},
	{"a.lock", "git allows no part of a branch's name that begins with . or ends with .lock"},
	{"a.lock/b", "git allows no part of a branch's name that begins with . or ends with .lock"},
	{"a.lock/b*", "git allows no part of a branch's name that begins with . or ends with .lock"},
}

var goodRefs = []string{
	"main", "release/1.0", "release/*", "*", "v*", "@*", "a.lock*", "a.*", "feature/a-b_c", "users/jane@example.com",
	"c++", "!important", "a]", "é", "yes", "1.0", "#5", "a@b", "x/vcs-ref/refs/heads/main", strings.Repeat("a", 1000),
}

func TestWhatIsNoNameOfABranchIsRefusedWithTheRuleOfGit(t *testing.T) {
	for _, c := range refRules {
		_, lines := read(gitHub(repository, object{"branches": list{c.text}}), citest.InAWS)
		want := "github.repositories[0].branches[0]: " + c.rule + " " + input.Got(input.Value{Scalar: c.text})
		citest.SameStrings(t, c.text, lines, []string{want})
	}
	_, lines := read(gitHub(repository, object{"tags": list{"refs/tags/v1", ""}}), citest.InAWS)
	citest.SameStrings(t, "tags", lines, []string{
		`github.repositories[0].tags[0]: write the tag's name without refs/tags/, such as main for refs/heads/main ` +
			`(found "refs/tags/v1")`,
		`github.repositories[0].tags[1]: is empty; write the name of a tag (found "")`,
	})
}

func TestWhatGitAllowsIsTrustedAndProved(t *testing.T) {
	for _, text := range goodRefs {
		citest.Accepted(t, text, "*")
		proved(t, gitHub(repository, object{"branches": list{text}, "tags": list{text}}))
		proved(t, circleCI(object{"vcsOrigin": origin, "branches": list{text}, "tags": list{text}}))
	}
}

func TestAPrefixCoversWhatBeginsWithItAndItsNeighbourDoesNot(t *testing.T) {
	for _, text := range goodRefs {
		n := ci.Name{Text: text}
		if before, found := strings.CutSuffix(text, "*"); found {
			n = ci.Name{Text: before, Prefix: true}
		}
		if !n.Admits(n.Sample()) || !n.Admits(workflow.Example(n)) {
			t.Errorf("%q does not admit its own sample", text)
		}
		if neighbour := n.Neighbour(); neighbour != "" && n.Admits(neighbour) {
			t.Errorf("%q admits its neighbour %q", text, neighbour)
		}
		if n.Neighbour() == "" && text != "*" {
			t.Errorf("%q has no neighbour", text)
		}
	}
}

func FuzzRef(f *testing.F) {
	for _, c := range refRules {
		f.Add(c.text)
	}
	for _, text := range goodRefs {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var problems input.Problems
		names := ci.ReadRefs(citest.Tree("branches", list{text}), ci.Branches, &problems)
		if (len(names) == 1) == (problems.Len() == 1) {
			t.Fatalf("%q gives %v and %v", text, names, problems.Sorted())
		}
		if len(names) == 0 {
			return
		}
		if names[0].Pattern() != text {
			t.Fatalf("%q is built back as %q", text, names[0].Pattern())
		}
		citest.Accepted(t, text, "*")
		proved(t, gitHub(repository, object{"branches": list{text}}))
		proved(t, circleCI(object{"vcsOrigin": origin, "tags": list{text}}))
	})
}
