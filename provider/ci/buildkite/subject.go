package buildkite

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// What may hold a ":" decides what a pattern is worth. Slugs do not. A name of git does not either, but a branch may
// have one ":" all the same, if the pipeline prefixes branches of forks with their owner: the branch "commit" of a user
// called "main" is main:commit, and its subject ...:ref:refs/heads/main:commit:commit:SHA:step:KEY begins like one of
// main. A step's key may hold anything.
//
// A commit is a SHA-1, so exactly 40 hex digits. Builds that nobody pushed for, those of a schedule among them, have
// the commit HEAD.
//
//   - A prefix of branches ends the pattern (refs/heads/main*), and what an outsider may write behind it has a ":": the
//     branch evil of a fork whose owner is called mainhacker is mainhacker:evil. A "/" in the prefix keeps forks out:
//     no account's name has one. Without one, in the aws partition, build_branch is tested by the same prefix, and a
//     Deny refuses every build_branch with a ":". Elsewhere such a prefix is refused.
//   - A prefix of tags ends the pattern, too. A tag has no ":", and no fork's tag is built.
//   - One branch, in the aws partition, has its name tested by build_branch. The "*" in refs/heads/main:commit:* then
//     covers commit and step alone, because the subject holds the same branch. What the subject adds is that the build
//     has no tag: a build of a tag has the tag's name as its build_branch.
//   - One branch elsewhere, and one tag everywhere (build_tag is no condition key), is refs/heads/main:commit:, 40
//     times "?", :step:*. For the fork above the run of "?" takes commit: and 33 digits, and then comes a digit instead
//     of ":". HEAD needs no run. A build of main:commit that has the commit HEAD would fit the run if a step's key
//     completed it, but no push or pull request has that commit: somebody started it by hand, who could have named the
//     branch main.
//
// Sources: https://buildkite.com/docs/agent/cli/reference/oidc#claims,
// https://buildkite.com/docs/pipelines/source-control/github (fork prefixes; tags and BUILDKITE_BRANCH),
// https://buildkite.com/docs/pipelines/configure/step-types/command-step (key)
const (
	slugTexts = `[A-Za-z0-9_.-]+`
	anyCommit = "????????????????????????????????????????"
	head      = "HEAD"
)

// Fields of the subject.
var (
	organizationField = ci.Field{
		Name:    "organization",
		Texts:   slugTexts,
		Sample:  "acme-inc",
		Decides: ci.Tenant,
		Key:     "organization_slug",
	}
	pipelineField = ci.Field{
		Name:    "pipeline",
		Texts:   slugTexts,
		Sample:  "super-duper-app",
		Decides: ci.Project,
		Key:     "pipeline_slug",
	}
	commitField = ci.Field{
		Name:    "commit",
		Texts:   `[0-9a-f]{40}|` + head,
		Sample:  someCommit,
		Other:   head,
		Decides: ci.Nothing,
	}
	stepField = ci.Field{Name: "step", Texts: `(?s:.*)`, Sample: "deploy", Decides: ci.Event}
	// An account's name has no "/", so a fork's owner has none.
	branchField = ci.Field{
		Name:    "branch",
		Texts:   `(?:[^:/]+:)?[^:]+`,
		Sample:  "main",
		Decides: ci.RefOf,
		Key:     "build_branch",
	}
	tagField = ci.Field{Name: "tag", Sample: "v1.0", Decides: ci.RefOf}
)

// branchForm is the subject of a build without a tag.
var branchForm = ci.NewForm(
	"organization:{organization}:pipeline:{pipeline}:ref:refs/heads/{branch}:commit:{commit}:step:{step}",
	organizationField, pipelineField, branchField, commitField, stepField)

// tagForm is the subject of a build that has a tag.
var tagForm = ci.NewForm(
	"organization:{organization}:pipeline:{pipeline}:ref:refs/tags/{tag}:commit:{commit}:step:{step}",
	organizationField, pipelineField, tagField, commitField, stepField)

// beginning reads a subject up to where a pattern stops testing it. Not a form of its own: what a job of the pipeline
// has behind the ref does not matter to a grant that leaves it open.
var beginning = ci.NewForm("organization:{organization}:pipeline:{pipeline}:ref:{rest}", organizationField,
	pipelineField,
	ci.Field{Name: "rest", Texts: `(?s:.*)`, Sample: ci.Branches.Namespace + "main:commit:HEAD:step:"})

// form is the form of the subjects of one kind of ref.
func (r reference) form() *ci.Form {
	if r.kind.Word == ci.Tags.Word {
		return tagForm
	}
	return branchForm
}

// from are the terms of subjects of the pipeline whose ref, and what follows it, begins with a text.
func (p pipeline) from(text string) []ci.Term {
	return []ci.Term{ci.Exactly(p.organization), ci.Exactly(p.slug), {Name: ci.Name{Text: text, Prefix: true}}}
}

// open is what a grant tests of the ref where it does not test the commit behind it; false if it tests the commit, too.
func (r reference) open(keyed bool) (string, bool) {
	switch {
	case r.kind.Word == "":
		return "", true
	case r.name.Prefix:
		return r.kind.Namespace + r.name.Text, true
	case r.exactBranch() && keyed:
		return r.kind.Namespace + r.name.Text + ":commit:", true
	}
	return "", false
}

// namedByKey reports whether the branch is tested by build_branch, too.
func (r reference) namedByKey(keyed bool) bool {
	return keyed && (r.exactBranch() || r.kind.Word == ci.Branches.Word && mayBeFork(r.name))
}

// mayBeFork reports whether the branch of a fork, OWNER:BRANCH, may begin with a prefix: no account's name has a "/".
// Any branch at all is a finding, which says that forks get in.
func mayBeFork(n ci.Name) bool { return n.Prefix && n.Text != "" && !strings.Contains(n.Text, "/") }

// forkBranches are what build_branch never is but for the branch of a fork: OWNER:BRANCH.
const forkBranches = "*:*"

// ofFork reports whether a token is of a build of a fork's branch, with its owner before it.
func ofFork(token map[string]any) bool {
	return strings.Contains(ci.TextOf(token["build_branch"]), ":")
}

// commits are the commits that the builds of one ref have, as patterns. A tag was pushed, so its builds have a SHA-1.
func (r reference) commits() []string {
	if r.exactBranch() {
		return []string{anyCommit, head}
	}
	return []string{anyCommit}
}

// patterns are the subjects of a pipeline's jobs on a ref.
func (p pipeline) patterns(ref reference, keyed bool) []string {
	if text, open := ref.open(keyed); open {
		return []string{beginning.Pattern(p.from(text))}
	}
	var patterns []string
	for _, commit := range ref.commits() {
		terms := append(ci.ExactlyAll(p.organization, p.slug, ref.name.Text, commit),
			ci.Term{Name: ci.Name{Prefix: true}})
		patterns = append(patterns, ref.form().Pattern(terms))
	}
	return patterns
}

// admits compares a token with the pipeline and a ref. What stands in the subject behind the last thing that was named
// does not matter.
func (p pipeline) admits(token map[string]any, ref reference, keyed bool) bool {
	sub := ci.TextOf(token["sub"])
	if text, open := ref.open(keyed); open {
		named := !ref.namedByKey(keyed) || ref.name.Admits(ci.TextOf(token["build_branch"]))
		return named && beginning.Admits(p.from(text), sub)
	}
	texts, ok := ref.form().Parse(sub)
	return ok && texts[0] == p.organization && texts[1] == p.slug && texts[2] == ref.name.Text &&
		(texts[3] != head || ref.exactBranch())
}
