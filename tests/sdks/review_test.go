package sdks

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// reviewed are the outputs of the programs called review.
type reviewed struct {
	MainAllowed    bool `json:"mainAllowed"`
	MainStatements []struct {
		Statement float64  `json:"statement"`
		Effect    string   `json:"effect"`
		Applies   string   `json:"applies"`
		Reasons   []string `json:"reasons"`
	} `json:"mainStatements"`
	PullRequestAllowed     bool              `json:"pullRequestAllowed"`
	PullRequestExplanation []string          `json:"pullRequestExplanation"`
	Findings               []harness.Finding `json:"findings"`
}

// review is the life of a stack that asks evaluateTrust and auditTrust about the trust policy of its own component. The
// policy is unknown in the first preview, and so must be the answers: a preview that called them would fail.
func (s stack) review(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, s.verb(ctx, "plan"))
	require.NoError(t, s.verb(ctx, "up"))

	raw, err := s.world.Run(ctx, s.dir, "pulumi", "stack", "output", "--json")
	require.NoError(t, err)
	var o reviewed
	require.NoError(t, json.Unmarshal(raw, &o))
	assert.True(t, o.MainAllowed, "a job of branch main is trusted")
	assert.NotEmpty(t, o.MainStatements)
	for _, statement := range o.MainStatements {
		assert.Equal(t, "Allow", statement.Effect)
		assert.NotZero(t, statement.Statement)
	}
	assert.Contains(t, string(raw), `"pullRequestAllowed": false`, "an output that is missing is no refusal")
	assert.False(t, o.PullRequestAllowed)
	if assert.NotEmpty(t, o.PullRequestExplanation) {
		assert.Contains(t, o.PullRequestExplanation[0], "sub")
	}
	for _, finding := range o.Findings {
		assert.NotEqual(t, "high", finding.Severity, finding.Message)
		assert.NotEmpty(t, finding.ID)
		assert.NotEmpty(t, finding.Remediation, finding.ID)
	}

	require.NoError(t, s.verb(ctx, "preview"))
	s.end(t)
}
