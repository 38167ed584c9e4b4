package ci

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// forgejoWords are the events that a trust names, by repository: each repository has a workflow of its own.
type forgejoWords map[string]*workflowTriggers

// add notes what is trusted of a repository.
func (w forgejoWords) add(repository string, events []workflowEvent) {
	if w[repository] == nil {
		w[repository] = &workflowTriggers{}
	}
	for _, e := range events {
		w[repository].add(e)
	}
}

// workflow is the workflow to paste. Where several repositories are trusted, it has the events of the first, and says those of
// the others: a run of anything else would be refused by the role.
func (w forgejoWords) workflow(roleArn, region string, audiences []string) string {
	repositories := slices.Sorted(maps.Keys(w))
	if len(repositories) == 0 {
		return forgejoWorkflow(&workflowTriggers{}, "", "", roleArn, region, audiences)
	}
	others := ""
	for _, repository := range repositories[1:] {
		others += "# In " + repository + " these events take its place:\n"
		for _, line := range strings.Split(strings.TrimSuffix(forgejoEvents(w[repository]), "\n"), "\n") {
			others += "# " + line + "\n"
		}
	}
	return forgejoWorkflow(w[repositories[0]], " in "+repositories[0], others, roleArn, region, audiences)
}

// forgejoEvents are the lines of the events that start a workflow. A run by hand has the ref of its branch.
func forgejoEvents(w *workflowTriggers) string {
	events := w.events()
	if len(w.branches) > 0 || events == "" {
		events += "  workflow_dispatch:\n"
	}
	return "on:\n" + events
}

// forgejoWorkflow is a workflow: a step asks for the token and writes it into a file, which the AWS CLI and the SDKs exchange
// by themselves. where and others tell of which repository it is, and what is different in others.
// Sources: forgejoDocs, https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
func forgejoWorkflow(w *workflowTriggers, where, others, roleArn, region string, audiences []string) string {
	audience := forgejoAudience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# .forgejo/workflows/deploy.yml%s\nname: deploy\n%s%s", where, forgejoEvents(w), others)
	b.WriteString("enable-openid-connect: true # without it there is no token\njobs:\n  deploy:\n" +
		"    runs-on: docker # the label of a runner that has curl, jq and the AWS CLI\n    env:\n")
	b.WriteString(roleEnvironment("      ", roleArn, region, "/tmp/web-identity-token"))
	fmt.Fprintf(&b, "    steps:\n      - run: |\n          curl -sSf -H \"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \\\n"+
		"            \"$ACTIONS_ID_TOKEN_REQUEST_URL&audience=%s\" | jq -r .value > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n", url.QueryEscape(audience))
	b.WriteString("      - run: aws sts get-caller-identity\n")
	return b.String()
}
