package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheDemo fails as the command does: when an answer of the local STS is not the expected one, or something is left.
func TestTheDemo(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out), "%s", &out)
	for _, line := range []string{
		"Role ARN: arn:aws:iam::123456789012:role/deploy-",
		"id-token: write",
		"circleci/aws-cli",
		"left in the account: 0 roles, 0 policies, 0 OIDC providers",
		"pulumi config set repository",
		"with S3:    ListBuckets answered",
		"without it: AccessDenied",
		"local STS said",
	} {
		assert.Contains(t, out.String(), line)
	}
	assert.NotContains(t, out.String(), "WRONG")
	assert.NotContains(t, out.String(), "AWS said", "it is not AWS that answers here")
}
