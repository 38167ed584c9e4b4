package flyio

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a machine, with all others of its app: whoever may make one chooses its name. A policy
// may name machines all the same.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "app", "machine")
	if !ok {
		return nil
	}
	app := map[string]any{"name": texts[1]}
	if job.Demanded && texts[2] != ci.Any {
		app["machines"] = texts[2:]
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"organization": texts[0], "apps": []map[string]any{app},
	}, audience)}
}
