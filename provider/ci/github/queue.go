package github

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// High: a merge group is code that is not merged yet, and the branch it runs on is nobody's but in name.
var mergeQueue = ci.Rule{
	ID: "github-merge-queue", Severity: ci.High, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary: "a merge queue runs code that is not merged yet, and its branches are known by their name alone: GitHub " +
		"does not reserve names that begin with gh-readonly-queue/, so whoever may write to the repository, and is " +
		"not kept from creating such branches, pushes gh-readonly-queue/main/pr-1-x with code that nobody has " +
		"reviewed, and its subject is the same",
	Remediation: "Give the merge queue a role that reads at most, and deploy from the branch after the merge. A " +
		"ruleset that restricts the creation of gh-readonly-queue/** to the merge queue's own app keeps others out.",
	Source: "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/" +
		"configuring-pull-request-merges/managing-a-merge-queue",
}

// meetsQueue reports that a name of branches takes in those of the merge queue; where any branch gets in, that says as
// much.
func meetsQueue(n ci.Name) bool {
	return n.Text != "" &&
		(strings.HasPrefix(n.Text, queueBranches) || n.Prefix && strings.HasPrefix(queueBranches, n.Text))
}

// readQueues reads the branches whose merge queues are trusted. They have no "*": a queue belongs to one branch.
func readQueues(list input.Value, problems *input.Problems) []string {
	var branches []string
	for _, v := range list.Texts() {
		n := ci.Name{Text: v.Text()}
		rule := ci.RefProblem(n, ci.Branches)
		switch {
		case strings.HasSuffix(n.Text, "*"):
			rule = "has a wildcard; a merge queue belongs to one branch: list the branches one by one"
		case strings.HasPrefix(n.Text, queueBranches):
			rule = "is a branch of a merge queue; write the branch whose queue it is, such as main"
		}
		if rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		branches = ci.AddOnce(branches, n.Text)
	}
	return branches
}
