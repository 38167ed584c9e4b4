package gitlab

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pasted are what the configurations to paste need beside the role: the instance, and for each project the rules that
// start the job.
type pasted struct {
	issuer string
	files  ci.Files[file]
}

type file struct{ rules []string }

func (w *pasted) add(u unit, refs []reference) {
	f := w.files.Of(u.String())
	for _, ref := range refs {
		f.rules = ci.AddOnce(f.rules, ref.rule())
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
	return w.files.Print(func(*file) string { return ".gitlab-ci.yml" }, func(f *file) string {
		return f.config(audience, exchange)
	})
}

func (f *file) config(audience string, exchange ci.Exchange) string {
	var b strings.Builder
	b.WriteString("deploy:\n  image:\n    name: amazon/aws-cli:latest\n    entrypoint: [\"\"]\n")
	fmt.Fprintf(&b, "  id_tokens:\n    AWS_ID_TOKEN:\n      aud: %s\n", ci.QuoteYAML(audience))
	b.WriteString("  script:\n    - |\n" + exchange.Script("      "))
	if len(f.rules) > 0 {
		b.WriteString("  rules:\n")
	}
	for _, rule := range f.rules {
		fmt.Fprintf(&b, "    - if: '%s'\n", strings.ReplaceAll(rule, "'", "''"))
	}
	return b.String()
}
