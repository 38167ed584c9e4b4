package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var (
	githubRefWithoutSub = Rule{
		ID: "github-ref-without-sub", Severity: High,
		Summary: "the branch is tested by the key ref and the subject is not: a pull_request_target run, which a stranger's pull request " +
			"starts, has the base branch as its ref",
		Remediation: "Test sub with the repository and the branch; ref may stand beside it.",
		Source:      "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target",
	}
	githubNameBased = Rule{
		ID: "github-name-based-subject", Severity: Medium,
		Summary: "the subject names owner and repository without ids and nothing pins the owner's id: whoever registers the names after a " +
			"rename or deletion gets in",
		Remediation: "Add StringEquals on token.actions.githubusercontent.com:repository_owner_id, and trust the subject with ids.",
		Source:      githubDocs,
	}
	githubClassicOnly = Rule{
		ID: "github-classic-only", Severity: Low,
		Summary: "only the subject without ids is trusted; a repository created, renamed or transferred after 2026-07-15 sends " +
			"repo:OWNER@ID/NAME@ID:... and is refused",
		Remediation: "Trust both subjects.",
		Source:      githubDocs,
	}
	githubMovableWorkflow = Rule{
		ID: "github-movable-workflow-ref", Severity: Medium,
		Summary:     "job_workflow_ref accepts the reusable workflow at a branch or tag, which can be moved to other code",
		Remediation: "Accept the workflow at a commit, or protect the branch or tag and whoever may push it.",
		Source:      githubDocs,
	}
	githubPullRequestsWrite = Rule{
		ID: "github-pull-requests-write", Severity: High,
		Summary:     "jobs of pull requests run code that nobody has reviewed, and the role's policies allow more than reading",
		Remediation: "Give pull requests a role that reads, and deploy with another one.",
		Source:      githubDocs,
	}
)

// AuditRules are the findings of an audit.
func (GitHub) AuditRules() []Rule {
	return []Rule{
		githubRefWithoutSub, githubNameBased, githubClassicOnly, githubMovableWorkflow, githubPullRequestsWrite,
		githubEnvironmentWildcard, githubPullRequests, githubPullRequestTarget,
	}
}

var commitRef = newExpression(`@[0-9a-f]{40}$`)

