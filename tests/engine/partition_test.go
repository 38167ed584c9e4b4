package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestElsewhereThanInTheAWSPartitionOnlyWhatAWSFillsThereIsUsed(t *testing.T) {
	t.Parallel()
	for partition, where := range map[string]struct{ region, audience string }{
		"aws-cn":     {"cn-north-1", "sts.amazonaws.com.cn"},
		"aws-us-gov": {"us-gov-west-1", "sts.amazonaws.com"},
	} {
		t.Run(partition, func(t *testing.T) {
			w := newWorldIn(t, partition, where.region)
			w.mustUp(trust(with(bothSystems(),
				props{"policyArns": []any{"arn:" + partition + ":iam::aws:policy/ReadOnlyAccess"}})))
			policy := w.trustPolicy()
			require.NotContains(t, policy, "repository_owner_id", "AWS fills it in the aws partition only")
			require.NotContains(t, policy, "project-id", "AWS fills it in the aws partition only")
			require.Contains(t, policy, `:sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main"`)
			require.NotContains(t, policy, "repo:acme/web", "without its owner's id a name can be registered again")
			require.Contains(t, policy, `:aud":"`+where.audience+`"`)
			require.Contains(t, policy,
				"arn:"+partition+":iam::123456789012:oidc-provider/token.actions.githubusercontent.com")
			require.NotContains(t, policy, "arn:aws:")

			config := w.outputs()["pipelineConfigs"].(map[string]any)["github"].(string)
			require.Contains(t, config, where.region)
			require.Equal(t, partition == "aws-cn", strings.Contains(config, "audience: sts.amazonaws.com.cn"))
			findings := w.outputs()["findings"].([]any)
			require.Contains(t, findings[0].(map[string]any)["id"].(string)+findings[1].(map[string]any)["id"].(string),
				"github-classic-refused")
			require.Empty(t,
				w.preview(trust(with(bothSystems(),
					props{"policyArns": []any{"arn:" + partition + ":iam::aws:policy/ReadOnlyAccess"}}))).plan())
		})
	}
}

func TestArnsOfTheAWSPartitionAreRefusedInAnother(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, "aws-us-gov", "us-gov-west-1")
	messages := w.refused(with(using(githubArn, nil), props{
		"policyArns": []any{policy("ReadOnlyAccess")}, "permissionsBoundary": policy("ReadOnlyAccess"),
	}))
	for _, path := range []string{"github.providerArn", "policyArns[0]", "permissionsBoundary"} {
		requireProblem(t, messages, path, "another partition", "aws-us-gov")
	}
}

func TestAProviderMadeForTheAudienceOfAnotherPartitionIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, "aws-cn", "cn-north-1")
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	requireProblem(t, w.refused(using(arn, nil)), "github.providerArn", `"sts.amazonaws.com.cn"`)
}
