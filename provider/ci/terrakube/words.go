package terrakube

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a job.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "workspace")
	if !ok {
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"hostname":   job.Issuer,
		"workspaces": []map[string]any{{"organization": texts[0], "name": texts[1]}},
	}, audience)}
}
