// A stack with one role that a GitHub repository and a CircleCI project may assume.
package main

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(stack)
}

func stack(ctx *pulumi.Context) error {
	deploy, err := cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: cioidctrust.GitHubRepositoryArray{
				&cioidctrust.GitHubRepositoryArgs{
					Repository:   pulumi.String("acme@1234567/web@89012345"),
					Branches:     pulumi.ToStringArray([]string{"main"}),
					Environments: pulumi.ToStringArray([]string{"production"}),
				},
			},
		},
		Circleci: &cioidctrust.CircleCiTrustArgs{
			OrganizationId: pulumi.String("6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"),
			Projects: cioidctrust.CircleCiProjectArray{
				&cioidctrust.CircleCiProjectArgs{
					Id:        pulumi.String("0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"),
					VcsOrigin: pulumi.String("github.com/acme/web"),
					Branches:  pulumi.ToStringArray([]string{"main"}),
				},
			},
		},
		PolicyArns: pulumi.ToStringArray([]string{"arn:aws:iam::aws:policy/AmazonS3FullAccess"}),
	})
	if err != nil {
		return err
	}
	ctx.Export("roleArn", deploy.RoleArn)
	ctx.Export("roleName", deploy.RoleName)
	ctx.Export("providerArns", deploy.ProviderArns)
	ctx.Export("trustPolicy", deploy.TrustPolicy)
	ctx.Export("grants", deploy.Grants)
	ctx.Export("findings", deploy.Findings)
	ctx.Export("pipelineConfigs", deploy.PipelineConfigs)
	return nil
}
