package ci

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var (
	circleciAnyProject = Rule{
		ID: "circleci-any-project", Severity: Medium,
		Summary:     "every project of the organization is trusted, also one that somebody there sets up tomorrow",
		Remediation: "Add StringEquals on the key ISSUER:oidc.circleci.com/project-id with the projects that deploy.",
		Source:      circleciDocs,
	}
	circleciTokenForm = Rule{
		ID: "circleci-token-form", Severity: Low,
		Summary:     "the subject fits one of CircleCI's two token forms only",
		Remediation: "Use the token it fits: CIRCLE_OIDC_TOKEN_V2 carries origin and ref, and is what the orb aws-cli uses; CIRCLE_OIDC_TOKEN does not.",
		Source:      circleciDocs,
	}
)

func circleciAuditRules() []Rule {
	return []Rule{circleciAnyProject, circleciTokenForm, circleciAnyRef}
}

// judgeCircleCI is the audit of a statement for the issuer of a CircleCI organization.
func judgeCircleCI(v trust.View, report func(Rule, string)) {
	subjects, tested := v.Claim("sub")
	keyed := v.Pins(circleciClaim)
	if !tested {
		if !keyed {
			report(circleciAnyProject, "")
		}
		report(circleciAnyRef, "")
		return
	}
	short, long := false, false
	for _, s := range subjects {
		detail := fmt.Sprintf("sub %q", s.Text)
		before, ref, named := strings.Cut(s.Text, "/vcs-ref/")
		if !named {
			before = s.Text
		}
		long = long || strings.Contains(s.Text, "/vcs-origin/") || strings.HasSuffix(s.Text, "*")
		short = short || !strings.Contains(s.Text, "/vcs-origin/")
		if !s.Like {
			continue
		}
		if !keyed && !projectExact(s.Text) {
			report(circleciAnyProject, detail)
		}
		switch at := strings.IndexByte(before, '*'); {
		case at >= 0 && strings.Trim(s.Text[at:], "*?/") != "":
			report(trust.WildcardBeforeDecision, detail)
		case at >= 0 && !named, ref == "*", ref == "refs/heads/*", ref == "refs/tags/*":
			report(circleciAnyRef, detail)
		}
	}
	switch {
	case short && !long:
		report(circleciTokenForm, "CIRCLE_OIDC_TOKEN alone")
	case long && !short:
		report(circleciTokenForm, "CIRCLE_OIDC_TOKEN_V2 alone")
	}
}

// projectExact reports that the subject's project is written out.
func projectExact(sub string) bool {
	_, rest, _ := strings.Cut(sub, "/project/")
	project, _, _ := strings.Cut(rest, "/")
	return uuid.MatchString(project)
}
