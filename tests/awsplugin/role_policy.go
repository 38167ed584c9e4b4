package awsplugin

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const longestPolicyName = 128

// https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicy/
var rolePolicyType = &resourceType{
	token: "aws:iam/rolePolicy:RolePolicy",
	title: "IAM Role Policy",
	inputs: []property{
		{
			name:      "name",
			kind:      text,
			computed:  true,
			replace:   true,
			valid:     validName(longestPolicyName),
			conflicts: "namePrefix",
		},
		{name: "namePrefix", kind: text, replace: true, valid: validName(longestPolicyName - suffixLength)},
		{name: "policy", kind: document, required: true, valid: validDocument, same: sameDocument},
		{name: "role", kind: text, required: true, replace: true, valid: validName(longestRoleName)},
	},
	nameLength: longestPolicyName,
	create:     createRolePolicy,
	read:       readRolePolicy,
	update:     updateRolePolicy,
	delete:     deleteRolePolicy,
}

func createRolePolicy(
	ctx context.Context, client *iam.Client, in resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	name := chosenName(in)
	if err := putRolePolicy(ctx, client, textOf(in, "role"), name, textOf(in, "policy")); err != nil {
		return "", nil, err
	}
	state := in.Copy()
	state["name"] = resource.NewProperty(name)
	return textOf(in, "role") + ":" + name, state, nil
}

func putRolePolicy(ctx context.Context, client *iam.Client, role, name, policy string) error {
	_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(role), PolicyName: aws.String(name), PolicyDocument: aws.String(policy),
	})
	return err
}

// rolePolicyID takes an id apart: role names have no colon.
func rolePolicyID(id string) (role, name string, err error) {
	role, name, found := strings.Cut(id, ":")
	if !found || role == "" || name == "" {
		return "", "", fmt.Errorf("expected an id of the form role_name:role_policy_name, got %q", id)
	}
	return role, name, nil
}

func readRolePolicy(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	role, name, err := rolePolicyID(id)
	if err != nil {
		return "", nil, err
	}
	found, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{
		RoleName: aws.String(role), PolicyName: aws.String(name),
	})
	if err != nil {
		return "", nil, unlessMissing(err)
	}
	policy, err := reportedDocument(found.PolicyDocument, textOf(prior, "policy"))
	return id, resource.PropertyMap{
		"name":   resource.NewProperty(name),
		"policy": resource.NewProperty(policy),
		"role":   resource.NewProperty(role),
	}, err
}

func updateRolePolicy(ctx context.Context, client *iam.Client, id string, _, new resource.PropertyMap) error {
	role, name, err := rolePolicyID(id)
	if err != nil {
		return err
	}
	return putRolePolicy(ctx, client, role, name, textOf(new, "policy"))
}

func deleteRolePolicy(ctx context.Context, client *iam.Client, id string, _ resource.PropertyMap) error {
	role, name, err := rolePolicyID(id)
	if err != nil {
		return err
	}
	_, err = client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{
		RoleName: aws.String(role), PolicyName: aws.String(name),
	})
	return err
}
