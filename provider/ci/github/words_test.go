package github

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Whoever may write to the repository pushes a branch of the queue's name, and nothing tells it from the queue's own.
func TestABranchThatIsPushedUnderAMergeQueuesNameGetsInAndThatIsFound(t *testing.T) {
	written := github(acmeWeb, object{"mergeQueue": list{"main"}})
	_, lines := suite.Read(written, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].mergeQueue: a merge queue runs code") ||
		!strings.Contains(lines[0], "add github-merge-queue to acceptRisks") {
		t.Errorf("problems: %q", lines)
	}
	trusts := suite.MustRead(t, written, citest.InAWS)
	for _, c := range []struct {
		what, event, ref string
		admits           bool
	}{
		{"the queue", "merge_group", "refs/heads/gh-readonly-queue/main/pr-7-0123456789abcdef", true},
		{"a branch that somebody pushed", "push", "refs/heads/gh-readonly-queue/main/pr-1-x", true},
		{"the queue of another branch", "merge_group", "refs/heads/gh-readonly-queue/dev/pr-7-0", false},
		{"the queue of a branch whose name is longer", "merge_group",
			"refs/heads/gh-readonly-queue/main2/pr-7-0", false},
		{"the queue of a branch in a folder", "merge_group", "refs/heads/gh-readonly-queue/x/main/pr-7-0", false},
		{"the branch", "push", "refs/heads/main", false},
		{"a tag of the queue's name", "push", "refs/tags/gh-readonly-queue/main/pr-7-0", false},
		{"no pull request's", "push", "refs/heads/gh-readonly-queue/main/x", false},
		{"a pull request", "pull_request", "refs/pull/7/merge", false},
	} {
		for _, immutable := range []bool{false, true} {
			token := classic("web", "89012345", func(j *Job) {
				j.Event, j.Ref, j.Immutable = c.event, c.ref, immutable
			})
			if got := citest.Admitted(trusts, citest.InAWS, token); got != c.admits || got != trusts[0].Admits(token) {
				t.Errorf("%s: the policy says %v, the grants %v", c.what, got, trusts[0].Admits(token))
			}
		}
	}
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"GitHub Actions: acme/web in the merge queue of branch " +
			"main, and on any branch that somebody pushes as gh-readonly-queue/main/pr-*"})
	_, workflow := suite.Pipeline(t, written, citest.InAWS)
	if on, _ := citest.At(workflow, "on").(object); on == nil || citest.At(workflow, "on", "push") != nil {
		t.Errorf("the workflow starts on %v", on)
	} else if _, queue := on["merge_group"]; !queue {
		t.Errorf("the workflow starts on %v", on)
	}
}

func TestEveryBranchPatternThatMeetsAMergeQueueIsFound(t *testing.T) {
	for branch, found := range map[string]bool{
		"g*": true, "gh-*": true, "gh-readonly-queue/*": true, "gh-readonly-queue/main/*": true,
		"gh-readonly-queue/main/pr-1-x": true, "gh-readonly-queuer*": false, "h*": false, "gh": false, "main": false,
		"gh-readonly-queue": false, "x/gh-readonly-queue/*": false,
	} {
		ids := citest.FindingIDs(suite.MustRead(t, github(acmeWeb, object{"branches": list{branch}}), citest.InAWS))
		if got := slices.Contains(ids, "github-merge-queue"); got != found {
			t.Errorf("%s: %v", branch, got)
		}
	}
	any := citest.FindingIDs(suite.MustRead(t, github(acmeWeb, object{"branches": list{"*"}}), citest.InAWS))
	if slices.Contains(any, "github-merge-queue") || !slices.Contains(any, "github-any-ref") {
		t.Errorf("any branch: %q", any)
	}
}

func TestEveryWrongMergeQueueIsRefusedWithItsRemedy(t *testing.T) {
	for text, want := range map[string]string{
		"release/*": "has a wildcard; a merge queue belongs to one branch", "*": "has a wildcard; ",
		"gh-readonly-queue/main/pr-": "is a branch of a merge queue; write the branch whose queue it is, such as main",
		"refs/heads/main":            "write the branch's name without refs/heads/", "": "is empty",
		"a b": "git allows no space",
	} {
		written := github(acmeWeb, object{"mergeQueue": list{text}})
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].mergeQueue[0]: "+want) {
			t.Errorf("%q: %q", text, lines)
		}
	}
}

