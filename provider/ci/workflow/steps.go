package workflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Steps are those of a job. A GitHub Enterprise Server has GitHub's own actions alone.
// Source:
// https://docs.github.com/en/enterprise-server@latest/admin/managing-github-actions-for-your-enterprise/managing-access-to-actions-from-githubcom/about-using-actions-in-your-enterprise
func Steps(b *strings.Builder, roleArn, region string, audiences []string, server bool) {
	b.WriteString("    steps:\n      - uses: actions/checkout@v4\n")
	if server {
		b.WriteString("      # This action must be available on the server: by GitHub Connect, or as a copy.\n")
	}
	b.WriteString("      - uses: aws-actions/configure-aws-credentials@v6 # better pinned to a commit\n        with:\n")
	fmt.Fprintf(b, "          role-to-assume: %s\n          aws-region: %s\n", roleArn, region)
	if len(audiences) > 0 && !slices.Contains(audiences, ActionAudience) {
		fmt.Fprintf(b, "          audience: %s\n", ci.QuoteYAML(audiences[0]))
	}
	b.WriteString("      - run: aws sts get-caller-identity\n")
}
