package concourse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words are what the pipelines to paste need beside the role: for each pipeline the scopes, and for each scope the jobs
// that are named, none where every job is trusted. A pipeline is TEAM/PIPELINE or TEAM/PIPELINE/VARS, and TEAM any one
// of a team.
type words map[string]map[string][]string

// add notes a grant of a form with these texts.
func (w words) add(f *ci.Form, texts []string, job string) {
	scope := map[*ci.Form]string{teamForm: "team", pipelineForm: "pipeline", instanceForm: "instance"}[f]
	if scope == "" {
		scope, texts = "job", texts[:len(texts)-1]
	}
	pipeline := strings.Join(texts, "/")
	if w[pipeline] == nil {
		w[pipeline] = map[string][]string{}
	}
	var jobs []string
	if scope == "job" {
		jobs = ci.AddOnce(w[pipeline][scope], job)
	}
	w[pipeline][scope] = jobs
}

// config is what to paste: the pipeline, or where there are several a map that has each of them under its name.
func (w words) config(role ci.Role, audiences []string) string {
	audience := "sts.amazonaws.com"
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	names := slices.Sorted(maps.Keys(w))
	if len(names) == 0 {
		return file("", "", map[string][]string{"pipeline": nil}, audience, role)
	}
	if len(names) == 1 {
		return "# " + title(names[0]) + "\n" + file("", names[0], w[names[0]], audience, role)
	}
	var b strings.Builder
	b.WriteString("# What stands under each name is the file of one pipeline, for fly set-pipeline.\n")
	for _, name := range names {
		fmt.Fprintf(&b, "%s: # %s\n%s", ci.QuoteYAML(name), title(name), file("  ", name, w[name], audience, role))
	}
	return b.String()
}

// title says which pipeline a name means.
func title(name string) string {
	parts := strings.SplitN(name, "/", 3)
	switch len(parts) {
	case 1:
		return "any pipeline of team " + name
	case 2:
		return fmt.Sprintf("pipeline %s of team %s", parts[1], parts[0])
	}
	return fmt.Sprintf("instance %s of pipeline %s of team %s", parts[2], parts[1], parts[0])
}

// file is the file of one pipeline: a var source for each scope, and jobs that exchange its token.
// Source: https://concourse-ci.org/docs/operation/creds/id-token#examples
func file(indent, pipeline string, jobs map[string][]string, audience string, role ci.Role) string {
	var sources, plans strings.Builder
	for _, scope := range slices.Sorted(maps.Keys(jobs)) {
		source, named := "aws", jobs[scope]
		if len(jobs) > 1 {
			source += "-" + scope
		}
		if len(named) == 0 {
			named = []string{anyJob(jobs["job"])}
		}
		fmt.Fprintf(&sources, "  - name: %s\n    type: idtoken\n    config:\n      audience: [%s]\n      "+
			"subject_scope: %s\n", source, ci.QuoteYAML(audience), scope)
		for _, job := range named {
			plans.WriteString(jobYAML(pipeline, job, source, role))
		}
	}
	lines := strings.SplitAfter("var_sources:\n"+sources.String()+"jobs:\n"+plans.String(), "\n")
	return indent + strings.TrimSuffix(strings.Join(lines, indent), indent)
}

// anyJob is a name for a job where every job is trusted, other than those that are named: no two jobs of a pipeline
// have one name.
func anyJob(named []string) string {
	name := "deploy"
	for slices.Contains(named, name) {
		name = "another-" + name
	}
	return name
}

func jobYAML(pipeline, job, source string, role ci.Role) string {
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("AWS_ID_TOKEN"),
		Missing: "The pipeline has the var source of the type idtoken.",
		Session: sessionText.Replace("concourse/"+pipeline+"/"+job) + "-$(date +%s)", // a task does not know its build
	}
	return fmt.Sprintf("  - name: %s\n    plan:\n      - task: deploy\n        config:\n          platform: linux\n"+
		"          image_resource:\n            type: registry-image\n            source:\n              repository: "+
		"amazon/aws-cli\n"+
		"          params:\n            AWS_ID_TOKEN: ((%s:token))\n"+
		"          run:\n            path: sh\n            args:\n              - -ec\n              - |\n%s",
		ci.QuoteYAML(job), source, exchange.Script("                "))
}

// sessionText takes out of a name what a shell would read between double quotes; the exchange replaces the rest.
var sessionText = strings.NewReplacer("$", "-", "`", "-", `"`, "-", `\`, "-", "((", "-", "))", "-")
