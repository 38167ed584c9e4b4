package env0

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a deployment: by its project and type, where its session tags say them.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("user")
	if !ok {
		return nil
	}
	section := map[string]any{"subject": "auth0|" + texts[0]}
	for tag, word := range map[string]string{"projectId": "projectIds", "deploymentType": "deploymentTypes"} {
		claim := tag
		if job.Demanded {
			claim = ci.RequestTag + tag
		}
		if text := ci.TextOf(job.Claims[claim]); text != "" {
			section[word] = []string{text}
		}
	}
	return []map[string]any{section}
}
