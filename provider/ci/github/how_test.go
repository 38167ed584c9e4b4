package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func TestEveryWrongWorkflowIsRefusedWithItsRemedy(t *testing.T) {
	const path, full = "acme/ci/.github/workflows/deploy.yml", "ends in no full ref"
	for text, rule := range map[string]string{
		"": "is not a workflow", "deploy.yml": "is not a workflow", path: "is not a workflow",
		"./.github/workflows/deploy.yml@refs/heads/main":           "is not a workflow",
		"acme/ci/deploy.yml@refs/heads/main":                       "is not a workflow",
		"acme/ci/.github/workflows/sub/deploy.yml@refs/heads/main": "is not a workflow",
		"acme/ci/.github/workflows/deploy@refs/heads/main":         "is not a workflow",
		"acme/../.github/workflows/deploy.yml@refs/heads/main":     "is not a workflow",
		"https://github.com/" + path + "@refs/heads/main":          "is not a workflow",
		"acme@1/ci@2/.github/workflows/deploy.yml@refs/heads/main": "is not a workflow",
		path + "@": "is not a workflow", path + "@main": full, path + "@v1": full, path + "@refs/heads/": full,
		path + "@refs/pull/7/merge": full, path + "@0123456": full, path + "@" + strings.Repeat("A", 40): full,
		path + "@refs/heads/a..b": full, path + "@refs/heads/a:b": full, path + "@*": "has a wildcard",
		"acme/*/.github/workflows/deploy.yml@refs/heads/main": "has a wildcard",
		path + "@refs/heads/release/*":                        "has a wildcard",
		path + "@refs/heads/mai?":                             "has a wildcard",
		path + "@refs/heads/${x}":                             "must not contain ${",
		path + "@refs/heads/🚀":                                "has a control character",
		path + "@refs/heads/main\n":                           "has a control character",
	} {
		trusts, lines := suite.Read(github(acmeWeb, object{"tags": list{"v1"}, "workflows": list{text, acmePinned}}),
			citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].workflows[0]: "+rule) ||
			len(trusts[0].Grants) > 0 {
			t.Errorf("%q: %q, %d grants; want %q", text, lines, len(trusts[0].Grants), rule)
		}
	}
	for _, text := range []string{acmeDeploy, acmePinned, path + "@refs/tags/v1.2",
		"a/b.c_d-e/.github/workflows/x y.yaml@refs/heads/f/g@h"} {
		if rule := workflowProblem(text); (rule == "") == strings.Contains(text, " ") {
			t.Errorf("%q: %q", text, rule)
		}
	}
}

func TestALoginInThePlaceOfAnActorsIDIsRefusedWithTheCommandThatPrintsIt(t *testing.T) {
	for _, text := range []string{"mona", "", "0", "01", "-1", "1.5", "5550001*", "?", "*", "1 ", "${x}",
		"mona@5550001", strings.Repeat("9", 21)} {
		trusts, lines := suite.Read(github(acmeWeb, object{"tags": list{"v1"}, "actors": list{mona, text}}),
			citest.InAWS)
		if len(lines) != 1 ||
			!strings.HasPrefix(lines[0], "github.repositories[0].actors[1]: must be the id of a GitHub account") ||
			!strings.Contains(lines[0], "gh api users/LOGIN --jq .id prints it") || len(trusts[0].Grants) > 0 {
			t.Errorf("%q: %q", text, lines)
		}
	}
}

func TestWorkflowsAndActorsNeverGrantAlone(t *testing.T) {
	for _, words := range []object{
		{"workflows": list{acmeDeploy}},
		{"actors": list{mona}},
		{"workflows": list{acmeDeploy}, "actors": list{mona}, "pullRequests": false},
	} {
		trusts, lines := suite.Read(github(acmeWeb, words), citest.InAWS)
		if len(lines) != 1 || !strings.Contains(lines[0], "give at least one of them") || len(trusts[0].Grants) > 0 {
			t.Errorf("%v: %q", words, lines)
		}
	}
}

