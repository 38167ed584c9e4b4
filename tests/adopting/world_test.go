// Package adopting turns roles that exist into CiOidcTrusts, with the real engine and command line against the local
// AWS: the role is never made again, and its tokens are admitted throughout.
package adopting

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

const (
	githubIssuer = "https://token.actions.githubusercontent.com"
	githubArn    = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	roleName     = "deploy"
)

// A place is one account with a Pulumi, and the command line.
type place struct {
	t     *testing.T
	world *harness.World
	tool  string // the command line
	aws   *iam.Client
}

func newPlace(t *testing.T) *place {
	t.Helper()
	world, err := harness.Start(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.Close()) })
	root, err := toolchain.Root()
	require.NoError(t, err)
	tool := filepath.Join(t.TempDir(), "ci-oidc-trust")
	require.NoError(t, toolchain.Build(t.Context(), root, "./provider/cmd/ci-oidc-trust", tool,
		func(line string) { t.Log(line) }))
	return &place{t, world, tool, world.IAM()}
}

// run runs a command in a folder, and returns what it wrote.
func (p *place) run(dir, name string, args ...string) string {
	p.t.Helper()
	out, err := p.world.Run(p.t.Context(), dir, name, args...)
	require.NoError(p.t, err)
	return string(out)
}

// trustPolicy is as people write them by hand: one statement, of other shape than the component's.
const trustPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "GitHub",
      "Effect": "Allow",
      "Principal": {"Federated": "` + githubArn + `"},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": [
            "repo:acme@1234567/web@89012345:ref:refs/heads/main",
            "repo:acme/web:ref:refs/heads/main"
          ],
          "token.actions.githubusercontent.com:repository_id": "89012345",
          "token.actions.githubusercontent.com:repository_owner_id": "1234567"
        }
      }
    }
  ]
}`

const (
	inlinePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::acme-site/*"}]}`
	managedPolicy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	boundary      = "arn:aws:iam::aws:policy/PowerUserAccess"
)

// existing makes the role and its provider by hand, with all that a role can have.
func (p *place) existing() *types.Role {
	p.t.Helper()
	ctx := p.t.Context()
	_, err := p.aws.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(githubIssuer), ClientIDList: []string{"sts.amazonaws.com"},
	})
	require.NoError(p.t, err)
	made, err := p.aws.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(roleName), Path: aws.String("/ci/"), Description: aws.String("Deploys the site"),
		MaxSessionDuration: aws.Int32(7200), AssumeRolePolicyDocument: aws.String(trustPolicy),
		PermissionsBoundary: aws.String(boundary),
		Tags:                []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})
	require.NoError(p.t, err)
	_, err = p.aws.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String(roleName), PolicyArn: aws.String(managedPolicy),
	})
	require.NoError(p.t, err)
	_, err = p.aws.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(roleName), PolicyName: aws.String("site"), PolicyDocument: aws.String(inlinePolicy),
	})
	require.NoError(p.t, err)
	return made.Role
}

// answers are what the AWS CLI prints of the role: documents decoded, one answer behind the other.
func (p *place) answers(dir string) string {
	p.t.Helper()
	ctx := p.t.Context()
	file := filepath.Join(dir, "role.json")
	out, err := os.Create(file)
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, out.Close()) }()
	print := func(answer any) {
		text, err := json.MarshalIndent(answer, "", "    ")
		require.NoError(p.t, err)
		_, err = out.Write(append(text, '\n'))
		require.NoError(p.t, err)
	}
	decoded := func(document *string) json.RawMessage {
		text, err := url.QueryUnescape(aws.ToString(document))
		require.NoError(p.t, err)
		return json.RawMessage(text)
	}
	role := p.role(ctx)
	tags := []map[string]string{}
	for _, t := range role.Tags {
		tags = append(tags, map[string]string{"Key": *t.Key, "Value": *t.Value})
	}
	shown := map[string]any{
		"Path": role.Path, "RoleName": role.RoleName, "RoleId": role.RoleId, "Arn": role.Arn, "CreateDate": role.CreateDate,
		"AssumeRolePolicyDocument": decoded(role.AssumeRolePolicyDocument), "MaxSessionDuration": role.MaxSessionDuration,
	}
	if role.Description != nil {
		shown["Description"] = role.Description
	}
	if len(tags) > 0 {
		shown["Tags"] = tags
	}
	if role.PermissionsBoundary != nil {
		shown["PermissionsBoundary"] = role.PermissionsBoundary
	}
	print(map[string]any{"Role": shown})
	attached, err := p.aws.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: role.RoleName})
	require.NoError(p.t, err)
	policies := []map[string]*string{}
	for _, a := range attached.AttachedPolicies {
		policies = append(policies, map[string]*string{"PolicyName": a.PolicyName, "PolicyArn": a.PolicyArn})
	}
	print(map[string]any{"AttachedPolicies": policies})
	names, err := p.aws.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role.RoleName})
	require.NoError(p.t, err)
	print(map[string]any{"PolicyNames": names.PolicyNames})
	for _, name := range names.PolicyNames {
		policy, err := p.aws.GetRolePolicy(ctx, &iam.GetRolePolicyInput{
			RoleName: role.RoleName, PolicyName: aws.String(name),
		})
		require.NoError(p.t, err)
		print(map[string]any{"RoleName": role.RoleName, "PolicyName": name,
			"PolicyDocument": decoded(policy.PolicyDocument)})
	}
	return file
}

func (p *place) role(ctx context.Context) *types.Role {
	p.t.Helper()
	found, err := p.aws.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(roleName)})
	require.NoError(p.t, err)
	return found.Role
}

// admits tries a token of the trusted branch, and one of another.
func (p *place) admits() {
	p.t.Helper()
	issuer, err := p.world.Issuer(githubIssuer)
	require.NoError(p.t, err)
	for branch, admitted := range map[string]bool{"main": true, "feature": false} {
		token, err := issuer.Sign(map[string]any{
			"sub": "repo:acme@1234567/web@89012345:ref:refs/heads/" + branch, "aud": "sts.amazonaws.com",
			"repository": "acme/web", "repository_id": "89012345", "repository_owner_id": "1234567",
		})
		require.NoError(p.t, err)
		_, err = p.world.AssumeRole(p.t.Context(), aws.ToString(p.role(p.t.Context()).Arn), token)
		require.Equal(p.t, admitted, err == nil, "branch %s: %v", branch, err)
	}
}
