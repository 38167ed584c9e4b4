package gitlab

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAGroupLetsInItsOwnProjectsAndThoseOfNoOtherGroup(t *testing.T) {
	written := gitlabOf(object{"groups": list{object{"path": "acme", "id": "5", "branches": list{"main"}}}})
	trusts := checked(t, written)
	in := func(path, group string, change func(*pipelineJob)) map[string]any {
		return token(func(j *pipelineJob) {
			j.Path, j.Group = path, group
			change(j)
		})
	}
	as := func(*pipelineJob) {}
	gets(t, "a project of the group", trusts, in("acme/web", "5", as), true)
	gets(t, "a project made tomorrow", trusts,
		in("acme/mallory", "5", func(j *pipelineJob) { j.ID = "99999999" }), true)
	gets(t, "a project of a subgroup", trusts, in("acme/sub/web", "6", as), false)
	gets(t, "the group's path, taken by somebody else", trusts, in("acme/web", "55", as), false)
	gets(t, "a group whose path is longer", trusts, in("acme-evil/web", "5", as), false)
	gets(t, "the group below another one", trusts, in("mallory/acme/web", "5", as), false)
	gets(t, "the group itself as a project", trusts, in("acme", "5", as), false)
	gets(t, "another branch", trusts, in("acme/web", "5", func(j *pipelineJob) { j.Ref = "mallory" }), false)
	gets(t, "a tag", trusts, in("acme/web", "5", func(j *pipelineJob) { j.RefType = "tag" }), false)
	gets(t, "no namespace", trusts, ci.With(in("acme/web", "5", as), map[string]any{groupClaim: nil}), false)
	gets(t, "a subject by id", trusts, in("acme/web", "5", func(j *pipelineJob) { j.SubjectByID = true }), false)
	gets(t, "the group renamed", trusts, in("renamed/web", "5", as), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-group"})
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{
		"GitLab CI/CD: every project of acme (group 5) on branch main, merge requests from there included"})
	written["gitlab"].(object)["identify"] = "ids"
	trusts = checked(t, written)
	gets(t, "the group renamed, by its id", trusts, in("renamed/web", "5", as), true)
	gets(t, "another group, by its id", trusts, in("acme/web", "6", as), false)
}

// Whoever makes a project in the group protects what they like in it.
func TestProtectedRefsKeepNobodyOutWhoMakesAProjectInTheGroup(t *testing.T) {
	trusts := checked(t, gitlabOf(object{"groups": list{
		object{"path": "acme", "id": "5", "branches": list{"main"}, "protectedRefs": true}}}))
	mallory := token(func(j *pipelineJob) { j.Path, j.ID, j.Group = "acme/mallory", "99999999", "5" })
	gets(t, "a new project with main protected", trusts, mallory, true)
	gets(t, "while it is not", trusts, ci.With(mallory, map[string]any{protectedClaim: "false"}), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-group"})
}

func TestAGroupThatNothingButItsPathTellsIsHigh(t *testing.T) {
	group := gitlabOf(object{"groups": list{object{"path": "acme", "branches": list{"main"}}}})
	for _, c := range []struct {
		written object
		account ci.Account
	}{{onInstance(group, instance), citest.InAWS}, {group, citest.InChina}, {group, citest.InGov}} {
		_, lines := suite.Read(c.written, c.account)
		if len(lines) != 1 || !strings.Contains(lines[0], "add gitlab-group-path to acceptRisks") {
			t.Errorf("%q", lines)
		}
		trusts := suite.MustRead(t, c.written, c.account)
		if sentence := ci.Sentences(trusts)[0]; !strings.Contains(sentence,
			"every project of acme and of its subgroups") {
			t.Errorf("%s", sentence)
		}
	}
	_, lines := suite.Read(group, citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.groups[0].id: is missing: a group's path can be given up " +
		"and taken by somebody else, and only the id tells its projects from those of its subgroups; write the " +
		"number that the group's page shows as Group ID"})
	_, lines = suite.Read(gitlabOf(object{}), citest.InAWS)
	citest.SameStrings(t, "neither", lines, []string{
		"gitlab.projects: is missing, and so is groups; name the projects whose jobs get the role"})
}

func TestAGroupIsWrittenByItsPathAloneAndHasRefs(t *testing.T) {
	for text, want := range map[string]string{
		"https://gitlab.com/acme": "is a URL; ", "acme/*": "has a wildcard; ", "${x}": "must not contain ${",
		"acme/": "is not the path", "/acme": "is not the path", "": "is not the path", "a:b": "is not the path",
		"acme//x": "is not the path", "a b": "is not the path",
	} {
		_, lines := suite.Read(gitlabOf(object{"groups": list{
			object{"path": text, "id": "5", "branches": list{"main"}}}}), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "gitlab.groups[0].path: "+want) {
			t.Errorf("%q: %q", text, lines)
		}
	}
	_, lines := suite.Read(gitlabOf(object{"groups": list{object{"path": "acme", "id": "5"}}}), citest.InAWS)
	citest.SameStrings(t, "no refs", lines, []string{"gitlab.groups[0].branches: is missing, and so is tags; give at " +
		"least one of them, to say which jobs of the group's projects are trusted"})
	_, lines = suite.Read(gitlabOf(object{"groups": list{
		object{"path": "acme", "id": "5", "branches": list{"a"}},
		object{"path": "acme", "id": "6", "branches": list{"b"}},
	}}), citest.InAWS)
	citest.SameStrings(t, "two ids", lines, []string{`gitlab.groups[1].path: is the path of an item before it, which ` +
		`gives another id or none; write the same id in both, or one item (found "acme")`})
}