func TestWithoutItsNarrowingNoGrantIsMade(t *testing.T) {
	for _, words := range []object{
		{"workflows": citest.Unknown{}}, {"workflows": list{citest.Unknown{}}},
		{"workflows": list{acmeDeploy, citest.Unknown{}}}, {"actors": citest.Unknown{}},
		{"actors": list{citest.Unknown{}}}, {"subjectClaims": citest.Unknown{}},
		{"subjectClaims": list{"repo", citest.Unknown{}}}, {"workflows": list{}}, {"actors": list{}},
		{"subjectClaims": list{}},
	} {
		words["branches"] = list{"main"}
		trusts, lines := suite.Read(github(acmeWeb, words), citest.InAWS)
		citest.SameStrings(t, "problems", lines, []string{})
		if len(trusts[0].Grants) > 0 {
			t.Errorf("%v: %v", words, trusts[0].Grants[0].Claims)
		}
	}
}

func TestWhereAWSFillsNoKeyWorkflowsAndActorsNeedTheirClaimInTheSubject(t *testing.T) {
	for _, c := range []struct {
		section    object
		repository string
		account    ci.Account
	}{
		{object{}, acmeWeb, citest.InChina}, {object{}, acmeWeb, citest.InGov},
		{object{"enterprise": "acme-inc"}, acmeWeb, citest.InChina},
		{object{"hostname": "acme.ghe.com", "enterprise": "acme"}, acmeWeb, citest.InAWS},
		{server, "acme/web", citest.InAWS},
	} {
		words := object{"branches": list{"main"}, "workflows": list{acmeDeploy}, "actors": list{mona}}
		_, lines := suite.Read(at(c.section, c.repository, words), c.account)
		if len(lines) != 2 || !strings.HasPrefix(lines[0], "github.repositories[0].actors: cannot be tested here: "+
			"AWS fills the key actor_id in the aws partition only") ||
			!strings.HasPrefix(lines[1], "github.repositories[0].workflows: cannot be tested here: AWS fills the key "+
				"job_workflow_ref in the aws partition only") {
			t.Errorf("%v: %q", c.section, lines)
		}
		words["subjectClaims"] = list{"repo", "context", "job_workflow_ref", "actor_id"}
		trusts := suite.MustRead(t, at(c.section, c.repository, words), c.account)
		policy := ci.Compile(trusts, c.account, nil)
		if got := keysOf(policy, trusts[0].Host()); got != "" ||
			!strings.Contains(policy.JSON(), "ref:refs/heads/main:job_workflow_ref:"+acmeDeploy+":actor_id:"+mona) {
			t.Errorf("%v: key %q in %s", c.section, got, policy.JSON())
		}
	}
}

// webJob is a job of acme/web on its main branch, by the trusted workflow and actor.
func webJob() Job {
	return Job{
		Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345", Event: "push",
		Ref: "refs/heads/main", Audience: "sts.amazonaws.com", Workflow: acmeDeploy, ActorID: mona,
	}
}

func TestAnotherWorkflowAnotherRefOfItAndAnotherActorDoNotGetIn(t *testing.T) {
	words := object{
		"branches":     list{"main", "release/*"},
		"environments": list{"prod"},
		"pullRequests": true,
		"workflows":    list{acmeDeploy},
		"actors":       list{mona},
	}
	for _, repository := range []string{acmeWeb, "acme/web"} {
		trusts := suite.MustRead(t, github(repository, words), citest.InAWS)
		for _, in := range []func(*Job){
			func(*Job) {},
			func(j *Job) { j.Ref = "refs/heads/release/1" },
			func(j *Job) { j.Environment = "prod" },
			func(j *Job) { j.Event, j.Ref = "pull_request", "refs/pull/7/merge" },
		} {
			job := webJob()
			in(&job)
			if claims := job.Claims(); !citest.Admitted(trusts, citest.InAWS, claims) || !trusts[0].Admits(claims) {
				t.Errorf("%s refuses %v", repository, claims)
			}
			for name, change := range map[string]func(*Job){
				"the repository's own workflow": func(j *Job) { j.Workflow = "" },
				"a workflow that a pull request changed": func(j *Job) {
					j.Workflow = "acme/web/.github/workflows/deploy.yml@refs/pull/7/merge"
				},
				"the workflow at a branch of mallory's": func(j *Job) {
					j.Workflow = "acme/ci/.github/workflows/deploy.yml@refs/heads/mallory"
				},
				"the workflow at a commit": func(j *Job) { j.Workflow = acmePinned },
				"mallory's copy of the workflow": func(j *Job) {
					j.Workflow = "mallory/ci/.github/workflows/deploy.yml@refs/heads/main"
				},
				"mallory":                   func(j *Job) { j.ActorID = "666" },
				"an actor with a longer id": func(j *Job) { j.ActorID += "0" },
			} {
				strange := job
				change(&strange)
				if claims := strange.Claims(); citest.Admitted(trusts, citest.InAWS, claims) ||
					trusts[0].Admits(claims) {
					t.Errorf("%s admits %s: %v", repository, name, claims)
				}
			}
			for _, claim := range []string{"job_workflow_ref", "actor_id"} {
				if claims := ci.With(job.Claims(), map[string]any{claim: nil}); citest.Admitted(trusts, citest.InAWS,
					claims) || trusts[0].Admits(claims) {
					t.Errorf("%s admits a token without %s", repository, claim)
				}
			}
		}
	}
}

