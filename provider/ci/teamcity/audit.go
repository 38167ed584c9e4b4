package teamcity

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// installed is a TeamCity server, whose projects are one customer's.
var installed = ci.Host{Recognises: hasBuildType, Judge: judge}

// hasBuildType reports that a subject has the word that those of TeamCity alone have: other systems name projects, too.
func hasBuildType(_ string, subjects []trust.Value) bool {
	return slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return strings.Contains(v.Pattern, ":build_type:")
	})
}

// judge judges what a policy says of a server's tokens. A build configuration's internal id is of one project.
func judge(r *ci.Reading) []ci.Verdict {
	var verdicts []ci.Verdict
	project, buildType := r.Span("project"), r.Span("build type")
	switch {
	case buildType.Kind == ci.Exact:
		if project.Kind == ci.Exact && !samples.MatchString(project.Text+" "+buildType.Text) {
			verdicts = append(verdicts, ci.Verdict{Rule: idForm})
		}
	case project.Kind == ci.Open:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"project", "build type"}})
	case project.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"project"}})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"build type"}})
	}
	if r.Form == plainForm || r.Form == triggerForm {
		return append(verdicts, ci.Verdict{Rule: everyBranch})
	}
	branch := r.Span("branch")
	if branch.Kind == ci.Open {
		return append(verdicts, ci.Verdict{Rule: everyBranch, Other: []string{"branch"}})
	}
	for _, rule := range rulesOf(ci.Name{Text: branch.Text, Prefix: branch.Kind == ci.Prefix}) {
		verdict := ci.Verdict{Rule: rule}
		if branch.Kind == ci.Prefix {
			verdict.Other = []string{"branch"}
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}
