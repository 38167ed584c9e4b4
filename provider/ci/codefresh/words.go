package codefresh

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a build: by what started it.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("account", "pipeline")
	if !ok {
		return nil
	}
	one := func(field string) []string { return []string{job.Texts[field]} }
	pipeline := map[string]any{"id": texts[1]}
	build := map[string]any{"repository": job.Texts["repository"], "users": one("user"), "refs": one("ref")}
	switch job.Form {
	case cronForm:
		pipeline["cron"] = true
	case manualForm:
		pipeline["manualRuns"] = []map[string]any{{"initiators": one("initiator")}}
	case manualPushForm:
		build["initiators"] = one("initiator")
		pipeline["manualRuns"] = []map[string]any{build}
	case pushForm:
		pipeline["pushes"] = []map[string]any{build}
	case pullRequestForm:
		pipeline["pullRequests"] = []map[string]any{{
			"repository": job.Texts["repository"], "users": one("user"), "sourceBranches": one("ref"),
			"targetBranches": one("target branch"),
		}}
	default:
		return nil
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"accountId": texts[0], "pipelines": []map[string]any{pipeline},
	}, audience)}
}
