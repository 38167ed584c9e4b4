package depot

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a job, with all others of its repository: Depot has no word for less.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "owner", "repository")
	if !ok || job.Demanded && job.Texts["job"] != ci.Any {
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"organizationId": texts[0],
		"repositories":   []map[string]any{{"repository": texts[1] + "/" + texts[2]}},
	}, audience)}
}