func TestAStrangerWhoCallsTheTrustedWorkflowDoesNotGetIn(t *testing.T) {
	for _, words := range []object{
		{"branches": list{"main"}, "workflows": list{acmeDeploy}},
		{"environments": list{"prod"}, "workflows": list{acmeDeploy}, "subjectClaims": list{"job_workflow_ref"}},
		{
			"branches":      list{"main"},
			"workflows":     list{acmeDeploy},
			"subjectClaims": list{"repo", "context", "job_workflow_ref"},
		},
	} {
		trusts := suite.MustRead(t, github(acmeWeb, words), citest.InAWS)
		for _, immutable := range []bool{true, false} {
			for _, template := range [][]string{nil, {"job_workflow_ref"}, {"repo", "context", "job_workflow_ref"}} {
				job := webJob()
				job.Owner, job.OwnerID, job.RepositoryID, job.Environment = "mallory", "666", "667", "prod"
				job.Immutable, job.SubjectClaims = immutable, template
				if claims := job.Claims(); citest.Admitted(trusts, citest.InAWS, claims) || trusts[0].Admits(claims) {
					t.Errorf("%v admits %v", words, claims["sub"])
				}
			}
		}
	}
}

func TestAWorkflowThatOthersCanMoveIsFound(t *testing.T) {
	for workflow, found := range map[string]bool{
		acmeDeploy: true, "acme/ci/.github/workflows/deploy.yml@refs/tags/v1": true, acmePinned: false,
		"acme/web/.github/workflows/deploy.yml@refs/heads/main":  false,
		"acme/web2/.github/workflows/deploy.yml@refs/heads/main": true,
	} {
		want := []string{}
		if found {
			want = append(want, "github-movable-workflow-ref")
		}
		citest.SameStrings(t, workflow, citest.FindingIDs(suite.MustRead(t,
			github(acmeWeb, object{"tags": list{"v1"}, "workflows": list{workflow}}), citest.InAWS)), want)
	}
}

func TestGrantsSayHowAndByWhomAJobMustRun(t *testing.T) {
	words := object{
		"branches":     list{"main"},
		"environments": list{"prod"},
		"workflows":    list{acmePinned, acmeDeploy},
		"actors":       list{mona, "42"},
	}
	end := ", running workflow " + acmePinned + " or " + acmeDeploy + ", started by actor 42 or 5550001"
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t, github(acmeWeb, words), citest.InAWS)), []string{
		"GitHub Actions: acme/web in environment prod" + end, "GitHub Actions: acme/web on branch main" + end,
	})
}