const webAtTags = "acme/web/.github/workflows/deploy.yml@refs/tags/web-v*"

func TestAWorkflowAtATagThatIsNotTrustedDoesNotGetIn(t *testing.T) {
	trusts := suite.MustRead(t, github(acmeWeb, object{"tags": list{"web-v*"}, "workflows": list{webAtTags}}),
		citest.InAWS)
	const file = "acme/web/.github/workflows/deploy.yml@"
	for _, c := range []struct {
		what, ref, workflow string
		admits              bool
	}{
		{"the workflow at the tag", "refs/tags/web-v1.2", file + "refs/tags/web-v1.2", true},
		{"the workflow at another trusted tag", "refs/tags/web-v2", file + "refs/tags/web-v1.2", true},
		{"at the branch that is called like the tag", "refs/tags/web-v1", file + "refs/heads/web-v1", false},
		{"at another tag", "refs/tags/web-v1", file + "refs/tags/api-v1", false},
		{"at a branch", "refs/tags/web-v1", file + "refs/heads/main", false},
		{"another workflow at the tag", "refs/tags/web-v1", "acme/web/.github/workflows/x.yml@refs/tags/web-v1", false},
		{"another repository's", "refs/tags/web-v1", "acme/api/.github/workflows/deploy.yml@refs/tags/web-v1", false},
		{"another owner's", "refs/tags/web-v1", "mallory/web/.github/workflows/deploy.yml@refs/tags/web-v1", false},
		{"on another tag", "refs/tags/api-v1", file + "refs/tags/web-v1", false},
		{"on a branch", "refs/heads/main", file + "refs/tags/web-v1", false},
	} {
		token := classic("web", "89012345", func(j *Job) { j.Ref, j.Workflow = c.ref, c.workflow })
		if got := citest.Admitted(trusts, citest.InAWS, token); got != c.admits || got != trusts[0].Admits(token) {
			t.Errorf("%s: the policy says %v, the grants %v", c.what, got, trusts[0].Admits(token))
		}
	}
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"GitHub Actions: acme/web on all tags that begin with " +
			"web-v (also across further slashes), running workflow acme/web/.github/workflows/deploy.yml at all tags " +
			"that begin with web-v (also across further slashes)"})
}

func TestAWorkflowAtTagsIsRefusedWhereSomebodyElseCouldPushTheTag(t *testing.T) {
	tags := object{"tags": list{"web-v*"}}
	for _, c := range []struct {
		repository string
		words      object
		workflow   string
		want       string
	}{
		{acmeWeb, tags, "acme/ci/.github/workflows/deploy.yml@refs/tags/web-v*", "is another repository's workflow"},
		{acmeWeb, tags, "acme/web2/.github/workflows/deploy.yml@refs/tags/web-v*", "is another repository's workflow"},
		{acmeWeb, object{"tags": list{"web-*"}}, webAtTags,
			"is at tags that the item does not trust in the same words"},
		{acmeWeb, object{"tags": list{"web-v1*"}}, webAtTags, "is at tags that the item does not trust"},
		{acmeWeb, object{"tags": list{"web-v1"}}, webAtTags, "is at tags that the item does not trust"},
		{acmeWeb, merged(tags, object{"branches": list{"main"}}), webAtTags,
			"stands in an item that grants more than tags"},
		{acmeWeb, merged(tags, object{"environments": list{"prod"}}), webAtTags, "stands in an item that grants more"},
		{acmeWeb, merged(tags, object{"pullRequests": true}), webAtTags, "stands in an item that grants more"},
		{acmeWeb, merged(tags, object{"mergeQueue": list{"main"}}), webAtTags, "stands in an item that grants more"},
		{acmeWeb, object{"branches": list{"web-v*"}}, webAtTags, "stands in an item that grants more"},
		{acmeWeb, merged(tags, object{"subjectClaims": list{"repo", "job_workflow_ref", "context"}}), webAtTags,
			"stands in the subject"},
		{acmeWeb, tags, "acme/web/.github/workflows/deploy.yml@refs/heads/web-v*", "has a wildcard; "},
		{acmeWeb, tags, "acme/web/.github/workflows/deploy.yml@*", "has a wildcard; "},
		{acmeWeb, tags, "acme/web/.github/workflows/*@refs/tags/web-v*", "has a wildcard; "},
		{acmeWeb, tags, "acme/web/.github/workflows/deploy.yml@refs/tags/web-v**", "has a wildcard; "},
		{acmeWeb, tags, "acme/web/.github/workflows/deploy.yml@refs/tags/we b-v*", "ends in no full ref"},
	} {
		written := github(c.repository, merged(c.words, object{"workflows": list{c.workflow}}))
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].workflows[0]: "+c.want) {
			t.Errorf("%v %s: %q", c.words, c.workflow, lines)
		}
	}
	for _, words := range []object{tags, {"tags": list{"web-v*", "api-v*"}}, {"tags": list{citest.Unknown{}}}} {
		written := github(acmeWeb, merged(words, object{"workflows": list{webAtTags}}))
		if _, lines := suite.Read(written, citest.InAWS); len(lines) != 0 {
			t.Errorf("%v: %q", words, lines)
		}
	}
}

