package main

import (
	"cmp"
	"context"
	"os"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// leaveTags is for a role whose tags another tool writes.
func leaveTags(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != "aws:iam/role:Role" {
		return nil
	}
	args.Opts.IgnoreChanges = append(args.Opts.IgnoreChanges, "tags")
	return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
}

func transform(ctx *pulumi.Context) error {
	deploy, err := cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: cioidctrust.GitHubRepositoryArray{&cioidctrust.GitHubRepositoryArgs{
				Repository: pulumi.String("acme@1234567/web@89012345"),
				Branches:   pulumi.ToStringArray([]string{"main"}),
			}},
		},
		Tags: pulumi.StringMap{"team": pulumi.String(cmp.Or(os.Getenv("TEAM"), "web"))},
	}, pulumi.Transforms([]pulumi.ResourceTransform{leaveTags}))
	if err != nil {
		return err
	}
	ctx.Export("roleArn", deploy.RoleArn)
	return nil
}
