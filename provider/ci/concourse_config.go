package ci

import (
	"fmt"
	"slices"
	"strings"
)

// concourseWords are what the pipeline to paste needs beside the role: for each scope the jobs that are named.
type concourseWords struct{ jobs map[string][]string }

func (w *concourseWords) add(f *form, job string) {
	if w.jobs == nil {
		w.jobs = map[string][]string{}
	}
	scope := map[*form]string{concourseTeamForm: "team", concoursePipelineForm: "pipeline", concourseInstanceForm: "instance"}[f]
	if scope == "" {
		scope = "job"
	}
	w.jobs[scope] = addOnce(w.jobs[scope], orElse(job, "deploy"))
}

// config is the pipeline to paste: a var source for each scope, and jobs that put the token into a file, which the AWS CLI and
// the SDKs exchange by themselves.
// Sources: https://concourse-ci.org/docs/operation/creds/id-token#examples,
// https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
func (w *concourseWords) config(roleArn, region string, audiences []string) string {
	audience := "sts.amazonaws.com"
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	var scopes []string
	for _, scope := range []string{"job", "instance", "pipeline", "team"} {
		if len(w.jobs[scope]) > 0 {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		scopes, w = []string{"pipeline"}, &concourseWords{map[string][]string{"pipeline": {"deploy"}}}
	}
	var sources, jobs strings.Builder
	for _, scope := range scopes {
		name := "aws"
		if len(scopes) > 1 {
			name += "-" + scope
		}
		fmt.Fprintf(&sources, "  - name: %s\n    type: idtoken\n    config:\n      audience: [%s]\n      subject_scope: %s\n", name, quoteYAML(audience), scope)
		for _, job := range slices.Sorted(slices.Values(w.jobs[scope])) {
			jobs.WriteString(concourseJob(job, name, roleArn, region))
		}
	}
	return "var_sources:\n" + sources.String() + "jobs:\n" + jobs.String()
}

func concourseJob(job, source, roleArn, region string) string {
	return fmt.Sprintf("  - name: %s\n    plan:\n      - task: deploy\n        config:\n          platform: linux\n"+
		"          image_resource:\n            type: registry-image\n            source:\n              repository: amazon/aws-cli\n"+
		"          params:\n            AWS_ID_TOKEN: ((%s:token))\n%s"+
		"          run:\n            path: sh\n            args:\n              - -ec\n              - |\n"+
		"                printf '%%s' \"$AWS_ID_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n                aws sts get-caller-identity\n",
		quoteYAML(job), source, roleEnvironment("            ", roleArn, region, "/tmp/web-identity-token"))
}
