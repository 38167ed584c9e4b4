package forgejo

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a job: by its ref, or as a pull request's.
func (System) Words(job ci.Job) []map[string]any {
	names, named := job.Reads("owner", "repository")
	url, isIssuer := strings.CutSuffix(job.Issuer, path)
	if !named || !isIssuer || job.Form == nil {
		return nil
	}
	item := map[string]any{"repository": names[0] + "/" + names[1]}
	if ids, known := job.Reads("owner id", "repository id"); known {
		item["ownerId"], item["repositoryId"] = ids[0], ids[1]
	}
	switch branch, tag := job.Texts["branch"], job.Texts["tag"]; {
	case branch != "":
		item[ci.Branches.Word] = []string{branch}
	case tag != "":
		item[ci.Tags.Word] = []string{tag}
	default:
		item["pullRequests"] = true
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"url": "https://" + url, "repositories": []map[string]any{item},
	}, audience)}
}