// acmeOrganization is a trust of any repository of acme's through a workflow.
func acmeOrganization(workflow string, words object) object {
	return object{"github": object{"organizations": list{
		merged(object{"organization": "acme@1234567", "workflows": list{workflow}}, words),
	}}}
}

func TestWhoGetsInByAnOrganizationsWorkflow(t *testing.T) {
	words := object{"environments": list{"production"}, "branches": list{"main"}}
	pinned := suite.MustRead(t, acmeOrganization(acmePinned, words), citest.InAWS)
	movable := suite.MustRead(t, acmeOrganization(acmeDeploy, words), citest.InAWS)
	at := func(environment string) func(*Job) { return func(j *Job) { j.Environment = environment } }
	for _, c := range []struct {
		what            string
		change          func(*Job)
		pinned, movable bool
	}{
		{"a repository", at("production"), true, true},
		{"a repository on its own main", func(*Job) {}, true, true},
		{"a repository that a member made today", func(j *Job) { j.Repository, j.RepositoryID = "mallory", "667" },
			true, true},
		{"a pull request that names the environment", func(j *Job) {
			j.Event, j.Ref, j.Environment = "pull_request", "refs/pull/7/merge", "production"
		}, true, true},
		{"pull_request_target that names the environment", func(j *Job) {
			j.Event, j.Environment = "pull_request_target", "production"
		}, true, true},
		{"a pull request", func(j *Job) { j.Event, j.Ref = "pull_request", "refs/pull/7/merge" }, false, false},
		{"another branch", func(j *Job) { j.Ref = "refs/heads/x" }, false, false},
		{"another environment", at("staging"), false, false},
		{"the owner, renamed", func(j *Job) { j.Owner = "acme-inc" }, false, false},
		{"the owner's name, registered again", func(j *Job) { j.OwnerID = "666" }, false, false},
		{"another owner that calls the workflow", func(j *Job) { j.Owner, j.OwnerID = "mallory", "666" }, false, false},
		{"an owner whose name is longer", func(j *Job) { j.Owner, j.OwnerID = "acme2", "12345672" }, false, false},
		{"another workflow", func(j *Job) { j.Workflow = "acme/ci/.github/workflows/x.yml@refs/heads/main" },
			false, false},
		{"the repository's own workflow", func(j *Job) { j.Workflow = "" }, false, false},
		{"the workflow run by itself", func(j *Job) { j.Repository, j.Workflow = "ci", acmeDeploy }, false, true},
		{"another audience", func(j *Job) { j.Audience = "x" }, false, false},
	} {
		for _, immutable := range []bool{false, true} {
			for workflow, trusts := range map[string][]ci.Trust{acmePinned: pinned, acmeDeploy: movable} {
				token := classic("web", "89012345", func(j *Job) {
					j.Workflow = workflow
					c.change(j)
					j.Immutable = immutable
				})
				want := c.pinned && workflow == acmePinned || c.movable && workflow == acmeDeploy
				if got := citest.Admitted(trusts, citest.InAWS, token); got != want || got != trusts[0].Admits(token) {
					t.Errorf("%s by %s: the policy says %v, the grants %v", c.what, workflow, got,
						trusts[0].Admits(token))
				}
			}
		}
	}
	citest.SameStrings(t, "findings", citest.FindingIDs(pinned),
		[]string{"github-environment-rules", "github-organization", "github-pull-request-target"})
	citest.SameStrings(t, "findings", citest.FindingIDs(movable), []string{
		"github-environment-rules", "github-organization", "github-organization-workflow-ref",
		"github-pull-request-target",
	})
	citest.SameStrings(t, "grants", ci.Sentences(movable), []string{
		"GitHub Actions: any repository of acme, also one made later, in environment production, also in runs of a " +
			"pull request that name it, running workflow " + acmeDeploy + ", also where that workflow is run by itself",
		"GitHub Actions: any repository of acme, also one made later, on branch main, running workflow " + acmeDeploy +
			", also where that workflow is run by itself",
	})
}

