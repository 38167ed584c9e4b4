package gitlab

import (
	"maps"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// demandedWords are the sections for what a policy demands of a job.
func demandedWords(job ci.Job) []map[string]any {
	if job.Form == nil {
		return nil
	}
	contexts := contextWords(job)
	instance := map[string]any{}
	if url := "https://" + job.Issuer; url != issuer {
		instance["url"] = url
	}
	var sections []map[string]any
	add := func(list string, more, item map[string]any) {
		maps.Copy(item, contexts)
		words := map[string]any{list: []map[string]any{item}}
		maps.Copy(words, instance)
		maps.Copy(words, more)
		sections = append(sections, words)
	}
	path, id := job.Texts["project"], job.Texts["project id"]
	group, groupID := strings.CutSuffix(path, "/"+ci.Any)
	if path == "" {
		path = ci.Any
	}
	ids := map[string]any{"identify": byIDs}
	switch number := ci.TextOf(job.Claims[groupClaim]); {
	case number != "" && groupID:
		add("groups", nil, map[string]any{"path": group, "id": number})
	case number != "":
		unnamed := ci.Placeholder{
			Text: "<PATH OF GROUP " + number + ">", Sample: "group-" + number,
			Find: `curl -s https://gitlab.com/api/v4/groups/` + number + ` | jq -r .full_path`,
		}
		if !job.Compact {
			add("groups", ids, map[string]any{"path": unnamed, "id": number})
			break
		}
		add("groups", nil, map[string]any{"path": unnamed, "id": number})
	case groupID:
		add("groups", nil, map[string]any{"path": group})
	}
	named := !strings.HasSuffix(path, ci.Any)
	if numbered := id != "" && !strings.HasSuffix(id, ci.Any); numbered {
		if named {
			add("projects", nil, map[string]any{"path": path, "id": id})
		}
		add("projects", nil, map[string]any{"id": id})
		if !job.Compact {
			add("projects", ids, map[string]any{"id": id})
		} else {
			add("projects", nil, map[string]any{"id": id, "path": ci.Placeholder{
				Text: "<PATH OF PROJECT " + id + ">", Sample: "group/project-" + id,
				Find: `curl -s https://gitlab.com/api/v4/projects/` + id + ` | jq -r .path_with_namespace`,
			}})
		}
	}
	if named {
		add("projects", nil, map[string]any{"path": path})
	}
	return sections
}

// contextWords say which refs and pipelines a policy demands.
func contextWords(job ci.Job) map[string]any {
	words := map[string]any{}
	switch ref := []string{job.Texts["ref"]}; {
	case job.Claims[sourceClaim] == mergeRequestEvent:
		words["mergeRequests"] = true
	case job.Texts["ref type"] == ci.Tags.Noun:
		words[ci.Tags.Word] = ref
	default:
		words[ci.Branches.Word] = ref
	}
	if job.Claims[protectedClaim] == "true" {
		words["protectedRefs"] = true
	}
	return words
}
