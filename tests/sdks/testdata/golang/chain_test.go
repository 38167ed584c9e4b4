package main

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// chain is two roles that share one OIDC provider. Its ARN is unknown until the first role's part is up.
func chain(ctx *pulumi.Context) error {
	repositories := cioidctrust.GitHubRepositoryArray{&cioidctrust.GitHubRepositoryArgs{
		Repository: pulumi.String("acme@1234567/web@89012345"),
		Branches:   pulumi.ToStringArray([]string{"main"}),
	}}
	first, err := cioidctrust.NewCiOidcTrust(ctx, "first", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{Repositories: repositories},
	})
	if err != nil {
		return err
	}
	second, err := cioidctrust.NewCiOidcTrust(ctx, "second", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: repositories,
			ProviderArn:  first.ProviderArns.MapIndex(pulumi.String("github")),
		},
	})
	if err != nil {
		return err
	}
	ctx.Export("roleArns", pulumi.StringArray{first.RoleArn, second.RoleArn})
	return nil
}
