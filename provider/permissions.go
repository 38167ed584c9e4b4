package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/recipe"
)

// permissions writes a least-privilege policy.
func permissions(args input.Value, problems *input.Problems) (resource.PropertyMap, error) {
	policy, err := recipe.Policy(args, problems)
	if err != nil {
		return nil, err
	}
	return resource.PropertyMap{"policy": resource.NewStringProperty(policy)}, nil
}
