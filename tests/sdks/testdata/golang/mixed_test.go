package main

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mixed is a role that three CI systems share, and one that uses a provider of the first.
func mixed(ctx *pulumi.Context) error {
	project := func(branches, tags []string) cioidctrust.GitLabProjectArray {
		args := &cioidctrust.GitLabProjectArgs{Path: pulumi.String("acme/web"), Id: pulumi.String("46573356")}
		if branches != nil {
			args.Branches = pulumi.ToStringArray(branches)
		}
		if tags != nil {
			args.Tags = pulumi.ToStringArray(tags)
		}
		return cioidctrust.GitLabProjectArray{args}
	}
	workspaces := &cioidctrust.HcpTerraformTrustArgs{
		Organization: pulumi.String("acme"),
		Workspaces: cioidctrust.HcpTerraformWorkspaceArray{&cioidctrust.HcpTerraformWorkspaceArgs{
			Project:   pulumi.String("Default Project"),
			Name:      pulumi.String("web"),
			RunPhases: cioidctrust.HcpTerraformRunPhaseArray{cioidctrust.HcpTerraformRunPhaseApply},
		}},
	}
	first, err := cioidctrust.NewCiOidcTrust(ctx, "first", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: cioidctrust.GitHubRepositoryArray{&cioidctrust.GitHubRepositoryArgs{
				Repository: pulumi.String("acme@1234567/web@89012345"),
				Branches:   pulumi.ToStringArray([]string{"main"}),
			}},
		},
		Gitlab:       &cioidctrust.GitLabTrustArgs{Projects: project([]string{"main"}, nil)},
		HcpTerraform: workspaces,
	})
	if err != nil {
		return err
	}
	second, err := cioidctrust.NewCiOidcTrust(ctx, "second", &cioidctrust.CiOidcTrustArgs{
		Gitlab: &cioidctrust.GitLabTrustArgs{
			ProviderArn: first.ProviderArns.MapIndex(pulumi.String("gitlab")),
			Projects:    project(nil, []string{"v*"}),
		},
	})
	if err != nil {
		return err
	}
	rendered := cioidctrust.RenderTrustOutput(ctx, cioidctrust.RenderTrustOutputArgs{
		AccountId: pulumi.String("123456789012"), HcpTerraform: workspaces,
	})
	ctx.Export("roleArns", pulumi.StringArray{first.RoleArn, second.RoleArn})
	ctx.Export("grants", first.Grants)
	ctx.Export("renderedGrants", rendered.Grants())
	return nil
}