// acme-ci was renamed, and mallory registered the name and a repository ci: job_workflow_ref says the same of both.
func TestAWorkflowsNameThatIsRegisteredAgainGetsInUnlessTheWorkflowIsAtACommit(t *testing.T) {
	const named = "acme-ci/ci/.github/workflows/deploy.yml@refs/heads/main"
	words := object{"branches": list{"main"}}
	_, lines := suite.Read(acmeOrganization(named, words), citest.InAWS)
	if len(lines) != 2 || !strings.Contains(lines[0], "add github-organization to acceptRisks") ||
		!strings.HasPrefix(lines[1],
			"github.organizations[0].workflows: the workflow through which every repository") ||
		!strings.Contains(lines[1], "add github-organization-workflow-ref to acceptRisks") {
		t.Errorf("problems: %q", lines)
	}
	token := classic("web", "89012345", func(j *Job) { j.Workflow = named })
	if !citest.Admitted(suite.MustRead(t, acmeOrganization(named, words), citest.InAWS), citest.InAWS, token) {
		t.Error("the policy is stricter than the finding says")
	}
}

func TestATemplateOfAnotherRepositoryDoesNotFillTheStarOfAnOrganization(t *testing.T) {
	trusts := suite.MustRead(t, acmeOrganization(acmePinned, object{"branches": list{"main"}}), citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil)
	for _, sub := range []string{
		"repo:acme/web:pull_request:ref:refs/heads/main",
		"repo:acme@1234567/web@89012345:pull_request:ref:refs/heads/main",
		"repo:acme/web:actor:mallory:ref:refs/heads/main", "repo:acme/web:ref:refs/heads/x:ref:refs/heads/main",
	} {
		claims := ci.With(classic("web", "89012345", func(j *Job) {
			j.Workflow = acmePinned
		}), map[string]any{"sub": sub})
		r := trusts[0].Request(claims, citest.InAWS)
		if policy.Decide(&r) != trust.Denied || trusts[0].Admits(claims) {
			t.Errorf("%s gets in", sub)
		}
		if withoutDeny(t, policy, "").Decide(&r) != trust.Allowed {
			t.Errorf("%s is refused without the Deny: the test shows nothing", sub)
		}
	}
	if ci.Prove(withoutDeny(t, policy, ""), trusts, citest.InAWS) == nil {
		t.Error("the proof does not miss the Deny")
	}
}

