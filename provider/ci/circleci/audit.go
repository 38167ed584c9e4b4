package circleci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var (
	anyProject = ci.Rule{
		ID: "circleci-any-project", Severity: ci.Medium,
		Summary:     "every project of the organization is trusted, also one that somebody there sets up tomorrow",
		Remediation: "Add StringEquals on the key ISSUER:oidc.circleci.com/project-id with the projects that deploy.",
		Source:      docs,
	}
	tokenForm = ci.Rule{
		ID: "circleci-token-form", Severity: ci.Low,
		Summary: "the subject fits one of CircleCI's two token forms only",
		Remediation: "Use the token it fits: CIRCLE_OIDC_TOKEN_V2 carries origin and ref, and is what the orb " +
			"aws-cli uses; CIRCLE_OIDC_TOKEN does not.",
		Source: docs,
	}
)

// AuditRules are the findings of an audit.
func (System) AuditRules() []ci.Rule {
	return []ci.Rule{anyProject, tokenForm, AnyRef}
}

// pattern is a pattern of subjects in which organization, project and user are ids, or runs of ? as long as one.
var pattern = func() *ci.Form {
	const idOrWild = `[0-9a-f?-]{36}`
	return ci.NewForm(ids+"{rest}", ci.Field{Name: "organization", Texts: idOrWild},
		ci.Field{Name: "project", Texts: idOrWild},
		ci.Field{Name: "user", Texts: idOrWild}, ci.Field{Name: "rest", Texts: `.*`})
}()

// judge is the audit of a statement for an issuer of CircleCI's.
func judge(v trust.View, report func(ci.Rule, string)) {
	subjects := slices.Concat(v.Claim("sub")...)
	keyed := v.Pins(claim)
	if len(v.Claim("sub")) == 0 {
		if !keyed {
			report(anyProject, "")
		}
		report(AnyRef, "")
		return
	}
	short, long := false, false
	for _, s := range subjects {
		long = long || hasOrigin(s.Pattern) || s.Like && strings.HasSuffix(s.Pattern, "*")
		short = short || !hasOrigin(s.Pattern)
		if s.Wild() {
			judgeSubject(v, s, keyed, func(r ci.Rule) { report(r, fmt.Sprintf("sub %q", s.Text)) })
		}
	}
	switch {
	case short && !long:
		report(tokenForm, "CIRCLE_OIDC_TOKEN alone")
	case long && !short:
		report(tokenForm, "CIRCLE_OIDC_TOKEN_V2 alone")
	}
}

// judgeSubject is the audit of one pattern. A wildcard stands for one id only where it is a run of ? of an id's
// length at an id's place: anywhere else it may reach into a branch, which whoever opens a pull request names.
func judgeSubject(v trust.View, s trust.Value, keyed bool, report func(ci.Rule)) {
	written := s.Pattern
	parts, ok := pattern.Parse(written)
	if !ok {
		if !keyed && !projectExact(written) {
			report(anyProject)
		}
		at := strings.IndexAny(written, "*?")
		switch rest := strings.NewReplacer("/project/", "", "/user/", "", "*", "", "?", "", "/", "").
			Replace(written[at:]); {
		case rest != "":
			report(trust.WildcardBeforeDecision)
		default:
			report(AnyRef)
		}
		return
	}
	if !keyed && !ci.UUID.MatchString(parts[1]) {
		report(anyProject)
	}
	source, ref, named := strings.Cut(parts[3], "/vcs-ref/")
	before := ci.Fill(ci.UpTo(written, "/vcs-ref/")) + "/vcs-ref/"
	switch {
	case trust.HasWildcard(source) && named && !ci.OnlyWild(ref):
		report(trust.WildcardBeforeDecision) // the origin's wildcard takes in forks, and branches called like the rest
	case trust.HasWildcard(source), ci.AdmitsAny(v, s, before+"refs/heads/", ""),
		ci.AdmitsAny(v, s, before+"refs/tags/", ""):
		report(AnyRef)
	case ci.WildBeforeLiteral(ref):
		report(trust.WildcardBeforeDecision)
	}
}

// projectExact reports that the subject's project is written out, and nothing before it can reach into it.
func projectExact(sub string) bool {
	before, rest, _ := strings.Cut(sub, "/project/")
	project, _, ended := strings.Cut(rest, "/")
	return !trust.HasWildcard(before) && ended && ci.UUID.MatchString(project)
}
