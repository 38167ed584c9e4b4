package ci

import "fmt"

// forgejoForms are the forms of the subject of one kind of job.
type forgejoForms struct{ withIDs, withoutIDs *form }

func newForgejoForms(context string, further ...field) forgejoForms {
	owner := field{name: "owner", texts: `[^/:]+`, sample: "acme"}
	repository := field{name: "repository", texts: `[^/:]+`, sample: "web"}
	id := func(name, sample, other string) field {
		return field{name: name, texts: `[0-9]+`, sample: sample, other: other}
	}
	return forgejoForms{
		newForm("repo:{owner}-{owner id}/{repository}-{repository id}"+context,
			append([]field{owner, id("owner id", "7", "666"), repository, id("repository id", "12", "667")}, further...)...),
		newForm("repo:{owner}/{repository}"+context, append([]field{owner, repository}, further...)...),
	}
}

// forgejoSubjects are the forms by the kind of job. The job of a pull request has them by its event, whatever the ref; any
// other event has the ref.
// Source: https://codeberg.org/forgejo/forgejo/src/branch/forgejo/services/actions/auth.go
var forgejoSubjects = map[string]forgejoForms{
	"branch":       newForgejoForms(":ref:refs/heads/{branch}", field{name: "branch", sample: "main"}),
	"tag":          newForgejoForms(":ref:refs/tags/{tag}", field{name: "tag", sample: "v1.0"}),
	"pull_request": newForgejoForms(":pull_request"),
}

// A forgejoRepository is a repository; ids are "" where its subjects carry none.
type forgejoRepository struct{ owner, ownerID, name, id string }

// terms are what a grant wants of the fields before the context.
func (r forgejoRepository) terms() []term {
	if r.ownerID == "" {
		return exactlyAll(r.owner, r.name)
	}
	return exactlyAll(r.owner, r.ownerID, r.name, r.id)
}

// form is that of the repository's subjects.
func (r forgejoRepository) form(kind string) *form {
	if r.ownerID == "" {
		return forgejoSubjects[kind].withoutIDs
	}
	return forgejoSubjects[kind].withIDs
}

// path is the repository as its subjects have it.
func (r forgejoRepository) path() string {
	if r.ownerID == "" {
		return r.owner + "/" + r.name
	}
	return fmt.Sprintf("%s-%s/%s-%s", r.owner, r.ownerID, r.name, r.id)
}

// trust adds the grant of the jobs of one kind.
func (r forgejoRepository) trust(t *Trust, at string, c workflowEvent) {
	terms, phrase := r.terms(), "in pull requests that are not from forks"
	if c.kind != "pull_request" {
		terms = append(terms, term{name: c.name})
		phrase = c.name.phrase("on", c.kind, map[string]string{"branch": "branches", "tag": "tags"}[c.kind])
	}
	t.trust(at, fmt.Sprintf("Forgejo Actions at %s: %s %s", hostOf(t.Issuer()[:len(t.Issuer())-len(forgejoPath)]), r, phrase), subject{
		form: r.form(c.kind), terms: terms, job: r.job(c.kind), others: r.others(c),
	})
}

// job gives the further claims of a token.
// Source: https://forgejo.org/docs/next/user/actions/security-openid-connect
func (r forgejoRepository) job(kind string) func(texts []string) map[string]any {
	return func(texts []string) map[string]any {
		owner, name, claims := texts[0], texts[1], map[string]any{}
		if r.ownerID != "" {
			owner, name = texts[0], texts[2]
			claims = map[string]any{"repository_owner_id": texts[1], "repository_id": texts[3]}
		}
		event, ref, refType := "push", "", kind
		switch last := texts[len(texts)-1]; kind {
		case "branch":
			ref = branches.namespace + last
		case "tag":
			ref = tags.namespace + last
		default:
			event, ref, refType = "pull_request", "refs/pull/1/head", ""
		}
		return with(claims, map[string]any{
			"actor": "octavia", "event_name": event, "ref": ref, "ref_type": refType, "ref_protected": "false", "repository": owner + "/" + name,
			"repository_owner": owner, "run_attempt": "1", "run_id": "43", "run_number": "43", "workflow": "deploy.yml",
			"workflow_ref": owner + "/" + name + "/.forgejo/workflows/deploy.yml@" + ref,
		})
	}
}

// others are the jobs of other kinds, and of repositories that could be taken for this one.
func (r forgejoRepository) others(c workflowEvent) map[string]string {
	repo, others := "repo:"+r.path(), map[string]string{}
	if c.kind != "branch" {
		others["a branch"] = repo + ":ref:" + branches.namespace + c.name.sample() + "main"
	}
	if c.kind != "tag" {
		others["a tag"] = repo + ":ref:" + tags.namespace + c.name.sample() + "1.0"
	}
	if c.kind != "pull_request" {
		others["a pull request"] = repo + ":pull_request"
		others["a job that a reusable workflow runs for a pull request"] = repo + ":ref:refs/pull/1/head"
	}
	if c.name.text != "" {
		others["a branch whose name ends like the trusted ref"] = repo + ":ref:refs/heads/x/refs/" + c.kind + "/" + c.name.sample()
	}
	others["a job without a ref"] = repo + ":ref:"
	context := ":pull_request"
	if c.kind != "pull_request" {
		context = ":ref:" + map[string]string{"branch": branches.namespace, "tag": tags.namespace}[c.kind] + c.name.sample()
	}
	if r.ownerID == "" {
		others["a repository of the name, with ids"] = fmt.Sprintf("repo:%s-7/%s-12%s", r.owner, r.name, context)
	} else {
		others["a repository of the name, without ids"] = fmt.Sprintf("repo:%s/%s%s", r.owner, r.name, context)
		others["the name, registered again"] = fmt.Sprintf("repo:%s-%s0/%s-%s0%s", r.owner, r.ownerID, r.name, r.id, context)
	}
	return others
}
