package azuredevops

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"

// judge judges what a policy says of the tokens of an organization, whose issuer is its own.
func judge(r *ci.Reading) []ci.Verdict {
	verdicts := []ci.Verdict{{Rule: issuerRisk}}
	named, last := r.Span("project"), "service connection"
	if r.Form == pipelineForm {
		last = "pipeline"
	}
	switch name := r.Span(last); {
	case named.Kind == ci.Open:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"project", last}})
	case named.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"project"}})
	case name.Kind != ci.Exact:
		verdicts = append(verdicts, ci.Verdict{
			Rule:   ci.ProjectPrefix,
			Detail: "any " + last + " of the project whose name fits",
			Other:  []string{last},
		})
	}
	if r.Form == pipelineForm {
		return append(verdicts, ci.Verdict{Rule: anyRef})
	}
	return append(verdicts, ci.Verdict{Rule: anyBranch})
}
