package semaphore

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfSemaphoreThatPeopleWrite(t *testing.T) {
	const (
		repo     = "org:acme:project:" + web + ":repo:web:"
		anything = "semaphore-any-ref high, semaphore-pull-requests high"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("https://acme.semaphoreci.com", operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"https://acme.semaphoreci.com"}}`,
			Want: anything + ", organization-wide medium", Shows: "organization acme, project 66666666"},
		{Name: "any subject", Allow: sub("StringLike", "*"), Want: anything + ", organization-wide medium"},
		{Name: "the organization", Allow: sub("StringLike", "org:acme:*"),
			Want: anything + ", organization-wide medium", Shows: "repository mallory"},
		{Name: "the project, whatever the ref", Allow: sub("StringLike", repo+"*"), Want: anything,
			Shows: "branch mallory"},
		{Name: "the project by its id alone", Allow: sub("StringLike", "org:acme:project:"+web+":*"), Want: anything},
		{Name: "any branch", Allow: sub("StringLike", repo+"ref_type:branch:ref:*"),
			Want: "semaphore-any-ref high", Shows: "ref:refs/heads/mallory"},
		{Name: "pull requests", Allow: sub("StringLike", repo+"ref_type:pull-request:ref:*"),
			Want: "semaphore-pull-requests high", Shows: "ref_type:pull-request:ref:refs/pull/7/merge"},
		{Name: "one pull request", Allow: sub("StringEquals", repo+"ref_type:pull-request:ref:refs/pull/7/merge"),
			Want: "semaphore-pull-requests high"},
		{Name: "any type of ref, on main, which no pull request has", Allow: sub("StringLike",
			repo+"ref_type:branch*:ref:refs/heads/main"), Want: ""},
		{Name: "anything that ends in main", Allow: sub("StringLike", "org:acme:*:ref:refs/heads/main"),
			Want: "semaphore-pull-requests high, organization-wide medium"},
		{Name: "one branch", Allow: sub("StringEquals", repo+"ref_type:branch:ref:refs/heads/main"), Want: ""},
		{Name: "one branch of any project with a repository of that name", Allow: sub("StringLike",
			"org:acme:project:*:repo:web:ref_type:branch:ref:refs/heads/main"), Want: "organization-wide medium",
			Shows: "project 66666666-52b8-4c0e-8d3f-9b6a1e2f4c70, repository web, branch main"},
		{Name: "branches behind a separator, and tags behind a name", Allow: sub("StringLike",
			repo+"ref_type:branch:ref:refs/heads/release/*", repo+"ref_type:tag:ref:refs/tags/v*"),
			Want: "ref-name-prefix medium, ref-prefix low", Shows: "branch release/mallory"},
		{Name: "main*", Allow: sub("StringLike", repo+"ref_type:branch:ref:refs/heads/main*"),
			Want: "ref-name-prefix medium", Shows: "branch mainmallory"},
		{Name: "a session that debugs the project", Allow: sub("StringEquals", repo+"ref_type::ref:"),
			Want: "semaphore-any-ref high", Shows: "ref_type::ref:"},
		{Name: "a name in the place of the project's id",
			Allow: sub("StringEquals", "org:acme:project:web:repo:web:ref_type:branch:ref:refs/heads/main"),
			Want:  "never-matches medium"},
		{Name: "a branch without its namespace", Allow: sub("StringEquals", repo+"ref_type:branch:ref:main"),
			Want: "never-matches medium"},
		{Name: "a type of ref that there is not", Allow: sub("StringLike", repo+"ref_type:pr:*"),
			Want: "never-matches medium"},
		{Name: "another organization than the issuer's",
			Allow: sub("StringLike", "org:mallory:project:"+web+":repo:web:ref_type:branch:ref:refs/heads/main"),
			Want:  "never-matches medium"},
		{Name: "the compact subject, which is another claim",
			Allow: sub("StringEquals", "acme:"+web+":web:br:heads/main"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", repo+"*"),
			Want: "never-matches medium"},
		{Name: "letter case that is passed over", Allow: sub("StringEqualsIgnoreCase",
			repo+"ref_type:branch:ref:refs/heads/main"), Want: "ref-name-prefix medium"},
		{Name: "a claim that AWS does not fill", Allow: `{"StringEquals":{"KEY:aud":"https://acme.semaphoreci.com",` +
			`"KEY:prj_id":"` + web + `"}}`, Want: "never-matches medium"},
		{Name: "ForAllValues on a claim that AWS does not fill",
			Allow: `{"StringEquals":{"KEY:aud":"https://acme.semaphoreci.com"},"ForAllValues:StringEquals":` +
				`{"KEY:ref":"refs/heads/main"}}`,
			Want: anything + ", organization-wide medium, unfilled-key medium"},
		{Name: "any subject that a Deny holds to the branch", Allow: sub("StringLike", repo+"*"),
			Deny: `{"StringNotEquals":{"KEY:sub":"` + repo + `ref_type:branch:ref:refs/heads/main"}}`, Want: ""},
		{Name: "any subject, pull requests denied", Allow: sub("StringLike", repo+"*"),
			Deny: `{"StringLike":{"KEY:sub":"*:ref_type:pull-request:*"}}`, Want: "semaphore-any-ref high"},
	}
	for i := range policies {
		policies[i].Host = "acme.semaphoreci.com"
	}
	// A Semaphore on another host is known by its subjects.
	for _, p := range policies[2:14] {
		p.Name, p.Host = p.Name+", self-hosted", "acme.ci.example.com"
		policies = append(policies, p)
	}
	suite.Policies(t, policies)
}
