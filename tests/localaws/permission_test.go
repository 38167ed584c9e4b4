package localaws_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const readBucket = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
	`"Resource":"arn:aws:s3:::acme/*"}]}`

func (w *world) putPolicy(name, document string) error {
	_, err := w.iam.PutRolePolicy(ctx(w.t), &iam.PutRolePolicyInput{
		RoleName: aws.String("deploy"), PolicyName: &name, PolicyDocument: &document,
	})
	return err
}

func (w *world) attach(arn string) error {
	_, err := w.iam.AttachRolePolicy(ctx(w.t),
		&iam.AttachRolePolicyInput{RoleName: aws.String("deploy"), PolicyArn: &arn})
	return err
}

func TestAnInlinePolicyLivesItsLife(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	require.NoError(t, w.putPolicy("read", readBucket))
	require.NoError(t, w.putPolicy("read", readBucket), "putting again replaces")

	got, err := w.iam.GetRolePolicy(ctx(t),
		&iam.GetRolePolicyInput{RoleName: aws.String("deploy"), PolicyName: aws.String("read")})
	require.NoError(t, err)
	decoded, err := url.PathUnescape(*got.PolicyDocument)
	require.NoError(t, err)
	assert.Equal(t, readBucket, decoded)
	list, err := w.iam.ListRolePolicies(ctx(t), &iam.ListRolePoliciesInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.Equal(t, []string{"read"}, list.PolicyNames)

	_, err = w.iam.DeleteRole(ctx(t), &iam.DeleteRoleInput{RoleName: aws.String("deploy")})
	refused(t, err, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	status(t, err, 409)
	_, err = w.iam.DeleteRolePolicy(ctx(t),
		&iam.DeleteRolePolicyInput{RoleName: aws.String("deploy"), PolicyName: aws.String("read")})
	require.NoError(t, err)
	_, err = w.iam.GetRolePolicy(ctx(t),
		&iam.GetRolePolicyInput{RoleName: aws.String("deploy"), PolicyName: aws.String("read")})
	refused(t, err, "NoSuchEntity", "The role policy with name read cannot be found.")
	_, err = w.iam.DeleteRole(ctx(t), &iam.DeleteRoleInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
func TestInlinePoliciesShareOneQuota(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	long := func(n int) string { // n characters besides white space
		return strings.Replace(readBucket, "acme/*", "acme/"+strings.Repeat("a", n-len(readBucket)+1), 1)
	}
	require.NoError(t, w.putPolicy("one", long(5120)))
	require.NoError(t, w.putPolicy("two", strings.Replace(long(5120), ",", " \n\t ,", 1)), "white space is not counted")
	refused(t, w.putPolicy("three", readBucket), "LimitExceeded",
		"Maximum policy size of 10240 bytes exceeded for role deploy")
	refused(t, w.putPolicy("two", long(5121)), "LimitExceeded",
		"Maximum policy size of 10240 bytes exceeded for role deploy")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func TestPermissionPoliciesHaveAGrammar(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	change := func(old, new string) string { return strings.Replace(readBucket, old, new, 1) }
	const syntax = "Syntax errors in policy."
	for name, c := range map[string][2]string{
		"no JSON":          {"{", syntax},
		"no statement":     {`{"Version":"2012-10-17"}`, syntax},
		"unknown element":  {change(`"Effect"`, `"Efect":"Allow","Effect"`), syntax},
		"unknown effect":   {change("Allow", "Permit"), syntax},
		"repeated element": {change(`"Effect":"Allow"`, `"Effect":"Deny","Effect":"Allow"`), syntax},
		"old version": {change("2012-10-17", "2008-10-17"),
			"Policy document must be version 2012-10-17 or greater."},
		"principal": {change(`"Action"`, `"Principal":{"AWS":"*"},"Action"`),
			"Policy document should not specify a principal."},
		"no action": {change(`"Action":"s3:GetObject",`, ""), "Policy statement must contain actions."},
		"action of nobody": {change("s3:GetObject", "GetObject"),
			"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		"no resource": {change(`,"Resource":"arn:aws:s3:::acme/*"`, ""),
			"Policy statement must contain resources."},
		"resource of no ARN": {change("arn:aws:s3:::acme/*", "acme"), `Resource acme must be in ARN format or "*".`},
		"strange Sid": {change(`"Effect"`, `"Sid":"a-b","Effect"`),
			"Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular " +
				"expression [0-9A-Za-z]*"},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.putPolicy("p", c[0])
			refused(t, err, "MalformedPolicyDocument", c[1])
			status(t, err, 400)
		})
	}
}

func TestAPolicyIsAttachedOnceAndDetachedOnce(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	const s3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
	require.NoError(t, w.attach(s3))
	require.NoError(t, w.attach(s3))
	list, err := w.iam.ListAttachedRolePolicies(ctx(t),
		&iam.ListAttachedRolePoliciesInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	require.Len(t, list.AttachedPolicies, 1)
	assert.Equal(t, "AmazonS3FullAccess", *list.AttachedPolicies[0].PolicyName)
	assert.Equal(t, s3, *list.AttachedPolicies[0].PolicyArn)

	_, err = w.iam.DeleteRole(ctx(t), &iam.DeleteRoleInput{RoleName: aws.String("deploy")})
	refused(t, err, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	detach := &iam.DetachRolePolicyInput{RoleName: aws.String("deploy"), PolicyArn: aws.String(s3)}
	_, err = w.iam.DetachRolePolicy(ctx(t), detach)
	require.NoError(t, err)
	_, err = w.iam.DetachRolePolicy(ctx(t), detach)
	refused(t, err, "NoSuchEntity", "Policy "+s3+" was not found.")

	err = w.attach("arn:aws:iam::aws:policy/AmazonS3FullAcess")
	refused(t, err, "NoSuchEntity",
		"Policy arn:aws:iam::aws:policy/AmazonS3FullAcess does not exist or is not attachable.")
	for _, arn := range []string{"AmazonS3FullAccess-is-no-ARN", "arn:aws-cn:iam::aws:policy/AmazonS3FullAccess"} {
		refused(t, w.attach(arn), "InvalidInput", "ARN "+arn+" is not valid.")
	}
}

func (w *world) policy(name string) (string, error) {
	out, err := w.iam.CreatePolicy(ctx(w.t),
		&iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(readBucket)})
	if err != nil {
		return "", err
	}
	return *out.Policy.Arn, nil
}

func TestARoleTakesTenManagedPolicies(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	for i := range 11 {
		arn, err := w.policy(fmt.Sprint("policy", i))
		require.NoError(t, err)
		if err = w.attach(arn); i < 10 {
			require.NoError(t, err)
			continue
		}
		refused(t, err, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
		status(t, err, 409)
	}
}

func TestAManagedPolicyLivesItsLife(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	arn, err := w.policy("read")
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:policy/read", arn)
	_, err = w.policy("Read")
	refused(t, err, "EntityAlreadyExists", "A policy called Read already exists. Duplicate names are not allowed.")

	require.NoError(t, w.attach(arn))
	got, err := w.iam.GetPolicy(ctx(t), &iam.GetPolicyInput{PolicyArn: &arn})
	require.NoError(t, err)
	assert.EqualValues(t, 1, *got.Policy.AttachmentCount)
	assert.Equal(t, "v1", *got.Policy.DefaultVersionId)
	version, err := w.iam.GetPolicyVersion(ctx(t),
		&iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})
	require.NoError(t, err)
	decoded, err := url.PathUnescape(*version.PolicyVersion.Document)
	require.NoError(t, err)
	assert.Equal(t, readBucket, decoded)
	_, err = w.iam.GetPolicyVersion(ctx(t), &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v2")})
	refused(t, err, "NoSuchEntity", "Policy "+arn+" version v2 does not exist or is not attachable.")
	versions, err := w.iam.ListPolicyVersions(ctx(t), &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	require.NoError(t, err)
	assert.Len(t, versions.Versions, 1)
	list, err := w.iam.ListPolicies(ctx(t), &iam.ListPoliciesInput{Scope: "Local"})
	require.NoError(t, err)
	assert.Len(t, list.Policies, 1)

	remove := &iam.DeletePolicyInput{PolicyArn: &arn}
	_, err = w.iam.DeletePolicy(ctx(t), remove)
	refused(t, err, "DeleteConflict", "Cannot delete a policy attached to entities.")
	_, err = w.iam.DetachRolePolicy(ctx(t), &iam.DetachRolePolicyInput{RoleName: aws.String("deploy"), PolicyArn: &arn})
	require.NoError(t, err)
	_, err = w.iam.DeletePolicy(ctx(t), remove)
	require.NoError(t, err)
	_, err = w.iam.DeletePolicy(ctx(t), remove)
	refused(t, err, "NoSuchEntity", "Policy "+arn+" was not found.")
	assert.Empty(t, w.aws.Inventory().Policies)
}

func TestAWSManagedPoliciesCanBeReadButNotDeleted(t *testing.T) {
	w := newWorld(t)
	arn := aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")
	got, err := w.iam.GetPolicy(ctx(t), &iam.GetPolicyInput{PolicyArn: arn})
	require.NoError(t, err)
	assert.Equal(t, "ReadOnlyAccess", *got.Policy.PolicyName)
	_, err = w.iam.DeletePolicy(ctx(t), &iam.DeletePolicyInput{PolicyArn: arn})
	refused(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/admin is not authorized to perform: "+
		"iam:DeletePolicy on resource: policy arn:aws:iam::aws:policy/ReadOnlyAccess")
}
