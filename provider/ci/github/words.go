package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
)

// Words are sections that trust a job: by the default template, or by the one that its subject shows.
func (System) Words(job ci.Job) []map[string]any {
	instance, ok := wordsOf(job.Issuer)
	if !ok {
		return nil
	}
	if job.Demanded {
		return demandedWords(instance, job)
	}
	instance = job.ForAudience(instance, workflow.ActionAudience)
	section := func(item map[string]any) map[string]any {
		words := map[string]any{"repositories": []map[string]any{item}}
		for name, value := range instance {
			words[name] = value
		}
		return words
	}
	repository := repositoryOf(job)
	if repository == "" {
		return nil
	}
	if job.Form == nil {
		item := customised(job.Claims)
		if item == nil {
			return nil
		}
		item["repository"] = repository
		return []map[string]any{section(item)}
	}
	var sections []map[string]any
	text := func(field string) []string { return []string{decode(job.Texts[field])} }
	switch readKind(job.Form) {
	case "branch":
		if queued, found := strings.CutPrefix(job.Texts[branch.Name], queueBranches); found {
			if at := strings.LastIndex(queued, "/pr-"); at > 0 {
				sections = append(sections,
					section(map[string]any{"repository": repository, "mergeQueue": []string{queued[:at]}}))
			}
			break
		}
		sections = append(sections, section(map[string]any{"repository": repository, "branches": text(branch.Name)}))
	case "tag":
		sections = append(sections, section(map[string]any{"repository": repository, "tags": text(tag.Name)}))
	case "environment":
		sections = append(sections,
			section(map[string]any{"repository": repository, "environments": text(environment.Name)}))
	case "pull_request":
		sections = append(sections, section(map[string]any{"repository": repository, "pullRequests": true}))
	}
	return sections
}

// repositoryOf is the repository of a job as a section writes it: with its ids where the token has them.
func repositoryOf(job ci.Job) string {
	names, ok := job.Reads(owner.Name, name.Name)
	if !ok {
		repo, isText := job.Claims["repository"].(string)
		before, after, found := strings.Cut(repo, "/")
		if !isText || !found {
			return ""
		}
		names = []string{before, after}
	}
	if ids, ok := job.Reads(ownerID.Name, repositoryID.Name); ok {
		return names[0] + "@" + ids[0] + "/" + names[1] + "@" + ids[1]
	}
	return names[0] + "/" + names[1]
}

// wordsOf are the words that make an issuer.
func wordsOf(issuer string) (map[string]any, bool) {
	host, path, _ := strings.Cut(issuer, "/")
	switch {
	case host == Host && path == "":
		return map[string]any{}, true
	case host == Host:
		return map[string]any{"enterprise": path}, true
	case strings.HasPrefix(host, "token.actions.") && strings.HasSuffix(host, "."+ghe):
		words := map[string]any{"hostname": strings.TrimPrefix(host, "token.actions.")}
		if path != "" {
			words["enterprise"] = path
		}
		return words, true
	case path == "_services/token":
		return map[string]any{"hostname": host}, true
	}
	return nil, false
}

// customised are the words of an item for a subject of a customised template: the template is read off the subject, as
// names of claims in front of the values that the token has for them. It is nil where that does not lead to the end.
func customised(claims map[string]any) map[string]any {
	rest, _ := claims["sub"].(string)
	item := map[string]any{}
	var template []string
	for rest != "" {
		claim, after := "", ""
		for _, c := range templateClaims {
			value, _ := claims[claimOf(c.claim)].(string)
			if value == "" || slices.Contains(template, c.claim) || c.claim == "context" {
				continue
			}
			for _, text := range []string{value, encode(value)} {
				if before := c.claim + ":" + text; rest == before || strings.HasPrefix(rest, before+":") {
					claim, after = c.claim, strings.TrimPrefix(strings.TrimPrefix(rest, before), ":")
				}
			}
		}
		for _, text := range contexts(claims) {
			if claim == "" && !slices.Contains(template, "context") &&
				(rest == text || strings.HasPrefix(rest, text+":")) {
				claim, after = "context", strings.TrimPrefix(strings.TrimPrefix(rest, text), ":")
			}
		}
		if claim == "" {
			return nil
		}
		// "ref" and "environment" are the context as well, which is what most templates have
		if (claim == "ref" || claim == "environment") && !slices.Contains(template, "context") {
			claim = "context"
		}
		template, rest = append(template, claim), after
	}
	ref, _ := claims["ref"].(string)
	name, named := claims["environment"].(string)
	switch {
	case named:
		item["environments"] = []string{name}
	case claims["event_name"] == "pull_request":
		item["pullRequests"] = true
	case strings.HasPrefix(ref, ci.Branches.Namespace):
		item["branches"] = []string{strings.TrimPrefix(ref, ci.Branches.Namespace)}
	case strings.HasPrefix(ref, ci.Tags.Namespace):
		item["tags"] = []string{strings.TrimPrefix(ref, ci.Tags.Namespace)}
	default:
		return nil
	}
	item["subjectClaims"] = template
	if called, ok := claims["job_workflow_ref"].(string); ok && slices.Contains(template, "job_workflow_ref") {
		item["workflows"] = []string{called}
	}
	if actor, ok := claims["actor_id"].(string); ok && slices.Contains(template, "actor_id") {
		item["actors"] = []string{actor}
	}
	return item
}

// claimOf is the claim whose value stands behind a name in a subject.
func claimOf(name string) string {
	if name == "repo" {
		return "repository"
	}
	return name
}

// contexts are what a subject may have in the place of its context.
func contexts(claims map[string]any) []string {
	texts := []string{"pull_request"}
	if ref, ok := claims["ref"].(string); ok {
		texts = append(texts, "ref:"+ref)
	}
	if name, ok := claims["environment"].(string); ok {
		texts = append(texts, "environment:"+encode(name))
	}
	return texts
}
