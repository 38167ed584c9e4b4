package buildkite

import (
	"maps"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

var forkAdmitted = ci.Rule{
	ID: "buildkite-fork-admitted", Severity: ci.High, Unreviewed: true,
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

// What an audit reads subjects by. A build that somebody starts by hand or by the API has the commit that he names: a
// tag, or a SHA-1 that is not whole. A job may also ask for a subject that is a bare id, of what its token does not
// say.
// Sources: https://buildkite.com/docs/apis/rest-api/builds#create-a-build,
// https://buildkite.com/docs/agent/cli/reference/oidc#custom-subject-claims
var (
	anyCommitField = ci.Field{Name: "commit", Texts: `[^:]+`, Sample: someCommit, Other: head, Decides: ci.Nothing}
	builtBranch    = ci.NewForm(branchForm.Template, organizationField, pipelineField, branchField, anyCommitField,
		stepField)
	builtTag = ci.NewForm(tagForm.Template, organizationField, pipelineField, tagField, anyCommitField, stepField)
	bareID   = ci.NewForm("{id}",
		ci.Field{
			Name:    "id",
			Texts:   ci.UUIDTexts,
			Sample:  "0184990a-4782-42b5-afc1-16715b10b1f0",
			Other:   strangersID,
			Decides: ci.Tenant,
		})
)

// keys are the claims that AWS fills. Those that a subject of branches repeats stand here for the subject that is an
// id, and build_branch for that of a tag, too.
var keys = []ci.Field{
	{
		Name:    "organization_id",
		Texts:   ci.UUIDTexts,
		Sample:  "0184990a-477b-4fa8-9968-496074483cee",
		Other:   strangersID,
		Decides: ci.Tenant,
	},
	{
		Name:    "cluster_id",
		Texts:   ci.UUIDTexts,
		Sample:  "0184990a-477b-4fa8-9968-496074483c0a",
		Other:   strangersID,
		Decides: ci.Tenant,
	},
	{Name: "organization_slug", Texts: slugTexts, Sample: "acme-inc", Decides: ci.Tenant},
	{
		Name:    "pipeline_id",
		Texts:   ci.UUIDTexts,
		Sample:  "0184990a-4782-42b5-afc1-16715b10b1f0",
		Other:   strangersID,
		Decides: ci.Project,
	},
	{Name: "pipeline_slug", Texts: slugTexts, Sample: "super-duper-app", Decides: ci.Project},
	{Name: "build_branch", Texts: `.+`, Sample: "main", Other: "mallory/patch-1", Decides: ci.RefOf},
	{Name: "cluster_name", Texts: `.+`, Sample: "Default cluster", Decides: ci.Nothing},
}

// judge judges what a policy says of Buildkite's tokens. An id of a pipeline is one organization's, so it pins that,
// too.
func judge(r *ci.Reading) []ci.Verdict {
	byID := r.Exactly("pipeline_id")
	if strangers := r.Strangers(); strangers != nil && !byID {
		return strangers
	}
	if r.Form == bareID {
		return judgeKey(r)
	}
	var verdicts []ci.Verdict
	switch pipeline := r.Span("pipeline"); {
	case byID || pipeline.Kind == ci.Exact:
	case pipeline.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"pipeline"}})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"pipeline"}})
	}
	if r.Partition == "aws" && !byID && !r.Exactly("organization_id") && !r.Exactly("cluster_id") {
		verdicts = append(verdicts, ci.Verdict{Rule: slugsAlone})
	}
	if r.Form == builtBranch {
		return append(verdicts, judgeBranches(r)...)
	}
	if r.Exactly("build_branch") { // a build of a tag has the tag's name there
		return verdicts
	}
	return append(verdicts, r.Refs(anyRef)...)
}

// judgeKey judges a subject that names no branch: only a key can.
func judgeKey(r *ci.Reading) []ci.Verdict {
	switch branch := r.Span("build_branch"); branch.Kind {
	case ci.Exact:
		return branchesOfAll()
	case ci.Prefix:
		return append(branchesOfAll(), ci.Verdict{Rule: ci.RefPrefix(branch.Text), Other: []string{"build_branch"}})
	}
	verdict := ci.Verdict{Rule: anyRef, Other: []string{"build_branch"}}
	if _, demanded := r.Claims["build_branch"]; !demanded {
		verdict.Claims = map[string]string{"build_branch": "mallory/patch-1"}
	}
	return append(branchesOfAll(), verdict)
}

// branchesOfAll is what is true of every trusted branch.
func branchesOfAll() []ci.Verdict { return []ci.Verdict{{Rule: unprefixedForks}, {Rule: anyCommits}} }

// judgeBranches judges the branches that get in.
func judgeBranches(r *ci.Reading) []ci.Verdict {
	verdicts, branch, job := branchesOfAll(), r.Span("branch"), ordinary(r)
	build := func(name string) map[string]string {
		fields := maps.Clone(job)
		fields["branch"] = name
		return fields
	}
	switch {
	case branch.Kind == ci.Open:
		return append(verdicts, ci.Verdict{Rule: anyRef, Other: []string{"branch"}})
	case strings.Contains(branch.Text, ":"): // it is named, with its owner
		return append(verdicts, ci.Verdict{Rule: forkAdmitted})
	case branch.Kind == ci.Exact:
		return verdicts
	}
	// By main* the fork of anybody called like that, by main:* the branch commit of the fork of main.
	for _, behind := range []string{"hacker:evil", ":evil", ":commit"} {
		if fork := build(branch.Text + behind); r.Admits(fork) {
			return append(verdicts, ci.Verdict{Rule: forkAdmitted, Fields: fork})
		}
	}
	// What the steps of a build started by hand can make of a commit is not another branch: who starts builds by hand
	// can name the trusted one.
	texts, another := r.Other("branch", job, branch.Text)
	if !another {
		return verdicts
	}
	return append(verdicts, ci.Verdict{Rule: ci.RefPrefix(branch.Text), Fields: build(texts[2])})
}

// ordinary are a commit and a step's key that nobody crafted; none where the policy admits no such.
func ordinary(r *ci.Reading) map[string]string {
	for _, commit := range []string{someCommit, head} {
		for _, step := range []string{stepField.Sample, r.Span("step").Text, ""} {
			if job := map[string]string{"commit": commit, "step": step}; r.Admits(job) {
				return job
			}
		}
	}
	return map[string]string{}
}
