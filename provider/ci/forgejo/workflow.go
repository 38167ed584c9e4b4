package forgejo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
)

// pasted are the events that a trust names, by repository: each repository has a workflow of its own.
type pasted map[string]*workflow.Triggers

// add notes what is trusted of a repository.
func (w pasted) add(repository string, events []workflow.Event) {
	if w[repository] == nil {
		w[repository] = &workflow.Triggers{}
	}
	for _, e := range events {
		w[repository].Add(e)
	}
}

// workflow is the workflow to paste. Where several repositories are trusted, it has the events of the first, and says
// those of the others: a run of anything else would be refused by the role.
func (w pasted) workflow(role ci.Role, audiences []string) string {
	repositories := slices.Sorted(maps.Keys(w))
	if len(repositories) == 0 {
		return file(&workflow.Triggers{}, "", "", role, audiences)
	}
	others := ""
	for _, repository := range repositories[1:] {
		others += "# In " + repository + " these events take its place:\n"
		for _, line := range strings.Split(strings.TrimSuffix(events(w[repository]), "\n"), "\n") {
			others += "# " + line + "\n"
		}
	}
	return file(w[repositories[0]], " in "+repositories[0], others, role, audiences)
}

// events are the lines of the events that start a workflow. A run by hand has the ref of its branch.
func events(w *workflow.Triggers) string {
	events := w.Events()
	if len(w.Branches) > 0 || events == "" {
		events += "  workflow_dispatch:\n"
	}
	return "on:\n" + events
}

// file is a workflow: one step asks for the token, exchanges it and deploys, so that no later step has the keys. where
// and others tell of which repository it is, and what is different in others.
// Source: docs
func file(w *workflow.Triggers, where, others string, role ci.Role, audiences []string) string {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	exchange := ci.Exchange{
		Role:    role,
		Token:   workflow.HandOutRequest().Command(audience),
		Missing: "The workflow has enable-openid-connect: true.",
		Session: "forgejo-$GITHUB_REPOSITORY-$GITHUB_RUN_ID-$GITHUB_JOB",
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# .forgejo/workflows/deploy.yml%s\nname: deploy\n%s%s", where, events(w), others)
	b.WriteString("enable-openid-connect: true # without it there is no token\njobs:\n  deploy:\n" +
		"    runs-on: docker # the label of a runner that has curl and the AWS CLI\n    steps:\n      - run: |\n" +
		exchange.Script("          "))
	return b.String()
}