// githubSubjectNamesOwner judges whether only one owner's tokens can have the subject. A subject is made of key:value
// pairs, which a repository may choose for itself; ":" inside a value is written %3A, so that a pair that names the owner
// cannot be forged. pull_request stands alone. job_workflow_ref names no owner: whoever may read a reusable workflow may
// call it.
// Source: https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims
func githubSubjectNamesOwner(value trust.Value) bool {
	if value.Exact() && trust.HasWildcard(value.Text) && (strings.HasPrefix(value.Text, "repo:") || !strings.Contains(value.Text, ":")) {
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

// githubRepositoryNamesOwner judges the key repository, OWNER/NAME.
func githubRepositoryNamesOwner(value trust.Value) bool {
	return value.Exact() || strings.Contains(value.Literal(), "/")
}

// judgeGitHub is the audit of a statement for an issuer of GitHub's.
func judgeGitHub(v trust.View, report func(Rule, string)) {
	for _, w := range slices.Concat(v.Claim("job_workflow_ref")...) {
		if !commitRef.MatchString(w.Pattern) {
			report(githubMovableWorkflow, fmt.Sprintf("%q", w.Text))
		}
	}
	subjects := slices.Concat(v.Claim("sub")...)
	for _, s := range subjects {
		if w := githubWorkflowInSubject.FindStringSubmatch(s.Pattern); w != nil && !commitRef.MatchString(w[2]) {
			report(githubMovableWorkflow, fmt.Sprintf("sub %q", s.Text))
		}
	}
	if len(subjects) == 0 {
		judgeGitHubJobs(v, "any subject", true, true, report)
		return
	}
	immutable := slices.ContainsFunc(subjects, func(s trust.Value) bool { return strings.Contains(s.Pattern, "@") })
	for _, s := range subjects {
		if s.Exact() && trust.HasWildcard(s.Pattern) {
			continue // said already: it never matches
		}
		judgeGitHubSubject(v, s, immutable, report)
	}
}

// githubIDInSubject finds an id that a customised subject has behind the repository's name.
var githubIDInSubject = newExpression(`(^|:)repository(_owner)?_id:[0-9]+(:|$)`)

// githubWorkflowInSubject finds the workflow that a customised subject names.
var githubWorkflowInSubject = newExpression(`(^|:)job_workflow_ref:([^:]+)`)

// judgeGitHubSubject is the audit of one accepted subject.
func judgeGitHubSubject(v trust.View, s trust.Value, immutable bool, report func(Rule, string)) {
	detail := fmt.Sprintf("sub %q", s.Text)
	rest, standard := strings.CutPrefix(s.Pattern, "repo:")
	if !standard {
		const sample = "repo:x/x"
		judgeGitHubJobs(v, detail, admitsAny(v, s, sample+":ref:refs/heads/", ""), s.Admits(sample+":pull_request") && v.Admits("sub", sample+":pull_request"), report)
		return
	}
	repository, context, _ := strings.Cut(rest, ":")
	owner, name, slash := strings.Cut(repository, "/")
	owned := v.Pins("repository_owner_id") || v.Pins("repository_id") || githubIDInSubject.MatchString(context)
	switch {
	case v.Pins("repository_id") || v.Pins("repository"):
	case !trust.HasWildcard(owner) && !slash: // never matches: a subject has owner and name
	case !slash && !owned && v.Host == githubHost: // nothing names the owner, which the general rules say
	case !slash, onlyWild(name), name == "":
		report(organizationWide, detail)
	case !strings.HasSuffix(name, "@*"):
		judgeName(name, detail, report)
	}
	if before := "repo:" + fill(repository); s.Wild() || context != "" {
		anyBranch := admitsAny(v, s, before+":ref:refs/heads/", "") || admitsAny(v, s, before+":ref:refs/tags/", "")
		pullRequest := s.Admits(before+":pull_request") && v.Admits("sub", before+":pull_request")
		judgeGitHubJobs(v, detail, anyBranch, pullRequest, report)
		switch {
		case anyBranch:
		case strings.HasPrefix(context, "environment:") && trust.HasWildcard(upTo(context[len("environment:"):], ":")),
			admitsAny(v, s, before+":environment:", ""):
			report(githubEnvironmentWildcard, detail)
		case wildBeforeLiteral(context):
			report(trust.WildcardBeforeDecision, detail)
		case strings.HasPrefix(context, "ref:refs/heads/"):
			report(githubPullRequestTarget, detail)
		}
		if strings.HasPrefix(context, "environment:") && wildBeforeLiteral(upTo(context[len("environment:"):], ":")) {
			report(trust.WildcardBeforeDecision, detail)
		}
	}
	if !strings.Contains(repository, "@") && !trust.HasWildcard(owner) && slash {
		if !owned {
			report(githubNameBased, detail)
		}
		if !immutable && !strings.HasSuffix(v.Host, "/_services/token") { // GitHub Enterprise Server has no other form
			report(githubClassicOnly, detail)
		}
	}
}

// judgeGitHubJobs is the audit of a subject that any branch or tag may have, or a pull request, as far as no key names
// the environment.
func judgeGitHubJobs(v trust.View, detail string, anyBranch, pullRequest bool, report func(Rule, string)) {
	if v.Pins("environment") {
		return
	}
	switch byRef := len(v.Claim("ref")) > 0; {
	case anyBranch && byRef:
		report(githubRefWithoutSub, detail)
	case anyBranch:
		report(anyRef, detail)
	}
	if !pullRequest {
		return
	}
	if v.Role.Writes != nil && *v.Role.Writes {
		report(githubPullRequestsWrite, detail)
	} else {
		report(githubPullRequests, detail)
	}
}
