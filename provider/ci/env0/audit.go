package env0

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// The condition keys of the session tags that decide something.
const (
	projectTag = "aws:RequestTag/projectId"
	typeTag    = "aws:RequestTag/deploymentType"
)

// tagged are the session tags that decide something; AWS tests them as it tests claims.
var tagged = []ci.Field{
	{
		Name:    projectTag,
		Texts:   ci.UUIDTexts,
		Sample:  "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21",
		Other:   "c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58",
		Decides: ci.Project,
	},
	{Name: typeTag, Texts: `[A-Za-z]+`, Sample: "deploy", Other: "prPlan", Decides: ci.Event},
}

// reads judges a reading: whose deployments get in, of which project, and whether a pull request's plan is among them.
func reads(r *ci.Reading) []ci.Verdict {
	if verdicts := r.Strangers(); verdicts != nil {
		return verdicts
	}
	var verdicts []ci.Verdict
	switch project := r.Span(projectTag); project.Kind {
	case ci.Exact:
		verdicts = append(verdicts, ci.Verdict{Rule: anyBranch, Detail: "project " + project.Text})
	case ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{projectTag}})
	default:
		// The check of a credential sends a token without tags, which gets in where sts:TagSession is not allowed.
		verdicts = append(verdicts,
			ci.Verdict{Rule: anyProject, Claims: map[string]string{projectTag: tagged[0].Other}},
			ci.Verdict{Rule: anyProject, Other: []string{projectTag}})
	}
	if r.AdmitsClaim(typeTag, "prPlan") {
		rule := onlyPullRequestPlans
		if r.Shares(func(q *ci.Reading) bool { return q.NamesTenant() && q.Span(typeTag) != exactly("prPlan") }) {
			rule = pullRequestPlans
		}
		verdicts = append(verdicts, ci.Verdict{
			Rule: rule, Detail: "plans of pull requests", Claims: map[string]string{typeTag: "prPlan"},
		})
	}
	return verdicts
}

func exactly(text string) ci.Span { return ci.Span{Kind: ci.Exact, Text: text} }
