package bitbucket

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"

// reads judges a reading of a workspace's issuer.
func reads(r *ci.Reading) []ci.Verdict {
	verdicts := r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	switch {
	case r.Form == stepForm:
		return append(verdicts, ci.Verdict{Rule: anyStep, Detail: "steps without environment"})
	case r.Span("environment").Kind != ci.Exact:
		return append(verdicts, ci.Verdict{Rule: anyStep, Other: []string{"environment"}})
	}
	return append(verdicts, ci.Verdict{Rule: anyBranch})
}
