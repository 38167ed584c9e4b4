package ci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// buildkiteWords are what a trust names, for the pipeline to paste.
type buildkiteWords struct {
	conditions []string
	any        bool // some pipeline is trusted on any ref
	ids        bool // some pipeline's id is required
}

func (w *buildkiteWords) add(p buildkitePipeline, refs []buildkiteRef) {
	w.ids = w.ids || p.id != ""
	for _, ref := range refs {
		if ref.kind.word == "" {
			w.any = true
			continue
		}
		w.conditions = addOnce(w.conditions, ref.condition())
	}
}

var buildkitePlain = newExpression(`^[A-Za-z0-9/._-]+$`)

// condition is the ref as the attribute "if" of a step takes it. A build of a tag has the tag's name as its branch, too.
// Source: https://buildkite.com/docs/pipelines/configure/conditionals
func (r buildkiteRef) condition() string {
	variable, before := "build.tag", ""
	if r.kind.word == branches.word {
		variable, before = "build.branch", "build.tag == null && "
	}
	pattern := "/^" + strings.ReplaceAll(regexp.QuoteMeta(r.name.text), "/", `\/`)
	switch {
	case r.name.prefix && r.name.text == "" && before != "":
		return "build.tag == null"
	case r.name.prefix && r.name.text == "":
		return "build.tag != null"
	case r.name.prefix:
		return before + variable + " =~ " + pattern + "/"
	case buildkitePlain.MatchString(r.name.text):
		return before + variable + ` == "` + r.name.text + `"`
	}
	return before + variable + " =~ " + pattern + "$/"
}

// buildkiteLiteral keeps the agent from taking a "$" for a variable when it uploads the pipeline.
// Source: https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution
func buildkiteLiteral(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// config is the pipeline to paste. The plugin asks for a token for sts.amazonaws.com; a job that needs another audience
// asks for its token itself. Optional claims are asked for by an environment variable, because the plugin has no property
// for them.
// Sources: https://github.com/buildkite-plugins/aws-assume-role-with-web-identity-buildkite-plugin,
// https://buildkite.com/docs/agent/cli/reference/oidc#request-oidc-token
func (w *buildkiteWords) config(roleArn, region string, audiences []string) string {
	step := []string{"- label: Deploy", "  key: deploy"}
	if w.ids {
		step = append(step, "  env:", "    BUILDKITE_OIDC_TOKEN_CLAIMS: pipeline_id # the role requires this claim")
	}
	if slices.Contains(audiences, buildkiteAudience) || len(audiences) == 0 {
		step = append(step, "  command: aws sts get-caller-identity", "  plugins:", "    - aws-assume-role-with-web-identity#v1.6.0:",
			"        role-arn: "+roleArn, "        region: "+region)
	} else {
		step = append(step, "  command: |",
			fmt.Sprintf("    export AWS_ROLE_ARN=%s AWS_REGION=%s AWS_WEB_IDENTITY_TOKEN_FILE=\"$$(mktemp)\"", roleArn, region),
			fmt.Sprintf("    buildkite-agent oidc request-token --audience '%s' > \"$$AWS_WEB_IDENTITY_TOKEN_FILE\"",
				buildkiteLiteral(strings.ReplaceAll(audiences[0], "'", `'\''`))),
			"    aws sts get-caller-identity")
	}
	head, indent := "# .buildkite/pipeline.yml\nsteps:\n", "  "
	if condition := w.condition(); condition != "" {
		// A step's own "if" does not keep its plugins from running; that of a group does.
		head += fmt.Sprintf("  - group: Deploy\n    if: '%s'\n    steps:\n", strings.ReplaceAll(buildkiteLiteral(condition), "'", "''"))
		indent = "      "
	}
	return head + indent + strings.Join(step, "\n"+indent) + "\n"
}

// condition is that of all refs; "" where any will do.
func (w *buildkiteWords) condition() string {
	conditions := slices.Sorted(slices.Values(w.conditions))
	switch {
	case w.any || len(conditions) == 0:
		return ""
	case len(conditions) == 1:
		return conditions[0]
	}
	return "(" + strings.Join(conditions, ") || (") + ")"
}
