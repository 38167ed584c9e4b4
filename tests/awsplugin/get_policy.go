package awsplugin

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// getPolicy reads a managed policy by its ARN, with the document of its version in force.
// https://www.pulumi.com/registry/packages/aws/api-docs/iam/getpolicy/
var getPolicy = &function{
	token: "aws:iam/getPolicy:getPolicy",
	inputs: []property{
		{name: "arn", kind: text, valid: validARN},
		{name: "name", kind: text},
		{name: "pathPrefix", kind: text},
		{name: "tags", kind: textMap},
	},
	run: func(ctx context.Context, s *session, args resource.PropertyMap) (resource.PropertyMap, error) {
		arn := textOf(args, "arn")
		if arn == "" {
			return nil, errors.New("the stand-in AWS plugin finds policies by arn alone")
		}
		found, err := s.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(arn)})
		if err != nil {
			return nil, fmt.Errorf("reading IAM Policy (%s): %w", arn, err)
		}
		version, err := s.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
			PolicyArn: aws.String(arn), VersionId: found.Policy.DefaultVersionId,
		})
		if err != nil {
			return nil, fmt.Errorf("reading IAM Policy (%s) version: %w", arn, err)
		}
		document, err := reportedDocument(version.PolicyVersion.Document, "")
		if err != nil {
			return nil, err
		}
		return resource.PropertyMap{
			"arn":             resource.NewProperty(arn),
			"attachmentCount": resource.NewProperty(float64(aws.ToInt32(found.Policy.AttachmentCount))),
			"description":     resource.NewProperty(aws.ToString(found.Policy.Description)),
			"id":              resource.NewProperty(arn),
			"name":            resource.NewProperty(aws.ToString(found.Policy.PolicyName)),
			"path":            resource.NewProperty(aws.ToString(found.Policy.Path)),
			"policy":          resource.NewProperty(document),
			"policyId":        resource.NewProperty(aws.ToString(found.Policy.PolicyId)),
			"tags":            resource.NewProperty(tagsValue(found.Policy.Tags)),
		}, nil
	},
}
