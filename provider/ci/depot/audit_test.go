package depot

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfDepotThatPeopleWrite(t *testing.T) {
	const (
		acme = "spiffe://identity.depot.dev/org/a1b2c3d4e5/"
		web  = acme + "ci/github/acme/web/"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"` + audience + `"}}`, Want: "no-subject high",
			Shows: "organization mallory"},
		{Name: "any organization", Allow: sub("StringLike", "spiffe://identity.depot.dev/org/*/ci/github/acme/web/*"),
			Want: "tenant-not-pinned high", Shows: "organization mallory"},
		{Name: "organizations that begin alike", Allow: sub("StringLike", "spiffe://identity.depot.dev/org/a1b2*"),
			Want: "prefix-collision high", Shows: "organization a1b2mallory"},
		{Name: "an organization", Allow: sub("StringLike", acme+"*"), Want: "depot-any-job high, organization-wide medium",
			Shows: "owner mallory, repository mallory"},
		{Name: "an owner", Allow: sub("StringLike", acme+"ci/github/acme/*"),
			Want: "depot-any-job high, organization-wide medium", Shows: "owner acme, repository mallory"},
		{Name: "repositories that begin alike", Allow: sub("StringLike", acme+"ci/github/acme/web*"),
			Want: "depot-any-job high, project-prefix medium", Shows: "repository webmallory"},
		{Name: "a repository", Allow: sub("StringLike", web+"*"), Want: "depot-any-job high", Shows: "job mallory"},
		{Name: "any branch", Allow: sub("StringLike", web+"ref/refs/heads/*"), Want: "depot-any-job high",
			Shows: "job refs/heads/mallory"},
		{Name: "a branch, and those whose names go on behind a slash",
			Allow: sub("StringLike", web+"ref/refs/heads/main/*"), Want: "ref-prefix low",
			Shows: "job refs/heads/main/mallory"},
		{Name: "a branch and its sandboxes, and a branch main/sandbox/x",
			Allow: sub("StringLike", web+"ref/refs/heads/main/sandbox/*"), Want: "ref-prefix low"},
		{Name: "main*", Allow: sub("StringLike", web+"ref/refs/heads/main*"), Want: "ref-name-prefix medium"},
		{Name: "any ref that ends alike", Allow: sub("StringLike", web+"ref/*/sandbox/snd_1a2b3c4d5e6f"),
			Want: "depot-any-job high"},
		{Name: "one job, of which there is never another", Allow: sub("StringEquals", web+"ref/refs/heads/main/sandbox/snd_1"),
			Want: ""},
		{Name: "a repository that is not on GitHub", Allow: sub("StringLike", acme+"ci/entire/acme/web/*"), Want: ""},
		{Name: "the documentation's words without the scheme", Allow: sub("StringLike", "org/a1b2c3d4e5/ci/github/acme/web/*"),
			Want: "never-matches medium"},
		{Name: "GitHub's own subject", Allow: sub("StringLike", "repo:acme/web:*"), Want: "never-matches medium"},
		{Name: "no ref", Allow: sub("StringLike", web+"refs/heads/main/*"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", web+"*"),
			Want: "never-matches medium"},
		{Name: "a branch as a key, which AWS does not fill",
			Allow: `{"StringLike":{"KEY:sub":"` + web + `*"},"StringEquals":{"KEY:aud":"` + audience +
				`","KEY:ref":"refs/heads/main"}}`,
			Want: "never-matches medium"},
		{Name: "an organization, all but a repository denied", Allow: sub("StringLike", acme+"*"),
			Deny: `{"StringNotLike":{"KEY:sub":"` + web + `*"}}`, Want: "depot-any-job high"},
	}
	for i := range policies {
		policies[i].Host = host
	}
	suite.Policies(t, policies)
}
