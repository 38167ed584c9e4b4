package vercel

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a deployment.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("team", "project", "environment")
	if !ok {
		return nil
	}
	section := map[string]any{
		"team": texts[0], "projects": []map[string]any{{"name": texts[1], "environments": texts[2:]}},
	}
	if job.Issuer == host {
		section["issuerMode"] = "global"
	}
	return []map[string]any{job.ForAudience(section, "https://vercel.com/"+texts[0])}
}
