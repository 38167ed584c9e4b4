package forgejo

import (
	"fmt"
	"maps"
	"net/url"
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
func (w pasted) workflow(roleArn, region string, audiences []string) string {
	repositories := slices.Sorted(maps.Keys(w))
	if len(repositories) == 0 {
		return file(&workflow.Triggers{}, "", "", roleArn, region, audiences)
	}
	others := ""
	for _, repository := range repositories[1:] {
		others += "# In " + repository + " these events take its place:\n"
		for _, line := range strings.Split(strings.TrimSuffix(events(w[repository]), "\n"), "\n") {
			others += "# " + line + "\n"
		}
	}
	return file(w[repositories[0]], " in "+repositories[0], others, roleArn, region, audiences)
}

// events are the lines of the events that start a workflow. A run by hand has the ref of its branch.
func events(w *workflow.Triggers) string {
	events := w.Events()
	if len(w.Branches) > 0 || events == "" {
		events += "  workflow_dispatch:\n"
	}
	return "on:\n" + events
}

// file is a workflow: a step asks for the token and writes it into a file, which the AWS CLI and the SDKs exchange
// by themselves. where and others tell of which repository it is, and what is different in others.
// Sources: docs, https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
func file(w *workflow.Triggers, where, others, roleArn, region string, audiences []string) string {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# .forgejo/workflows/deploy.yml%s\nname: deploy\n%s%s", where, events(w), others)
	b.WriteString("enable-openid-connect: true # without it there is no token\njobs:\n  deploy:\n" +
		"    runs-on: docker # the label of a runner that has curl, jq and the AWS CLI\n    env:\n")
	b.WriteString(ci.RoleEnvironment("      ", roleArn, region, "/tmp/web-identity-token"))
	fmt.Fprintf(&b, "    steps:\n      - run: |\n          curl -sSf -H \"Authorization: bearer "+
		"$ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \\\n"+
		"            \"$ACTIONS_ID_TOKEN_REQUEST_URL&audience=%s\" | jq -r .value > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n",
		url.QueryEscape(audience))
	b.WriteString("      - run: aws sts get-caller-identity\n")
	return b.String()
}
