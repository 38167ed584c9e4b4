package buildkite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pasted are what a trust names, by pipeline, for the pipeline to paste.
type pasted struct{ files ci.Files[file] }

type file struct {
	conditions []string
	any        bool // the pipeline is trusted on any ref
	ids        bool // its id is required
}

func (w *pasted) add(p pipeline, refs []reference) {
	w.files.Of("pipeline "+p.slug).add(p, refs)
}

func (w *file) add(p pipeline, refs []reference) {
	w.ids = w.ids || p.id != ""
	for _, ref := range refs {
		if ref.kind.Word == "" {
			w.any = true
			continue
		}
		w.conditions = ci.AddOnce(w.conditions, ref.condition())
	}
}

var plain = ci.NewExpression(`^[A-Za-z0-9/._-]+$`)

// condition is the ref as the attribute "if" of a step takes it. A build of a tag has the tag's name as its branch,
// too.
// Source: https://buildkite.com/docs/pipelines/configure/conditionals
func (r reference) condition() string {
	variable, before := "build.tag", ""
	if r.kind.Word == ci.Branches.Word {
		variable, before = "build.branch", "build.tag == null && "
	}
	pattern := "/^" + strings.ReplaceAll(regexp.QuoteMeta(r.name.Text), "/", `\/`)
	switch {
	case r.name.Prefix && r.name.Text == "" && before != "":
		return "build.tag == null"
	case r.name.Prefix && r.name.Text == "":
		return "build.tag != null"
	case r.name.Prefix:
		return before + variable + " =~ " + pattern + "/"
	case plain.MatchString(r.name.Text):
		return before + variable + ` == "` + r.name.Text + `"`
	}
	return before + variable + " =~ " + pattern + "$/"
}

// literal keeps the agent from taking a "$" for a variable when it uploads the pipeline.
// Source: https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// config is the pipeline to paste. The command asks for a token, exchanges it and deploys. The plugin
// aws-assume-role-with-web-identity makes the token an argument of a process, which whoever is on the agent's host can
// read. Optional claims are asked for by an environment variable.
// Sources: https://buildkite.com/docs/agent/cli/reference/oidc#request-oidc-token,
// https://github.com/buildkite-plugins/aws-assume-role-with-web-identity-buildkite-plugin/blob/v1.6.0/lib/plugin.bash
func (w *pasted) config(role ci.Role, audiences []string) string {
	asked := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		asked = audiences[0]
	}
	exchange := ci.Exchange{
		Role: role, Token: "buildkite-agent oidc request-token --audience " + ci.QuoteShell(asked),
		Missing: "The agent's version must be 3.48 or later.",
		Session: "buildkite-$BUILDKITE_PIPELINE_SLUG-$BUILDKITE_BUILD_NUMBER-$BUILDKITE_JOB_ID",
	}
	return w.files.Print(func(*file) string { return ".buildkite/pipeline.yml" }, func(f *file) string {
		return f.config(exchange)
	})
}

func (w *file) config(exchange ci.Exchange) string {
	step := "- label: Deploy\n  key: deploy\n"
	if w.ids {
		step += "  env:\n    BUILDKITE_OIDC_TOKEN_CLAIMS: pipeline_id # the role requires this claim\n"
	}
	step += "  command: |\n" + literal(exchange.Script("    "))
	head, indent := "steps:\n", "  "
	if condition := w.condition(); condition != "" {
		head += fmt.Sprintf("  - group: Deploy\n    if: '%s'\n    steps:\n",
			strings.ReplaceAll(literal(condition), "'", "''"))
		indent = "      "
	}
	return head + ci.Indent(step, indent)
}

// condition is that of all refs; "" where any will do.
func (w *file) condition() string {
	conditions := slices.Sorted(slices.Values(w.conditions))
	switch {
	case w.any || len(conditions) == 0:
		return ""
	case len(conditions) == 1:
		return conditions[0]
	}
	return "(" + strings.Join(conditions, ") || (") + ")"
}
