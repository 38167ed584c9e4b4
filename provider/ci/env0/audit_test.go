package env0

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForEnv0AreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b"}}`,
		Want:      "high no-subject", Witness: "user 6f0000000000000000000bad",
	},
	{
		Name: "the organization alone, as the documentation has it", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01"}}`,
		Want: "high env0-any-project, medium env0-pull-request-plans", Witness: "c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58",
	},
	{
		Name: "a wildcard behind auth0", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b"},
			"StringLike": {"ISSUER:sub": "auth0|*"}}`,
		Want: "high tenant-not-pinned", Witness: "user 6f0000000000000000000bad",
	},
	{
		Name: "any text in the project's tag", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01", "aws:RequestTag/deploymentType": "deploy"},
			"StringLike": {"aws:RequestTag/projectId": "*"}}`,
		Want: "high env0-any-project", Witness: "deploy",
	},
	{
		Name: "one project", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01", "aws:RequestTag/deploymentType": ["deploy", "destroy"],
			"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "low env0-any-branch", Witness: "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21",
	},
	{
		Name: "one project and every type", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01",
			"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "low env0-any-branch, medium env0-pull-request-plans", Witness: "prPlan",
	},
	{
		Name: "plans alone", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01", "aws:RequestTag/deploymentType": "prPlan",
			"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "low env0-any-branch, medium env0-only-pull-request-plans", Witness: "prPlan",
	},
	{
		Name: "a tag of the project, whatever it says", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01", "aws:RequestTag/deploymentType": "deploy"},
			"Null": {"aws:RequestTag/projectId": "false"}}`,
		Want: "high env0-any-project", Witness: "c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58",
	},
	{
		Name: "the project, if there is one", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01", "aws:RequestTag/deploymentType": "deploy"},
			"StringEqualsIfExists": {"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "high env0-any-project, medium vacuous-condition",
	},
	{
		Name: "every type but plans", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01",
			"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"},
			"StringNotEquals": {"aws:RequestTag/deploymentType": "prPlan"}}`,
		Want: "low env0-any-branch",
	},
	{
		Name: "a Deny of plans", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01",
			"aws:RequestTag/projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Statements: `{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": {"StringEquals": {"aws:RequestTag/deploymentType": "prPlan"}}}`,
		Want: "low env0-any-branch",
	},
	{
		Name: "the issuer without its slash", Host: "login.app.env0.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01"}}`,
		Want: "medium issuer-slash",
	},
	{
		Name: "the organization's id for its subject", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "66a38abf-69bc-4cb7-ad73-7f61e389079f"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "a claim, which AWS does not fill, for the tag", Host: "login.app.env0.com/",
		Condition: `{"StringEquals": {"ISSUER:aud": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
			"ISSUER:sub": "auth0|6f0000000000000000000a01",
			"ISSUER:projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "medium never-matches",
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
