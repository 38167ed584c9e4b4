// Package recipes holds the policies of the function permissions against the local AWS's evaluation of permissions: the
// calls that the tools make are allowed, and their neighbours are not.
package recipes

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/recipe"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

const (
	account = "123456789012"
	key     = ":kms:eu-central-1:123456789012:key/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	trust   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
)

// A call is what a tool asks of AWS: an action, a resource, and condition keys as KEY=VALUE. Every resource is in the
// account unless aws:ResourceAccount says otherwise. ARN stands for the beginning of ARNs of S3, arn:PARTITION:s3:::.
type call string

func (c call) parts(partition string) (action, resource string, keys map[string][]string) {
	keys = map[string][]string{"aws:resourceaccount": {account}, "aws:securetransport": {"true"}}
	fields := strings.Fields(strings.ReplaceAll(string(c), "arn:aws:", "arn:"+partition+":"))
	for _, field := range fields[2:] {
		name, value, _ := strings.Cut(field, "=")
		keys[strings.ToLower(name)] = strings.Split(value, ",")
	}
	return fields[0], fields[1], keys
}

type table struct {
	recipe      map[string]any
	allowed, no []call
}

const (
	locks = "arn:aws:dynamodb:eu-central-1:123456789012:table/locks"
	state = "arn:aws:s3:::acme-state"
	stack = state + "/.pulumi/stacks/web/prod"
	lock  = state + "/.pulumi/locks/organization/web/prod/1.json"
	site  = "arn:aws:s3:::acme-site"
	cdn   = "arn:aws:cloudfront::123456789012:distribution/"
)

func terraform(more map[string]any) map[string]any {
	of := map[string]any{"bucket": "acme-state", "key": "web.tfstate", "mode": "plan"}
	for name, value := range more {
		of[name] = value
	}
	return map[string]any{"terraformState": of}
}

func pulumi(mode string) map[string]any {
	return map[string]any{"pulumiState": map[string]any{
		"bucket": "acme-state", "project": "web", "stack": "prod", "mode": mode, "kmsKeyArn": "arn:aws" + key,
	}}
}

// neighbours are what no recipe for a state allows.
var neighbours = []call{
	"s3:ListBucket " + state,
	"s3:ListBucket " + state + " s3:prefix=",
	"s3:ListBucket " + state + " s3:prefix=api.tfstate",
	"s3:ListAllMyBuckets *",
	"s3:GetObject " + state + "/api.tfstate",
	"s3:GetObject " + state + "/web.tfstate.backup",
	"s3:GetObject arn:aws:s3:::acme-state-2/web.tfstate",
	"s3:GetObject " + state + "/web.tfstate aws:ResourceAccount=666666666666",
	"s3:GetObjectVersion " + state + "/web.tfstate",
	"s3:DeleteObject " + state + "/web.tfstate",
	"s3:DeleteObjectVersion " + state + "/web.tfstate",
	"s3:PutObject " + state + "/api.tfstate",
	"s3:PutObject " + state + "/api.tfstate.tflock",
	"s3:PutObjectAcl " + state + "/web.tfstate",
	"s3:PutBucketPolicy " + state,
	"s3:PutBucketVersioning " + state,
	"s3:PutBucketAcl " + state,
	"s3:DeleteBucket " + state,
	"dynamodb:Scan " + locks,
	"dynamodb:PutItem " + locks,
	"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/api.tfstate",
	"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate,acme-state/api.tfstate",
	"dynamodb:PutItem " + locks + "2 dynamodb:LeadingKeys=acme-state/web.tfstate",
	"dynamodb:DeleteTable " + locks,
	"kms:Decrypt arn:aws" + key,
	"kms:Decrypt arn:aws" + key + " kms:ViaService=ec2.eu-central-1.amazonaws.com",
	"kms:Decrypt arn:aws" + key + "2 kms:ViaService=s3.eu-central-1.amazonaws.com",
	"kms:CreateGrant arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	"kms:PutKeyPolicy arn:aws" + key,
	"iam:PassRole *",
	"sts:AssumeRole arn:aws:iam::123456789012:role/admin",
}

