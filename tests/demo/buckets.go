package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// buckets lists buckets with the credentials of a job, and fails to with those of a role of the same trust policy to
// which no policy is attached.
func buckets(
	ctx context.Context, out io.Writer, world *harness.World, m mint, stack harness.Outputs,
	admitted aws.CredentialsProvider,
) (err error) {
	if err := world.ListBuckets(ctx, admitted); err != nil {
		return fmt.Errorf("the job may not list buckets: %w", err)
	}
	fmt.Fprintln(out, "    with S3:    ListBuckets answered")

	name := aws.String("without-s3")
	made, err := world.IAM().CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: name, AssumeRolePolicyDocument: aws.String(stack.TrustPolicy),
	})
	if err != nil {
		return err
	}
	defer func() {
		_, deleted := world.IAM().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
		err = errors.Join(err, deleted)
	}()
	token, err := m.github.Sign(githubJob.Claims())
	if err != nil {
		return err
	}
	credentials, err := world.AssumeRole(ctx, aws.ToString(made.Role.Arn), token)
	if err != nil {
		return err
	}
	var refused smithy.APIError
	switch err := world.ListBuckets(ctx, credentials); {
	case err == nil:
		return errors.New("a role without a policy lists buckets")
	case !errors.As(err, &refused) || refused.ErrorCode() != accessDenied:
		return err
	}
	fmt.Fprintln(out, "    without it:", refused.ErrorCode()+":", shorten(refused.ErrorMessage()))
	return nil
}
