package semaphore

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfSemaphoreThatPeopleWrite(t *testing.T) {
	const (
		repo     = "org:acme:project:" + web + ":repo:web:"
		anything = "high semaphore-any-ref, high semaphore-pull-requests"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("https://acme.semaphoreci.com", operator, subjects...)
	}
	policies := []citest.Audited{
		{Name: "aud alone", Condition: `{"StringEquals":{"ISSUER:aud":"https://acme.semaphoreci.com"}}`,
			Want: anything + ", medium organization-wide", Witness: "organization acme, project 66666666"},
		{Name: "any subject", Condition: sub("StringLike", "*"), Want: anything + ", medium organization-wide"},
		{Name: "the organization", Condition: sub("StringLike", "org:acme:*"),
			Want: anything + ", medium organization-wide", Witness: "repository mallory"},
		{Name: "the project, whatever the ref", Condition: sub("StringLike", repo+"*"), Want: anything,
			Witness: "branch mallory"},
		{
			Name:      "the project by its id alone",
			Condition: sub("StringLike", "org:acme:project:"+web+":*"),
			Want:      anything,
		},
		{Name: "any branch", Condition: sub("StringLike", repo+"ref_type:branch:ref:*"),
			Want: "high semaphore-any-ref", Witness: "ref:refs/heads/mallory"},
		{Name: "pull requests", Condition: sub("StringLike", repo+"ref_type:pull-request:ref:*"),
			Want: "high semaphore-pull-requests", Witness: "ref_type:pull-request:ref:refs/pull/7/merge"},
		{Name: "one pull request", Condition: sub("StringEquals", repo+"ref_type:pull-request:ref:refs/pull/7/merge"),
			Want: "high semaphore-pull-requests"},
		{Name: "any type of ref, on main, which no pull request has",
			Condition: sub("StringLike", repo+"ref_type:*:ref:refs/heads/main"), Want: ""},
		{Name: "anything that ends in main", Condition: sub("StringLike", "org:acme:*:ref:refs/heads/main"),
			Want: "medium organization-wide"},
		{Name: "one branch", Condition: sub("StringEquals", repo+"ref_type:branch:ref:refs/heads/main"), Want: ""},
		{Name: "one branch of any project with a repository of that name", Condition: sub("StringLike",
			"org:acme:project:*:repo:web:ref_type:branch:ref:refs/heads/main"), Want: "medium organization-wide",
			Witness: "project 66666666-52b8-4c0e-8d3f-9b6a1e2f4c70, repository web, branch main"},
		{Name: "branches behind a separator, and versions", Condition: sub("StringLike",
			repo+"ref_type:branch:ref:refs/heads/release/*", repo+"ref_type:tag:ref:refs/tags/v*"),
			Want: "low ref-prefix", Witness: "branch release/mallory"},
		{Name: "main*", Condition: sub("StringLike", repo+"ref_type:branch:ref:refs/heads/main*"),
			Want: "medium ref-name-prefix", Witness: "branch mainmallory"},
		{Name: "a session that debugs the project", Condition: sub("StringEquals", repo+"ref_type::ref:"),
			Want: "high semaphore-any-ref", Witness: "ref_type::ref:"},
		{Name: "a name in the place of the project's id",
			Condition: sub("StringEquals", "org:acme:project:web:repo:web:ref_type:branch:ref:refs/heads/main"),
			Want:      "medium never-matches"},
		{Name: "a branch without its namespace", Condition: sub("StringEquals", repo+"ref_type:branch:ref:main"),
			Want: "medium never-matches"},
		{Name: "a type of ref that there is not", Condition: sub("StringLike", repo+"ref_type:pr:*"),
			Want: "medium never-matches"},
		{Name: "another organization than the issuer's",
			Condition: sub("StringLike", "org:mallory:project:"+web+":repo:web:ref_type:branch:ref:refs/heads/main"),
			Want:      "medium never-matches"},
		{Name: "the compact subject, which is another claim",
			Condition: sub("StringEquals", "acme:"+web+":web:br:heads/main"), Want: "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", repo+"*"),
			Want: "medium never-matches"},
		{Name: "letter case that is passed over", Condition: sub("StringEqualsIgnoreCase",
			repo+"ref_type:branch:ref:refs/heads/main"), Want: "medium ref-name-prefix"},
		{Name: "a claim that AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"https://acme.semaphoreci.com",` +
				`"ISSUER:prj_id":"` + web + `"}}`, Want: "medium never-matches"},
		{Name: "ForAllValues on a claim that AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"https://acme.semaphoreci.com"},"ForAllValues:StringEquals":` +
				`{"ISSUER:ref":"refs/heads/main"}}`,
			Want: anything + ", medium organization-wide, medium unfilled-key"},
		{Name: "any subject that a Deny holds to the branch", Condition: sub("StringLike", repo+"*"),
			Deny: `{"StringNotEquals":{"ISSUER:sub":"` + repo + `ref_type:branch:ref:refs/heads/main"}}`, Want: ""},
		{Name: "any subject, pull requests denied", Condition: sub("StringLike", repo+"*"),
			Deny: `{"StringLike":{"ISSUER:sub":"*:ref_type:pull-request:*"}}`, Want: "high semaphore-any-ref"},
	}
	for i := range policies {
		policies[i].Host = "acme.semaphoreci.com"
	}
	// A Semaphore on another host is known by its subjects.
	for _, p := range policies[2:14] {
		p.Name, p.Host = p.Name+", self-hosted", "acme.ci.example.com"
		policies = append(policies, p)
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
