package bitrise

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a build.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("project", "workflow")
	if !ok {
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"projects": []map[string]any{{"slug": texts[0], "workflows": texts[1:]}},
	}, audience)}
}
