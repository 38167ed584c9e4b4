package scalr

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a run.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("account", "environment", "workspace")
	if !ok {
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"account":    texts[0],
		"workspaces": []map[string]any{{"environment": texts[1], "name": texts[2]}},
	}, audience)}
}
