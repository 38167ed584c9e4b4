package main

import (
	"encoding/json"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// whole is both components, a value of an enum, and a function in both of its forms.
func whole(ctx *pulumi.Context) error {
	shared, err := cioidctrust.NewCiOidcProviders(ctx, "shared", &cioidctrust.CiOidcProvidersArgs{
		Github:       &cioidctrust.GitHubProviderArgs{},
		HcpTerraform: &cioidctrust.HcpTerraformProviderArgs{},
		Retain:       pulumi.Bool(false),
	})
	if err != nil {
		return err
	}
	deploy, err := cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
		ProviderArns: shared.ProviderArns,
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: cioidctrust.GitHubRepositoryArray{&cioidctrust.GitHubRepositoryArgs{
				Repository: pulumi.String("acme@1234567/web@89012345"),
				Branches:   pulumi.ToStringArray([]string{"main"}),
			}},
		},
		HcpTerraform: &cioidctrust.HcpTerraformTrustArgs{
			Organization: pulumi.String("acme"),
			Workspaces: cioidctrust.HcpTerraformWorkspaceArray{&cioidctrust.HcpTerraformWorkspaceArgs{
				Project:   pulumi.String("Default Project"),
				Name:      pulumi.String("web"),
				RunPhases: cioidctrust.HcpTerraformRunPhaseArray{cioidctrust.HcpTerraformRunPhaseApply},
			}},
		},
	})
	if err != nil {
		return err
	}
	claims, err := json.Marshal(map[string]string{
		"iss": "https://token.actions.githubusercontent.com",
		"aud": "sts.amazonaws.com",
		"sub": "repo:acme@1234567/web@89012345:pull_request",
	})
	if err != nil {
		return err
	}
	ctx.Export("roleArn", deploy.RoleArn)
	ctx.Export("pullRequestGetsIn", cioidctrust.EvaluateTrustOutput(ctx, cioidctrust.EvaluateTrustOutputArgs{
		TrustPolicy: deploy.TrustPolicy,
		Claims:      pulumi.String(claims),
		Partial:     pulumi.Bool(true),
	}).Allowed())
	ctx.Export("why", deploy.TrustPolicy.ApplyT(func(policy string) ([]string, error) {
		answer, err := cioidctrust.EvaluateTrust(ctx, &cioidctrust.EvaluateTrustArgs{
			TrustPolicy: policy, Claims: pulumi.StringRef(string(claims)), Partial: pulumi.BoolRef(true),
		})
		if err != nil {
			return nil, err
		}
		return answer.Explanation, nil
	}))
	return nil
}
