package provider

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

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

// The functions of the AWS provider that tell where it works, with what is read of their answers. Both majors of
// pulumi-aws have them.
const (
	getPartition = "aws:index/getPartition:getPartition"
	getRegion    = "aws:index/getRegion:getRegion"
	getCaller    = "aws:index/getCallerIdentity:getCallerIdentity"
)

type (
	noArguments struct{}

	partitionAnswer struct {
		Partition string `pulumi:"partition"`
	}
	// regionAnswer has the region's name as v7 calls it, and as v6 does.
	regionAnswer struct {
		Region string `pulumi:"region"`
		Name   string `pulumi:"name"`
	}
	callerAnswer struct {
		AccountID string `pulumi:"accountId"`
	}
)

// readAccount asks the AWS provider where the role will be. A provider whose configuration is not known at preview
// answers nothing; then everything stays open until up.
func readAccount(a asker, needsID bool) (ci.Account, error) {
	var account ci.Account
	partition, err := ask[partitionAnswer](a, getPartition, "", noArguments{})
	if err != nil {
		return account, fmt.Errorf("asking the AWS provider for its partition: %w", err)
	}
	region, err := ask[regionAnswer](a, getRegion, "", noArguments{})
	if err != nil {
		return account, fmt.Errorf("asking the AWS provider for its region: %w", err)
	}
	account.Partition, account.Region = partition.Partition, cmp.Or(region.Region, region.Name)
	if account.Partition != "" && account.Region == "" {
		return account, errors.New("the AWS provider does not say in which region it works, and what is pasted into " +
			"a pipeline needs one; set it: pulumi config set aws:region eu-central-1")
	}
	if needsID {
		identity, err := ask[callerAnswer](a, getCaller, "", noArguments{})
		if err != nil {
			return account, fmt.Errorf("asking AWS for the account that the role will be in: %w", err)
		}
		account.ID = identity.AccountID
	}
	return account, nil
}
