package moto

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var policySteps = []step{
	on("create a policy", (*iam.Client).CreatePolicy, iam.CreatePolicyInput{
		PolicyName: text("deploy"), Path: text("/ci/"), Description: text("reads"), PolicyDocument: text(permission),
		Tags: tags("team", "web"),
	}),
	on("create the policy again", (*iam.Client).CreatePolicy, iam.CreatePolicyInput{
		PolicyName: text("deploy"), Path: text("/ci/"), PolicyDocument: text(permission),
	}),
	on("create a policy that is no JSON", (*iam.Client).CreatePolicy,
		iam.CreatePolicyInput{PolicyName: text("bad"), PolicyDocument: text("{")}),
	on("get the policy", (*iam.Client).GetPolicy, iam.GetPolicyInput{PolicyArn: text(policyArn)}),
	on("get an absent policy", (*iam.Client).GetPolicy,
		iam.GetPolicyInput{PolicyArn: text(accountArn + "policy/absent")}),
	on("get a policy of AWS", (*iam.Client).GetPolicy, iam.GetPolicyInput{PolicyArn: text(s3FullArn)}),
	on("get an absent policy of AWS", (*iam.Client).GetPolicy,
		iam.GetPolicyInput{PolicyArn: text("arn:aws:iam::aws:policy/Absent")}),
	on("get the policy's version", (*iam.Client).GetPolicyVersion,
		iam.GetPolicyVersionInput{PolicyArn: text(policyArn), VersionId: text("v1")}),
	on("get an absent version", (*iam.Client).GetPolicyVersion,
		iam.GetPolicyVersionInput{PolicyArn: text(policyArn), VersionId: text("v2")}),
	on("list the policy's versions", (*iam.Client).ListPolicyVersions,
		iam.ListPolicyVersionsInput{PolicyArn: text(policyArn)}),
	on("list the account's policies", (*iam.Client).ListPolicies,
		iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal}),

	on("attach the policy", (*iam.Client).AttachRolePolicy,
		iam.AttachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(policyArn)}),
	on("attach a policy of AWS", (*iam.Client).AttachRolePolicy,
		iam.AttachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(s3FullArn)}),
	on("attach it again", (*iam.Client).AttachRolePolicy,
		iam.AttachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(s3FullArn)}),
	on("attach an absent policy", (*iam.Client).AttachRolePolicy, iam.AttachRolePolicyInput{
		RoleName: text("deploy"), PolicyArn: text(accountArn + "policy/absent"),
	}),
	on("attach what is no ARN", (*iam.Client).AttachRolePolicy, iam.AttachRolePolicyInput{
		RoleName: text("deploy"), PolicyArn: text("AmazonS3FullAccess, please"),
	}),
	on("attach to an absent role", (*iam.Client).AttachRolePolicy,
		iam.AttachRolePolicyInput{RoleName: text("absent"), PolicyArn: text(s3FullArn)}),
	on("list attached policies", (*iam.Client).ListAttachedRolePolicies,
		iam.ListAttachedRolePoliciesInput{RoleName: text("deploy")}),
	on("list attached policies of an absent role", (*iam.Client).ListAttachedRolePolicies,
		iam.ListAttachedRolePoliciesInput{RoleName: text("absent")}),
	on("get the attached policy", (*iam.Client).GetPolicy, iam.GetPolicyInput{PolicyArn: text(policyArn)}),
	on("set a boundary", (*iam.Client).PutRolePermissionsBoundary, iam.PutRolePermissionsBoundaryInput{
		RoleName: text("deploy"), PermissionsBoundary: text(policyArn),
	}),
	on("get the role with its boundary", (*iam.Client).GetRole, iam.GetRoleInput{RoleName: text("deploy")}),
	on("remove the boundary", (*iam.Client).DeleteRolePermissionsBoundary,
		iam.DeleteRolePermissionsBoundaryInput{RoleName: text("deploy")}),

	on("put an inline policy", (*iam.Client).PutRolePolicy, iam.PutRolePolicyInput{
		RoleName: text("deploy"), PolicyName: text("extra"), PolicyDocument: text(permission),
	}),
	on("replace the inline policy", (*iam.Client).PutRolePolicy, iam.PutRolePolicyInput{
		RoleName: text("deploy"), PolicyName: text("extra"),
		PolicyDocument: text(strings.ReplaceAll(permission, "web", "api")),
	}),
	on("put an inline policy that is no JSON", (*iam.Client).PutRolePolicy, iam.PutRolePolicyInput{
		RoleName: text("deploy"), PolicyName: text("bad"), PolicyDocument: text("{"),
	}),
	on("put an inline policy into an absent role", (*iam.Client).PutRolePolicy, iam.PutRolePolicyInput{
		RoleName: text("absent"), PolicyName: text("extra"), PolicyDocument: text(permission),
	}),
	on("get the inline policy", (*iam.Client).GetRolePolicy,
		iam.GetRolePolicyInput{RoleName: text("deploy"), PolicyName: text("extra")}),
	on("get an absent inline policy", (*iam.Client).GetRolePolicy,
		iam.GetRolePolicyInput{RoleName: text("deploy"), PolicyName: text("absent")}),
	on("list inline policies", (*iam.Client).ListRolePolicies, iam.ListRolePoliciesInput{RoleName: text("deploy")}),
}

var deleteSteps = []step{
	on("delete the role with policies attached", (*iam.Client).DeleteRole,
		iam.DeleteRoleInput{RoleName: text("deploy")}),
	on("detach the policy", (*iam.Client).DetachRolePolicy,
		iam.DetachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(policyArn)}),
	on("detach the policy of AWS", (*iam.Client).DetachRolePolicy,
		iam.DetachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(s3FullArn)}),
	on("detach it again", (*iam.Client).DetachRolePolicy,
		iam.DetachRolePolicyInput{RoleName: text("deploy"), PolicyArn: text(s3FullArn)}),
	on("delete the role with an inline policy", (*iam.Client).DeleteRole,
		iam.DeleteRoleInput{RoleName: text("deploy")}),
	on("delete the inline policy", (*iam.Client).DeleteRolePolicy,
		iam.DeleteRolePolicyInput{RoleName: text("deploy"), PolicyName: text("extra")}),
	on("delete the inline policy again", (*iam.Client).DeleteRolePolicy,
		iam.DeleteRolePolicyInput{RoleName: text("deploy"), PolicyName: text("extra")}),
	on("delete the role", (*iam.Client).DeleteRole, iam.DeleteRoleInput{RoleName: text("deploy")}),
	on("delete the role again", (*iam.Client).DeleteRole, iam.DeleteRoleInput{RoleName: text("deploy")}),
	on("delete the policy", (*iam.Client).DeletePolicy, iam.DeletePolicyInput{PolicyArn: text(policyArn)}),
	on("delete the policy again", (*iam.Client).DeletePolicy, iam.DeletePolicyInput{PolicyArn: text(policyArn)}),
	on("delete the provider", (*iam.Client).DeleteOpenIDConnectProvider,
		iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(providerArn)}),
	on("delete the provider again", (*iam.Client).DeleteOpenIDConnectProvider,
		iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(providerArn)}),
	on("list the providers that are left", (*iam.Client).ListOpenIDConnectProviders,
		iam.ListOpenIDConnectProvidersInput{}),
	on("list the roles that are left", (*iam.Client).ListRoles, iam.ListRolesInput{}),
}
