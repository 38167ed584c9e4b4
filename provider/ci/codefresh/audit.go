package codefresh

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"

// otherForm stands for the subjects of builds that something else starts, such as a new image: they are not documented.
var otherForm = newForm(":{trigger}",
	ci.Field{Name: "trigger", Texts: `(?s:.+)`, Sample: "initiator:mona", Decides: ci.Event})

// judge judges what a policy says of Codefresh's tokens. A pipeline's id names what it builds; the repository in a
// subject is that of the trigger.
func judge(r *ci.Reading) []ci.Verdict {
	if strangers := r.Strangers(); strangers != nil {
		return strangers
	}
	var verdicts []ci.Verdict
	switch r.Span("pipeline").Kind {
	case ci.Open:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"pipeline"}})
	case ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"pipeline"}})
	}
	anybody := func(detail string, places ...string) {
		verdicts = append(verdicts, ci.Verdict{Rule: ci.AnyRef, Detail: detail, Other: places})
	}
	switch r.Form {
	case cronForm:
		verdicts = append(verdicts, ci.Verdict{Rule: cronBranch})
	case manualForm:
		if r.Exactly("initiator") {
			verdicts = append(verdicts, ci.Verdict{Rule: manualRuns})
		} else {
			anybody("runs by hand of whoever may run the pipeline", "initiator")
		}
	case pushForm:
		verdicts = append(verdicts, r.Refs(ci.AnyRef)...)
	case manualPushForm:
		verdicts = append(verdicts, append(r.Refs(ci.AnyRef), ci.Verdict{Rule: craftedInitiator})...)
	case otherForm:
		if !r.Exactly("trigger") && !r.ReadAs(manualForm, pushForm, manualPushForm, pullRequestForm) {
			anybody("builds of a trigger whose subjects are not documented", "trigger")
		}
	case pullRequestForm:
		verdicts = append(verdicts, ci.Verdict{Rule: pullRequests})
		if r.Span("user").Kind == ci.Open {
			anybody("pull requests of any Git user", "user")
		}
	}
	return verdicts
}
