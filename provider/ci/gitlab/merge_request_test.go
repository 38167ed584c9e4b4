package gitlab

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestOnlyTheProjectsOwnMergeRequestsGetInByMergeRequests(t *testing.T) {
	written := gitlab(object{"path": web, "id": "46573356", "mergeRequests": true})
	trusts := checked(t, written)
	suite.Proved(t, written)
	from := func(source string, change func(*pipelineJob)) map[string]any {
		return token(func(j *pipelineJob) {
			j.Source, j.Ref, j.Unprotected = source, "feature/x", true
			change(j)
		})
	}
	as := func(*pipelineJob) {}
	for _, byID := range []bool{false, true} {
		form := func(j *pipelineJob) { j.SubjectByID = byID }
		gets(t, "a merge request", trusts, from(mergeRequestEvent, form), true)
		gets(t, "a merge request from main", trusts, from(mergeRequestEvent, func(j *pipelineJob) {
			form(j)
			j.Ref = "main"
		}), true)
		for _, source := range []string{"push", "parent_pipeline", "web", "api", "schedule", "trigger", "pipeline",
			"external_pull_request_event", "ondemand_dast_scan", "MERGE_REQUEST_EVENT", "merge_request_event2"} {
			gets(t, source, trusts, from(source, form), false)
		}
	}
	gets(t, "a fork's merge request", trusts, from(mergeRequestEvent, func(j *pipelineJob) {
		j.Path, j.ID = "mallory/repo", "667"
	}), false)
	gets(t, "a fork that has taken the path", trusts,
		from(mergeRequestEvent, func(j *pipelineJob) { j.ID = "667" }), false)
	gets(t, "without a source", trusts, ci.With(from("", as), map[string]any{sourceClaim: nil}), false)
	gets(t, "a tag", trusts, from(mergeRequestEvent, func(j *pipelineJob) { j.RefType = "tag" }), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-merge-requests"})
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{
		"GitLab CI/CD: org/repo (project 46573356) in pipelines of merge requests from any of its branches"})
	// Beside it a branch is what it was.
	trusts = checked(t, gitlab(object{
		"path": web, "id": "46573356", "branches": list{"main"}, "mergeRequests": true,
	}))
	gets(t, "a push to main", trusts, token(as), true)
	gets(t, "a push to another branch", trusts, from("push", as), false)
	gets(t, "a child pipeline on another branch", trusts, from("parent_pipeline", as), false)
}

// The subject of a merge request's job has the branch that it comes from.
func TestAMergeRequestFromATrustedBranchPassesThatBranchsGrantAndTheSentenceSaysSo(t *testing.T) {
	trusts := checked(t, gitlab(object{"path": web, "id": "46573356", "branches": list{"main"}, "tags": list{"v*"}}))
	gets(t, "from main", trusts, token(func(j *pipelineJob) { j.Source = mergeRequestEvent }), true)
	gets(t, "from another branch", trusts,
		token(func(j *pipelineJob) { j.Source, j.Ref = mergeRequestEvent, "feature" }), false)
	for _, sentence := range ci.Sentences(trusts) {
		if strings.Contains(sentence, "merge requests from there included") == strings.Contains(sentence, " tags ") {
			t.Errorf("%s", sentence)
		}
	}
}

func TestMergeRequestsAreRefusedWhereNothingTellsThemFromOtherJobs(t *testing.T) {
	words := object{"path": web, "id": "46573356", "mergeRequests": true}
	const reason = "gitlab.projects[0].mergeRequests: needs the condition keys gitlab.com:pipeline_source and " +
		"gitlab.com:project_id, which AWS fills for gitlab.com and in the aws partition only; leave it out: here a " +
		"merge request's job looks like one of its branch"
	_, lines := suite.Read(gitlab(words), citest.InGov)
	citest.SameStrings(t, "another partition", lines, []string{reason})
	_, lines = suite.Read(onInstance(gitlab(words), instance), citest.InAWS)
	citest.SameStrings(t, "another instance", lines, []string{reason})
	_, lines = suite.Read(gitlab(object{"path": web, "mergeRequests": true}), citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.projects[0].id: is missing; mergeRequests needs it, " +
		"because only the id tells the project from another one that takes its path; write the number that the " +
		"project's page shows as Project ID"})
	_, lines = suite.Read(gitlab(object{"path": web, "id": "7", "mergeRequests": true, "protectedRefs": true}),
		citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "cannot stand beside protectedRefs") {
		t.Errorf("%q", lines)
	}
	suite.MustRead(t, onInstance(gitlab(object{"id": "7", "branches": list{"main"}, "mergeRequests": false}), instance),
		citest.InAWS)
	if trusts := suite.MustRead(t, gitlab(object{"id": "7", "mergeRequests": citest.Unknown{}}), citest.InAWS); len(
		trusts[0].Grants) > 0 {
		t.Errorf("granted before it is known: %v", ci.Sentences(trusts))
	}
}
