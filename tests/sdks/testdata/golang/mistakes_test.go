package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// made makes each mistake of docs/mistakes.md that the compiler does not find, and prints for each who said what.
func made(ctx *pulumi.Context) error {
	var err error
	switch os.Getenv("PLACE") {
	case "CiOidcTrust":
		_, err = cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
			Github: cioidctrust.GitHubTrustArgs{Repositories: cioidctrust.GitHubRepositoryArray{
				cioidctrust.GitHubRepositoryArgs{Branches: pulumi.StringArray{pulumi.String("main")}},
			}},
			AcceptRisks: pulumi.StringArray{pulumi.String("github-any-refs")},
		})
	case "CiOidcProviders":
		_, err = cioidctrust.NewCiOidcProviders(ctx, "all", &cioidctrust.CiOidcProvidersArgs{
			Circleci: cioidctrust.CircleCiProviderArgs{},
		})
	case "secrets":
		hush := pulumi.ToSecret(pulumi.String("hush-hush")).(pulumi.StringOutput)
		_, err = cioidctrust.NewCiOidcTrust(ctx, "deploy", &cioidctrust.CiOidcTrustArgs{
			RoleName: hush, Path: hush, AcceptRisks: pulumi.StringArray{hush},
		})
	default:
		functions(ctx)
	}
	return err
}

func functions(ctx *pulumi.Context) {
	_, err := cioidctrust.AuditTrust(ctx, &cioidctrust.AuditTrustArgs{})
	say("auditTrust, a missing one", err)
	_, err = cioidctrust.EvaluateTrust(ctx, &cioidctrust.EvaluateTrustArgs{Claims: pulumi.StringRef("{}")})
	say("evaluateTrust, a missing one", err)
	_, err = cioidctrust.DiffTrust(ctx, &cioidctrust.DiffTrustArgs{Before: policy})
	say("diffTrust, a missing one", err)
	_, err = cioidctrust.RenderTrust(ctx, &cioidctrust.RenderTrustArgs{Github: web})
	say("renderTrust, a missing one", err)
	_, err = cioidctrust.RenderTrust(ctx, &cioidctrust.RenderTrustArgs{
		AccountId: "123456789012", Github: web, AcceptRisks: []string{"github-any-refs"},
	})
	say("renderTrust, a misspelt id", err)
	_, err = cioidctrust.Permissions(ctx, &cioidctrust.PermissionsArgs{
		AccountId: "123456789012", TerraformState: &cioidctrust.TerraformState{Bucket: "acme-state", Mode: "apply"},
	})
	say("permissions, a missing one", err)
}

const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
	`"Action":"sts:AssumeRole"}]}`

var web = &cioidctrust.GitHubTrust{Repositories: []cioidctrust.GitHubRepository{
	{Repository: "acme@1234567/web@89012345", Branches: []string{"main"}},
}}

func say(cell string, err error) {
	said := map[string]string{"cell": cell, "by": "nobody"}
	if err != nil {
		said["by"], said["text"] = "plugin", err.Error()
		if strings.HasPrefix(err.Error(), "invalid value for required argument") {
			said["by"] = "SDK"
		}
	}
	line, _ := json.Marshal(said)
	fmt.Println("said", string(line))
}
