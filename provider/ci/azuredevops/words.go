package azuredevops

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a run: by its service connection, or by its pipeline.
func (System) Words(job ci.Job) []map[string]any {
	list, last := "serviceConnections", "service connection"
	if job.Form == pipelineForm {
		list, last = "pipelines", "pipeline"
	}
	texts, ok := job.Reads("organization", "project", last)
	id, isIssuer := strings.CutPrefix(job.Issuer, host)
	if !ok || !isIssuer {
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"organization": texts[0], "organizationId": id,
		list: []map[string]any{{"project": texts[1], "name": texts[2]}},
	}, audience)}
}
