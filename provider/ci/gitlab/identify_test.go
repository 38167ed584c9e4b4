package gitlab

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAProjectThatIsIdentifiedByItsIDStaysTrustedAfterARenameAndOneByNameDoesNot(t *testing.T) {
	renamed := token(func(j *pipelineJob) { j.Path = "elsewhere/renamed" })
	byID := token(func(j *pipelineJob) { j.Path, j.SubjectByID = "elsewhere/renamed", true })
	taken := token(func(j *pipelineJob) { j.ID = "667" })
	item := object{"path": web, "id": "46573356", "branches": list{"main"}}
	for identify, want := range map[string]bool{"names": false, "ids": true} {
		trusts := checked(t, gitlabOf(object{"projects": list{item}, "identify": identify}))
		gets(t, identify, trusts, renamed, want)
		gets(t, identify, trusts, byID, true)
		gets(t, identify+": the path taken again", trusts, taken, false)
		if ids := citest.FindingIDs(trusts); len(ids) > 0 {
			t.Errorf("%s: %v: it was asked for", identify, ids)
		}
	}
	trusts := checked(t, gitlabOf(object{"projects": list{item}, "identify": "ids"}))
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{"GitLab CI/CD: project 46573356, whatever its " +
		"path (written as org/repo), on branch main, merge requests from there included"})
	// An instance of one's own shows the id in a subject of the other form alone.
	trusts = suite.MustRead(t, onInstance(gitlabOf(object{"projects": list{item}, "identify": "ids"}), instance),
		citest.InAWS)
	at := func(claims map[string]any) map[string]any {
		return ci.With(claims, map[string]any{"iss": instance, "aud": instance})
	}
	gets(t, "its path on an instance", trusts, at(documented()), false)
	gets(t, "its id on an instance", trusts, at(byID), true)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{})
}

func TestIdentifyByIDsNeedsTheIDs(t *testing.T) {
	_, lines := suite.Read(gitlabOf(object{"identify": "ids", "projects": list{
		object{"path": web, "branches": list{"main"}}}}), citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.projects[0].id: is missing: identify is ids, so that the " +
		"project is known by its number alone; write the one that the project's page shows as Project ID"})
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		_, lines = suite.Read(gitlabOf(object{"identify": "ids", "groups": list{
			object{"path": "acme", "id": "5", "branches": list{"main"}}}}), account)
		citest.SameStrings(t, "a group where AWS sees no id", lines, []string{"gitlab.groups[0].path: cannot be " +
			"known by its id: that needs the condition key gitlab.com:namespace_id, which AWS fills for gitlab.com " +
			"and in the aws partition only; leave identify out, or name the projects"})
	}
	_, lines = suite.Read(gitlabOf(object{"identify": "id", "projects": many(1, onMain)}), citest.InAWS)
	citest.SameStrings(t, "another word", lines, []string{`gitlab.identify: must be names or ids (found "id")`})
	if trusts := suite.MustRead(t, gitlabOf(object{"identify": citest.Unknown{}, "projects": many(2, onMain)}),
		citest.InAWS); len(trusts[0].Grants) > 0 {
		t.Errorf("granted before it is known by what: %v", ci.Sentences(trusts))
	}
}
