package pulumicloud

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a token: of a deployment of a stack, or of an environment.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization")
	if !ok || job.Form == nil {
		return nil
	}
	section := map[string]any{"organization": texts[0]}
	if job.Form == deploymentForm {
		section["stacks"] = []map[string]any{{
			"project": job.Texts["project"], "name": job.Texts["stack"],
			"operations": []string{job.Texts["operation"]},
		}}
		return []map[string]any{section}
	}
	project, name, found := strings.Cut(job.Texts["environment"], "/")
	if !found {
		project, name = "default", project
	}
	environment := map[string]any{"project": project, "name": name}
	switch job.Form {
	case openedForm:
	case namedForm:
		environment["subjectAttributes"] = []string{currentEnvironment}
	case userFirstForm, userLastForm:
		environment["subjectAttributes"] = []string{currentEnvironment, userLogin}
		environment["users"] = []string{job.Texts["user"]}
	default:
		return nil
	}
	section["environments"] = []map[string]any{environment}
	return []map[string]any{section}
}
