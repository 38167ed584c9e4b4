package concourse

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// installed is a Concourse, whose teams have nothing to do with each other.
var installed = ci.Host{Shared: true, Reads: judge}

// judge judges what a policy says of a Concourse's tokens.
func judge(r *ci.Reading) []ci.Verdict {
	if r.Form == teamForm && r.Exactly("team") && !saysConcourse(r.Issuer) {
		return nil // one word may be the subject of anything
	}
	if !r.NamesTenant() {
		return ci.Judgement{}.Judge(r)
	}
	pipeline := r.Span("pipeline")
	if r.Form == teamForm || pipeline.Kind == ci.Open {
		return []ci.Verdict{{Rule: anyPipeline, Other: pipelineOf(r)}}
	}
	var verdicts []ci.Verdict
	switch {
	case pipeline.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"pipeline"}})
	case r.Form == instanceJobForm && r.Exactly("job") && !r.Exactly("instance"):
		verdicts = append(verdicts, ci.Verdict{
			Rule:   ci.ProjectPrefix,
			Detail: "any instance of the pipeline, such as that of any branch",
			Other:  []string{"instance"},
		})
	}
	if !slices.Contains([]*ci.Form{jobForm, instanceJobForm}, r.Form) {
		return append(verdicts, ci.Verdict{Rule: everyJob})
	}
	if !r.Exactly("job") {
		verdicts = append(verdicts, ci.Verdict{Rule: everyJob, Other: []string{"job"}})
	}
	return verdicts
}

// pipelineOf is the field of the pipeline, where a subject names it.
func pipelineOf(r *ci.Reading) []string {
	if r.Form == teamForm {
		return nil
	}
	return []string{"pipeline"}
}

// saysConcourse reports that the name of an issuer is one that people give a CI server.
func saysConcourse(issuer string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(issuer), func(c rune) bool {
		return strings.ContainsRune("./-", c)
	}), func(part string) bool { return part == "ci" || part == "concourse" })
}
