package codefresh

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfCodefreshThatPeopleWrite(t *testing.T) {
	const (
		acme = "account:6400000000000000000000aa:"
		web  = acme + "pipeline:6500000000000000000000aa"
		git  = ":scm_repo_url:https://github.com/acme/web:scm_user_name:octocat:scm_ref:main"
		// every is what is true of all builds of a pipeline.
		every = "high any-ref, medium codefresh-pull-requests"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Audited{
		{Name: "aud alone", Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `"}}`, Want: "high no-subject",
			Witness: "account 6400000000000000000000bb"},
		{Name: "any account", Condition: sub("StringLike", "account:*"), Want: "high tenant-not-pinned"},
		{
			Name:      "accounts whose ids begin alike",
			Condition: sub("StringLike", "account:64000*"),
			Want:      "high prefix-collision",
		},
		{Name: "an account", Condition: sub("StringLike", acme+"*"),
			Want: "high any-ref, medium codefresh-pull-requests, medium organization-wide, " +
				"low codefresh-crafted-initiator, low codefresh-cron-any-branch",
			Witness: "pipeline 6500000000000000000000bb"},
		{Name: "the documentation's pattern", Condition: sub("StringLike", web+":*"),
			Want: every + ", low codefresh-crafted-initiator", Witness: "initiator mallory"},
		{Name: "any build of a pipeline", Condition: sub("StringLike", web+"*"),
			Want: "high any-ref, medium codefresh-pull-requests, medium project-prefix, low " +
				"codefresh-crafted-initiator, low codefresh-cron-any-branch"},
		{Name: "builds of a trigger that is not documented", Condition: sub("StringLike", web+":image:*"),
			Want: "high any-ref", Witness: "trigger image:"},
		{Name: "cron triggers", Condition: sub("StringEquals", web), Want: "low codefresh-cron-any-branch"},
		{Name: "runs by hand of one person", Condition: sub("StringEquals", web+":initiator:mona"),
			Want: "low codefresh-manual-runs"},
		{Name: "runs by hand of anybody", Condition: sub("StringLike", web+":initiator:*"),
			Want: "high any-ref, low codefresh-crafted-initiator", Witness: "initiator mallory"},
		{Name: "pushes of one person to main", Condition: sub("StringEquals", web+git), Want: ""},
		{Name: "pushes of anybody to main", Condition: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:*:scm_ref:main"), Want: ""},
		{Name: "pushes of anybody to any branch", Condition: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:*:scm_ref:*"), Want: every,
			Witness: "ref mallory"},
		{Name: "branches that begin alike, and pull requests from them", Condition: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:octocat:scm_ref:main*"),
			Want: "medium codefresh-pull-requests, medium ref-name-prefix", Witness: "ref mainmallory"},
		{Name: "pull requests of one person",
			Condition: sub("StringLike", web+git+":scm_pull_request_target_branch:main"),
			Want:      "medium codefresh-pull-requests"},
		{Name: "pull requests of anybody", Condition: sub("StringLike",
			web+":scm_repo_url:*:scm_user_name:*:scm_ref:*:scm_pull_request_target_branch:main"),
			Want: every, Witness: "user mallory"},
		{Name: "a run by hand of a Git trigger", Condition: sub("StringEquals", web+":initiator:mona"+git),
			Want: "low codefresh-crafted-initiator"},
		{Name: "any pipeline of the account on main", Condition: sub("StringLike", acme+"pipeline:*"+git),
			Want: "medium organization-wide, low codefresh-crafted-initiator"},
		{
			Name:      "the account by its name",
			Condition: sub("StringLike", "account:acme:pipeline:*"),
			Want:      "medium never-matches",
		},
		{Name: "the pipeline by its name", Condition: sub("StringLike", acme+"pipeline:web/deploy:*"),
			Want: "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", web+":*"),
			Want: "medium never-matches"},
		{Name: "the account as a key, which AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"` + audience +
				`","ISSUER:account_id":"6400000000000000000000aa"}}`,
			Want: "medium never-matches"},
		{Name: "any account, all but one denied", Condition: sub("StringLike", "account:*"),
			Deny: `{"StringNotLike":{"ISSUER:sub":"` + web + git + `"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = host
	}
	suite.Audited(t, policies)
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
