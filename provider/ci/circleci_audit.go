package ci

import (
	"fmt"
	"slices"
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

// AuditRules are the findings of an audit.
func (CircleCI) AuditRules() []Rule {
	return []Rule{circleciAnyProject, circleciTokenForm, circleciAnyRef}
}

// circleciPattern is a subject in which organization, project and user are ids, or runs of ? as long as one.
var circleciPattern = func() *expression {
	id := `([0-9a-f?-]{36})`
	return newExpression(`^org/` + id + `/project/` + id + `/user/` + id + `(.*)$`)
}()

// judgeCircleCI is the audit of a statement for an issuer of CircleCI's.
func judgeCircleCI(v trust.View, report func(Rule, string)) {
	subjects := slices.Concat(v.Claim("sub")...)
	keyed := v.Pins(circleciClaim)
	if len(v.Claim("sub")) == 0 {
		if !keyed {
			report(circleciAnyProject, "")
		}
		report(circleciAnyRef, "")
		return
	}
	short, long := false, false
	for _, s := range subjects {
		long = long || strings.Contains(s.Pattern, "/vcs-origin/") || s.Like && strings.HasSuffix(s.Pattern, "*")
		short = short || !strings.Contains(s.Pattern, "/vcs-origin/")
		if s.Wild() {
			judgeCircleCISubject(v, s, keyed, func(r Rule) { report(r, fmt.Sprintf("sub %q", s.Text)) })
		}
	}
	switch {
	case short && !long:
		report(circleciTokenForm, "CIRCLE_OIDC_TOKEN alone")
	case long && !short:
		report(circleciTokenForm, "CIRCLE_OIDC_TOKEN_V2 alone")
	}
}

// judgeCircleCISubject is the audit of one pattern. A wildcard stands for one id only where it is a run of ? of an id's
// length at an id's place: anywhere else it may reach into a branch, which whoever opens a pull request names.
func judgeCircleCISubject(v trust.View, s trust.Value, keyed bool, report func(Rule)) {
	pattern := s.Pattern
	parts := circleciPattern.FindStringSubmatch(pattern)
	if parts == nil {
		if !keyed && !projectExact(pattern) {
			report(circleciAnyProject)
		}
		at := strings.IndexAny(pattern, "*?")
		switch rest := strings.NewReplacer("/project/", "", "/user/", "", "*", "", "?", "", "/", "").Replace(pattern[at:]); {
		case rest != "":
			report(trust.WildcardBeforeDecision)
		default:
			report(circleciAnyRef)
		}
		return
	}
	if !keyed && !uuid.MatchString(parts[2]) {
		report(circleciAnyProject)
	}
	source, ref, named := strings.Cut(parts[4], "/vcs-ref/")
	before := fill(upTo(pattern, "/vcs-ref/")) + "/vcs-ref/"
	switch {
	case trust.HasWildcard(source) && named && !onlyWild(ref):
		report(trust.WildcardBeforeDecision) // the origin's wildcard takes in forks, and branches called like the rest
	case trust.HasWildcard(source), admitsAny(v, s, before+"refs/heads/", ""), admitsAny(v, s, before+"refs/tags/", ""):
		report(circleciAnyRef)
	case wildBeforeLiteral(ref):
		report(trust.WildcardBeforeDecision)
	}
}

// projectExact reports that the subject's project is written out, and nothing before it can reach into it.
func projectExact(sub string) bool {
	before, rest, _ := strings.Cut(sub, "/project/")
	project, _, ended := strings.Cut(rest, "/")
	return !trust.HasWildcard(before) && ended && uuid.MatchString(project)
}
