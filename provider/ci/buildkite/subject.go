package buildkite

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// anyCommit stands for a commit: a SHA-1, so exactly 40 hex digits. Builds that nobody pushed for, those of a schedule
// among them, have the commit HEAD.
//
// What may hold a ":" decides what a pattern is worth. Slugs do not. A name of git does not either, but a branch may have
// one ":" all the same, where the pipeline prefixes branches of forks with their owner: the branch "commit" of a user
// called "main" is main:commit, and its subject ...:ref:refs/heads/main:commit:commit:SHA:step:KEY begins like one of
// main. A step's key may hold anything.
//
//   - A prefix of names ends the pattern (refs/heads/release/*): nothing behind it is tested, and it has no ":".
//   - One branch, in the aws partition, has its name tested by build_branch. The "*" in refs/heads/main:commit:* then
//     covers commit and step alone, because the subject holds the same branch. What the subject adds is that the build
//     has no tag: a build of a tag has the tag's name as its build_branch.
//   - One branch elsewhere, and one tag everywhere (build_tag is no condition key), is refs/heads/main:commit:, 40 times
//     "?", :step:*. For the fork above the run of "?" takes commit: and 33 digits, and then comes a digit instead of ":".
//     HEAD needs no run. A build of main:commit that has the commit HEAD would fit the run if a step's key completed it,
//     but no push or pull request has that commit: somebody started it by hand, who could have named the branch main.
//
// Sources: https://buildkite.com/docs/agent/cli/reference/oidc#claims,
// https://buildkite.com/docs/pipelines/source-control/github (fork prefixes; tags and BUILDKITE_BRANCH),
// https://buildkite.com/docs/pipelines/configure/step-types/command-step (key)
const (
	anyCommit = "????????????????????????????????????????"
	head      = "HEAD"
)

// patterns are the subjects of a pipeline's jobs on a ref.
func (p pipeline) patterns(ref ref, keyed bool) []string {
	prefix := "organization:" + p.organization + ":pipeline:" + p.slug + ":ref:"
	exact := prefix + ref.kind.Namespace + ref.name.Text + ":commit:"
	switch {
	case ref.kind.Word == "":
		return []string{prefix + "*"}
	case ref.name.Prefix:
		return []string{prefix + ref.kind.Namespace + ref.name.Pattern()}
	case ref.exactBranch() && keyed:
		return []string{exact + "*"}
	case ref.exactBranch():
		return []string{exact + anyCommit + ":step:*", exact + head + ":step:*"}
	}
	return []string{exact + anyCommit + ":step:*"}
}

// admits compares a token with the pipeline and a ref. What stands in the subject behind the last thing that was named
// does not matter.
func (p pipeline) admits(token map[string]any, ref ref, keyed bool) bool {
	sub := ci.TextOf(token["sub"])
	organization, pipeline, tail, ok := parsePipeline(sub)
	if !ok || organization != p.organization || pipeline != p.slug {
		return false
	}
	if ref.kind.Word == "" {
		return true
	}
	if ref.name.Prefix {
		text, found := strings.CutPrefix(tail, ref.kind.Namespace)
		return found && ref.name.Admits(text)
	}
	if branch := ci.TextOf(token["build_branch"]); ref.exactBranch() && keyed {
		return branch == ref.name.Text && strings.HasPrefix(tail, ci.Branches.Namespace+branch+":commit:")
	}
	s, ok := parseSubject(sub)
	return ok && s.ref == ref.kind.Namespace+ref.name.Text && (s.commit != head || ref.exactBranch())
}

// A subject is a sub, parsed.
type subject struct{ organization, pipeline, ref, commit, step string }

var (
	form   = ci.NewExpression(`^organization:([A-Za-z0-9_.-]+):pipeline:([A-Za-z0-9_.-]+):ref:`)
	commit = ci.NewExpression(`:commit:([0-9a-f]{40}|HEAD):step:`)
	refs   = ci.NewExpression(`^refs/(heads/([^:]+:)?|tags/)[^:]+$`)
)

// parsePipeline reads what stands before the ref, and returns the rest.
func parsePipeline(sub string) (organization, pipeline, tail string, ok bool) {
	parts := form.FindStringSubmatch(sub)
	if parts == nil {
		return "", "", "", false
	}
	return parts[1], parts[2], sub[len(parts[0]):], true
}

// parseSubject reads a subject whose ref is a name of git, a fork's owner before it or not. Such a ref cannot
// hold a commit and ":step:", so it ends at the first of these; a step's key may hold more of them.
func parseSubject(sub string) (s subject, ok bool) {
	organization, pipeline, tail, ok := parsePipeline(sub)
	at := commit.FindStringSubmatchIndex(tail)
	if !ok || at == nil || !refs.MatchString(tail[:at[0]]) {
		return subject{}, false
	}
	return subject{organization, pipeline, tail[:at[0]], tail[at[2]:at[3]], tail[at[1]:]}, true
}

// String builds the subject as Buildkite does.
func (s subject) String() string {
	return "organization:" + s.organization + ":pipeline:" + s.pipeline + ":ref:" + s.ref + ":commit:" + s.commit + ":step:" + s.step
}
