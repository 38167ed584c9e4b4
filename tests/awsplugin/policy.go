package awsplugin

import (
	"context"
	"errors"
	"sort"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// https://www.pulumi.com/registry/packages/aws/api-docs/iam/policy/
var policyType = &resourceType{
	token: "aws:iam/policy:Policy",
	title: "IAM Policy",
	inputs: []property{
		{name: "description", kind: text, replace: true, valid: validDescription},
		{
			name:      "name",
			kind:      text,
			computed:  true,
			replace:   true,
			valid:     validName(longestPolicyName),
			conflicts: "namePrefix",
		},
		{name: "namePrefix", kind: text, replace: true, valid: validName(longestPolicyName - suffixLength)},
		{name: "path", kind: text, replace: true, fallback: "/", valid: validPath},
		{name: "policy", kind: document, required: true, valid: validDocument, same: sameDocument},
		{name: "tags", kind: textMap},
	},
	outputs:    []string{"arn", "attachmentCount", "policyId", "tagsAll"},
	volatile:   []string{"attachmentCount", "tagsAll"},
	nameLength: longestPolicyName,
	create:     createPolicy,
	read:       readPolicy,
	update:     updatePolicy,
	delete:     deletePolicy,
}

// policyVersions is how many versions IAM keeps of a managed policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const policyVersions = 5

func createPolicy(
	ctx context.Context, client *iam.Client, in resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	created, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName:     aws.String(chosenName(in)),
		PolicyDocument: aws.String(textOf(in, "policy")),
		Description:    optionalText(in, "description"),
		Path:           optionalText(in, "path"),
		Tags:           tagsOf(in),
	})
	if err != nil {
		return "", nil, err
	}
	arn := aws.ToString(created.Policy.Arn)
	state, err := afterCreate(ctx, client, readPolicy, arn, in)
	if err != nil {
		state = in.Copy()
		state["arn"] = resource.NewProperty(arn)
		put(state, "name", created.Policy.PolicyName)
	}
	return arn, state, err
}

func readPolicy(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	found, err := client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(id)})
	if err != nil {
		return "", nil, unlessMissing(err)
	}
	version, err := client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: aws.String(id), VersionId: found.Policy.DefaultVersionId,
	})
	if err != nil {
		return "", nil, unlessMissing(err)
	}
	written, err := reportedDocument(version.PolicyVersion.Document, textOf(prior, "policy"))
	if err != nil {
		return "", nil, err
	}
	state := resource.PropertyMap{
		"arn":             resource.NewProperty(id),
		"attachmentCount": resource.NewProperty(float64(aws.ToInt32(found.Policy.AttachmentCount))),
		"policy":          resource.NewProperty(written),
	}
	put(state, "description", found.Policy.Description)
	put(state, "name", found.Policy.PolicyName)
	put(state, "path", found.Policy.Path)
	put(state, "policyId", found.Policy.PolicyId)
	putTags(state, found.Policy.Tags)
	return id, state, nil
}

func updatePolicy(ctx context.Context, client *iam.Client, id string, old, new resource.PropertyMap) error {
	arn := aws.String(id)
	if policy := textOf(new, "policy"); !sameDocument(textOf(old, "policy"), policy) {
		former, err := formerVersions(ctx, client, arn)
		if err != nil {
			return err
		}
		if len(former) >= policyVersions-1 {
			if err := dropVersions(ctx, client, arn, former[:1]); err != nil {
				return err
			}
		}
		if _, err := client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
			PolicyArn: arn, PolicyDocument: aws.String(policy), SetAsDefault: true,
		}); err != nil {
			return err
		}
	}
	set, remove := retag(old, new)
	if len(remove) > 0 {
		if _, err := client.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: arn, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := client.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: arn, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

// formerVersions lists the versions that are not in force, oldest first.
func formerVersions(ctx context.Context, client *iam.Client, arn *string) ([]types.PolicyVersion, error) {
	var former []types.PolicyVersion
	versions := iam.NewListPolicyVersionsPaginator(client, &iam.ListPolicyVersionsInput{PolicyArn: arn})
	for versions.HasMorePages() {
		page, err := versions.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, version := range page.Versions {
			if !version.IsDefaultVersion {
				former = append(former, version)
			}
		}
	}
	sort.Slice(former, func(i, j int) bool {
		return aws.ToTime(former[i].CreateDate).Before(aws.ToTime(former[j].CreateDate))
	})
	return former, nil
}

func dropVersions(ctx context.Context, client *iam.Client, arn *string, versions []types.PolicyVersion) error {
	var problems []error
	for _, version := range versions {
		_, err := client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{
			PolicyArn: arn, VersionId: version.VersionId,
		})
		problems = append(problems, unlessMissing(err))
	}
	return errors.Join(problems...)
}

// deletePolicy drops the former versions first: IAM deletes no policy that has any.
func deletePolicy(ctx context.Context, client *iam.Client, id string, _ resource.PropertyMap) error {
	arn := aws.String(id)
	former, err := formerVersions(ctx, client, arn)
	if err != nil {
		return err
	}
	if err := dropVersions(ctx, client, arn, former); err != nil {
		return err
	}
	_, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
	return err
}
