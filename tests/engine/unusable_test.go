package engine

import (
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/stretchr/testify/require"
)

func TestOptionsThatAComponentWouldNotHeedAreErrorsThatNameTheTransform(t *testing.T) {
	t.Parallel()
	for option, options := range map[string]deploytest.ResourceOptions{
		"ignoreChanges":    {IgnoreChanges: []string{"description"}},
		"replaceOnChanges": {ReplaceOnChanges: []string{"path"}},
	} {
		t.Run(option, func(t *testing.T) {
			w := newWorld(t)
			for _, r := range []*run{
				w.preview(optioned("deploy", github(), options)), w.up(optioned("deploy", github(), options)),
			} {
				require.Error(t, r.err)
				for _, word := range []string{option, "transform", "aws:iam/role:Role", "docs/transforms.md"} {
					require.Contains(t, r.messages(), word)
				}
			}
			require.Empty(t, w.changes())
		})
	}
}

// Attack: a name with a line end, or one that turns the text around, writes what it likes into a log.
func TestANameWithCharactersThatAreNotShownIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"deploy\nall is well", "deploy\x1b[2J", "deploy\x00", "deploy\u202egnp", "deploy\u200b",
	} {
		w := newWorld(t)
		r := w.preview(optioned(name, github(), deploytest.ResourceOptions{}))
		require.Error(t, r.err)
		require.Contains(t, r.messages(), "has a character that is not shown")
		require.Empty(t, w.changes())
	}
	require.NoError(t, newWorld(t).preview(optioned("deploy-1_x.y", github(), deploytest.ResourceOptions{})).err)
}

func TestBadInputIsReportedWithoutCredentialsAndBeforeAWSIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	before := len(w.aws.Calls())
	w.extra = map[string]string{"accessKey": "", "secretKey": ""}
	bad := using(arn, nil)
	bad["roleName"] = "no spaces, please"
	r := w.preview(trust(bad))
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "roleName", "1 to 64")
	require.NotContains(t, r.messages(), "credential")
	require.Len(t, w.aws.Calls(), before)
	require.Empty(t, r.started, "the AWS plugin was started")
}
