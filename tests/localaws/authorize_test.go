package localaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

const (
	readOnlyS3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	readsRoles = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetRole",` +
		`"Resource":"arn:aws:iam::123456789012:role/deploy"}]}`
)

func TestASessionMayDoWhatThePoliciesOfItsRoleAllow(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, _ = w.role("other", anyTrust), role
	out, err := w.assume(role, sign(t, issuer.Sign, nil))
	require.NoError(t, err)
	session := iam.NewFromConfig(w.config(sessionKeys(out)))
	get := func(name string) error {
		_, err := session.GetRole(ctx(t), &iam.GetRoleInput{RoleName: aws.String(name)})
		return err
	}
	const denied = "User: arn:aws:sts::123456789012:assumed-role/deploy/job is not authorized to perform: "
	require.NoError(t, w.putPolicy("read", readsRoles))
	require.NoError(t, get("deploy"))
	refused(t, get("other"), "AccessDenied",
		denied+"iam:GetRole on resource: role other because no identity-based policy allows the iam:GetRole action")

	_, err = w.iam.PutRolePermissionsBoundary(ctx(t), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("deploy"), PermissionsBoundary: aws.String(readOnlyS3),
	})
	require.NoError(t, err)
	refused(t, get("deploy"), "AccessDenied",
		denied+"iam:GetRole on resource: role deploy because no identity-based policy allows the iam:GetRole action")
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func TestASessionListsBucketsIfItsRoleMay(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	out, err := w.assume(role, sign(t, issuer.Sign, nil))
	require.NoError(t, err)
	config := w.config(sessionKeys(out))
	session := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = session.ListBuckets(ctx(t), &s3.ListBucketsInput{})
	refused(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/deploy/job is not authorized to "+
		"perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action")
	status(t, err, 403)
	require.NoError(t, w.attach(readOnlyS3))
	listed, err := session.ListBuckets(ctx(t), &s3.ListBucketsInput{})
	require.NoError(t, err)
	require.Empty(t, listed.Buckets)

	_, err = session.GetObject(ctx(t), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: aws.String("a")})
	refused(t, err, "NotImplemented", "A header you provided implies functionality that is not implemented.")
	other := s3.NewFromConfig(newWorld(t).config(sessionKeys(out)), func(o *s3.Options) { o.UsePathStyle = true })
	_, err = other.ListBuckets(ctx(t), &s3.ListBucketsInput{})
	refused(t, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
}
