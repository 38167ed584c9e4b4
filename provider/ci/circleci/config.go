package circleci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words are the refs that a trust names, for the config to paste.
type words struct {
	organization   string
	branches, tags []string
}

func (w *words) add(refs []ref) {
	for _, ref := range refs {
		switch ref.kind.Word {
		case "branches":
			w.branches = ci.AddOnce(w.branches, filter(ref.name))
		case "tags":
			w.tags = ci.AddOnce(w.tags, filter(ref.name))
		}
	}
}

// filter is the name as CircleCI's filters take it: a text, or a regular expression between slashes.
// Source: https://circleci.com/docs/reference/configuration-reference/#filters
func filter(n ci.Name) string {
	if n.Prefix {
		return "/^" + regexp.QuoteMeta(n.Text) + ".*/"
	}
	return n.Text
}

// config is the config to paste. The orb exchanges CIRCLE_OIDC_TOKEN_V2, whose audience is the organization; a job that
// needs another audience asks for its token itself.
// Sources: https://circleci.com/developer/orbs/orb/circleci/aws-cli,
// https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/
func (w *words) config(roleArn, region string, audiences []string) string {
	var b strings.Builder
	orb := slices.Contains(audiences, w.organization) || len(audiences) == 0
	b.WriteString("# .circleci/config.yml\nversion: 2.1\norbs:\n  aws-cli: circleci/aws-cli@5.4.1\njobs:\n  " +
		"deploy:\n    docker:\n      - image: cimg/base:current\n    steps:\n      - checkout\n")
	if orb {
		fmt.Fprintf(&b, "      - aws-cli/setup: # exchanges CIRCLE_OIDC_TOKEN_V2\n          role_arn: "+
			"%s\n          region: %s\n", roleArn, region)
	} else {
		b.WriteString("      - aws-cli/install\n      - run:\n          name: Exchange a token for the audience that " +
			"the role requires\n          command: |\n")
		fmt.Fprintf(&b, "            circleci run oidc get --claims '{\"aud\": %s}' > /tmp/oidc-token\n",
			strings.ReplaceAll(fmt.Sprintf("%q", audiences[0]), "'", `'\''`))
		fmt.Fprintf(&b, "            echo 'export AWS_WEB_IDENTITY_TOKEN_FILE=/tmp/oidc-token AWS_ROLE_ARN=%s "+
			"AWS_REGION=%s' >> \"$BASH_ENV\"\n", roleArn, region)
	}
	b.WriteString("      - run: aws sts get-caller-identity\nworkflows:\n  deploy:\n    jobs:\n      - " +
		"deploy:\n          context: [] # name the contexts the job needs, if any\n")
	if len(w.branches)+len(w.tags) > 0 {
		b.WriteString("          filters:\n")
		if len(w.branches) > 0 {
			fmt.Fprintf(&b, "            branches:\n              only: %s\n", ci.FlowYAML(w.branches))
		} else {
			b.WriteString("            branches:\n              ignore: /.*/\n")
		}
		if len(w.tags) > 0 {
			fmt.Fprintf(&b, "            tags:\n              only: %s\n", ci.FlowYAML(w.tags))
		}
	}
	return b.String()
}
