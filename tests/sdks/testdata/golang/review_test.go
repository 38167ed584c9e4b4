package main

import (
	"encoding/json"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// review asks the functions about the component's own trust policy, which is unknown until the role is up.
func review(ctx *pulumi.Context) error {
	deploy, err := cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
		Github: &cioidctrust.GitHubTrustArgs{
			Repositories: cioidctrust.GitHubRepositoryArray{&cioidctrust.GitHubRepositoryArgs{
				Repository: pulumi.String("acme@1234567/web@89012345"),
				Branches:   pulumi.ToStringArray([]string{"main"}),
			}},
		},
	})
	if err != nil {
		return err
	}
	evaluate := func(context string) (cioidctrust.EvaluateTrustResultOutput, error) {
		claims, err := json.Marshal(map[string]string{
			"iss":                 "https://token.actions.githubusercontent.com",
			"aud":                 "sts.amazonaws.com",
			"iat":                 "1700000000",
			"exp":                 "4102444800",
			"sub":                 "repo:acme@1234567/web@89012345:" + context,
			"repository_id":       "89012345",
			"repository_owner_id": "1234567",
		})
		return cioidctrust.EvaluateTrustOutput(ctx, cioidctrust.EvaluateTrustOutputArgs{
			TrustPolicy: deploy.TrustPolicy,
			ClientIds:   pulumi.ToStringArray([]string{"sts.amazonaws.com"}),
			Claims:      pulumi.String(claims),
		}), err
	}
	mainBranch, err := evaluate("ref:refs/heads/main")
	if err != nil {
		return err
	}
	pullRequest, err := evaluate("pull_request")
	if err != nil {
		return err
	}
	audit := cioidctrust.AuditTrustOutput(ctx, cioidctrust.AuditTrustOutputArgs{TrustPolicy: deploy.TrustPolicy})
	ctx.Export("mainAllowed", mainBranch.Allowed())
	ctx.Export("mainStatements", mainBranch.Statements())
	ctx.Export("pullRequestAllowed", pullRequest.Allowed())
	ctx.Export("pullRequestExplanation", pullRequest.Explanation())
	ctx.Export("findings", audit.Findings())
	return nil
}
