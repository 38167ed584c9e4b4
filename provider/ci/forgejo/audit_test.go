package forgejo

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfForgejoAsAReviewerWould(t *testing.T) {
	allow := func(sub string) string {
		conditions := `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}`
		if sub != "" {
			conditions += `,"StringLike":{"ISSUER:sub":"` + sub + `"}`
		}
		return conditions + "}"
	}
	const (
		issuer = "git.example.com/api/actions"
		berg   = "codeberg.org/api/actions"
		byName = "medium forgejo-name-subject"
		ids    = "medium forgejo-lookalike"
		target = "low forgejo-pull-request-target"
		open   = "high forgejo-open-instance"
	)
	suite.Audited(t, citest.Untagged([]citest.Audited{
		{Name: "names and a branch", Host: issuer, Condition: allow("repo:acme/web:ref:refs/heads/main"),
			Want: byName + ", " + target},
		{Name: "ids and a tag", Host: issuer, Condition: allow("repo:acme-7/web-12:ref:refs/tags/v1"), Want: ids},
		{Name: "ids left open", Host: issuer, Condition: allow("repo:acme-*/web-*:ref:refs/tags/v1"),
			Want: "medium project-prefix"},
		{Name: "any branch", Host: issuer, Condition: allow("repo:acme-7/web-12:ref:refs/heads/*"),
			Want: "high forgejo-any-ref, " + ids + ", " + target},
		{Name: "begins like main", Host: issuer, Condition: allow("repo:acme-7/web-12:ref:refs/heads/main*"),
			Want: ids + ", medium ref-name-prefix, " + target},
		{Name: "pull requests", Host: issuer, Condition: allow("repo:acme-7/web-12:pull_request"),
			Want: ids + ", medium forgejo-pull-requests"},
		{Name: "a reusable workflow for a pull request", Host: issuer,
			Condition: allow("repo:acme-7/web-12:ref:refs/pull/1/head"),
			Want:      ids + ", medium forgejo-pull-requests"},
		{Name: "every repository of the owner", Host: issuer, Condition: allow("repo:acme/*:ref:refs/tags/v1"),
			Want: "medium organization-wide"},
		{Name: "every repository", Host: issuer, Condition: allow("repo:*:ref:refs/tags/v1"),
			Want: "medium organization-wide"},
		{Name: "a short ref", Host: issuer, Condition: allow("repo:acme/web:ref:main"), Want: "medium never-matches"},
		{Name: "an environment, which Forgejo has not", Host: issuer,
			Condition: allow("repo:acme/web:environment:prod"),
			Want:      "medium never-matches"},
		// Codeberg
		{Name: "Codeberg, aud alone", Host: berg, Condition: allow(""), Want: "high no-subject"},
		{Name: "Codeberg, everything", Host: berg, Condition: allow("repo:*"), Want: "high tenant-not-pinned"},
		{Name: "Codeberg, owners that begin alike", Host: berg, Condition: allow("repo:acme*"),
			Want: "high prefix-collision"},
		{Name: "Codeberg, ids and a tag", Host: berg, Condition: allow("repo:acme-7/web-12:ref:refs/tags/v1"),
			Want: open},
		{Name: "Codeberg, names and a tag", Host: berg, Condition: allow("repo:acme/web:ref:refs/tags/v1"), Want: open},
	}))
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
