package concourse

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// installed is a Concourse, whose teams have nothing to do with each other. Its subjects are words and slashes, which
// those of any issuer may be: so the name of the issuer must say it, too.
var installed = ci.Host{Shared: true, Called: saysCI, Reads: judge}

// judge judges what a policy says of a Concourse's tokens.
func judge(r *ci.Reading) []ci.Verdict {
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

// saysCI reports that the name of an issuer is one that people give a CI server.
func saysCI(issuer string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(issuer), func(c rune) bool {
		return strings.ContainsRune("./-", c)
	}), func(part string) bool { return part == "ci" || part == "concourse" })
}
