package semaphore

import (
	"maps"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a job: by its ref, or as a pull request's.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "project", "repository", "ref type", "ref")
	domain, isIssuer := strings.CutPrefix(job.Issuer, job.Texts["organization"]+".")
	if !ok || !isIssuer {
		return nil
	}
	item := map[string]any{"id": texts[1], "repository": texts[2]}
	switch words := ci.RefWords(texts[4]); {
	case texts[3] == "pull-request":
		item["pullRequests"] = true
	case words == nil:
		return nil
	default:
		maps.Copy(item, words)
	}
	section := map[string]any{"organization": texts[0], "projects": []map[string]any{item}}
	if domain != cloudDomain {
		section["domain"] = domain
	}
	return []map[string]any{job.ForAudience(section, "https://"+job.Issuer)}
}
