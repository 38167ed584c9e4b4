package flyio

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForFlyAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}}`,
		Want:      "medium organization-wide", Witness: "app mallory",
	},
	{
		Name: "every app", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}, "StringLike": {"ISSUER:sub": "acme:*"}}`,
		Want:      "medium organization-wide", Witness: "app mallory",
	},
	{
		Name: "one app, as the blog has it", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}, "StringLike": {"ISSUER:sub": "acme:web:*"}}`,
		Want:      "low flyio-any-machine", Witness: "app web, machine mallory",
	},
	{
		Name: "an app whose name goes on", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}, "StringLike": {"ISSUER:sub": "acme:web*"}}`,
		Want:      "medium project-prefix", Witness: "app web-mallory",
	},
	{
		Name: "machines that begin alike", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"},
			"StringLike": {"ISSUER:sub": "acme:web:worker-*"}}`,
		Want: "medium flyio-machine-names", Witness: "app web, machine worker-",
	},
	{
		Name: "one machine", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com", "ISSUER:sub": "acme:web:red-bush-1234"}}`,
		Want:      "medium flyio-machine-names", Witness: "machine red-bush-1234",
	},
	{
		Name: "a machine of that name in any app", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"},
			"StringLike": {"ISSUER:sub": "acme:*:red-bush-1234"}}`,
		Want: "medium organization-wide", Witness: "app mallory",
	},
	{
		Name: "an app without its machine", Host: "oidc.fly.io/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com", "ISSUER:sub": "acme:web"}}`,
		Want:      "medium never-matches",
	},
}
