package github

import (
	"maps"
	"regexp"
	"strings"
)

const (
	acmeDeploy = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
	acmePinned = "acme/ci/.github/workflows/deploy.yml@0123456789abcdef0123456789abcdef01234567"
	mona       = "5550001"
)

// at is a section with one repository, with further properties of the section.
func at(section object, repository string, words object) object {
	written := github(repository, words)
	maps.Copy(written["github"].(object), section)
	return written
}

// merged is all words of some objects.
func merged(all ...object) object {
	merged := object{}
	for _, o := range all {
		maps.Copy(merged, o)
	}
	return merged
}

// furtherMatrix are trusts of enterprises, of workflows and actors, and of customised subject templates.
func furtherMatrix() []object {
	merge := merged
	main, prod := object{"branches": list{"main"}}, object{"environments": list{"prod"}}
	several := object{"branches": list{"release/*"}, "environments": list{"prod"}, "pullRequests": true}
	workflow, actor := object{"workflows": list{acmeDeploy}}, object{"actors": list{mona}}
	both := object{
		"workflows": list{acmePinned, "acme/web/.github/workflows/deploy.yml@refs/tags/v1"},
		"actors":    list{mona, "42"},
	}
	template := func(claims ...any) object { return object{"subjectClaims": claims} }
	server := object{"hostname": "github.example.com"}
	rows := []object{
		at(object{"enterprise": "acme-inc"}, acmeWeb, several),
		at(object{"enterprise": "acme-inc"}, "acme/web", main),
		at(object{"hostname": "acme.ghe.com"}, acmeWeb, several),
		at(object{"hostname": "acme.ghe.com", "enterprise": "acme"}, acmeWeb, several),
		at(server, "acme/web", several),
		at(server, "acme/web", merge(main, prod)),
		github(acmeWeb, merge(main, workflow)), github("acme/web", merge(prod, workflow)),
		github(acmeWeb, merge(several, workflow)), github(acmeWeb, merge(main, actor)),
		github(acmeWeb, merge(several, both)), github("acme/web", merge(prod, both)),
		at(object{"enterprise": "acme-inc"}, acmeWeb, merge(prod, workflow, actor)),
	}
	for _, c := range []struct {
		words  object
		claims []any
	}{
		{main, []any{"repo", "context"}}, {several, []any{"repo", "repository_owner", "context"}},
		{main, []any{"context", "repo"}}, {several, []any{"repository_id", "repository_owner_id", "context"}},
		{several, []any{"repo", "repository_id", "context"}}, {prod, []any{"repo", "environment"}},
		{prod, []any{"environment", "repository_owner", "repo"}},
		{object{"environments": list{"a:b", "a*"}}, []any{"repo", "environment"}},
		{main, []any{"repo", "context", "ref"}}, {main, []any{"ref", "repo", "context", "repository_owner"}},
		{merge(main, workflow), []any{"repo", "context", "job_workflow_ref"}},
		{merge(main, both), []any{"repo", "job_workflow_ref", "actor_id", "context"}},
		{merge(prod, workflow), []any{"job_workflow_ref", "repo", "environment"}},
		{merge(several, actor), []any{"repo", "actor_id", "context"}},
	} {
		rows = append(rows, github(acmeWeb, merge(c.words, template(c.claims...))))
	}
	tags := object{
		"tags":      list{"web-v*"},
		"workflows": list{"acme/web/.github/workflows/deploy.yml@refs/tags/web-v*", acmePinned},
	}
	rows = append(rows,
		github(acmeWeb, object{"mergeQueue": list{"main", "release/1"}}),
		github("acme/web", object{"mergeQueue": list{"main"}, "branches": list{"main"}}),
		github(acmeWeb,
			merge(object{"mergeQueue": list{"main"}}, workflow, template("repo", "actor_id", "context"), actor)),
		github(acmeWeb, tags), github("acme/web", tags),
		object{"github": object{"repositories": list{
			merge(object{"repository": acmeWeb}, tags),
			merge(object{"repository": acmeAPI}, object{"tags": list{"web-v*"}, "mergeQueue": list{"main"}}),
			merge(object{"repository": acmeCLI}, object{"branches": list{queueBranches + "main/pr-*"}}),
		}}},
	)
	return append(rows,
		// What the template leaves out is said by keys.
		github(acmeWeb, merge(prod, workflow, template("job_workflow_ref"))),
		github(acmeWeb, merge(object{"environments": list{"prod", "a*"}}, template("repo"))),
		github(acmeWeb, merge(several, template("repository_owner", "context"))),
		github("acme/web", merge(main, workflow, template("repo", "context", "job_workflow_ref"))),
		at(server, "acme/web", merge(main, workflow, template("repo", "context", "job_workflow_ref"))),
		at(server, "acme/web",
			merge(several, workflow, actor, template("repo", "job_workflow_ref", "actor_id", "context"))),
		at(server, acmeWeb, merge(several, template("repo", "repository_id", "context"))),
		at(server, acmeWeb, merge(main, template("repository_id", "context"))),
		object{"github": object{"repositories": list{
			merge(object{"repository": acmeWeb}, main, workflow),
			merge(object{"repository": "acme@1234567/web2@4"}, main),
			merge(object{"repository": "acme@1234567/we@5"}, main, actor),
		}}},
		object{"github": object{"repositories": list{
			merge(object{"repository": acmeWeb}, prod, template("repo")),
			merge(object{"repository": "acme@1234567/web2@4"}, several, template("repository_owner", "context")),
			merge(object{"repository": "acme@1234567/we@5"}, main, template("repository_owner", "context")),
		}}},
		object{"github": object{"repositories": list{
			merge(object{"repository": acmeWeb}, main), merge(object{"repository": "acme@1234567/api@4"}, prod,
				workflow, template("repo", "context", "job_workflow_ref")),
		}}},
	)
}

var immutableForm = regexp.MustCompile(`@[0-9]+/`)

// identity says by what a grant of GitHub's knows its repository.
func identity(claims map[string][]string, subs string) string {
	switch inSub := strings.Contains(subs, "repository_id:"); {
	case !strings.Contains(subs, "repo:") && (inSub || claims["repository_id"] != nil):
		return "by id alone "
	case inSub:
		return "with the id in sub "
	case immutableForm.MatchString(subs):
		return "with ids "
	}
	return "without ids "
}
