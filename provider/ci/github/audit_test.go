package github

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A judged is a trust policy that somebody wrote, and what an audit finds: ids, each with the first letter of its
// severity.
type judged struct {
	name    string
	host    string // "" is github.com's
	subs    string // StringLike on sub: values between bars; "=" before a value is StringEquals
	keys    string // StringEquals on keys: key=value between bars
	deny    string // a Deny statement's conditions
	want    string
	witness string // stands in the sub of a witness, or its message
}

// policy is the document.
func (j judged) policy(t testing.TB) string {
	t.Helper()
	host := j.host
	if host == "" {
		host = Host
	}
	equals, like := object{host + ":aud": "sts.amazonaws.com"}, object{}
	for _, sub := range strings.FieldsFunc(j.subs, func(c rune) bool { return c == '|' }) {
		to := like
		if exact, is := strings.CutPrefix(sub, "="); is {
			to, sub = equals, exact
		}
		subs, _ := to[host+":sub"].(list)
		to[host+":sub"] = append(subs, sub)
	}
	for _, key := range strings.FieldsFunc(j.keys, func(c rune) bool { return c == '|' }) {
		name, value, _ := strings.Cut(key, "=")
		equals[host+":"+name] = value
	}
	conditions := object{"StringEquals": equals}
	if len(like) > 0 {
		conditions["StringLike"] = like
	}
	provider := "arn:aws:iam::123456789012:oidc-provider/" + host
	statements := list{object{
		"Effect": "Allow", "Principal": object{"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": conditions,
	}}
	if j.deny != "" {
		var conditions map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(j.deny, "HOST", host)), &conditions); err != nil {
			t.Fatal(j.deny, err)
		}
		statements = append(statements, object{
			"Effect": "Deny", "Principal": object{"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": conditions,
		})
	}
	document, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func (j judged) run(t *testing.T, role trust.Role) {
	findings, err := audit.Audit(ci.NewRegistry(System{}), []byte(j.policy(t)), role)
	if err != nil {
		t.Fatal(err)
	}
	var got, messages []string
	witnesses := ""
	for _, f := range findings {
		got = append(got, string(f.Severity[:1])+" "+f.ID)
		messages = append(messages, f.ID+": "+f.Message())
		if f.Witness != nil {
			witnesses += f.Message() + "\n" + ci.TextOf(f.Witness.Claims["sub"]) + "\n"
			messages = append(messages, "    "+ci.TextOf(f.Witness.Claims["sub"]))
		}
	}
	var want []string
	if j.want != "" {
		want = strings.Split(j.want, ", ")
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || !strings.Contains(witnesses, j.witness) {
		t.Errorf("found %s\n want %s\nwitness %q in\n  %s\n%s", strings.Join(got, ", "), strings.Join(want, ", "),
			j.witness,
			strings.Join(messages, "\n  "), j.policy(t))
	}
}

const byName, target = "m github-classic-subject", "l github-pull-request-target"

func TestAnAuditJudgesATrustOfGitHubAsAReviewerWould(t *testing.T) {
	const (
		web     = "repo:acme@1234567/web@89012345"
		pinned  = "repository_owner_id=1234567|repository_id=89012345"
		wf      = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
		rules   = "l github-environment-rules"
		orgWide = "m organization-wide"
	)
	commit := "acme/ci/.github/workflows/deploy.yml@" + strings.Repeat("0a", 20)
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
		{name: "ids and a branch without refs", subs: "=" + web + ":branch:main", want: "m never-matches"},
		{name: "a short ref", subs: "=" + web + ":ref:main", want: "m never-matches"},
		{name: "braces", subs: "repo:acme{,@1}/web:ref:refs/heads/main", want: "m never-matches"},
		{name: "a wildcard with StringEquals", subs: "=repo:acme/web:*", want: "m never-matches"},
		{name: "no repo:", subs: "=acme/web:ref:refs/heads/main", want: "m never-matches"},
		{name: "a slash too many", subs: "repo:acme/web/:*", want: "m never-matches"},
		{name: "github.com in the name", subs: "repo:github.com/acme/web:*", want: "m never-matches"},
		{name: "a key that is a claim and no key", subs: "=" + web + ":environment:production",
			keys: "repository_owner=acme", want: "m never-matches"},
		// strangers
		{name: "aud alone", want: "h no-subject"},
		{name: "everything", subs: "*", want: "h tenant-not-pinned"},
		{name: "every repository", subs: "repo:*", want: "h tenant-not-pinned"},
		{name: "any owner's web", subs: "repo:*/web:ref:refs/heads/main", want: "h tenant-not-pinned"},
		{name: "owners that begin alike", subs: "repo:acme*", want: "h prefix-collision"},
		{name: "owners that begin alike, one context", subs: "repo:acme*/web:environment:prod",
			want: "h prefix-collision"},
		{name: "the context alone", subs: "*:ref:refs/heads/main", want: "h tenant-not-pinned"},
		{name: "a repository by its end", subs: "*/web:ref:refs/heads/main", want: "h tenant-not-pinned"},
		{name: "the reusable workflow alone", subs: "=job_workflow_ref:" + commit, want: "h tenant-not-pinned",
			witness: "job_workflow_ref:acme/ci"},
		{name: "any context of a workflow", subs: "*:job_workflow_ref:" + commit, want: "h tenant-not-pinned"},
		{name: "the environment alone", subs: "=environment:production", want: "h tenant-not-pinned"},
		{name: "an actor", subs: "=actor:mona", want: "h tenant-not-pinned"},
		{name: "owners that begin alike in a custom subject", subs: "repository_owner:acme*",
			want: "h prefix-collision"},
		{name: "an id that begins alike", subs: "repository_owner_id:1234567*", want: "h prefix-collision"},
		{name: "a repository that begins alike in a custom subject",
			subs: "job_workflow_ref:" + commit + ":repository:acme*", want: "h prefix-collision"},
		// any ref of a repository
		{name: "any context", subs: web + ":*", want: "h github-any-ref, " + target},
		{name: "any branch", subs: web + ":ref:refs/heads/*", want: "h github-any-ref, " + target},
		{name: "any tag", subs: web + ":ref:refs/tags/*", want: "h github-any-ref"},
		{name: "any ref, half a word", subs: web + ":r*", want: "h github-any-ref, " + target},
		{name: "any ref", subs: web + ":ref:*", want: "h github-any-ref, " + target},
		{name: "branches that begin like main", subs: web + ":ref:refs/heads/main*",
			want: "m ref-name-prefix, " + target},
		{name: "release/", subs: web + ":ref:refs/heads/release/*", want: "l ref-prefix, " + target},
		{name: "a branch that ends in main", subs: web + ":ref:refs/heads/*/main",
			want: "h wildcard-before-decision, " + target},
		{name: "pull requests", subs: "=" + web + ":pull_request", want: "m github-pull-requests"},
		{name: "any environment", subs: web + ":environment:*", want: "m github-environment-wildcard"},
		{name: "environments that begin alike", subs: web + ":environment:prod-*",
			want: "m github-environment-wildcard"},
		{name: "any context, the environment by its key", subs: web + ":*", keys: "environment=production",
			want: rules},
		{name: "the branch by its key", subs: web + ":*", keys: "ref=refs/heads/main",
			want: "h github-ref-without-sub, " + target},
		{name: "the branch by its key and in sub",
			subs: "=" + web + ":ref:refs/heads/main", keys: "ref=refs/heads/main",
			want: target},
		{name: "the repository's id alone", subs: "repo:*", keys: "repository_id=89012345",
			want: "h github-any-ref, " + target},
		// the merge queue
		{name: "the merge queue", subs: web + ":ref:refs/heads/gh-readonly-queue/main/pr-*",
			want: "h github-merge-queue", witness: "gh-readonly-queue/main/pr-"},
		{name: "branches that begin with g", subs: web + ":ref:refs/heads/g*",
			want: "h github-merge-queue, m ref-name-prefix, " + target},
		// everything of the owner
		{name: "every repository of the owner", subs: "repo:acme/*", want: orgWide},
		{name: "every repository, one branch", subs: "repo:acme/*:ref:refs/heads/main",
			want: orgWide + ", " + byName + ", " + target},
		{name: "every repository, by the owner's id", subs: "repo:*:ref:refs/heads/main",
			keys: "repository_owner_id=1234567", want: orgWide + ", " + target},
		{name: "repositories that begin alike", subs: "repo:acme@1234567/web*:ref:refs/heads/main",
			want: "m project-prefix, " + target},
		{name: "repositories that end alike", subs: "repo:acme@1234567/*-web@*:ref:refs/heads/main",
			want: "m project-prefix, " + target},
		{name: "the compact form without its Deny", subs: "repo:acme/*:ref:refs/heads/main", keys: pinned,
			want: target},
		{name: "a Deny names the owner", subs: "*", deny: `{"StringNotLike": {"HOST:sub": "repo:acme/*"}}`,
			want: orgWide, witness: "repo:acme/"},
		// customised templates
		{name: "the owner in a custom subject", subs: "repository_owner:acme:*",
			want: orgWide},
		{name: "a workflow of the owner's", subs: "=repository_owner:acme:job_workflow_ref:" + wf,
			want: "h github-any-ref, m github-organization, h github-organization-workflow-ref, " + byName},
		{name: "an organization through a workflow, by keys", subs: "repo:acme@1234567/*:ref:refs/heads/main",
			keys: "repository_owner_id=1234567|job_workflow_ref=" + commit, want: "m github-organization, " + target},
		{name: "repository, context, workflow", subs: "=" + web + ":ref:refs/heads/main:job_workflow_ref:" + commit,
			want: target},
		{name: "repository, context, workflow at a branch",
			subs: "=" + web + ":ref:refs/heads/main:job_workflow_ref:" + wf,
			want: target + ", m github-movable-workflow-ref"},
		{name: "repository, any context, workflow", subs: web + ":*:job_workflow_ref:" + commit,
			want: "h github-any-ref, m github-pull-requests, m github-environment-wildcard"},
		{name: "repository and a branch behind anything", subs: web + ":*:ref:refs/heads/main",
			want: "m github-pull-requests, " + target},
		// keys
		{name: "a workflow by its key, at a branch",
			subs: "=" + web + ":environment:production", keys: "job_workflow_ref=" + wf,
			want: "m github-movable-workflow-ref, " + rules},
		{name: "a workflow by its key, of the repository", subs: "=" + web + ":environment:production",
			keys: "job_workflow_ref=acme/web/.github/workflows/deploy.yml@refs/heads/main", want: rules},
		// enterprises
		{name: "an enterprise's issuer, any repository", host: Host + "/acme", subs: "*:ref:refs/heads/main",
			want: orgWide + ", " + target},
		{name: "an enterprise's issuer, aud alone", host: Host + "/acme", want: orgWide},
		{name: "an enterprise on GHE.com, aud alone", host: "token.actions.acme.ghe.com",
			want: orgWide},
		{name: "an enterprise on GHE.com", host: "token.actions.acme.ghe.com",
			subs: "=repo:acme@1/web@2:ref:refs/tags/v1"},
		{name: "a server, names", host: "github.example.com/_services/token",
			subs: "=repo:acme/web:ref:refs/heads/main",
			want: "m github-server-names-alone, " + target},
		{name: "a server, ids that it never sends", host: "github.example.com/_services/token",
			subs: "=repo:acme@1/web@2:ref:refs/heads/main", want: "m never-matches"},
		{name: "a server, every repository", host: "github.example.com/_services/token",
			subs:    "repo:*:ref:refs/heads/main",
			want:    "m github-environment-wildcard, " + orgWide + ", " + target,
			witness: "environment:ref:refs/heads/main"}, // before 3.19 a ":" stands in the subject as it is
		{name: "a server, an id in a custom subject", host: "github.example.com/_services/token",
			subs: "=repo:acme/web:environment:prod:repository_id:12", want: rules},
	} {
		t.Run(j.name, func(t *testing.T) { j.run(t, trust.Role{}) })
	}
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

func TestAnAuditReadsEveryOperatorOnASubjectOfGitHubs(t *testing.T) {
	const web = "repo:acme@1234567/web@89012345"
	suite.Policies(t, []citest.Policy{
		{
			Name: "several repositories, one of them open", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"StringLike":{"KEY:sub":["` + web +
				`:environment:production","repo:acme@1234567/cli@90123456:*"]}}`,
			Want:  "github-any-ref high, github-environment-rules low, github-pull-request-target low",
			Shows: "cli@90123456",
		},
		{
			Name: "in any letter case", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"StringEqualsIgnoreCase":{"KEY:sub":"` + web +
				`:environment:Production"}}`,
			Want: "github-environment-rules low",
		},
		{
			Name: "a branch in any letter case, which git tells apart", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"StringEqualsIgnoreCase":{"KEY:sub":"` + web +
				`:ref:refs/heads/main"}}`,
			Want: "ref-name-prefix medium, github-pull-request-target low",
		},
		{
			Name: "ForAllValues, and every token has sub", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"ForAllValues:StringLike":{"KEY:sub":"` + web +
				`:ref:refs/tags/v1.0.0"}}`,
			Want: "",
		},
		{
			Name: "two conditions on sub", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"StringLike":{"KEY:sub":"repo:acme@1234567/*"},` +
				`"ForAnyValue:StringLike":{"KEY:sub":"*:environment:production"}}`,
			Want: "organization-wide medium, github-environment-rules low",
		},
		{
			Name: "a Deny of pull requests and other refs", Host: Host,
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},"StringLike":{"KEY:sub":"` + web + `:*"}}`,
			Deny:  `{"StringNotLike":{"KEY:sub":"*:ref:refs/tags/v1.0.0"}}`,
			Want:  "",
		},
		{
			Name: "the keys of an issuer that fills none", Host: "github.example.com/_services/token",
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"repo:acme/web:environment:prod",` +
				`"KEY:repository_owner_id":"1"}}`,
			Want: "never-matches medium",
		},
		{
			Name: "names in a partition where AWS fills no id", Host: Host, Partition: "aws-cn",
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"repo:acme/web:environment:prod"}}`,
			Want:  "github-classic-subject medium, github-environment-rules low",
		},
	})
}
