package buildkite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var forkAdmitted = ci.Rule{
	ID: "buildkite-fork-admitted", Severity: ci.High,
	Summary: "the branch of a fork gets in: if the pipeline builds pull requests of forks and puts the owner before " +
		"the names of their branches, OWNER:BRANCH begins like the trusted branch once the owner's account does, and " +
		"anybody may make an account",
	Remediation: "Demand the claim build_branch by the same name or prefix as the subject, and add a Deny with " +
		"StringLike on build_branch of *:*; outside the aws partition end the prefix in a /, and write the commit as " +
		"40 times ? or as HEAD.",
	Source: "https://buildkite.com/docs/pipelines/source-control/github",
}

// AuditRules are the findings of an audit.
func (System) AuditRules() []ci.Rule { return []ci.Rule{forkAdmitted} }

// grammar is the audit of subjects made of words and names.
var grammar = ci.NewWordGrammar(`^organization:[^*?:]+:`, "ref", "pipeline")

// judge is the audit of a statement for Buildkite's issuer.
func judge(v trust.View, report func(ci.Rule, string)) {
	grammar.Judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		before, name, found := strings.Cut(value.Literal(), ":ref:"+ci.Branches.Namespace)
		owner, _, _ := strings.Cut(name, ":")
		if value.Exact() || !found || owner == "" || strings.Contains(owner, "/") {
			continue
		}
		admitted := func(branch string) bool {
			sub := before + ":ref:" + ci.Branches.Namespace + branch + ":commit:" + someCommit + ":step:deploy"
			return value.Admits(sub) && v.Admits("sub", sub) && v.Admits("build_branch", branch) &&
				!v.Refuses("build_branch", branch)
		}
		// By main* the fork of anybody called like that, by main:commit:* the branch commit of the fork of main.
		if admitted(owner+"hacker:evil") || admitted(owner+":commit") {
			report(forkAdmitted, fmt.Sprintf("sub %q", value.Text))
		}
	}
}
