package pulumicloud

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForPulumiCloudAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme"}}`,
		Want:      "medium organization-wide", Witness: "mallory/web",
	},
	{
		Name: "the audience of deployments alone", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme"}}`,
		Want:      "medium organization-wide", Witness: "aud acme",
	},
	{
		Name: "neither aud nor sub", Host: "api.pulumi.com/oidc", Condition: `{}`,
		Want: "high tenant-not-pinned", Witness: "mallory",
	},
	{
		Name: "any platform's audience of any organization", Host: "api.pulumi.com/oidc",
		Condition: `{"StringLike": {"ISSUER:aud": "aws:*"}}`,
		Want:      "high tenant-not-pinned", Witness: "aws:mallory",
	},
	{
		Name: "every environment", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme"},
			"StringLike": {"ISSUER:sub": "pulumi:environments:org:acme:env:*"}}`,
		Want: "medium organization-wide", Witness: "environment mallory/web",
	},
	{
		Name: "every environment of a project", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme"},
			"StringLike": {"ISSUER:sub": "pulumi:environments:org:acme:env:aws/*"}}`,
		Want: "medium project-prefix", Witness: "environment aws/",
	},
	{
		Name: "every deployment of a project, as the documentation has it", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme"},
			"StringLike": {"ISSUER:sub": "pulumi:deploy:org:acme:project:web:*"}}`,
		Want: "medium project-prefix", Witness: "project web, stack mallory",
	},
	{
		Name: "any operation of a stack", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme"}, "StringLike": {
			"ISSUER:sub": "pulumi:deploy:org:acme:project:web:stack:production:operation:*:scope:write"}}`,
		Want: "medium pulumi-cloud-previews", Witness: "operation preview",
	},
	{
		Name: "previews alone", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme",
			"ISSUER:sub": "pulumi:deploy:org:acme:project:web:stack:production:operation:preview:scope:write"}}`,
		Want: "medium pulumi-cloud-preview-role", Witness: "operation preview",
	},
	{
		Name: "previews beside an environment", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": ["acme", "aws:acme"], "ISSUER:sub": [
			"pulumi:deploy:org:acme:project:web:stack:production:operation:preview:scope:write",
			"pulumi:environments:org:acme:env:aws/production"]}}`,
		Want: "medium pulumi-cloud-previews", Witness: "operation preview",
	},
	{
		Name: "any organization by sub, with the organization in aud", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme"},
			"StringLike": {"ISSUER:sub": "pulumi:environments:org:*:env:aws/production"}}`,
	},
	{
		Name: "a user in every environment", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme",
			"ISSUER:sub": "pulumi:environments:pulumi.organization.login:acme:pulumi.user.login:mona"}}`,
		Want: "medium organization-wide", Witness: "pulumi.user.login:mona",
	},
	{
		Name: "the environment that was opened", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme", "ISSUER:sub":
			"pulumi:environments:pulumi.organization.login:acme:rootEnvironment.name:aws/production"}}`,
	},
	{
		Name: "an issuer whose audience its customers choose", Host: "api.pulumi.com/oidc/v2",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws:acme"}}`,
		Want:      "high no-subject", Witness: "organization mallory",
	},
	{
		Name: "an environment of the issuer whose audience its customers choose", Host: "api.pulumi.com/oidc/v2",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com",
			"ISSUER:sub": "pulumi:org:acme:env:aws/production"}}`,
	},
	{
		Name: "a subject without pulumi", Host: "api.pulumi.com/oidc",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme",
			"ISSUER:sub": "deploy:org:acme:project:web:stack:production:operation:update:scope:write"}}`,
		Want: "medium never-matches",
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
