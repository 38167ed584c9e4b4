package concourse

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// installed is a Concourse, whose teams have nothing to do with each other. Its subjects are words and slashes, which
// those of any issuer may be: so the name of the issuer must say it, too.
var installed = ci.Host{
	Shared:     true,
	Recognises: saysCI,
	Forms: []*ci.Form{
		teamForm, pipelineForm, instanceForm, jobForm, instanceJobForm, noInstanceForm, checkForm, instanceCheckForm,
	},
	Judge: judge,
}

// A pipeline without instance vars leaves their place empty in the scope instance, too, and in the scope job the check
// of a resource leaves that of the job empty.
// Source: subject
var (
	noInstanceForm    = ci.NewForm("{team}/{pipeline}/", teamField, pipelineField)
	checkForm         = ci.NewForm("{team}/{pipeline}//", teamField, pipelineField)
	instanceCheckForm = ci.NewForm("{team}/{pipeline}/{instance}/", teamField, pipelineField, instanceField)
)

// judge judges what a policy says of a Concourse's tokens.
func judge(r *ci.Reading) []ci.Verdict {
	if strangers := r.Strangers(); strangers != nil {
		return strangers
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
	switch r.Form {
	case pipelineForm, instanceForm, noInstanceForm:
		verdicts = append(verdicts, ci.Verdict{Rule: everyJob})
	case jobForm, instanceJobForm:
		if !r.Exactly("job") {
			verdicts = append(verdicts, ci.Verdict{Rule: everyJob, Other: []string{"job"}})
		}
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

// saysCI reports that the name of an issuer is one that people give a CI server, and that no subject has a word and a
// colon before its first slash, which those of other systems have and names of Concourse hardly ever.
func saysCI(issuer string, subjects []trust.Value) bool {
	if slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return strings.Contains(ci.UpTo(v.Pattern, "/"), ":")
	}) {
		return false
	}
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(issuer), func(c rune) bool {
		return strings.ContainsRune("./-", c)
	}), func(part string) bool { return part == "ci" || part == "concourse" })
}
