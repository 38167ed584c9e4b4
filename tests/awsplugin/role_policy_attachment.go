package awsplugin

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicyattachment/
var rolePolicyAttachmentType = &resourceType{
	token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
	title: "IAM Role Policy Attachment",
	inputs: []property{
		{name: "policyArn", kind: text, required: true, replace: true, valid: validARN},
		{name: "role", kind: text, required: true, replace: true, valid: validName(longestRoleName)},
	},
	create: createRolePolicyAttachment,
	read:   readRolePolicyAttachment,
	update: updateRolePolicyAttachment,
	delete: deleteRolePolicyAttachment,
}

func createRolePolicyAttachment(
	ctx context.Context, client *iam.Client, in resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String(textOf(in, "role")), PolicyArn: aws.String(textOf(in, "policyArn")),
	})
	if err != nil {
		return "", nil, err
	}
	return textOf(in, "role") + "-" + uniqueSuffix(), in, nil
}

// attachment tells which policy of which role a resource is about. An id says so only on import: role_name/policy_arn.
func attachment(id string, state resource.PropertyMap) (role, policyARN string, err error) {
	if role, policyARN = textOf(state, "role"), textOf(state, "policyArn"); role != "" && policyARN != "" {
		return role, policyARN, nil
	}
	role, policyARN, found := strings.Cut(id, "/")
	if !found || role == "" || policyARN == "" {
		return "", "", fmt.Errorf("unexpected format of ID (%q), expected <role-name>/<policy_arn>", id)
	}
	return role, policyARN, nil
}

func readRolePolicyAttachment(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	role, policyARN, err := attachment(id, prior)
	if err != nil {
		return "", nil, err
	}
	attached := iam.NewListAttachedRolePoliciesPaginator(client, &iam.ListAttachedRolePoliciesInput{
		RoleName: aws.String(role),
	})
	for attached.HasMorePages() {
		page, err := attached.NextPage(ctx)
		if err != nil {
			return "", nil, unlessMissing(err)
		}
		for _, policy := range page.AttachedPolicies {
			if aws.ToString(policy.PolicyArn) != policyARN {
				continue
			}
			if strings.Contains(id, "/") {
				id = role + "-" + policyARN
			}
			return id, resource.PropertyMap{
				"policyArn": resource.NewProperty(policyARN),
				"role":      resource.NewProperty(role),
			}, nil
		}
	}
	return "", nil, nil
}

// updateRolePolicyAttachment has nothing to do: every change is a replacement.
func updateRolePolicyAttachment(
	context.Context, *iam.Client, string, resource.PropertyMap, resource.PropertyMap,
) error {
	return nil
}

func deleteRolePolicyAttachment(ctx context.Context, client *iam.Client, id string, state resource.PropertyMap) error {
	role, policyARN, err := attachment(id, state)
	if err != nil {
		return err
	}
	_, err = client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{
		RoleName: aws.String(role), PolicyArn: aws.String(policyARN),
	})
	return err
}
