package teamcity

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a build: by its branch and what started it, as far as its subject names them.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("project", "build type")
	if !ok {
		return nil
	}
	build := map[string]any{"project": texts[0], "buildType": texts[1]}
	if branch, named := job.Texts["branch"]; named {
		build["branches"] = []string{branch}
	} else {
		build["anyBranch"] = true
	}
	if trigger, named := job.Texts["trigger type"]; named && trigger != ci.Any {
		build["triggerTypes"] = []string{trigger}
	}
	return []map[string]any{job.ForAudience(map[string]any{
		"url": "https://" + job.Issuer, "buildConfigurations": []map[string]any{build},
	}, usual)}
}

// usual is the audience of a section that names none.
const usual = "sts.amazonaws.com"
