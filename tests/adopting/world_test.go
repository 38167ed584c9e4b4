// Package adopting turns roles that exist into CiOidcTrusts, with the real engine, the command line and the AWS CLI
// against the local AWS: the role is never made again, and its tokens are admitted throughout.
package adopting

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// A place is one account with a Pulumi, a folder to work in, and what stands on the PATH there.
type place struct {
	t     *testing.T
	world *harness.World
	bin   string
	dir   string
	aws   *iam.Client
	calls int // how many there were before the adoption
	id    string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	progress := func(line string) { t.Log(line) }
	world, err := harness.Start(t.Context(), progress)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.Close()) })
	p := &place{t: t, world: world, bin: t.TempDir(), aws: world.IAM()}
	p.dir, err = world.Folder("adopted")
	require.NoError(t, err)
	_, err = toolchain.CommandLine(t.Context(), p.bin, progress)
	require.NoError(t, err)
	packages, err := toolchain.PythonClients(t.Context(), "requirements.txt", progress)
	require.NoError(t, err)
	p.command("aws", fmt.Sprintf(`PYTHONPATH=%s exec python3 -m awscli "$@"`, packages))
	return p
}

// command puts a command on the PATH.
func (p *place) command(name, script string) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(filepath.Join(p.bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// sh runs commands as somebody would in a shell who says yes to everything, and stays in the folder that they go to.
func (p *place) sh(script string) string {
	p.t.Helper()
	at := filepath.Join(p.bin, "at")
	cmd := exec.CommandContext(p.t.Context(), "bash", "-euo", "pipefail", "-c", script+"\npwd > "+at)
	cmd.Dir = p.dir
	for _, variable := range p.world.Env() {
		if path, found := strings.CutPrefix(variable, "PATH="); found {
			variable = "PATH=" + p.bin + string(filepath.ListSeparator) + path
		}
		cmd.Env = append(cmd.Env, variable)
	}
	cmd.Env = append(cmd.Env, "PULUMI_SKIP_CONFIRMATIONS=true", "AWS_DEFAULT_REGION="+harness.Region)
	out, err := harness.Finish(cmd)
	require.NoError(p.t, err)
	now, err := os.ReadFile(at)
	require.NoError(p.t, err)
	p.dir = strings.TrimSpace(string(now))
	return string(out)
}

// write writes a file into the folder.
func (p *place) write(name, content string) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644))
}

// trustPolicy is as people write them by hand: of other shape than the component's.
const trustPolicy = `{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "GitHub",
    "Effect": "Allow",
    "Principal": {"Federated": "` + githubArn + `"},
    "Action": ["sts:AssumeRoleWithWebIdentity"],
    "Condition": {
      "StringLike": {
        "token.actions.githubusercontent.com:sub": [
          "repo:acme@1234567/web@89012345:ref:refs/heads/main",
          "repo:acme/web:ref:refs/heads/main"
        ]
      },
      "StringEquals": {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:repository_id": "89012345",
        "token.actions.githubusercontent.com:repository_owner_id": "1234567"
      }
    }
  }
}`

// byHand makes the role and its provider without any program, with all that a role can have.
func (p *place) byHand() {
	p.t.Helper()
	ctx := p.t.Context()
	_, err := p.aws.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(githubIssuer), ClientIDList: []string{"sts.amazonaws.com"},
	})
	require.NoError(p.t, err)
	_, err = p.aws.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(roleName), Path: aws.String("/ci/"), Description: aws.String("Deploys the site"),
		MaxSessionDuration: aws.Int32(7200), AssumeRolePolicyDocument: aws.String(trustPolicy),
		PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
		Tags:                []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})
	require.NoError(p.t, err)
	_, err = p.aws.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String(roleName), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
	})
	require.NoError(p.t, err)
	_, err = p.aws.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(roleName), PolicyName: aws.String("site"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
				`"Resource":"arn:aws:s3:::acme-site/*"}]}`),
	})
	require.NoError(p.t, err)
}

func (p *place) role() *types.Role {
	p.t.Helper()
	found, err := p.aws.GetRole(p.t.Context(), &iam.GetRoleInput{RoleName: aws.String(roleName)})
	require.NoError(p.t, err)
	return found.Role
}

// begin notes the role as it is before the adoption.
func (p *place) begin() {
	p.t.Helper()
	p.id, p.calls = *p.role().RoleId, len(p.world.AWS.Calls())
	p.same()
}

// same holds that the role is the one that it was: its id, who gets in, and that nothing was made or deleted.
func (p *place) same() {
	p.t.Helper()
	role := p.role()
	require.Equal(p.t, p.id, *role.RoleId)
	issuer, err := p.world.Issuer(githubIssuer)
	require.NoError(p.t, err)
	for branch, admitted := range map[string]bool{"main": true, "feature": false} {
		token, err := issuer.Sign(map[string]any{
			"sub": "repo:acme@1234567/web@89012345:ref:refs/heads/" + branch, "aud": "sts.amazonaws.com",
			"repository": "acme/web", "repository_id": "89012345", "repository_owner_id": "1234567",
		})
		require.NoError(p.t, err)
		_, err = p.world.AssumeRole(p.t.Context(), aws.ToString(role.Arn), token)
		require.Equal(p.t, admitted, err == nil, "branch %s: %v", branch, err)
	}
	allowed := []string{"UpdateAssumeRolePolicy", "AssumeRoleWithWebIdentity"}
	for _, call := range p.world.AWS.Calls()[p.calls:] {
		if !strings.HasPrefix(call, "Get") && !strings.HasPrefix(call, "List") && !slices.Contains(allowed, call) {
			require.Fail(p.t, "the adoption changed what it only takes over", call)
		}
	}
	require.Equal(p.t, "Deploys the site", aws.ToString(role.Description))
	require.Equal(p.t, int32(7200), aws.ToInt32(role.MaxSessionDuration))
	require.NotNil(p.t, role.PermissionsBoundary)
	require.Len(p.t, role.Tags, 1)
}
