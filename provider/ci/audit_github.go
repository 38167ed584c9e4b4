package ci

import (
	"fmt"
	"regexp"
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

func githubAuditRules() []Rule {
	return []Rule{
		githubRefWithoutSub, githubNameBased, githubClassicOnly, githubMovableWorkflow, githubPullRequestsWrite,
		githubEnvironmentWildcard, githubPullRequests, githubPullRequestTarget,
	}
}

var commitRef = regexp.MustCompile(`@[0-9a-f]{40}$`)

// judgeGitHub is the audit of a statement for GitHub's issuer.
func judgeGitHub(v trust.View, report func(Rule, string)) {
	subjects, tested := v.Claim("sub")
	if _, ref := v.Claim("ref"); ref && !tested {
		report(githubRefWithoutSub, "")
	}
	workflows, _ := v.Claim("job_workflow_ref")
	for _, w := range workflows {
		if !commitRef.MatchString(w.Text) {
			report(githubMovableWorkflow, fmt.Sprintf("%q", w.Text))
		}
	}
	immutable := false
	for _, s := range subjects {
		immutable = immutable || strings.Contains(s.Text, "@")
	}
	for _, s := range subjects {
		if !s.Like && trust.HasWildcard(s.Text) || strings.Trim(s.Text, "*?") == "" {
			continue // said already, by the general rules
		}
		judgeGitHubSubject(v, s, immutable, report)
	}
}

// judgeGitHubSubject is the audit of one accepted subject.
func judgeGitHubSubject(v trust.View, s trust.Value, immutable bool, report func(Rule, string)) {
	detail := fmt.Sprintf("sub %q", s.Text)
	owned := v.Pins("repository_owner_id") || v.Pins("repository_id")
	rest, standard := strings.CutPrefix(s.Text, "repo:")
	if !standard {
		if at := strings.IndexAny(s.Text, "*?"); at >= 0 && !owned && !strings.Contains(s.Text[:max(at, 0)], ":") {
			report(trust.TenantNotPinned, detail)
		}
		return
	}
	repository, context, _ := strings.Cut(rest, ":")
	owner, name, slash := strings.Cut(repository, "/")
	switch {
	case owned:
	case strings.Trim(owner, "*?") == "" && trust.HasWildcard(owner):
		report(trust.TenantNotPinned, detail)
	case trust.HasWildcard(owner) || !slash:
		report(trust.PrefixCollision, detail)
	}
	switch {
	case v.Pins("repository_id") || !slash:
	case name == "*" || name == "":
		report(organizationWide, detail)
	case trust.HasWildcard(name) && !strings.HasSuffix(name, "@*"):
		report(trust.PrefixCollision, detail)
	}
	judgeGitHubContext(v, context, s.Like && strings.HasSuffix(repository, "*") && context == "", detail, report)
	if !strings.Contains(repository, "@") && !trust.HasWildcard(owner) {
		if !owned {
			report(githubNameBased, detail)
		}
		if !immutable {
			report(githubClassicOnly, detail)
		}
	}
}

// judgeGitHubContext is the audit of what stands behind the repository. open says that the repository's own wildcard
// covers it.
func judgeGitHubContext(v trust.View, context string, open bool, detail string, report func(Rule, string)) {
	pullRequests := open || trust.Match(context, "pull_request")
	switch {
	case open, strings.Trim(context, "*") == "" && context != "", anyRefContexts[context]:
		report(anyRef, detail)
	case strings.HasPrefix(context, "environment:") && strings.HasSuffix(context, "*"):
		report(githubEnvironmentWildcard, detail)
	case strings.HasPrefix(context, "ref:refs/heads/"):
		report(githubPullRequestTarget, detail)
	case strings.HasPrefix(context, "*"), strings.HasPrefix(context, "?"):
		report(trust.WildcardBeforeDecision, detail)
	}
	if !pullRequests {
		return
	}
	if v.Role.Writes != nil && *v.Role.Writes {
		report(githubPullRequestsWrite, detail)
	} else {
		report(githubPullRequests, detail)
	}
}

var anyRefContexts = map[string]bool{
	"ref:*": true, "ref:refs/*": true, "ref:refs/heads/*": true, "ref:refs/tags/*": true, "ref*": true,
}
