package moto

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// refusedSteps come last, each with a name of its own: where one of the two does not refuse, the others must not
// notice.
var refusedSteps = []step{
	on("create a role with a trust policy that is no JSON", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("bad1"), AssumeRolePolicyDocument: text("{"),
	}),
	on("create a role with a trust policy that names a resource", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("bad2"), AssumeRolePolicyDocument: text(permission),
	}),
	on("create a role with ten minutes", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("bad3"), AssumeRolePolicyDocument: text(trusting), MaxSessionDuration: aws.Int32(600),
	}),
	on("create a role with a long name", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text(strings.Repeat("a", 65)), AssumeRolePolicyDocument: text(trusting),
	}),
	on("create a role with a boundary that is absent", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("bad5"), AssumeRolePolicyDocument: text(trusting),
		PermissionsBoundary: text(accountArn + "policy/absent"),
	}),
	on("create a role with one tag twice", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("bad6"), AssumeRolePolicyDocument: text(trusting), Tags: tags("team", "web", "Team", "api"),
	}),
	on("create a provider without TLS", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{Url: text("http://bad1.example.com")}),
	on("create a provider without a scheme", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{Url: text("example.com")}),
	on("create a provider with a long client id", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{
			Url: text("https://bad3.example.com"), ClientIDList: []string{strings.Repeat("a", 256)},
		}),
	on("create a provider with six thumbprints", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{
			Url: text("https://bad4.example.com"), ThumbprintList: slices.Repeat([]string{thumbprint}, 6),
		}),
	on("create a provider with a long thumbprint", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{
			Url: text("https://bad5.example.com"), ThumbprintList: []string{thumbprint + "a"},
		}),
	on("create a provider with one tag twice", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{
			Url: text("https://bad6.example.com"), Tags: tags("team", "web", "Team", "api"),
		}),
	on("create a policy to hold on to", (*iam.Client).CreatePolicy,
		iam.CreatePolicyInput{PolicyName: text("held"), PolicyDocument: text(permission)}),
	on("attach it to the other role", (*iam.Client).AttachRolePolicy, iam.AttachRolePolicyInput{
		RoleName: text("plain"), PolicyArn: text(accountArn + "policy/held"),
	}),
	on("delete the attached policy", (*iam.Client).DeletePolicy,
		iam.DeletePolicyInput{PolicyArn: text(accountArn + "policy/held")}),
}
