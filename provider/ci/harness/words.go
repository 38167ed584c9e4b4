package harness

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a token: by what its subject names.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("account")
	host, _, isIssuer := strings.Cut(job.Issuer, accountPath)
	if !ok || !isIssuer {
		return nil
	}
	section := map[string]any{"accountId": texts[0]}
	if name, found := strings.CutSuffix(host, gratis(true)); found {
		section["gratis"], host = true, name
	}
	if host != clusters[0] {
		section["hostname"] = host
	}
	switch job.Form {
	case pipelineForm, projectForm:
		project := map[string]any{"organization": job.Texts["organization"], "id": job.Texts["project"]}
		if job.Form == pipelineForm {
			project["pipelines"] = []string{job.Texts["pipeline"]}
		}
		section["projects"] = []map[string]any{project}
	case organizationForm:
		section["organizations"] = []string{job.Texts["organization"]}
	case accountForm:
		section["accountConnectors"] = true
	case plain:
		section["wholeAccount"] = true
	default:
		return nil
	}
	return []map[string]any{job.ForAudience(section, audience)}
}
