package concourse

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// usual is the audience of a section that names none.
const usual = "sts.amazonaws.com"

// Words are sections that trust a job: by its pipeline, and by itself where its subject names it.
func (System) Words(job ci.Job) []map[string]any {
	section := map[string]any{"url": "https://" + job.Issuer}
	if job.Form == teamForm {
		section["teams"] = []string{job.Texts["team"]}
		return []map[string]any{job.ForAudience(section, usual)}
	}
	texts, ok := job.Reads("team", "pipeline")
	if !ok {
		return nil
	}
	pipeline := map[string]any{"team": texts[0], "name": texts[1]}
	if instance, known := job.Texts["instance"]; known {
		vars, read := instanceVars(instance)
		if !read {
			return nil
		}
		pipeline["instanceVars"] = vars
	}
	if name, known := job.Texts["job"]; known {
		pipeline["jobs"] = []string{name}
	}
	section["pipelines"] = []map[string]any{pipeline}
	return []map[string]any{job.ForAudience(section, usual)}
}

// instanceVars reads the vars of an instance as its subject has them: NAME:VALUE, joined by commas.
func instanceVars(text string) (map[string]any, bool) {
	vars := map[string]any{}
	for _, part := range strings.Split(text, ",") {
		name, value, found := strings.Cut(part, ":")
		if !found {
			return nil, false
		}
		vars[name] = strings.ReplaceAll(strings.Trim(value, `"`), "%2F", "/")
	}
	return vars, true
}
