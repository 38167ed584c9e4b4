package moto

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// A step is one call. The steps run in order on an account that is empty at first.
type step struct {
	name string
	call func(context.Context, *iam.Client) (any, error)
}

var steps = slices.Concat(providerSteps, roleSteps, policySteps, deleteSteps, refusedSteps)

// on makes a step of a call of the SDK and its input.
func on[I, O any](
	name string, call func(*iam.Client, context.Context, *I, ...func(*iam.Options)) (*O, error), input I,
) step {
	return step{name, func(ctx context.Context, client *iam.Client) (any, error) {
		output, err := call(client, ctx, &input, once)
		if err != nil {
			return nil, err
		}
		return output, nil
	}}
}

// once keeps the SDK from calling again after an answer that says the server failed.
func once(o *iam.Options) { o.RetryMaxAttempts = 1 }

const (
	accountArn  = "arn:aws:iam::123456789012:"
	providerArn = accountArn + "oidc-provider/token.actions.githubusercontent.com"
	circleArn   = accountArn + "oidc-provider/oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	absentArn   = accountArn + "oidc-provider/example.com"
	policyArn   = accountArn + "policy/ci/deploy"
	s3FullArn   = "arn:aws:iam::aws:policy/AmazonS3FullAccess"

	thumbprint = "6938fd4d98bab03faadb97b34396831e3780aea1"
	permission = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::web/*"}]}`
	trusting = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` +
		providerArn + `"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{` +
		`"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",` +
		`"token.actions.githubusercontent.com:sub":"repo:acme/web:ref:refs/heads/main"}}}]}`
)

func text(s string) *string { return aws.String(s) }

func tags(pairs ...string) (list []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: text(pairs[i]), Value: text(pairs[i+1])})
	}
	return list
}

var providerSteps = []step{
	on("create a provider", (*iam.Client).CreateOpenIDConnectProvider, iam.CreateOpenIDConnectProviderInput{
		Url:            text("https://token.actions.githubusercontent.com"),
		ClientIDList:   []string{"sts.amazonaws.com"},
		ThumbprintList: []string{thumbprint},
		Tags:           tags("team", "web", "Owner", "acme"),
	}),
	on("create it again", (*iam.Client).CreateOpenIDConnectProvider, iam.CreateOpenIDConnectProviderInput{
		Url: text("https://token.actions.githubusercontent.com"), ClientIDList: []string{"other"},
	}),
	on("get it", (*iam.Client).GetOpenIDConnectProvider,
		iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(providerArn)}),
	on("create a provider with a path, without thumbprints", (*iam.Client).CreateOpenIDConnectProvider,
		iam.CreateOpenIDConnectProviderInput{
			Url:          text("https://oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"),
			ClientIDList: []string{"6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"},
		}),
	on("get the one without thumbprints", (*iam.Client).GetOpenIDConnectProvider,
		iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(circleArn)}),
	on("list providers", (*iam.Client).ListOpenIDConnectProviders, iam.ListOpenIDConnectProvidersInput{}),
	on("get an absent provider", (*iam.Client).GetOpenIDConnectProvider,
		iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(absentArn)}),
	on("add a client id", (*iam.Client).AddClientIDToOpenIDConnectProvider, iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: text(providerArn), ClientID: text("another"),
	}),
	on("add it again", (*iam.Client).AddClientIDToOpenIDConnectProvider, iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: text(providerArn), ClientID: text("another"),
	}),
	on("add a client id to an absent provider", (*iam.Client).AddClientIDToOpenIDConnectProvider,
		iam.AddClientIDToOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: text(absentArn), ClientID: text("another"),
		}),
	on("replace the thumbprints", (*iam.Client).UpdateOpenIDConnectProviderThumbprint,
		iam.UpdateOpenIDConnectProviderThumbprintInput{
			OpenIDConnectProviderArn: text(providerArn), ThumbprintList: []string{strings.Repeat("0", 40), thumbprint},
		}),
	on("replace the thumbprints of an absent provider", (*iam.Client).UpdateOpenIDConnectProviderThumbprint,
		iam.UpdateOpenIDConnectProviderThumbprintInput{
			OpenIDConnectProviderArn: text(absentArn), ThumbprintList: []string{thumbprint},
		}),
	on("get it with two client ids and thumbprints", (*iam.Client).GetOpenIDConnectProvider,
		iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: text(providerArn)}),
	on("remove a client id", (*iam.Client).RemoveClientIDFromOpenIDConnectProvider,
		iam.RemoveClientIDFromOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: text(providerArn), ClientID: text("another"),
		}),
	on("remove it again", (*iam.Client).RemoveClientIDFromOpenIDConnectProvider,
		iam.RemoveClientIDFromOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: text(providerArn), ClientID: text("another"),
		}),
	on("tag the provider", (*iam.Client).TagOpenIDConnectProvider, iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: text(providerArn), Tags: tags("team", "api", "stage", ""),
	}),
	on("tag an absent provider", (*iam.Client).TagOpenIDConnectProvider, iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: text(absentArn), Tags: tags("team", "api"),
	}),
	on("list the provider's tags", (*iam.Client).ListOpenIDConnectProviderTags,
		iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: text(providerArn)}),
	on("untag the provider, in another letter case", (*iam.Client).UntagOpenIDConnectProvider,
		iam.UntagOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: text(providerArn), TagKeys: []string{"OWNER", "absent"},
		}),
	on("list the tags that are left", (*iam.Client).ListOpenIDConnectProviderTags,
		iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: text(providerArn)}),
}

var roleSteps = []step{
	on("create a role", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("deploy"), Path: text("/ci/"), Description: text("what main may do"),
		MaxSessionDuration: aws.Int32(7200), AssumeRolePolicyDocument: text(trusting), Tags: tags("team", "web"),
	}),
	on("create a role with as little as possible", (*iam.Client).CreateRole, iam.CreateRoleInput{
		RoleName: text("plain"), AssumeRolePolicyDocument: text(trusting),
	}),
	on("create the role again", (*iam.Client).CreateRole,
		iam.CreateRoleInput{RoleName: text("deploy"), AssumeRolePolicyDocument: text(trusting)}),
	on("get the role", (*iam.Client).GetRole, iam.GetRoleInput{RoleName: text("deploy")}),
	on("get an absent role", (*iam.Client).GetRole, iam.GetRoleInput{RoleName: text("absent")}),
	on("list roles", (*iam.Client).ListRoles, iam.ListRolesInput{}),
	on("list roles under a path", (*iam.Client).ListRoles, iam.ListRolesInput{PathPrefix: text("/ci/")}),
	on("update the role", (*iam.Client).UpdateRole, iam.UpdateRoleInput{
		RoleName: text("deploy"), Description: text("changed"), MaxSessionDuration: aws.Int32(3600),
	}),
	on("update an absent role", (*iam.Client).UpdateRole,
		iam.UpdateRoleInput{RoleName: text("absent"), Description: text("changed")}),
	on("change a role's description", (*iam.Client).UpdateRoleDescription, iam.UpdateRoleDescriptionInput{
		RoleName: text("deploy"), Description: text("changed again"),
	}),
	on("change the trust policy", (*iam.Client).UpdateAssumeRolePolicy, iam.UpdateAssumeRolePolicyInput{
		RoleName: text("deploy"), PolicyDocument: text(strings.ReplaceAll(trusting, "main", "release/1 + 2 %")),
	}),
	on("change the trust policy to what is no JSON", (*iam.Client).UpdateAssumeRolePolicy,
		iam.UpdateAssumeRolePolicyInput{
			RoleName: text("deploy"), PolicyDocument: text("not JSON"),
		}),
	on("change the trust policy of an absent role", (*iam.Client).UpdateAssumeRolePolicy,
		iam.UpdateAssumeRolePolicyInput{
			RoleName: text("absent"), PolicyDocument: text(trusting),
		}),
	on("tag the role", (*iam.Client).TagRole,
		iam.TagRoleInput{RoleName: text("deploy"), Tags: tags("team", "api", "stage", "")}),
	on("tag an absent role", (*iam.Client).TagRole,
		iam.TagRoleInput{RoleName: text("absent"), Tags: tags("team", "api")}),
	on("list the role's tags", (*iam.Client).ListRoleTags, iam.ListRoleTagsInput{RoleName: text("deploy")}),
	on("untag the role", (*iam.Client).UntagRole,
		iam.UntagRoleInput{RoleName: text("deploy"), TagKeys: []string{"stage", "absent"}}),
	on("get the changed role", (*iam.Client).GetRole, iam.GetRoleInput{RoleName: text("deploy")}),
	on("list a role's instance profiles", (*iam.Client).ListInstanceProfilesForRole,
		iam.ListInstanceProfilesForRoleInput{RoleName: text("deploy")}),
	on("list an absent role's instance profiles", (*iam.Client).ListInstanceProfilesForRole,
		iam.ListInstanceProfilesForRoleInput{RoleName: text("absent")}),
}
