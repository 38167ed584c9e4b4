package forgejo

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfForgejoAsAReviewerWould(t *testing.T) {
	allow := func(sub string) string {
		conditions := `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"}`
		if sub != "" {
			conditions += `,"StringLike":{"KEY:sub":"` + sub + `"}`
		}
		return conditions + "}"
	}
	const (
		issuer = "git.example.com/api/actions"
		berg   = "codeberg.org/api/actions"
		byName = "forgejo-name-subject medium"
		ids    = "forgejo-lookalike medium"
		target = "forgejo-pull-request-target low"
		open   = "forgejo-open-instance high"
	)
	suite.Policies(t, []citest.Policy{
		{Name: "names and a branch", Host: issuer, Allow: allow("repo:acme/web:ref:refs/heads/main"),
			Want: byName + ", " + target},
		{Name: "ids and a tag", Host: issuer, Allow: allow("repo:acme-7/web-12:ref:refs/tags/v1"), Want: ids},
		{Name: "ids left open", Host: issuer, Allow: allow("repo:acme-*/web-*:ref:refs/tags/v1"),
			Want: "project-prefix medium"},
		{Name: "any branch", Host: issuer, Allow: allow("repo:acme-7/web-12:ref:refs/heads/*"),
			Want: "forgejo-any-ref high, " + ids + ", " + target},
		{Name: "begins like main", Host: issuer, Allow: allow("repo:acme-7/web-12:ref:refs/heads/main*"),
			Want: ids + ", ref-name-prefix medium, " + target},
		{Name: "pull requests", Host: issuer, Allow: allow("repo:acme-7/web-12:pull_request"),
			Want: ids + ", forgejo-pull-requests medium"},
		{Name: "a reusable workflow for a pull request", Host: issuer,
			Allow: allow("repo:acme-7/web-12:ref:refs/pull/1/head"),
			Want:  ids + ", forgejo-pull-requests medium"},
		{Name: "every repository of the owner", Host: issuer, Allow: allow("repo:acme/*:ref:refs/tags/v1"),
			Want: "organization-wide medium"},
		{Name: "every repository", Host: issuer, Allow: allow("repo:*:ref:refs/tags/v1"),
			Want: "organization-wide medium"},
		{Name: "a short ref", Host: issuer, Allow: allow("repo:acme/web:ref:main"), Want: "never-matches medium"},
		{Name: "an environment, which Forgejo has not", Host: issuer, Allow: allow("repo:acme/web:environment:prod"),
			Want: "never-matches medium"},
		// Codeberg
		{Name: "Codeberg, aud alone", Host: berg, Allow: allow(""), Want: "no-subject high"},
		{Name: "Codeberg, everything", Host: berg, Allow: allow("repo:*"), Want: "tenant-not-pinned high"},
		{Name: "Codeberg, owners that begin alike", Host: berg, Allow: allow("repo:acme*"),
			Want: "prefix-collision high"},
		{Name: "Codeberg, ids and a tag", Host: berg, Allow: allow("repo:acme-7/web-12:ref:refs/tags/v1"), Want: open},
		{Name: "Codeberg, names and a tag", Host: berg, Allow: allow("repo:acme/web:ref:refs/tags/v1"), Want: open},
	})
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
