package buildkite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pasted are what a trust names, for the pipeline to paste.
type pasted struct {
	conditions []string
	any        bool // some pipeline is trusted on any ref
	ids        bool // some pipeline's id is required
}

func (w *pasted) add(p pipeline, refs []reference) {
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

// config is the pipeline to paste. The plugin asks for a token for sts.amazonaws.com; a job that needs another audience
// asks for its token itself. Optional claims are asked for by an environment variable, because the plugin has no
// property for them.
// Sources: https://github.com/buildkite-plugins/aws-assume-role-with-web-identity-buildkite-plugin,
// https://buildkite.com/docs/agent/cli/reference/oidc#request-oidc-token
func (w *pasted) config(roleArn, region string, audiences []string) string {
	step := []string{"- label: Deploy", "  key: deploy"}
	if w.ids {
		step = append(step, "  env:", "    BUILDKITE_OIDC_TOKEN_CLAIMS: pipeline_id # the role requires this claim")
	}
	if slices.Contains(audiences, audience) || len(audiences) == 0 {
		step = append(step, "  command: aws sts get-caller-identity", "  plugins:",
			"    - aws-assume-role-with-web-identity#v1.6.0:",
			"        role-arn: "+roleArn, "        region: "+region)
	} else {
		step = append(step, "  command: |",
			fmt.Sprintf("    export AWS_ROLE_ARN=%s AWS_REGION=%s AWS_WEB_IDENTITY_TOKEN_FILE=\"$$(mktemp)\"", roleArn,
				region),
			fmt.Sprintf("    buildkite-agent oidc request-token --audience '%s' > \"$$AWS_WEB_IDENTITY_TOKEN_FILE\"",
				literal(strings.ReplaceAll(audiences[0], "'", `'\''`))),
			"    aws sts get-caller-identity")
	}
	head, indent := "# .buildkite/pipeline.yml\nsteps:\n", "  "
	if condition := w.condition(); condition != "" {
		// A step's own "if" does not keep its plugins from running; that of a group does.
		head += fmt.Sprintf("  - group: Deploy\n    if: '%s'\n    steps:\n",
			strings.ReplaceAll(literal(condition), "'", "''"))
		indent = "      "
	}
	return head + indent + strings.Join(step, "\n"+indent) + "\n"
}

// condition is that of all refs; "" where any will do.
func (w *pasted) condition() string {
	conditions := slices.Sorted(slices.Values(w.conditions))
	switch {
	case w.any || len(conditions) == 0:
		return ""
	case len(conditions) == 1:
		return conditions[0]
	}
	return "(" + strings.Join(conditions, ") || (") + ")"
}
