package awsplugin

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const longestRoleName = 64

// https://www.pulumi.com/registry/packages/aws/api-docs/iam/role/
var roleType = &resourceType{
	token: "aws:iam/role:Role",
	title: "IAM Role",
	inputs: []property{
		{name: "assumeRolePolicy", kind: document, required: true, valid: validDocument, same: sameDocument},
		{name: "description", kind: text, valid: validDescription},
		{name: "forceDetachPolicies", kind: flag, fallback: false},
		{name: "inlinePolicies", unsupported: "use aws.iam.RolePolicy"},
		{name: "managedPolicyArns", unsupported: "use aws.iam.RolePolicyAttachment"},
		{name: "maxSessionDuration", kind: integer, fallback: 3600, valid: validSessionDuration},
		{
			name:      "name",
			kind:      text,
			computed:  true,
			replace:   true,
			valid:     validName(longestRoleName),
			conflicts: "namePrefix",
		},
		{name: "namePrefix", kind: text, replace: true, valid: validName(longestRoleName - suffixLength)},
		{name: "path", kind: text, replace: true, fallback: "/", valid: validPath},
		{name: "permissionsBoundary", kind: text, valid: validARN},
		{name: "tags", kind: textMap},
	},
	outputs:    []string{"arn", "createDate", "tagsAll", "uniqueId"},
	volatile:   []string{"tagsAll"},
	nameLength: longestRoleName,
	create:     createRole,
	read:       readRole,
	update:     updateRole,
	delete:     deleteRole,
}

func validDescription(value resource.PropertyValue) string {
	if length := len([]rune(value.StringValue())); length > 1000 {
		return fmt.Sprintf("expected length to be in the range (0 - 1000), got %d characters", length)
	}
	return ""
}

func validSessionDuration(value resource.PropertyValue) string {
	if seconds := value.NumberValue(); seconds < 3600 || seconds > 43200 {
		return "expected maxSessionDuration to be in the range (3600 - 43200)"
	}
	return ""
}

var paths = regexp.MustCompile(`^/([\x21-\x7e]{0,510}/)?$`)

func validPath(value resource.PropertyValue) string {
	if !paths.MatchString(value.StringValue()) {
		return `must begin and end with "/", and have no spaces and at most 512 characters`
	}
	return ""
}

var arns = regexp.MustCompile(`^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws)?:.+$`)

func validARN(value resource.PropertyValue) string {
	if written := value.StringValue(); written != "" && !arns.MatchString(written) {
		return "is an invalid ARN"
	}
	return ""
}

func createRole(
	ctx context.Context, client *iam.Client, in resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	name := chosenName(in)
	var created *iam.CreateRoleOutput
	err := untilPropagated(ctx, isUnknownPrincipal, func() (err error) {
		created, err = client.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName:                 aws.String(name),
			AssumeRolePolicyDocument: aws.String(textOf(in, "assumeRolePolicy")),
			Description:              optionalText(in, "description"),
			MaxSessionDuration:       aws.Int32(integerOf(in, "maxSessionDuration")),
			Path:                     optionalText(in, "path"),
			PermissionsBoundary:      optionalText(in, "permissionsBoundary"),
			Tags:                     tagsOf(in),
		})
		return err
	})
	if err != nil {
		return "", nil, err
	}
	state, err := afterCreate(ctx, client, readRole, name, in)
	if err != nil {
		state = in.Copy()
		state["name"] = resource.NewProperty(name)
		put(state, "arn", created.Role.Arn)
	}
	return name, state, err
}

func readRole(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	found, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(id)})
	if err != nil {
		return "", nil, unlessMissing(err)
	}
	state, err := roleState(found.Role, textOf(prior, "assumeRolePolicy"))
	return id, state, err
}