func TestEveryWrongOrganizationIsRefusedWithItsRemedy(t *testing.T) {
	main := object{"branches": list{"main"}}
	organization := func(text string, words object) object {
		written := acmeOrganization(acmePinned, words)
		written["github"].(object)["organizations"].(list)[0].(object)["organization"] = text
		return written
	}
	without := acmeOrganization(acmePinned, main)
	delete(without["github"].(object)["organizations"].(list)[0].(object), "workflows")
	templates := acmeOrganization(acmePinned, main)
	templates["github"].(object)["repositories"] = list{repositoryItem(acmeWeb,
		merged(main, object{"subjectClaims": list{"repo", "repository_id", "context"}}))}
	const first = "github.organizations[0]."
	for _, c := range []struct {
		what    string
		written object
		account ci.Account
		want    string
	}{
		{"no id", organization("acme", main), citest.InAWS, first + "organization: has no id"},
		{"a repository", organization(acmeWeb, main), citest.InAWS, first + "organization: names a repository"},
		{"a wildcard", organization("acme*@1", main), citest.InAWS, first + "organization: must be one organization"},
		{"a login for an id", organization("acme@mona", main), citest.InAWS,
			first + "organization: is not an organization"},
		{"no workflow", without, citest.InAWS, first + "workflows: is missing: without a workflow every job"},
		{"a workflow at tags", acmeOrganization("acme/ci/.github/workflows/deploy.yml@refs/tags/v*", main),
			citest.InAWS,
			first + "workflows[0]: has a wildcard; through an organization's workflow any of its repositories gets in"},
		{"no word", acmeOrganization(acmePinned, object{}), citest.InAWS,
			first + "branches: is missing, and so are tags"},
		{"pull requests", organization("acme@1", merged(main, object{"pullRequests": true})), citest.InAWS,
			first + "pullRequests: is not for an organization"},
		{"a merge queue", organization("acme@1", merged(main, object{"mergeQueue": list{"main"}})), citest.InAWS,
			first + "mergeQueue: is not for an organization"},
		{"China", acmeOrganization(acmePinned, main), citest.InChina, first + "organization: cannot be trusted here"},
		{"GovCloud", acmeOrganization(acmePinned, main), citest.InGov, first + "organization: cannot be trusted here"},
		{"beside a template", templates, citest.InAWS, first + "organization: cannot stand beside subjectClaims"},
	} {
		c.written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(c.written, c.account)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], c.want) {
			t.Errorf("%s: %q, want %s", c.what, lines, c.want)
		}
	}
	for _, host := range []object{
		{"hostname": "github.example.com"}, {"hostname": "acme.ghe.com", "enterprise": "acme"},
	} {
		written := acmeOrganization(acmePinned, main)
		for name, value := range host {
			written["github"].(object)[name] = value
		}
		written["acceptRisks"] = suite.AllRisks()
		if _, lines := suite.Read(written, citest.InAWS); len(lines) != 1 ||
			!strings.HasPrefix(lines[0], first+"organization: cannot be trusted here") {
			t.Errorf("%v: %q", host, lines)
		}
	}
}

func TestAnOrganizationWithoutActorsVoidsTheActorsOfItsRepository(t *testing.T) {
	written := acmeOrganization(acmePinned, object{"branches": list{"main"}})
	written["github"].(object)["repositories"] = list{
		repositoryItem(acmeWeb, object{"branches": list{"main"}, "actors": list{mona}})}
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !slices.Contains(citest.FindingIDs(trusts), narrowingVoid.ID) {
		t.Errorf("%q", citest.FindingIDs(trusts))
	}
	token := classic("web", "89012345", func(j *Job) { j.Workflow, j.ActorID = acmePinned, "666" })
	if r := trusts[0].Request(token, citest.InAWS); ci.Compile(trusts, citest.InAWS, nil).Decide(&r) != trust.Allowed {
		t.Error("the policy is stricter than the finding says")
	}
}

func TestTheWorkflowThatAnyRepositoryCallsChecksNothingOut(t *testing.T) {
	text, _ := suite.Pipeline(t, acmeOrganization(acmePinned, object{"branches": list{"main"}}), citest.InAWS)
	if strings.Contains(text, "checkout@") || !strings.Contains(text, "checks out and runs nothing of its caller") ||
		!strings.Contains(text, "aws-actions/configure-aws-credentials@") {
		t.Error(text)
	}
	text, _ = suite.Pipeline(t, github(acmeWeb, object{"branches": list{"main"}, "workflows": list{acmePinned}}),
		citest.InAWS)
	if !strings.Contains(text, "checkout@") || strings.Contains(text, "of its caller") {
		t.Error(text)
	}
}
