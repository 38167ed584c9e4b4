// Package mistakes makes each mistake of docs/mistakes.md that the compiler finds: a comment names the mistake of the
// lines below it.
package mistakes

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func components(ctx *pulumi.Context) {
	// CiOidcTrust, a wrong type
	_ = cioidctrust.CiOidcTrustArgs{MaxSessionDuration: pulumi.String("an hour")}
	// CiOidcTrust, a misspelt name
	cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{PermissionBoundary: pulumi.String("arn")})
	// CiOidcTrust, a misspelt name inside
	_ = cioidctrust.GitLabProjectArgs{Branch: pulumi.StringArray{pulumi.String("main")}}
	// CiOidcTrust, a value that there is not
	_ = cioidctrust.VercelTrustArgs{Team: pulumi.String("acme"), IssuerMode: cioidctrust.VercelIssuerModeTeams}
	// CiOidcProviders, a wrong type
	cioidctrust.NewCiOidcProviders(ctx, "all", &cioidctrust.CiOidcProvidersArgs{Retain: pulumi.String("yes")})
	// CiOidcProviders, a misspelt name
	cioidctrust.NewCiOidcProviders(ctx, "all", &cioidctrust.CiOidcProvidersArgs{Retained: pulumi.Bool(false)})
	// CiOidcProviders, a misspelt name inside
	_ = cioidctrust.GitHubProviderArgs{Hostnam: pulumi.String("github.acme.example")}
	// CiOidcProviders, a value that there is not
	_ = cioidctrust.VercelProviderArgs{Team: pulumi.String("acme"), IssuerMode: cioidctrust.VercelIssuerModeTeams}
}

func functions(ctx *pulumi.Context) {
	// auditTrust, a wrong type
	cioidctrust.AuditTrust(ctx, &cioidctrust.AuditTrustArgs{TrustPolicy: 7})
	// auditTrust, a misspelt name
	cioidctrust.AuditTrust(ctx, &cioidctrust.AuditTrustArgs{TrustPolicies: "{}"})
	// evaluateTrust, a wrong type
	cioidctrust.EvaluateTrust(ctx, &cioidctrust.EvaluateTrustArgs{TrustPolicy: "{}", Partial: pulumi.StringRef("yes")})
	// evaluateTrust, a misspelt name
	cioidctrust.EvaluateTrust(ctx, &cioidctrust.EvaluateTrustArgs{TrustPolicy: "{}", Claim: pulumi.StringRef("{}")})
	// diffTrust, a wrong type
	cioidctrust.DiffTrust(ctx, &cioidctrust.DiffTrustArgs{Before: 7, After: "{}"})
	// diffTrust, a misspelt name
	cioidctrust.DiffTrust(ctx, &cioidctrust.DiffTrustArgs{Befor: "{}", After: "{}"})
	// renderTrust, a wrong type
	cioidctrust.RenderTrust(ctx, &cioidctrust.RenderTrustArgs{MaxSessionDuration: pulumi.StringRef("an hour")})
	// renderTrust, a misspelt name
	cioidctrust.RenderTrust(ctx, &cioidctrust.RenderTrustArgs{AcountId: "123456789012"})
	// renderTrust, a misspelt name inside
	_ = cioidctrust.GitHubTrust{Repository: nil}
	// renderTrust, a value that there is not
	_ = cioidctrust.AwsPartitionAwsUsgov
	// permissions, a wrong type
	cioidctrust.Permissions(ctx, &cioidctrust.PermissionsArgs{S3Site: "acme-site"})
	// permissions, a misspelt name
	cioidctrust.Permissions(ctx, &cioidctrust.PermissionsArgs{TeraformState: nil})
	// permissions, a misspelt name inside
	_ = cioidctrust.TerraformState{LockTables: pulumi.StringRef("locks")}
	// permissions, a value that there is not
	_ = cioidctrust.TerraformState{Mode: cioidctrust.TerraformStateModeAply}
}
