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
	policies := []citest.Audited{
		{Name: "aud alone", Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `"}}`, Want: "high no-subject",
			Witness: "organization mallory"},
		{Name: "any organization",
			Condition: sub("StringLike", "spiffe://identity.depot.dev/org/*/ci/github/acme/web/*"),
			Want:      "high tenant-not-pinned", Witness: "organization mallory"},
		{Name: "organizations that begin alike", Condition: sub("StringLike", "spiffe://identity.depot.dev/org/a1b2*"),
			Want: "high prefix-collision", Witness: "organization a1b2-mallory"},
		{Name: "an organization", Condition: sub("StringLike", acme+"*"),
			Want:    "high depot-any-job, medium organization-wide",
			Witness: "owner mallory, repository mallory"},
		{Name: "an owner", Condition: sub("StringLike", acme+"ci/github/acme/*"),
			Want: "high depot-any-job, medium organization-wide", Witness: "owner acme, repository mallory"},
		{Name: "repositories that begin alike", Condition: sub("StringLike", acme+"ci/github/acme/web*"),
			Want: "high depot-any-job, medium project-prefix", Witness: "repository web-mallory"},
		{
			Name:      "a repository",
			Condition: sub("StringLike", web+"*"),
			Want:      "high depot-any-job",
			Witness:   "job mallory",
		},
		{Name: "any branch", Condition: sub("StringLike", web+"ref/refs/heads/*"), Want: "high depot-any-job",
			Witness: "job refs/heads/mallory"},
		{Name: "a branch, and those whose names go on behind a slash",
			Condition: sub("StringLike", web+"ref/refs/heads/main/*"), Want: "low ref-prefix",
			Witness: "job refs/heads/main/mallory"},
		{Name: "a branch and its sandboxes, and a branch main/sandbox/x",
			Condition: sub("StringLike", web+"ref/refs/heads/main/sandbox/*"), Want: "low ref-prefix"},
		{Name: "main*", Condition: sub("StringLike", web+"ref/refs/heads/main*"), Want: "medium ref-name-prefix"},
		{Name: "any ref that ends alike", Condition: sub("StringLike", web+"ref/*/sandbox/snd_1a2b3c4d5e6f"),
			Want: "high depot-any-job"},
		{Name: "one job, of which there is never another",
			Condition: sub("StringEquals", web+"ref/refs/heads/main/sandbox/snd_1"),
			Want:      ""},
		{Name: "a repository that is not on GitHub", Condition: sub("StringLike", acme+"ci/entire/acme/web/*"),
			Want: "high depot-any-job", Witness: "place entire"},
		{Name: "the documentation's words without the scheme",
			Condition: sub("StringLike", "org/a1b2c3d4e5/ci/github/acme/web/*"),
			Want:      "medium never-matches"},
		{Name: "GitHub's own subject", Condition: sub("StringLike", "repo:acme/web:*"), Want: "medium never-matches"},
		{Name: "no ref", Condition: sub("StringLike", web+"refs/heads/main/*"), Want: "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", web+"*"),
			Want: "medium never-matches"},
		{Name: "a branch as a key, which AWS does not fill",
			Condition: `{"StringLike":{"ISSUER:sub":"` + web + `*"},"StringEquals":{"ISSUER:aud":"` + audience +
				`","ISSUER:ref":"refs/heads/main"}}`,
			Want: "medium never-matches"},
		{Name: "an organization, all but a repository denied", Condition: sub("StringLike", acme+"*"),
			Deny: `{"StringNotLike":{"ISSUER:sub":"` + web + `*"}}`, Want: "high depot-any-job"},
	}
	for i := range policies {
		policies[i].Host = host
	}
	suite.Audited(t, policies)
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
