package buildkite

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Advise says why a token of Buildkite does not fit.
func (System) Advise(m *ci.Mismatch) string {
	switch {
	case m.Claim == "aud":
		return "the step asks for the audience: buildkite-agent oidc request-token --audience"
	case m.Claim == "sub" && m.Job.Form != nil && len(m.Fields) == 0:
		return "subjects go on behind the ref with :commit:COMMIT:step:KEY"
	}
	return ""
}

// Foreign reports the branch of a fork, which has its owner before it.
func (System) Foreign(m *ci.Mismatch) string {
	if strings.Contains(m.Job.Texts["branch"], ":") {
		return "it was built from the branch of a fork"
	}
	return ""
}

// Mend puts a wildcard behind a value that ends with the ref.
func (System) Mend(value string) []string { return []string{value + ":commit:*"} }

// Words are sections that trust a build: by its branch or tag.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "pipeline")
	if !ok || job.Issuer != host {
		return nil
	}
	item := map[string]any{"slug": texts[1]}
	whole := map[string]any{"slug": texts[1]} // what a policy trusts that demands nothing of the ref
	switch job.Form {
	case branchForm:
		item[ci.Branches.Word] = []string{job.Texts["branch"]}
	case tagForm:
		item[ci.Tags.Word] = []string{job.Texts["tag"]}
	default:
		return nil
	}
	words := func(item map[string]any) map[string]any {
		return job.ForAudience(map[string]any{"organization": texts[0], "pipelines": []map[string]any{item}}, audience)
	}
	items := []map[string]any{item}
	if job.Demanded && (job.Texts["branch"] == ci.Any || job.Texts["tag"] == ci.Any) {
		items = []map[string]any{whole, item}
		if strings.Contains(ci.TextOf(job.Claims["sub"]), ":ref:refs/") {
			items = []map[string]any{item, whole} // any ref of one kind is not any ref
		}
	}
	var sections []map[string]any
	if id := ci.TextOf(job.Claims["pipeline_id"]); id != "" {
		for _, item := range items {
			sections = append(sections, words(ci.With(item, map[string]any{"id": id})))
		}
	}
	for _, item := range items {
		sections = append(sections, words(item))
	}
	return sections
}
