package github

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// A judged is a policy in GitHub's shorthand, which an audit is held against as a citest.Audited.
type judged struct {
	name    string
	host    string // "" is github.com's
	subs    string // StringLike on sub: values between bars; "=" before a value is StringEquals
	keys    string // StringEquals on keys: key=value between bars
	deny    string // a Deny statement's conditions
	want    string
	witness string // as in citest.Audited
}

// audited is the policy written out.
func (j judged) audited(t testing.TB) citest.Audited {
	t.Helper()
	equals, like := object{"ISSUER:aud": "sts.amazonaws.com"}, object{}
	for _, sub := range strings.FieldsFunc(j.subs, func(c rune) bool { return c == '|' }) {
		to := like
		if exact, is := strings.CutPrefix(sub, "="); is {
			to, sub = equals, exact
		}
		subs, _ := to["ISSUER:sub"].(list)
		to["ISSUER:sub"] = append(subs, sub)
	}
	for _, key := range strings.FieldsFunc(j.keys, func(c rune) bool { return c == '|' }) {
		name, value, _ := strings.Cut(key, "=")
		equals["ISSUER:"+name] = value
	}
	conditions := object{"StringEquals": equals}
	if len(like) > 0 {
		conditions["StringLike"] = like
	}
	condition, err := json.Marshal(conditions)
	if err != nil {
		t.Fatal(err)
	}
	return citest.Audited{
		Name: j.name, Host: cmp.Or(j.host, Host), Condition: string(condition), Deny: j.deny, Untagged: true,
		Want: j.want, Witness: j.witness,
	}
}

// policy is the document.
func (j judged) policy(t testing.TB) string {
	t.Helper()
	return j.audited(t).Policy()
}

const byName, target = "medium github-classic-subject", "low github-pull-request-target"

