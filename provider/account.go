package provider

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
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
			return account, fmt.Errorf("asking AWS for the account that the OIDC provider must lie in: %w", err)
		}
		account.ID = identity.AccountId
	}
	return account, nil
}
