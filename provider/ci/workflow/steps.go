package workflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// The newest versions that were seen. Both run on Node 24; GitHub takes Node 20 away, on which checkout@v4 runs.
// Sources: https://github.com/actions/checkout/releases,
// https://github.com/aws-actions/configure-aws-credentials/releases,
// https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/
const (
	checkout  = "actions/checkout@v7.0.1"
	configure = "aws-actions/configure-aws-credentials@v6.2.3"
)

// session is the name of a job's session: it leads back to the repository, the run and the job, and has none of the
// characters that STS refuses.
const session = "github-${{ github.repository_id }}-${{ github.run_id }}-${{ github.job }}"

// Steps are those of a job. A GitHub Enterprise Server has GitHub's own actions alone. The action tries a refused
// exchange 12 times unless it is told otherwise, for more than two minutes.
// Sources: https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml,
// https://docs.github.com/en/enterprise-server@latest/admin/managing-github-actions-for-your-enterprise/managing-access-to-actions-from-githubcom/about-using-actions-in-your-enterprise
func Steps(b *strings.Builder, role ci.Role, audiences []string, server bool) {
	b.WriteString("    # The keys reach every later step of this job: build and test in another one.\n" +
		"    steps:\n      - uses: " + checkout + "\n")
	if server {
		b.WriteString("      # This action must be available on the server: by GitHub Connect, or as a copy.\n")
	}
	b.WriteString("      " + ci.WhoamiNote + "\n      # - run: " + ci.Whoami("") + "\n")
	b.WriteString("      - uses: " + configure + " # better pinned to a commit\n        with:\n")
	fmt.Fprintf(b, "          role-to-assume: %s\n          aws-region: %s\n", role.ARN, role.Region)
	if len(audiences) > 0 && !slices.Contains(audiences, ActionAudience) {
		fmt.Fprintf(b, "          audience: %s\n", ci.QuoteYAML(audiences[0]))
	}
	fmt.Fprintf(b, "          role-session-name: %s\n          role-duration-seconds: %d\n", session, role.Seconds())
	b.WriteString("          unset-current-credentials: true # a job that is refused is nobody\n" +
		"          retry-max-attempts: 3 # a refused job fails in seconds\n")
	fmt.Fprintf(b, "      - name: The job is the role\n        run: |\n"+
		"          caller=$(aws sts get-caller-identity --query Arn --output text)\n"+
		"          echo \"This job is $caller\"\n"+
		"          case \"$caller\" in %s*) ;; *) exit 1 ;; esac\n", role.Sessions())
}