func roleState(role *types.Role, knownPolicy string) (resource.PropertyMap, error) {
	policy, err := reportedDocument(role.AssumeRolePolicyDocument, knownPolicy)
	if err != nil {
		return nil, err
	}
	state := resource.PropertyMap{
		"assumeRolePolicy":   resource.NewProperty(policy),
		"createDate":         resource.NewProperty(timestamp(role.CreateDate)),
		"maxSessionDuration": resource.NewProperty(float64(aws.ToInt32(role.MaxSessionDuration))),
	}
	put(state, "arn", role.Arn)
	put(state, "description", role.Description)
	put(state, "name", role.RoleName)
	put(state, "path", role.Path)
	put(state, "uniqueId", role.RoleId)
	if role.PermissionsBoundary != nil {
		put(state, "permissionsBoundary", role.PermissionsBoundary.PermissionsBoundaryArn)
	}
	putTags(state, role.Tags)
	return state, nil
}

func timestamp(at *time.Time) string {
	return aws.ToTime(at).UTC().Format(time.RFC3339)
}

func updateRole(ctx context.Context, client *iam.Client, id string, old, new resource.PropertyMap) error {
	name := aws.String(id)
	if policy := textOf(new, "assumeRolePolicy"); !sameDocument(textOf(old, "assumeRolePolicy"), policy) {
		if err := untilPropagated(ctx, isUnknownPrincipal, func() error {
			_, err := client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
				RoleName: name, PolicyDocument: aws.String(policy),
			})
			return err
		}); err != nil {
			return err
		}
	}
	if textOf(old, "description") != textOf(new, "description") ||
		integerOf(old, "maxSessionDuration") != integerOf(new, "maxSessionDuration") {
		if _, err := client.UpdateRole(ctx, &iam.UpdateRoleInput{
			RoleName:           name,
			Description:        aws.String(textOf(new, "description")),
			MaxSessionDuration: aws.Int32(integerOf(new, "maxSessionDuration")),
		}); err != nil {
			return err
		}
	}
	if boundary := optionalText(new, "permissionsBoundary"); textOf(old, "permissionsBoundary") !=
		aws.ToString(boundary) {
		if err := setBoundary(ctx, client, name, boundary); err != nil {
			return err
		}
	}
	set, remove := retag(old, new)
	if len(remove) > 0 {
		if _, err := client.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := client.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

func setBoundary(ctx context.Context, client *iam.Client, name, boundary *string) error {
	if boundary == nil {
		_, err := client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name})
		return err
	}
	_, err := client.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: name, PermissionsBoundary: boundary,
	})
	return err
}

func deleteRole(ctx context.Context, client *iam.Client, id string, state resource.PropertyMap) error {
	if err := leaveInstanceProfiles(ctx, client, aws.String(id)); err != nil {
		return err
	}
	if flagOf(state, "forceDetachPolicies") {
		if err := stripRole(ctx, client, aws.String(id)); err != nil {
			return err
		}
	}
	_, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(id)})
	return err
}

func leaveInstanceProfiles(ctx context.Context, client *iam.Client, name *string) error {
	profiles := iam.NewListInstanceProfilesForRolePaginator(client,
		&iam.ListInstanceProfilesForRoleInput{RoleName: name})
	for profiles.HasMorePages() {
		page, err := profiles.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, profile := range page.InstanceProfiles {
			if _, err := client.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{
				RoleName: name, InstanceProfileName: profile.InstanceProfileName,
			}); unlessMissing(err) != nil {
				return err
			}
		}
	}
	return nil
}

// stripRole takes every policy off a role: IAM deletes none that has any.
func stripRole(ctx context.Context, client *iam.Client, name *string) error {
	attached := iam.NewListAttachedRolePoliciesPaginator(client, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	for attached.HasMorePages() {
		page, err := attached.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, policy := range page.AttachedPolicies {
			if _, err := client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{
				RoleName: name, PolicyArn: policy.PolicyArn,
			}); unlessMissing(err) != nil {
				return err
			}
		}
	}
	inline := iam.NewListRolePoliciesPaginator(client, &iam.ListRolePoliciesInput{RoleName: name})
	for inline.HasMorePages() {
		page, err := inline.NextPage(ctx)
		if err != nil {
			return err
		}
		for i := range page.PolicyNames {
			if _, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{
				RoleName: name, PolicyName: &page.PolicyNames[i],
			}); unlessMissing(err) != nil {
				return err
			}
		}
	}
	return nil
}
