package circleci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words are the refs that a trust names, by project, for the config to paste.
type words struct {
	organization string
	files        ci.Files[file]
}

type file struct {
	branches, tags []string
	any            bool // any ref is trusted
}

func (w *words) add(p project, refs []ref) {
	f := w.files.Of(p.String())
	for _, ref := range refs {
		switch ref.kind.Word {
		case "branches":
			f.branches = ci.AddOnce(f.branches, filter(ref.name))
		case "tags":
			f.tags = ci.AddOnce(f.tags, filter(ref.name))
		default:
			f.any = true
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

// config is the config to paste. One run asks for a token, exchanges it and deploys: each run is a shell of its own.
// The orb's command setup would write the keys into BASH_ENV, which every later run reads, and make the token an
// argument of a process, so the orb only installs the AWS CLI. The token of every job has the organization as its
// audience; a job that needs another one asks for it.
// Sources: https://circleci.com/developer/orbs/orb/circleci/aws-cli,
// https://github.com/CircleCI-Public/aws-cli-orb/blob/v5.4.1/src/scripts/assume_role_with_web_identity.sh,
// https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/
func (w *words) config(role ci.Role, audiences []string) string {
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("CIRCLE_OIDC_TOKEN_V2"),
		Missing: "The plan must have OIDC, and the job a context.",
		Session: "circleci-$CIRCLE_PROJECT_REPONAME-$CIRCLE_BUILD_NUM-$CIRCLE_JOB",
	}
	if len(audiences) > 0 && !slices.Contains(audiences, w.organization) {
		exchange.Token = "circleci run oidc get --claims " + ci.QuoteShell(fmt.Sprintf(`{"aud": %q}`, audiences[0]))
	}
	return w.files.Print(func(*file) string { return ".circleci/config.yml" }, func(f *file) string {
		return f.config(exchange)
	})
}

func (w *file) config(exchange ci.Exchange) string {
	var b strings.Builder
	b.WriteString("version: 2.1\norbs:\n  aws-cli: circleci/aws-cli@5.4.1\njobs:\n  " +
		"deploy:\n    docker:\n      - image: cimg/base:current\n    steps:\n      - checkout\n" +
		"      - aws-cli/install\n      - run:\n          name: Exchange the token and deploy\n          command: |\n")
	b.WriteString(strings.ReplaceAll(exchange.Script("            "), "<<", "\\<<"))
	b.WriteString("workflows:\n  deploy:\n    jobs:\n      - " +
		"deploy:\n          context: [] # name the contexts the job needs, if any\n")
	if len(w.branches)+len(w.tags) > 0 && !w.any {
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
