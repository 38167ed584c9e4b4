package octopusdeploy

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a token: by the keys that its subject has.
func (System) Words(job ci.Job) []map[string]any {
	if job.Form == nil {
		return nil
	}
	for _, use := range uses {
		if formsByKeys()[use.word+" "+job.Form.Template] != job.Form {
			continue
		}
		item := map[string]any{}
		for _, k := range use.keys {
			text, has := job.Texts[k.key]
			switch {
			case !has:
			case k.several:
				item[k.word] = []string{text}
			default:
				item[k.word] = text
			}
		}
		issuer := "https://" + job.Issuer
		host, _, _ := strings.Cut(job.Issuer, "/")
		return []map[string]any{job.ForAudience(map[string]any{
			"issuer": issuer, use.word: []map[string]any{item},
		}, host)}
	}
	return nil
}
