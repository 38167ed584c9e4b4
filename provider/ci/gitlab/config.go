package gitlab

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pasted are what the configuration to paste needs beside the role: the instance, and the rules that start the job.
type pasted struct {
	issuer string
	rules  []string
}

func (w *pasted) add(refs []reference) {
	for _, ref := range refs {
		w.rules = ci.AddOnce(w.rules, ref.rule())
	}
}

var plain = ci.NewExpression(`^[A-Za-z0-9._/+-]+$`)

// rule is the ref as an expression of rules:if, which has texts between quotes and RE2 expressions between slashes.
// Source: https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
func (r reference) rule() string {
	if r.merge {
		return `$CI_PIPELINE_SOURCE == "` + mergeRequestEvent + `"`
	}
	variable := map[string]string{"branch": "$CI_COMMIT_BRANCH", "tag": "$CI_COMMIT_TAG"}[r.kind.Noun]
	expression := "/^" + strings.ReplaceAll(regexp.QuoteMeta(r.name.Text), "/", `\/`)
	switch {
	case r.name.Prefix && r.name.Text == "":
		return variable
	case r.name.Prefix:
		return variable + " =~ " + expression + "/"
	case plain.MatchString(r.name.Text):
		return variable + ` == "` + r.name.Text + `"`
	}
	return variable + " =~ " + expression + "$/"
}

// config is the .gitlab-ci.yml to paste. The commands of a job run in one shell.
// Sources: https://docs.gitlab.com/ci/cloud_services/aws/, https://docs.gitlab.com/ci/yaml/script/
func (w *pasted) config(role ci.Role, audiences []string) string {
	audience := w.issuer
	if audience == "" {
		audience = issuer
	}
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("AWS_ID_TOKEN"),
		Missing: "The job names AWS_ID_TOKEN under id_tokens.",
		Session: "gitlab-$CI_PROJECT_ID-$CI_PIPELINE_ID-$CI_JOB_ID",
	}
	var b strings.Builder
	b.WriteString("# .gitlab-ci.yml\ndeploy:\n  image:\n    name: amazon/aws-cli:latest\n    entrypoint: [\"\"]\n")
	fmt.Fprintf(&b, "  id_tokens:\n    AWS_ID_TOKEN:\n      aud: %s\n", ci.QuoteYAML(audience))
	b.WriteString("  script:\n    - |\n" + exchange.Script("      "))
	if len(w.rules) > 0 {
		b.WriteString("  rules:\n")
	}
	for _, rule := range w.rules {
		fmt.Fprintf(&b, "    - if: '%s'\n", strings.ReplaceAll(rule, "'", "''"))
	}
	return b.String()
}
