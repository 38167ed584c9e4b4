package engine

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
)

// become has the AWS provider work with the credentials of a role that one policy allows something.
func (w *world) become(policy string) {
	w.t.Helper()
	const issuer = "https://deployer.example.com"
	set, err := issuers.Start()
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, set.Close()) })
	i, err := set.Add(issuer)
	require.NoError(w.t, err)
	w.aws.SetIssuerHosts(set.Hosts(), set.Roots())
	arn := w.existingProvider(issuer, "deployer")
	made, err := w.iam().CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: aws.String("deployer"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":` +
			`"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"` + arn + `"},"Condition":{"StringEquals":{` +
			`"deployer.example.com:aud":"deployer","deployer.example.com:sub":"deployer"}}}}`),
	})
	require.NoError(w.t, err)
	_, err = w.iam().PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{
		RoleName: aws.String("deployer"), PolicyName: aws.String("deploy"), PolicyDocument: aws.String(policy),
	})
	require.NoError(w.t, err)
	token, err := i.Sign(map[string]any{"sub": "deployer", "aud": "deployer"})
	require.NoError(w.t, err)
	bundle, err := os.Open(w.bundle)
	require.NoError(w.t, err)
	defer func() { _ = bundle.Close() }()
	loaded, err := awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithRegion(region),
		awsconfig.WithCustomCABundle(bundle))
	require.NoError(w.t, err)
	client := sts.NewFromConfig(loaded, func(o *sts.Options) { o.BaseEndpoint = aws.String(w.aws.URL()) })
	session, err := client.AssumeRoleWithWebIdentity(context.Background(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: made.Role.Arn, RoleSessionName: aws.String("pulumi"), WebIdentityToken: aws.String(token),
	})
	require.NoError(w.t, err)
	w.extra = map[string]string{
		"accessKey": *session.Credentials.AccessKeyId, "secretKey": *session.Credentials.SecretAccessKey,
		"token": *session.Credentials.SessionToken,
	}
}

// deployerPolicy is the policy of docs/permissions.md for whoever runs Pulumi.
func deployerPolicy(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/permissions.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)## What whoever runs Pulumi needs.*?```json\n(.*?)```").FindSubmatch(page)
	require.NotNil(t, blocks, "the page has no such policy")
	return string(blocks[1])
}

// lives takes components through everything that their inputs can change, and expects each step to go well.
func (w *world) lives() {
	w.t.Helper()
	role := func(p, more props) program { return trust(with(p, with(props{"path": "/ci/"}, more))) }
	w.mustUp(role(bothSystems(), props{
		"permissionsBoundary": policy("PowerUserAccess"), "tags": props{"team": "web", "old": "x"},
		"policyArns": []any{policy("AmazonS3FullAccess")}, "inlinePolicies": props{"read": document("s3:GetObject")},
	}))
	changed := github()["github"].(props)
	changed = with(changed, props{
		"audiences":   []any{"sts.amazonaws.com", "deploy"},
		"thumbprints": []any{"6938fd4d98bab03faadb97b34396831e3780aea1"},
	})
	w.mustUp(role(with(bothSystems(), props{"github": changed}), props{
		"permissionsBoundary": policy("AmazonS3FullAccess"), "tags": props{"team": "platform"},
		"description":        "Deploys",
		"maxSessionDuration": 7200, "policyArns": []any{policy("job-function/ViewOnlyAccess")},
		"inlinePolicies": props{"write": document("s3:PutObject")},
	}))
	require.NoError(w.t, w.refresh().err)
	w.mustUp(role(github(), nil)) // one provider goes, and so do boundary, policies and an audience
	w.mustUp(role(props{"github": props{"repositories": []any{
		props{"repository": "acme@1234567/web@89012345", "pullRequests": true},
	}}}, props{"policyArns": []any{policy("job-function/ViewOnlyAccess")}, "acceptRisks": []any{
		"github-pull-requests", "unreviewed-secrets",
	}}))
	require.NoError(w.t, w.destroy().err)
	w.mustUp(providers(props{"github": props{}, "retain": false}))
	require.NoError(w.t, w.destroy().err)
}

func TestThePolicyOfThePageIsEnoughForEverythingThatPulumiDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	policy := deployerPolicy(t)
	w.become(policy)
	before := len(w.aws.Calls())
	w.lives()

	called := map[string]bool{}
	for _, action := range w.aws.Calls()[before:] {
		called["iam:"+action] = true
	}
	var page struct {
		Statement []struct {
			Action   []string
			Resource string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(policy), &page))
	var unused []string
	for _, statement := range page.Statement {
		for _, action := range statement.Action {
			if !called[action] {
				unused = append(unused, action)
			}
		}
	}
	// The stand-in changes a description by UpdateRole, and reads no lists of policies.
	require.Subset(t, []string{"iam:UpdateRoleDescription", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"},
		unused, "nothing needs these: %v", slices.Sorted(maps.Keys(called)))
}

func TestWithoutOneOfThePermissionsOfThePageSomethingIsDenied(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"iam:TagOpenIDConnectProvider", "iam:CreateRole", "iam:UpdateAssumeRolePolicy"} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t)
			policy := regexp.MustCompile(`"`+action+`",?`).ReplaceAllString(deployerPolicy(t), "")
			w.become(policy)
			w.up(trust(with(github(), props{"path": "/ci/"}))) // the first is denied, or updates what this makes
			refused := w.up(trust(with(bothSystems(), props{"path": "/ci/"})))
			require.Error(t, refused.err)
			require.Contains(t, refused.messages(), "not authorized to perform: "+action)
		})
	}
}
