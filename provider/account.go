package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// awsInvoke makes look-ups use the AWS provider that the component was given, if it was given one. packages are the
// packages of the given providers, in the order in which the SDK lists them: sorted.
func awsInvoke(option pulumi.ResourceOption, packages []string) ([]pulumi.InvokeOption, error) {
	options, err := pulumi.NewResourceOptions(option)
	if err != nil {
		return nil, err
	}
	i, found := slices.BinarySearch(packages, "aws")
	if !found || len(options.Providers) != len(packages) {
		return nil, nil
	}
	return []pulumi.InvokeOption{pulumi.Provider(options.Providers[i])}, nil
}

// readAccount asks the AWS provider where the role will be. A provider whose configuration is not known at preview
// answers nothing; then everything stays open until up.
func readAccount(ctx *pulumi.Context, needsID bool, invoke []pulumi.InvokeOption) (ci.Account, error) {
	var account ci.Account
	partition, err := aws.GetPartition(ctx, &aws.GetPartitionArgs{}, invoke...)
	if err != nil {
		return account, fmt.Errorf("asking the AWS provider for its partition: %w", err)
	}
	region, err := aws.GetRegion(ctx, &aws.GetRegionArgs{}, invoke...)
	if err != nil {
		return account, fmt.Errorf("asking the AWS provider for its region: %w", err)
	}
	account.Partition, account.Region = partition.Partition, region.Name
	if needsID {
		identity, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, invoke...)
		if err != nil {
			return account, fmt.Errorf("asking AWS for the account that providerArn must lie in: %w", err)
		}
		account.ID = identity.AccountId
	}
	return account, nil
}

// lookUpProvider holds an existing OIDC provider against what the trust needs of it.
func lookUpProvider(
	ctx *pulumi.Context, t *ci.Trust, arn input.Value, invoke []pulumi.InvokeOption, problems *input.Problems,
) {
	found, err := iam.LookupOpenIdConnectProvider(ctx,
		&iam.LookupOpenIdConnectProviderArgs{Arn: pulumi.StringRef(t.ProviderArn())}, invoke...)
	if err != nil {
		problems.Add(arn,
			"names an OIDC provider that could not be looked up; is it in this account, and may you read it "+
				"(iam:GetOpenIDConnectProvider)?", "("+err.Error()+")")
		return
	}
	arn.Secret = arn.Secret || t.HasSecret // issuer and audiences come from other properties of the section
	if url := strings.TrimPrefix(found.Url, "https://"); url != "" && t.Issuer() != "" && url != t.Host() {
		problems.Add(arn, "is the provider of another issuer than this section's",
			"(found "+url+", needed "+t.Host()+")")
	}
	for _, audience := range t.Audiences() {
		if found.Url != "" && !slices.Contains(found.ClientIdLists, audience) {
			at := arn
			at.Path = strings.TrimSuffix(arn.Path, "providerArn") + "audiences"
			problems.Add(arn, "names a provider that does not have the required audience among its client ids, so "+
				"AWS would refuse every token; add it (aws iam add-client-id-to-open-id-connect-provider) or "+
				"require another in "+at.Path,
				fmt.Sprintf("(missing %q)", audience))
		}
	}
}
