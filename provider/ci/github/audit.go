package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var (
	refWithoutSub = ci.Rule{
		ID: "github-ref-without-sub", Severity: ci.High,
		Summary: "the branch is tested by the key ref and the subject is not: a pull_request_target run, which a " +
			"stranger's pull request starts, has the base branch as its ref",
		Remediation: "Test sub with the repository and the branch; ref may stand beside it.",
		Source:      "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target",
	}
	nameBased = ci.Rule{
		ID: "github-name-based-subject", Severity: ci.Medium,
		Summary: "the subject names owner and repository without ids and nothing pins the owner's id: whoever " +
			"registers the names after a rename or deletion gets in",
		Remediation: "Add StringEquals on token.actions.githubusercontent.com:repository_owner_id, and trust " +
			"the subject with ids.",
		Source: docs,
	}
	classicOnly = ci.Rule{
		ID: "github-classic-only", Severity: ci.Low,
		Summary: "only the subject without ids is trusted; a repository created, renamed or transferred after " +
			"2026-07-15 sends repo:OWNER@ID/NAME@ID:... and is refused",
		Remediation: "Trust both subjects.",
		Source:      docs,
	}
	movableWorkflow = ci.Rule{
		ID: "github-movable-workflow-ref", Severity: ci.Medium,
		Summary: "job_workflow_ref accepts the reusable workflow at a branch or tag, which can be " +
			"moved to other code",
		Remediation: "Accept the workflow at a commit, or protect the branch or tag and whoever may push it.",
		Source:      docs,
	}
	pullRequestsWrite = ci.Rule{
		ID: "github-pull-requests-write", Severity: ci.High,
		Summary: "jobs of pull requests run code that nobody has reviewed, and the role's policies " +
			"allow more than reading",
		Remediation: "Give pull requests a role that reads, and deploy with another one.",
		Source:      docs,
	}
)

// AuditRules are the findings of an audit.
func (System) AuditRules() []ci.Rule {
	return []ci.Rule{
		refWithoutSub, nameBased, classicOnly, movableWorkflow, pullRequestsWrite,
		environmentWildcard, pullRequests, pullRequestTarget,
	}
}

var commitRef = ci.NewExpression(`@[0-9a-f]{40}$`)

// subjectNamesOwner judges whether only one owner's tokens can have the subject. A subject is made of key:value pairs,
// which a repository may choose for itself; ":" inside a value is written %3A, so that a pair that names the owner
// cannot be forged. pull_request stands alone. job_workflow_ref names no owner: whoever may read a reusable workflow
// may call it.
// Source: https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims
func subjectNamesOwner(value trust.Value) bool {
	if value.Exact() && trust.HasWildcard(value.Text) &&
		(strings.HasPrefix(value.Text, "repo:") || !strings.Contains(value.Text, ":")) {
		return true // taken literally, and no token's
	}
	parts := strings.Split(value.Literal(), ":")
	for i := 0; i+1 < len(parts); i += 2 {
		whole := value.Exact() || i+2 < len(parts)
		switch text := parts[i+1]; parts[i] {
		case "repo", "repository":
			if owner, _, ended := strings.Cut(strings.Replace(text, "@", "/", 1), "/"); ended && owner != "" {
				return true
			}
		case "repository_owner", "repository_owner_id", "repository_id", "enterprise", "enterprise_id":
			if whole && text != "" {
				return true
			}
		case "pull_request":
			i--
		}
	}
	return false
}

// repositoryNamesOwner judges the key repository, OWNER/NAME.
func repositoryNamesOwner(value trust.Value) bool {
	return value.Exact() || strings.Contains(value.Literal(), "/")
}

// judge is the audit of a statement for an issuer of GitHub's.
func judge(v trust.View, report func(ci.Rule, string)) {
	for _, w := range slices.Concat(v.Claim("job_workflow_ref")...) {
		if !commitRef.MatchString(w.Pattern) {
			report(movableWorkflow, fmt.Sprintf("%q", w.Text))
		}
	}
	subjects := slices.Concat(v.Claim("sub")...)
	for _, s := range subjects {
		if w := workflowInSubject.FindStringSubmatch(s.Pattern); w != nil && !commitRef.MatchString(w[2]) {
			report(movableWorkflow, fmt.Sprintf("sub %q", s.Text))
		}
	}
	if len(subjects) == 0 {
		judgeJobs(v, "any subject", true, true, report)
		return
	}
	immutable := slices.ContainsFunc(subjects, func(s trust.Value) bool { return strings.Contains(s.Pattern, "@") })
	for _, s := range subjects {
		if s.Exact() && trust.HasWildcard(s.Pattern) {
			continue // said already: it never matches
		}
		judgeSubject(v, s, immutable, report)
	}
}

