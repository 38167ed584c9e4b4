package custom

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForOtherIssuersAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "an unknown issuer without sub", Host: "ci.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}}`,
		Want:      "high custom-no-subject",
	},
	{
		Name: "an unknown issuer with wildcards that may hold anything", Host: "ci.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"},
			"StringLike": {"ISSUER:sub": "project:*:branch:main"}}`,
		Want: "high custom-wildcard-subject", Witness: "project:",
	},
	{
		Name: "an unknown issuer with an exact subject", Host: "ci.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com", "ISSUER:sub": "build:web:main"}}`,
	},
	{
		Name: "an unknown issuer in any letter case", Host: "ci.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"},
			"StringEqualsIgnoreCase": {"ISSUER:sub": "build:web:main"}}`,
		Want: "medium custom-letter-case",
	},
	{
		Name: "a pod, as the documentation has it", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringEquals": {"ISSUER:sub": "system:serviceaccount:production:web"}}`,
	},
	{
		Name: "every pod", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}}`,
		Want:      "medium eks-any-pod", Witness: "namespace mallory",
	},
	{
		Name: "every pod by a wildcard", Host: "oidc.eks.cn-north-1.amazonaws.com.cn/id/A1B2C3D4",
		Condition: `{"StringLike": {"ISSUER:sub": "system:serviceaccount:*"}}`,
		Want:      "medium eks-any-pod", Witness: "namespace mallory",
	},
	{
		Name: "every pod by two wildcards", Host: "oidc-eks.eu-west-1.api.aws/id/A1B2C3D4",
		Condition: `{"StringLike": {"ISSUER:sub": "system:serviceaccount:*:*"}}`,
		Want:      "medium eks-any-pod", Witness: "namespace mallory",
	},
	{
		Name: "a name in any namespace", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringLike": {"ISSUER:sub": "system:serviceaccount:*:external-dns"}}`,
		Want:      "medium eks-any-namespace", Witness: "namespace mallory, service account external-dns",
	},
	{
		Name: "any name in a namespace", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"},
			"StringLike": {"ISSUER:sub": "system:serviceaccount:production:*"}}`,
		Want: "medium eks-any-service-account", Witness: "namespace production, service account mallory",
	},
	{
		Name: "names that begin alike in a namespace", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringLike": {"ISSUER:sub": "system:serviceaccount:production:web-*"}}`,
		Want:      "medium eks-any-service-account", Witness: "service account web-",
	},
	{
		Name: "a service account without its namespace", Host: "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4",
		Condition: `{"StringEquals": {"ISSUER:sub": "system:serviceaccount:web"}}`,
		Want:      "medium never-matches",
	},
	{
		Name: "people who signed in to a pool", Host: "cognito-identity.amazonaws.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "us-east-1:71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92"},
			"ForAnyValue:StringLike": {"ISSUER:amr": "authenticated"}}`,
	},
	{
		Name: "guests of a pool", Host: "cognito-identity.amazonaws.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "us-east-1:71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92"},
			"ForAnyValue:StringLike": {"ISSUER:amr": "unauthenticated"}}`,
		Want: "medium cognito-guests", Witness: "unauthenticated",
	},
	{
		Name: "whoever comes to a pool", Host: "cognito-identity.amazonaws.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "us-east-1:71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92"}}`,
		Want:      "medium cognito-guests", Witness: "unauthenticated",
	},
	{
		Name: "every pool of every account", Host: "cognito-identity.amazonaws.com",
		Condition: `{"ForAnyValue:StringLike": {"ISSUER:amr": "authenticated"}}`,
		Want:      "high tenant-not-pinned", Witness: "us-east-1:a8d2c6f0-1e3b-4759-8c4d-6f9b0a7e5d13",
	},
	{
		Name: "a region's pools", Host: "cognito-identity.amazonaws.com",
		Condition: `{"StringLike": {"ISSUER:aud": "us-east-1:*"}, "ForAnyValue:StringLike": {
			"ISSUER:amr": "authenticated"}}`,
		Want: "high tenant-not-pinned", Witness: "us-east-1:a8d2c6f0-1e3b-4759-8c4d-6f9b0a7e5d13",
	},
	{
		Name: "a Deny of guests", Host: "cognito-identity.amazonaws.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "us-east-1:71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92"}}`,
		Statements: `{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": {"ForAnyValue:StringEquals": {"ISSUER:amr": "unauthenticated"}}}`,
	},
	{
		Name: "users of an application", Host: "graph.facebook.com",
		Condition: `{"StringEquals": {"ISSUER:app_id": "111222333444555"}}`,
		Want:      "medium login-any-user", Witness: "111222333444555",
	},
	{
		Name: "users of any application", Host: "www.amazon.com", Condition: `{}`,
		Want: "high tenant-not-pinned",
	},
	{
		Name: "one user of an application", Host: "www.amazon.com",
		Condition: `{"StringEquals": {"ISSUER:app_id": "amzn1.application.abc",
			"ISSUER:user_id": "amzn1.account.ABC"}}`,
	},
	{
		Name: "Sentinel without a session name", Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e"}}`,
		Want:      "high microsoft-sentinel-any-workspace",
	},
	{
		Name: "Sentinel with any session name", Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e"},
			"StringLike": {"sts:RoleSessionName": ["MicrosoftSentinel_*", "MicrosoftDefenderForClouds_*"]}}`,
		Want: "high microsoft-sentinel-any-workspace",
	},
	{
		Name: "Sentinel with the workspace, as the documentation has it",
		Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e",
			"sts:RoleSessionName": "MicrosoftSentinel_3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
	},
	{
		Name: "Sentinel with any session name but one", Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e"},
			"StringNotEquals": {"sts:RoleSessionName": "MicrosoftSentinel_3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"}}`,
		Want: "high microsoft-sentinel-any-workspace",
	},
	{
		Name: "Sentinel's service by its id", Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e",
			"ISSUER:sub": "7c2f6f0e-3d0b-4a53-9c1e-0d8b5a3f2e11"}}`,
		Want: "high microsoft-sentinel-any-workspace",
	},
	{
		Name:      "Sentinel for governments without a session name",
		Host:      "sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://d4230588-5f84-4281-a9c7-2c15194b28f7"}}`,
		Want:      "high microsoft-sentinel-any-workspace",
	},
	{
		Name: "Defender for Cloud with the tenant, as its template has it",
		Host: "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
		Condition: `{"StringLike": {"ISSUER:aud": "api://4d8bed1f-eee7-4d8e-b0dc-8462049a4479",
			"sts:RoleSessionName": "MicrosoftDefenderForClouds_1b7d8e9f-5b8a-4f63-8e2d-0a7c6b3f1d58"}}`,
		Want: "low audience-like",
	},
	{
		Name: "any identity of a tenant", Host: "sts.windows.net/1b7d8e9f-5b8a-4f63-8e2d-0a7c6b3f1d58/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://aws"}}`,
		Want:      "medium microsoft-entra-any-identity",
	},
	{
		Name: "a managed identity", Host: "sts.windows.net/1b7d8e9f-5b8a-4f63-8e2d-0a7c6b3f1d58/",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://aws",
			"ISSUER:sub": "7c2f6f0e-3d0b-4a53-9c1e-0d8b5a3f2e11"}}`,
	},
	{
		Name:      "any identity of a tenant by the newer issuer",
		Host:      "login.microsoftonline.com/1b7d8e9f-5b8a-4f63-8e2d-0a7c6b3f1d58/v2.0",
		Condition: `{"StringEquals": {"ISSUER:aud": "api://aws"}}`,
		Want:      "medium microsoft-entra-any-identity",
	},
	{
		Name: "a workspace of Modal, as Modal's guide has it", Host: "oidc.modal.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "oidc.modal.com"},
			"StringLike": {"ISSUER:sub": "modal:workspace_id:ac-12345abcd:*"}}`,
		Want: "medium organization-wide", Witness: "workspace ac-12345abcd",
	},
	{
		Name: "an environment of Modal", Host: "oidc.modal.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "oidc.modal.com"},
			"StringLike": {"ISSUER:sub": "modal:workspace_id:ac-12345abcd:environment_name:main:*"}}`,
		Want: "medium project-prefix", Witness: "environment main",
	},
	{
		Name: "every container of a function of Modal", Host: "oidc.modal.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "oidc.modal.com"}, "StringLike": {
			"ISSUER:sub": "modal:workspace_id:ac-1:environment_name:main:app_name:web:function_name:f:*"}}`,
	},
	{
		Name: "Modal by aud alone", Host: "oidc.modal.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "oidc.modal.com"}}`,
		Want:      "high no-subject",
	},
	{
		Name: "a sandbox by the organization in aud", Host: "sandboxes.cloud",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme"}}`,
		Want:      "medium organization-wide",
	},
	{
		Name: "an instance of Oracle's by nothing", Host: "idcs-0a1b2c.identity.oraclecloud.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com"}}`,
		Want:      "medium organization-wide",
	},
	{
		Name: "an instance of Oracle's by its id", Host: "idcs-0a1b2c.identity.oraclecloud.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "sts.amazonaws.com", "ISSUER:rpst_id": "ocid1.instance.oc1..x"}}`,
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
