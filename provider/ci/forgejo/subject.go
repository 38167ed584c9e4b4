package forgejo

import (
	"fmt"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
)

// forms are the forms of the subject of one kind of job. AWS fills no condition key with any of their fields.
type forms struct{ withIDs, withoutIDs *ci.Form }

func newForms(context string, further ...ci.Field) forms {
	owner := ci.Field{Name: "owner", Texts: `[^/:]+`, Sample: "acme", Decides: ci.Tenant}
	repository := ci.Field{Name: "repository", Texts: `[^/:]+`, Sample: "web", Decides: ci.Project}
	ownerID := ci.Field{Name: "owner id", Texts: `[0-9]+`, Sample: "7", Other: "666", Decides: ci.Tenant}
	repositoryID := ci.Field{Name: "repository id", Texts: `[0-9]+`, Sample: "12", Other: "667", Decides: ci.Project}
	return forms{
		ci.NewForm("repo:{owner}-{owner id}/{repository}-{repository id}"+context,
			append([]ci.Field{owner, ownerID, repository, repositoryID}, further...)...),
		ci.NewForm("repo:{owner}/{repository}"+context, append([]ci.Field{owner, repository}, further...)...),
	}
}

// subjects are the forms by the kind of job. The job of a pull request has them by its event, whatever the ref; any
// other event has the ref.
// Source: https://codeberg.org/forgejo/forgejo/src/branch/forgejo/services/actions/auth.go
var subjects = map[string]forms{
	"branch":       newForms(":ref:refs/heads/{branch}", ci.Field{Name: "branch", Sample: "main", Decides: ci.RefOf}),
	"tag":          newForms(":ref:refs/tags/{tag}", ci.Field{Name: "tag", Sample: "v1.0", Decides: ci.RefOf}),
	"pull_request": newForms(":pull_request"),
}

// A repository is a repository; ids are "" where its subjects carry none.
type repository struct{ owner, ownerID, name, id string }

// terms are what a grant wants of the fields before the context.
func (r repository) terms() []ci.Term {
	if r.ownerID == "" {
		return ci.ExactlyAll(r.owner, r.name)
	}
	return ci.ExactlyAll(r.owner, r.ownerID, r.name, r.id)
}

// form is that of the repository's subjects.
func (r repository) form(kind string) *ci.Form {
	if r.ownerID == "" {
		return subjects[kind].withoutIDs
	}
	return subjects[kind].withIDs
}

// path is the repository as its subjects have it.
func (r repository) path() string {
	if r.ownerID == "" {
		return r.owner + "/" + r.name
	}
	return fmt.Sprintf("%s-%s/%s-%s", r.owner, r.ownerID, r.name, r.id)
}

// trust adds the grant of the jobs of one kind.
func (r repository) trust(t *ci.Trust, at string, c workflow.Event) {
	terms, phrase := r.terms(), "in pull requests that are not from forks"
	if c.Kind != "pull_request" {
		terms = append(terms, ci.Term{Name: c.Name})
		phrase = c.Name.Phrase("on", c.Kind, map[string]string{"branch": "branches", "tag": "tags"}[c.Kind])
	}
	t.Allow(at, fmt.Sprintf("Forgejo Actions at %s: %s %s", ci.HostOf(t.Issuer()[:len(t.Issuer())-len(path)]), r,
		phrase), ci.Subject{
		Form: r.form(c.Kind), Terms: terms, Job: r.job(c.Kind), Others: r.others(c),
	})
}

// job gives the further claims of a token.
// Source: https://forgejo.org/docs/next/user/actions/security-openid-connect
func (r repository) job(kind string) func(texts []string) map[string]any {
	return func(texts []string) map[string]any {
		owner, name, claims := texts[0], texts[1], map[string]any{}
		if r.ownerID != "" {
			owner, name = texts[0], texts[2]
			claims = map[string]any{"repository_owner_id": texts[1], "repository_id": texts[3]}
		}
		event, ref, refType := "push", "", kind
		switch last := texts[len(texts)-1]; kind {
		case "branch":
			ref = ci.Branches.Namespace + last
		case "tag":
			ref = ci.Tags.Namespace + last
		default:
			event, ref, refType = "pull_request", "refs/pull/1/head", ""
		}
		return ci.With(claims, map[string]any{
			"actor": "octavia", "event_name": event, "ref": ref, "ref_type": refType, "ref_protected": "false",
			"repository": owner + "/" + name, "repository_owner": owner, "run_attempt": "1", "run_id": "43",
			"run_number": "43", "workflow": "deploy.yml",
			"workflow_ref": owner + "/" + name + "/.forgejo/workflows/deploy.yml@" + ref,
		})
	}
}

// others are the jobs of other kinds, and of repositories that could be taken for this one.
func (r repository) others(c workflow.Event) map[string]string {
	repo, others := "repo:"+r.path(), map[string]string{}
	if c.Kind != "branch" {
		others["a branch"] = repo + ":ref:" + ci.Branches.Namespace + c.Name.Sample() + "main"
	}
	if c.Kind != "tag" {
		others["a tag"] = repo + ":ref:" + ci.Tags.Namespace + c.Name.Sample() + "1.0"
	}
	if c.Kind != "pull_request" {
		others["a pull request"] = repo + ":pull_request"
		others["a job that a reusable workflow runs for a pull request"] = repo + ":ref:refs/pull/1/head"
	}
	if c.Name.Text != "" {
		others["a branch whose name ends like the trusted ref"] = repo + ":ref:refs/heads/x/refs/" + c.Kind + "/" +
			c.Name.Sample()
	}
	others["a job without a ref"] = repo + ":ref:"
	context := ":pull_request"
	if c.Kind != "pull_request" {
		context = ":ref:" + map[string]string{"branch": ci.Branches.Namespace, "tag": ci.Tags.Namespace}[c.Kind] +
			c.Name.Sample()
	}
	if r.ownerID == "" {
		others["a repository of the name, with ids"] = fmt.Sprintf("repo:%s-7/%s-12%s", r.owner, r.name, context)
	} else {
		others["a repository of the name, without ids"] = fmt.Sprintf("repo:%s/%s%s", r.owner, r.name, context)
		others["the name, registered again"] = fmt.Sprintf("repo:%s-%s0/%s-%s0%s", r.owner, r.ownerID, r.name, r.id,
			context)
	}
	return others
}
