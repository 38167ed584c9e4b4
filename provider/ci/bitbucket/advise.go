package bitbucket

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Advise says why a token of Bitbucket Pipelines does not fit.
func (System) Advise(m *ci.Mismatch) string {
	switch {
	case m.Claim == "aud":
		return "the audience is that of the workspace, ari:cloud:bitbucket::workspace/UUID, unless " +
			"options.oidc.audiences of the pipeline names another"
	case m.Claim != "sub" || m.Job.Form == nil:
	case strings.ContainsAny(strings.Join(m.Wanted, ""), "{"):
		if m.Form == stepForm && m.Job.Form == environmentForm {
			return "the step names a deployment environment, whose UUID stands between those of repository and step"
		}
	default:
		return "every UUID stands between braces"
	}
	return ""
}

// anyUUID is a UUID, perhaps between braces.
var anyUUID = ci.NewExpression(`\{?(` + ci.UUIDTexts + `)\}?`)

// Mend puts braces around the UUIDs of a value, and a wildcard behind one that ends too early.
func (System) Mend(value string) []string {
	braced := anyUUID.ReplaceAllString(value, "{$1}")
	return []string{braced, braced + ":*"}
}

// Words are sections that trust a step: by its environment where it has one.
func (System) Words(job ci.Job) []map[string]any {
	rest, found := strings.CutPrefix(job.Issuer, "api.bitbucket.org/2.0/workspaces/")
	name, _, _ := strings.Cut(rest, "/")
	repository, known := job.Texts["repository"]
	if !found || !known {
		return nil
	}
	item := map[string]any{"uuid": "{" + repository + "}"}
	switch job.Form {
	case environmentForm:
		item["environments"] = []string{"{" + job.Texts["environment"] + "}"}
	case stepForm:
		item["stepsWithoutEnvironment"] = true
	default:
		return nil
	}
	words := map[string]any{"workspace": name, "repositories": []map[string]any{item}}
	if job.Texts["environment"] == ci.Any {
		item["environments"] = []string{ci.Any}
	}
	id, named := strings.CutPrefix(ci.AudienceOf(job.Claims), "ari:cloud:bitbucket::workspace/")
	if named {
		words["workspaceUuid"] = "{" + id + "}"
	} else {
		words = job.ForAudience(words, "")
	}
	return []map[string]any{words}
}
