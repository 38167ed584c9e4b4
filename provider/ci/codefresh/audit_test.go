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
		every = "any-ref high, codefresh-pull-requests medium"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"` + audience + `"}}`, Want: "no-subject high",
			Shows: "account 6400000000000000000000bb"},
		{Name: "any account", Allow: sub("StringLike", "account:*"), Want: "tenant-not-pinned high"},
		{Name: "accounts whose ids begin alike", Allow: sub("StringLike", "account:64000*"), Want: "prefix-collision high"},
		{Name: "an account", Allow: sub("StringLike", acme+"*"),
			Want: "any-ref high, codefresh-pull-requests medium, organization-wide medium, " +
				"codefresh-crafted-initiator low, codefresh-cron-any-branch low",
			Shows: "pipeline 6500000000000000000000bb"},
		{Name: "the documentation's pattern", Allow: sub("StringLike", web+":*"),
			Want: every + ", codefresh-crafted-initiator low", Shows: "initiator mallory"},
		{Name: "any build of a pipeline", Allow: sub("StringLike", web+"*"),
			Want: "any-ref high, codefresh-pull-requests medium, project-prefix medium, codefresh-crafted-initiator low, " +
				"codefresh-cron-any-branch low"},
		{Name: "cron triggers", Allow: sub("StringEquals", web), Want: "codefresh-cron-any-branch low"},
		{Name: "runs by hand of one person", Allow: sub("StringEquals", web+":initiator:mona"),
			Want: "codefresh-manual-runs low"},
		{Name: "runs by hand of anybody", Allow: sub("StringLike", web+":initiator:*"),
			Want: "any-ref high, codefresh-crafted-initiator low", Shows: "initiator mallory"},
		{Name: "pushes of one person to main", Allow: sub("StringEquals", web+git), Want: ""},
		{Name: "pushes of anybody to main", Allow: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:*:scm_ref:main"), Want: ""},
		{Name: "pushes of anybody to any branch", Allow: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:*:scm_ref:*"), Want: every, Shows: "ref mallory"},
		{Name: "branches that begin alike, and pull requests from them", Allow: sub("StringLike",
			web+":scm_repo_url:https://github.com/acme/web:scm_user_name:octocat:scm_ref:main*"),
			Want: "codefresh-pull-requests medium, ref-name-prefix medium", Shows: "ref mainmallory"},
		{Name: "pull requests of one person", Allow: sub("StringLike", web+git+":scm_pull_request_target_branch:main"),
			Want: "codefresh-pull-requests medium"},
		{Name: "pull requests of anybody", Allow: sub("StringLike",
			web+":scm_repo_url:*:scm_user_name:*:scm_ref:*:scm_pull_request_target_branch:main"),
			Want: every, Shows: "user mallory"},
		{Name: "a run by hand of a Git trigger", Allow: sub("StringEquals", web+":initiator:mona"+git),
			Want: "codefresh-crafted-initiator low"},
		{Name: "any pipeline of the account on main", Allow: sub("StringLike", acme+"pipeline:*"+git),
			Want: "organization-wide medium, codefresh-crafted-initiator low"},
		{Name: "the account by its name", Allow: sub("StringLike", "account:acme:pipeline:*"), Want: "never-matches medium"},
		{Name: "the pipeline by its name", Allow: sub("StringLike", acme+"pipeline:web/deploy:*"),
			Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", web+":*"),
			Want: "never-matches medium"},
		{Name: "the account as a key, which AWS does not fill",
			Allow: `{"StringEquals":{"KEY:aud":"` + audience + `","KEY:account_id":"6400000000000000000000aa"}}`,
			Want:  "never-matches medium"},
		{Name: "any account, all but one denied", Allow: sub("StringLike", "account:*"),
			Deny: `{"StringNotLike":{"KEY:sub":"` + web + git + `"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = host
	}
	suite.Policies(t, policies)
}
