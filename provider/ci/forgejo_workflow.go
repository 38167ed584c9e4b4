package ci

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// forgejoWorkflow is the workflow to paste: a step asks for the token and writes it into a file, which the AWS CLI and the SDKs
// exchange by themselves.
// Sources: forgejoDocs, https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
func forgejoWorkflow(w *githubWords, roleArn, region string, audiences []string) string {
	audience := forgejoAudience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	var b strings.Builder
	b.WriteString("# .forgejo/workflows/deploy.yml\nname: deploy\non:\n")
	if len(w.branches)+len(w.tags) > 0 {
		b.WriteString("  push:\n")
		if len(w.branches) > 0 {
			fmt.Fprintf(&b, "    branches: %s\n", flowYAML(w.branches))
		}
		if len(w.tags) > 0 {
			fmt.Fprintf(&b, "    tags: %s\n", flowYAML(w.tags))
		}
	}
	if w.pullRequests {
		b.WriteString("  pull_request:\n")
	}
	b.WriteString("  workflow_dispatch:\nenable-openid-connect: true # without it there is no token\njobs:\n  deploy:\n" +
		"    runs-on: docker # the label of a runner that has curl, jq and the AWS CLI\n    env:\n")
	b.WriteString(roleEnvironment("      ", roleArn, region, "/tmp/web-identity-token"))
	fmt.Fprintf(&b, "    steps:\n      - run: |\n          curl -sSf -H \"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \\\n"+
		"            \"$ACTIONS_ID_TOKEN_REQUEST_URL&audience=%s\" | jq -r .value > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n", url.QueryEscape(audience))
	b.WriteString("      - run: aws sts get-caller-identity\n")
	return b.String()
}