// Sixty repositories do not fit by name. The compact form must hold to the workflow and the actor too.
func TestTheCompactFormStaysAsNarrow(t *testing.T) {
	var repositories list
	for i := range 60 {
		repositories = append(repositories, object{
			"repository": fmt.Sprintf("acme@1234567/service-%02d@890123%02[1]d", i), "branches": list{"main"},
			"workflows": list{acmePinned}, "actors": list{mona},
		})
	}
	trusts, policy, problems := checked(t, citest.Tree("", object{"github": object{"repositories": repositories}}),
		citest.InAWS)
	if problems.Len() > 0 || !trusts[0].Compacted {
		t.Fatalf("not compacted: %v", problems.Sorted())
	}
	if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
		t.Error(err)
	}
	job := webJob()
	job.Repository, job.RepositoryID, job.Workflow = "service-07", "89012307", acmePinned
	for name, c := range map[string]struct {
		change func(*Job)
		want   trust.Answer
	}{
		"the job":          {func(*Job) {}, trust.Allowed},
		"another workflow": {func(j *Job) { j.Workflow = acmeDeploy }, trust.Denied},
		"another actor":    {func(j *Job) { j.ActorID = "666" }, trust.Denied},
	} {
		other := job
		c.change(&other)
		r := trusts[0].Request(other.Claims(), citest.InAWS)
		if got := policy.Decide(&r); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWithACustomisedSubjectInTheSectionThereIsNoCompactForm(t *testing.T) {
	root := manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d")
	repositories := root.Fields["github"].Fields["repositories"]
	repositories.List[7].Fields["subjectClaims"] = citest.Tree("github.repositories[7].subjectClaims",
		list{"repo", "repository_owner", "context"})
	trusts, policy, problems := checked(t, root, citest.InAWS)
	if hasFinding(trusts, "github-compact-form") || strings.Contains(policy.JSON(), `"Deny"`) || problems.Len() != 1 {
		t.Errorf("the subjects of a trusted template would be refused: %v", problems.Sorted())
	}
}

func TestAWrongWorkflowOrActorIsExplainedInGitHubsWords(t *testing.T) {
	for claim, want := range map[string]string{
		"job_workflow_ref": "Add it to workflows",
		"actor_id":         "Add its id to actors",
	} {
		if advice := (System{}).Advise(&ci.Mismatch{Claim: claim, Wanted: []string{"x"}, Seen: "y"}); !strings.Contains(
			advice, want) {
			t.Errorf("%s: %q", claim, advice)
		}
	}
}

func TestTheAuditFindsAMovableWorkflowInASubjectToo(t *testing.T) {
	for workflow, want := range map[string]bool{acmeDeploy: true, acmePinned: false} {
		words := object{
			"branches":      list{"main"},
			"workflows":     list{workflow},
			"subjectClaims": list{"repo", "context", "job_workflow_ref"},
		}
		found := suite.Audit(t,
			ci.Compile(suite.MustRead(t, github(acmeWeb, words), citest.InAWS), citest.InAWS, nil).JSON())
		if got := slices.ContainsFunc(found, func(f ci.Finding) bool {
			return f.ID == "github-movable-workflow-ref"
		}); got != want {
			t.Errorf("%s: %v", workflow, found)
		}
	}
}

func TestTheWorkflowToPasteCallsTheReusableOne(t *testing.T) {
	_, workflow := suite.Pipeline(t, github(acmeWeb, object{"branches": list{"main"}, "workflows": list{acmeDeploy}}),
		citest.InAWS)
	if citest.At(workflow, "jobs", "deploy-by-workflow", "uses") != "acme/ci/.github/workflows/deploy.yml@main" ||
		citest.At(workflow, "jobs", "deploy") != nil {
		t.Errorf("jobs: %v", workflow["jobs"])
	}
	if citest.At(workflow, "permissions", "id-token") != "write" {
		t.Error("the called workflow gets no token")
	}
	text, workflow := suite.Pipeline(t, github(acmeWeb, object{
		"environments": list{"prod"}, "workflows": list{acmePinned, "acme/ci/.github/workflows/x.yml@refs/tags/v1",
			"acme/web/.github/workflows/own.yml@refs/heads/main"},
	}), citest.InAWS)
	if !strings.HasPrefix(text, "# .github/workflows/own.yml\n") ||
		citest.At(workflow, "jobs", "deploy-environment", "environment") != "prod" {
		t.Errorf("the repository's own workflow is not the one to paste:\n%s", text)
	}
	for job, uses := range map[string]string{
		"deploy-by-workflow-1": strings.Replace(acmePinned, "refs/heads/", "", 1),
		"deploy-by-workflow-2": "acme/ci/.github/workflows/x.yml@v1",
	} {
		if got := citest.At(workflow, "jobs", job, "uses"); got != uses {
			t.Errorf("%s uses %v", job, got)
		}
	}
	for _, line := range []string{"with environment: prod", "#       role-to-assume: " + citest.RoleArn,
		"#       aws-region: eu-west-1"} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is missing in\n%s", line, text)
		}
	}
}
