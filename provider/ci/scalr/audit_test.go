package scalr

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForScalrAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"}}`,
		Want:      "high no-subject", Witness: "account mallory",
	},
	{
		Name: "one workspace", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload",
			"ISSUER:sub": "account:acme:environment:production:workspace:web"}}`,
		Want: "medium scalr-dry-runs", Witness: "workspace web",
	},
	{
		Name: "the whole account", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"},
			"StringLike": {"ISSUER:sub": "account:acme:*"}}`,
		Want: "medium organization-wide, medium scalr-dry-runs", Witness: "account acme, environment mallory",
	},
	{
		Name: "an account whose name goes on", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"},
			"StringLike": {"ISSUER:sub": "account:acme*:environment:production:workspace:web"}}`,
		Want: "high prefix-collision", Witness: "account acmemallory",
	},
	{
		Name: "any account", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"},
			"StringLike": {"ISSUER:sub": "account:*:environment:production:workspace:web"}}`,
		Want: "high tenant-not-pinned", Witness: "account mallory",
	},
	{
		Name: "every workspace of an environment", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"},
			"StringLike": {"ISSUER:sub": "account:acme:environment:production:workspace:*"}}`,
		Want: "medium project-prefix, medium scalr-dry-runs", Witness: "workspace mallory",
	},
	{
		Name: "two wildcards", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload"},
			"StringLike": {"ISSUER:sub": "account:acme:environment:prod*:workspace:web-*"}}`,
		Want: "medium project-prefix, medium scalr-dry-runs", Witness: "environment prodmallory",
	},
	{
		Name: "slashes for colons", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload",
			"ISSUER:sub": "account/acme/environment/production/workspace/web"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "the key with https://", Host: "scalr.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.scalr-run-workload",
			"https://ISSUER:sub": "account:acme:environment:production:workspace:web"}}`,
		Want: "medium never-matches",
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