func TestAnAuditJudgesATrustOfGitHubAsAReviewerWould(t *testing.T) {
	const (
		web     = "repo:acme@1234567/web@89012345"
		pinned  = "repository_owner_id=1234567|repository_id=89012345"
		wf      = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
		rules   = "low github-environment-rules"
		orgWide = "medium organization-wide"
		anyRef  = "high github-any-ref, "
	)
	commit := "acme/ci/.github/workflows/deploy.yml@" + strings.Repeat("0a", 20)
	var policies []citest.Audited
	for _, j := range []judged{
		// what is right
		{name: "ids and a branch", subs: "=" + web + ":ref:refs/heads/main", want: target},
		{name: "ids and a tag", subs: "=" + web + ":ref:refs/tags/v1.0.0", want: ""},
		{name: "ids and an environment", subs: "=" + web + ":environment:production", want: rules},
		{name: "both forms, the ids pinned",
			subs: "=" + web + ":environment:production|=repo:acme/web:environment:production",
			keys: pinned, want: rules},
		// names alone
		{name: "names alone", subs: "=repo:acme/web:ref:refs/heads/main", want: byName + ", " + target},
		{name: "ids left open", subs: "repo:acme@*/web@*:environment:prod", want: byName + ", " + rules,
			witness: "repo:acme@"},
		{name: "the owner's id alone left open", subs: "repo:acme@*/web@89012345:ref:refs/tags/v1", want: ""},
		{name: "the repository's id left open", subs: "repo:acme@1234567/web@*:ref:refs/tags/v1", want: ""},
		{name: "names, in a partition without keys", host: Host, subs: "=repo:acme/web:environment:prod",
			want: byName + ", " + rules},
		// dead
		{name: "ids and a branch without refs", subs: "=" + web + ":branch:main", want: "medium never-matches"},
		{name: "a short ref", subs: "=" + web + ":ref:main", want: "medium never-matches"},
		{name: "braces", subs: "repo:acme{,@1}/web:ref:refs/heads/main", want: "medium never-matches"},
		{name: "a wildcard with StringEquals", subs: "=repo:acme/web:*", want: "medium never-matches"},
		{name: "no repo:", subs: "=acme/web:ref:refs/heads/main", want: "medium never-matches"},
		{name: "a slash too many", subs: "repo:acme/web/:*", want: "medium never-matches"},
		{name: "github.com in the name", subs: "repo:github.com/acme/web:*", want: "medium never-matches"},
		{name: "a key that is a claim and no key", subs: "=" + web + ":environment:production",
			keys: "repository_owner=acme", want: "medium never-matches"},
		// strangers
		{name: "aud alone", want: "high no-subject"},
		{name: "everything", subs: "*", want: "high tenant-not-pinned"},
		{name: "every repository", subs: "repo:*", want: "high tenant-not-pinned"},
		{name: "any owner's web", subs: "repo:*/web:ref:refs/heads/main", want: "high tenant-not-pinned"},
		{name: "owners that begin alike", subs: "repo:acme*", want: "high prefix-collision"},
		{name: "owners that begin alike, one context", subs: "repo:acme*/web:environment:prod",
			want: "high prefix-collision"},
		{name: "the context alone", subs: "*:ref:refs/heads/main", want: "high tenant-not-pinned"},
		{name: "a repository by its end", subs: "*/web:ref:refs/heads/main", want: "high tenant-not-pinned"},
		{name: "the reusable workflow alone", subs: "=job_workflow_ref:" + commit, want: "high tenant-not-pinned",
			witness: "job_workflow_ref:acme/ci"},
		{name: "any context of a workflow", subs: "*:job_workflow_ref:" + commit, want: "high tenant-not-pinned"},
		{name: "the environment alone", subs: "=environment:production", want: "high tenant-not-pinned"},
		{name: "an actor", subs: "=actor:mona", want: "high tenant-not-pinned"},
		{name: "owners that begin alike in a custom subject", subs: "repository_owner:acme*",
			want: "high prefix-collision"},
		{name: "an id that begins alike", subs: "repository_owner_id:1234567*", want: "high prefix-collision"},
		{name: "a repository that begins alike in a custom subject",
			subs: "job_workflow_ref:" + commit + ":repository:acme*", want: "high prefix-collision"},
		// any ref of a repository
		{name: "any context", subs: web + ":*", want: "high github-any-ref, " + target},
		{name: "any branch", subs: web + ":ref:refs/heads/*", want: "high github-any-ref, " + target},
		{name: "any tag", subs: web + ":ref:refs/tags/*", want: "high github-any-ref"},
		{name: "any ref, half a word", subs: web + ":r*", want: "high github-any-ref, " + target},
		{name: "any ref", subs: web + ":ref:*", want: "high github-any-ref, " + target},
		{name: "branches that begin like main", subs: web + ":ref:refs/heads/main*",
			want: "medium ref-name-prefix, " + target},
		{name: "release/", subs: web + ":ref:refs/heads/release/*", want: "low ref-prefix, " + target},
		{name: "a branch that ends in main", subs: web + ":ref:refs/heads/*/main",
			want: "high wildcard-before-decision, " + target},
		{name: "pull requests", subs: "=" + web + ":pull_request", want: "medium github-pull-requests"},
		{name: "any environment", subs: web + ":environment:*", want: "medium github-environment-wildcard"},
		{name: "environments that begin alike", subs: web + ":environment:prod-*",
			want: "medium github-environment-wildcard"},
		{name: "any context, the environment by its key", subs: web + ":*", keys: "environment=production",
			want: rules},
		{name: "the branch by its key", subs: web + ":*", keys: "ref=refs/heads/main",
			want: "high github-ref-without-sub, " + target},
		{name: "the branch by its key and in sub",
			subs: "=" + web + ":ref:refs/heads/main", keys: "ref=refs/heads/main",
			want: target},
		{name: "the repository's id alone", subs: "repo:*", keys: "repository_id=89012345",
			want: "high github-any-ref, " + target},
		// the merge queue
		{name: "the merge queue", subs: web + ":ref:refs/heads/gh-readonly-queue/main/pr-*",
			want: "high github-merge-queue", witness: "gh-readonly-queue/main/pr-"},
		{name: "branches that begin with g", subs: web + ":ref:refs/heads/g*",
			want: "high github-merge-queue, medium ref-name-prefix, " + target},
		// everything of the owner
		{name: "every repository of the owner", subs: "repo:acme/*", want: anyRef + orgWide},
		{name: "every repository, one branch", subs: "repo:acme/*:ref:refs/heads/main",
			want: orgWide + ", " + byName + ", " + target},
		{name: "every repository, by the owner's id", subs: "repo:*:ref:refs/heads/main",
			keys: "repository_owner_id=1234567", want: orgWide + ", " + target},
		{name: "repositories that begin alike", subs: "repo:acme@1234567/web*:ref:refs/heads/main",
			want: "medium project-prefix, " + target},
		{name: "repositories that end alike", subs: "repo:acme@1234567/*-web@*:ref:refs/heads/main",
			want: "medium project-prefix, " + target},
		{name: "the compact form without its Deny", subs: "repo:acme/*:ref:refs/heads/main", keys: pinned,
			want: target},
		{name: "a Deny names the owner", subs: "*", deny: `{"StringNotLike": {"ISSUER:sub": "repo:acme/*"}}`,
			want: anyRef + orgWide, witness: "repo:acme/"},
		// customised templates
		{name: "the owner in a custom subject", subs: "repository_owner:acme:*",
			want: anyRef + orgWide},
		{name: "a workflow of the owner's", subs: "=repository_owner:acme:job_workflow_ref:" + wf,
			want: "high github-any-ref, medium github-organization, high github-organization-workflow-ref, " + byName},
		{name: "an organization through a workflow, by keys", subs: "repo:acme@1234567/*:ref:refs/heads/main",
			keys: "repository_owner_id=1234567|job_workflow_ref=" + commit,
			want: "medium github-organization, " + target},
		{name: "repository, context, workflow", subs: "=" + web + ":ref:refs/heads/main:job_workflow_ref:" + commit,
			want: target},
		{name: "repository, context, workflow at a branch",
			subs: "=" + web + ":ref:refs/heads/main:job_workflow_ref:" + wf,
			want: target + ", medium github-movable-workflow-ref"},
		{name: "repository, any context, workflow", subs: web + ":*:job_workflow_ref:" + commit,
			want: "high github-any-ref, medium github-pull-requests, medium github-environment-wildcard"},
		{name: "repository and a branch behind anything", subs: web + ":*:ref:refs/heads/main",
			want: "medium github-pull-requests, " + target},
		// keys
		{name: "a workflow by its key, at a branch",
			subs: "=" + web + ":environment:production", keys: "job_workflow_ref=" + wf,
			want: "medium github-movable-workflow-ref, " + rules},
		{name: "a workflow by its key, of the repository", subs: "=" + web + ":environment:production",
			keys: "job_workflow_ref=acme/web/.github/workflows/deploy.yml@refs/heads/main", want: rules},
		// enterprises
		{name: "an enterprise's issuer, any repository", host: Host + "/acme", subs: "*:ref:refs/heads/main",
			want: orgWide + ", " + target},
		{name: "an enterprise's issuer, aud alone", host: Host + "/acme", want: anyRef + orgWide},
		{name: "an enterprise on GHE.com, aud alone", host: "token.actions.acme.ghe.com",
			want: anyRef + orgWide},
		{name: "an enterprise on GHE.com", host: "token.actions.acme.ghe.com",
			subs: "=repo:acme@1/web@2:ref:refs/tags/v1"},
		{name: "a server, names", host: "github.example.com/_services/token",
			subs: "=repo:acme/web:ref:refs/heads/main",
			want: "medium github-server-names-alone, " + target},
		{name: "a server, ids that it never sends", host: "github.example.com/_services/token",
			subs: "=repo:acme@1/web@2:ref:refs/heads/main", want: "medium never-matches"},
		{name: "a server, every repository", host: "github.example.com/_services/token",
			subs:    "repo:*:ref:refs/heads/main",
			want:    "medium github-environment-wildcard, " + orgWide + ", " + target,
			witness: "environment:ref:refs/heads/main"}, // before 3.19 a ":" stands in the subject as it is
		{name: "a server, an id in a custom subject", host: "github.example.com/_services/token",
			subs: "=repo:acme/web:environment:prod:repository_id:12", want: rules},
	} {
		policies = append(policies, j.audited(t))
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

func TestAnAuditReadsEveryOperatorOnASubjectOfGitHubs(t *testing.T) {
	const (
		web = "repo:acme@1234567/web@89012345"
		aud = `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"},`
	)
	suite.Audited(t, citest.Untagged([]citest.Audited{
		{
			Name: "several repositories, one of them open", Host: Host,
			Condition: aud + `"StringLike":{"ISSUER:sub":["` + web +
				`:environment:production","repo:acme@1234567/cli@90123456:*"]}}`,
			Want:    "high github-any-ref, low github-environment-rules, low github-pull-request-target",
			Witness: "cli@90123456",
		},
		{
			Name: "in any letter case", Host: Host,
			Condition: aud + `"StringEqualsIgnoreCase":{"ISSUER:sub":"` + web +
				`:environment:Production"}}`,
			Want: "low github-environment-rules",
		},
		{
			Name: "a branch in any letter case, which git tells apart", Host: Host,
			Condition: aud + `"StringEqualsIgnoreCase":{"ISSUER:sub":"` + web +
				`:ref:refs/heads/main"}}`,
			Want: "medium ref-name-prefix, low github-pull-request-target",
		},
		{
			Name: "ForAllValues, and every token has sub", Host: Host,
			Condition: aud + `"ForAllValues:StringLike":{"ISSUER:sub":"` + web +
				`:ref:refs/tags/v1.0.0"}}`,
			Want: "",
		},
		{
			Name: "two conditions on sub", Host: Host,
			Condition: aud + `"StringLike":{"ISSUER:sub":"repo:acme@1234567/*"},` +
				`"ForAnyValue:StringLike":{"ISSUER:sub":"*:environment:production"}}`,
			Want: "medium organization-wide, low github-environment-rules",
		},
		{
			Name: "a Deny of pull requests and other refs", Host: Host,
			Condition: aud + `"StringLike":{"ISSUER:sub":"` + web + `:*"}}`,
			Deny:      `{"StringNotLike":{"ISSUER:sub":"*:ref:refs/tags/v1.0.0"}}`,
			Want:      "",
		},
		{
			Name: "the keys of an issuer that fills none", Host: "github.example.com/_services/token",
			Condition: `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com",` +
				`"ISSUER:sub":"repo:acme/web:environment:prod","ISSUER:repository_owner_id":"1"}}`,
			Want: "medium never-matches",
		},
		{
			Name: "names in a partition where AWS fills no id", Host: Host, Partition: "aws-cn",
			Condition: `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com",` +
				`"ISSUER:sub":"repo:acme/web:environment:prod"}}`,
			Want: "medium github-classic-subject, low github-environment-rules",
		},
	}))
}