// idInSubject finds an id that a customised subject has behind the repository's name.
var idInSubject = ci.NewExpression(`(^|:)repository(_owner)?_id:[0-9]+(:|$)`)

// workflowInSubject finds the workflow that a customised subject names.
var workflowInSubject = ci.NewExpression(`(^|:)job_workflow_ref:([^:]+)`)

// judgeSubject is the audit of one accepted subject.
func judgeSubject(v trust.View, s trust.Value, immutable bool, report func(ci.Rule, string)) {
	detail := fmt.Sprintf("sub %q", s.Text)
	rest, standard := strings.CutPrefix(s.Pattern, "repo:")
	if !standard {
		const sample = "repo:x/x"
		judgeJobs(v, detail, ci.AdmitsAny(v, s, sample+":ref:refs/heads/", ""),
			s.Admits(sample+":pull_request") && v.Admits("sub", sample+":pull_request"), report)
		return
	}
	repository, context, _ := strings.Cut(rest, ":")
	owner, name, slash := strings.Cut(repository, "/")
	owned := v.Pins("repository_owner_id") || v.Pins("repository_id") || idInSubject.MatchString(context)
	switch {
	case v.Pins("repository_id") || v.Pins("repository"):
	case !trust.HasWildcard(owner) && !slash: // never matches: a subject has owner and name
	case !slash && !owned && v.Host == Host: // nothing names the owner, which the general rules say
	case !slash, ci.OnlyWild(name), name == "":
		report(ci.OrganizationWide, detail)
	case !strings.HasSuffix(name, "@*"):
		ci.JudgeName(name, detail, report)
	}
	if before := "repo:" + ci.Fill(repository); s.Wild() || context != "" {
		anyBranch := ci.AdmitsAny(v, s, before+":ref:refs/heads/", "") ||
			ci.AdmitsAny(v, s, before+":ref:refs/tags/", "")
		pullRequest := s.Admits(before+":pull_request") && v.Admits("sub", before+":pull_request")
		judgeJobs(v, detail, anyBranch, pullRequest, report)
		switch {
		case anyBranch:
		case strings.HasPrefix(context, "environment:") &&
			trust.HasWildcard(ci.UpTo(context[len("environment:"):], ":")),
			ci.AdmitsAny(v, s, before+":environment:", ""):
			report(environmentWildcard, detail)
		case ci.WildBeforeLiteral(context):
			report(trust.WildcardBeforeDecision, detail)
		case strings.HasPrefix(context, "ref:refs/heads/"):
			report(pullRequestTarget, detail)
		}
		if strings.HasPrefix(context, "environment:") &&
			ci.WildBeforeLiteral(ci.UpTo(context[len("environment:"):], ":")) {
			report(trust.WildcardBeforeDecision, detail)
		}
	}
	if !strings.Contains(repository, "@") && !trust.HasWildcard(owner) && slash {
		if !owned {
			report(nameBased, detail)
		}
		if !immutable && !strings.HasSuffix(v.Host, "/_services/token") { // GitHub Enterprise Server has no other form
			report(classicOnly, detail)
		}
	}
}

// judgeJobs is the audit of a subject that any branch or tag may have, or a pull request, as far as no key names
// the environment.
func judgeJobs(v trust.View, detail string, anyBranch, pullRequest bool, report func(ci.Rule, string)) {
	if v.Pins("environment") {
		return
	}
	switch byRef := len(v.Claim("ref")) > 0; {
	case anyBranch && byRef:
		report(refWithoutSub, detail)
	case anyBranch:
		report(ci.AnyRef, detail)
	}
	if !pullRequest {
		return
	}
	if v.Role.Writes != nil && *v.Role.Writes {
		report(pullRequestsWrite, detail)
	} else {
		report(pullRequests, detail)
	}
}