var tables = map[string]table{
	// What Terraform's backend calls: https://developer.hashicorp.com/terraform/language/backend/s3
	"terraform plan, a lock file": {terraform(map[string]any{"kmsKeyArn": "arn:aws" + key}), []call{
		"s3:ListBucket " + state + " s3:prefix=env:/",
		"s3:ListBucket " + state + " s3:prefix=web.tfstate",
		"s3:GetObject " + state + "/web.tfstate",
		"s3:GetObject " + state + "/web.tfstate.tflock",
		"s3:PutObject " + state + "/web.tfstate.tflock",
		"s3:DeleteObject " + state + "/web.tfstate.tflock",
		"kms:Decrypt arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
		"kms:GenerateDataKey arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}, []call{
		"s3:PutObject " + state + "/web.tfstate",
		"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate",
	}},
	"terraform plan, a lock table": {terraform(map[string]any{
		"lockTable": "locks", "kmsKeyArn": "arn:aws" + key,
	}), []call{
		"s3:ListBucket " + state + " s3:prefix=env:/",
		"s3:GetObject " + state + "/web.tfstate",
		"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate",
		"dynamodb:GetItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate",
		"dynamodb:DeleteItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate",
		"kms:Decrypt arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}, []call{
		"s3:PutObject " + state + "/web.tfstate",
		"s3:PutObject " + state + "/web.tfstate.tflock",
		"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate-md5",
		"dynamodb:GetItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate-md5",
		"kms:GenerateDataKey arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}},
	"terraform apply, a lock table": {terraform(map[string]any{"lockTable": "locks", "mode": "apply"}), []call{
		"s3:GetObject " + state + "/web.tfstate",
		"s3:PutObject " + state + "/web.tfstate",
		"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate",
		"dynamodb:PutItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate-md5",
		"dynamodb:DeleteItem " + locks + " dynamodb:LeadingKeys=acme-state/web.tfstate-md5",
	}, nil},
	"terraform apply, a lock file": {terraform(map[string]any{"mode": "apply"}), []call{
		"s3:PutObject " + state + "/web.tfstate",
		"s3:PutObject " + state + "/web.tfstate.tflock",
		"s3:DeleteObject " + state + "/web.tfstate.tflock",
	}, nil},
	// What Pulumi's backend calls: https://github.com/pulumi/pulumi/tree/v3.276.0/pkg/backend/diy
	"pulumi preview": {pulumi("preview"), []call{
		"s3:GetObject " + state + "/.pulumi/meta.yaml",
		"s3:ListBucket " + state + " s3:prefix=.pulumi/stacks/web/prod.json",
		"s3:GetObject " + stack + ".json",
		"s3:GetObject " + stack + ".json.gz",
		"s3:GetObject " + stack + ".pulumi-tags",
		"kms:Decrypt arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}, []call{
		"s3:PutObject " + stack + ".json",
		"s3:PutObject " + lock,
		"s3:GetObject " + state + "/.pulumi/stacks/web/dev.json",
		"s3:GetObject " + state + "/.pulumi/backups/web/prod/prod.1.json",
		"kms:GenerateDataKey arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}},
	"pulumi up": {pulumi("up"), []call{
		"s3:GetObject " + state + "/.pulumi/meta.yaml",
		"s3:ListBucket " + state + " s3:prefix=.pulumi/stacks/web/prod.json",
		"s3:ListBucket " + state + " s3:prefix=.pulumi/locks/organization/web/prod/",
		"s3:ListBucket " + state + " s3:prefix=.pulumi/history/web/prod/",
		"s3:GetObject " + stack + ".json",
		"s3:PutObject " + stack + ".json",
		"s3:PutObject " + stack + ".json.bak",
		"s3:PutObject " + stack + ".json.gz",
		"s3:DeleteObject " + stack + ".json",
		"s3:GetObject " + lock, "s3:PutObject " + lock, "s3:DeleteObject " + lock,
		"s3:PutObject " + state + "/.pulumi/history/web/prod/prod-1.history.json",
		"s3:PutObject " + state + "/.pulumi/history/web/prod/prod-1.checkpoint.json",
		"s3:PutObject " + state + "/.pulumi/backups/web/prod/prod.1.json",
		"kms:GenerateDataKey arn:aws" + key + " kms:ViaService=s3.eu-central-1.amazonaws.com",
	}, []call{
		"s3:PutObject " + state + "/.pulumi/meta.yaml",
		"s3:GetObject " + state + "/.pulumi/stacks/web/dev.json",
		"s3:PutObject " + state + "/.pulumi/stacks/web/dev.json",
		"s3:PutObject " + state + "/.pulumi/stacks/web/prod2.json",
		"s3:PutObject " + state + "/.pulumi/stacks/web/prod.json2.json",
		"s3:PutObject " + state + "/.pulumi/stacks/webshop/prod.json",
		"s3:PutObject " + state + "/.pulumi/history/web/prod2/x",
		"s3:DeleteObject " + state + "/.pulumi/history/web/prod/prod-1.history.json",
		"s3:DeleteObject " + state + "/.pulumi/backups/web/prod/prod.1.json",
		"s3:DeleteObject " + state + "/.pulumi/locks/organization/web/dev/1.json",
	}},
	// What `aws s3 sync --delete` and `aws cloudfront create-invalidation` call.
	"a site": {map[string]any{"s3Site": map[string]any{
		"bucket": "acme-site", "distribution": "E1A2B3C4D5E6F7",
	}}, []call{
		"s3:ListBucket " + site,
		"s3:ListBucket " + site + " s3:prefix=assets/",
		"s3:PutObject " + site + "/index.html",
		"s3:DeleteObject " + site + "/old.html",
		"s3:AbortMultipartUpload " + site + "/video.mp4",
		"cloudfront:CreateInvalidation " + cdn + "E1A2B3C4D5E6F7",
		"cloudfront:GetInvalidation " + cdn + "E1A2B3C4D5E6F7",
	}, []call{
		"s3:PutObject " + site + "-2/index.html",
		"s3:PutObject " + site + "/index.html aws:ResourceAccount=666666666666",
		"s3:GetObject " + site + "/index.html",
		"s3:PutObjectAcl " + site + "/index.html",
		"s3:PutBucketPolicy " + site,
		"s3:PutBucketWebsite " + site,
		"s3:DeleteBucket " + site,
		"cloudfront:CreateInvalidation " + cdn + "E1A2B3C4D5E6F8",
		"cloudfront:UpdateDistribution " + cdn + "E1A2B3C4D5E6F7",
		"cloudfront:DeleteDistribution " + cdn + "E1A2B3C4D5E6F7",
	}},
}

// policy writes the policy of a recipe in a partition.
func policy(t *testing.T, of map[string]any, partition string) string {
	t.Helper()
	schema, err := check.Package()
	require.NoError(t, err)
	given := map[string]any{"accountId": account, "partition": partition, "region": "eu-central-1"}
	for name, value := range of {
		inside := map[string]any{}
		for field, text := range value.(map[string]any) {
			inside[field] = strings.ReplaceAll(text.(string), "arn:aws:", "arn:"+partition+":")
		}
		given[name] = inside
	}
	var problems input.Problems
	document, err := recipe.Policy(schema.Function("ci-oidc-trust:index:permissions", given, &problems), &problems)
	require.NoError(t, err)
	require.Empty(t, problems.Sorted())
	return document
}

func TestTheCallsOfEachToolAreAllowedAndTheirNeighboursAreNot(t *testing.T) {
	for _, partition := range []string{"aws", "aws-us-gov"} {
		server, err := localaws.Start(localaws.Options{AccountID: account, Partition: partition})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, server.Close()) })
		endpoint := harness.Endpoint{URL: server.URL(), CAPEM: server.CAPEM()}
		endpoint.AccessKeyID, endpoint.SecretAccessKey = server.Credentials()
		client := endpoint.IAM()
		for name, c := range tables {
			role := strings.NewReplacer(" ", "-", ",", "").Replace(name)
			_, err := client.CreateRole(context.Background(), &iam.CreateRoleInput{
				RoleName: aws.String(role), AssumeRolePolicyDocument: aws.String(trust)})
			require.NoError(t, err)
			_, err = client.PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{
				RoleName: aws.String(role), PolicyName: aws.String("recipe"),
				PolicyDocument: aws.String(policy(t, c.recipe, partition)),
			})
			require.NoError(t, err)
			decide := func(asked call, want bool) {
				action, resource, keys := asked.parts(partition)
				got, err := server.Permits(role, action, resource, keys)
				require.NoError(t, err)
				require.Equal(t, want, got, "%s in %s: %s", name, partition, asked)
			}
			for _, asked := range c.allowed {
				decide(asked, true)
			}
			for _, asked := range append(c.no, neighbours...) {
				decide(asked, false)
			}
		}
	}
}
