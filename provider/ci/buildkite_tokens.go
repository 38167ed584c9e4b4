package ci

import "strings"

// A BuildkiteJob is a job of Buildkite, as its token describes it.
type BuildkiteJob struct {
	Organization, Pipeline string // slugs
	PipelineID             string // "" unless the job asks for the claim
	Branch, Tag            string // a build of a tag has the tag's name as its branch, too
	Commit                 string // a SHA-1, or HEAD
	Step                   string // the step's key, "" without one
	Audience               string
}

// Claims are the claims of the job's token, less those that only number runs.
// Source: https://buildkite.com/docs/agent/cli/reference/oidc#claims
func (j BuildkiteJob) Claims() map[string]any {
	ref := branches.namespace + j.Branch
	if j.Tag != "" {
		ref = tags.namespace + j.Tag
	}
	claims := map[string]any{
		"iss": "https://" + buildkiteHost, "aud": j.Audience,
		"sub":               buildkiteSubject{j.Organization, j.Pipeline, ref, j.Commit, j.Step}.String(),
		"organization_slug": j.Organization, "pipeline_slug": j.Pipeline, "build_branch": j.Branch, "build_commit": j.Commit,
		"build_source": "webhook", "runner_environment": "buildkite-hosted",
	}
	for claim, text := range map[string]string{"build_tag": j.Tag, "step_key": j.Step, "pipeline_id": j.PipelineID} {
		if text != "" {
			claims[claim] = text
		}
	}
	return claims
}

// buildkiteSomeCommit is a commit of jobs that are made up.
const buildkiteSomeCommit = "9f3182061f1e2cca4702c368cbc039b7dc9d4485"

// buildkiteTokens are the jobs that a grant must let in, and those that come as close as can be.
func buildkiteTokens(p buildkitePipeline, ref buildkiteRef, audiences []string, keyed bool) []Token {
	job := BuildkiteJob{Organization: p.organization, Pipeline: p.slug, PipelineID: p.id, Branch: "main", Commit: buildkiteSomeCommit, Step: "deploy"}
	if len(audiences) > 0 {
		job.Audience = audiences[0]
	}
	tagged := ref.kind.word == tags.word
	named := func(j *BuildkiteJob, text string, tag bool) {
		j.Branch, j.Tag = text, ""
		if tag {
			j.Tag = text
		}
	}
	if ref.kind.word != "" {
		named(&job, ref.name.sample(), tagged)
	}
	var tokens []Token
	add := func(name string, admit bool, change func(*BuildkiteJob)) {
		other := job
		change(&other)
		tokens = append(tokens, Token{Name: name, Claims: other.Claims(), Admit: admit})
	}
	near := func(name string, change func(*BuildkiteJob)) { add(name, false, change) }

	add("a job "+ref.phrase(), true, func(*BuildkiteJob) {})
	add("a step without a key", true, func(j *BuildkiteJob) { j.Step = "" })
	add("a step with a key like a subject", true, func(j *BuildkiteJob) { j.Step = "x:commit:" + buildkiteSomeCommit + ":step:x" })
	if !tagged {
		add("a build of a schedule, whose commit is HEAD", true, func(j *BuildkiteJob) { j.Commit = buildkiteHead })
		add("a build started by the API, whose commit is the name of a tag", keyed || !ref.exactBranch(), func(j *BuildkiteJob) { j.Commit = "v1.0" })
	}
	if shortest, exists := ref.name.shortest(); exists {
		add("a job whose "+ref.kind.noun+" is the prefix itself", true, func(j *BuildkiteJob) { named(j, shortest, tagged) })
	}
	for _, audience := range audiences[min(1, len(audiences)):] {
		add("audience "+audience, true, func(j *BuildkiteJob) { j.Audience = audience })
	}

	near("a token asked for without an audience", func(j *BuildkiteJob) { j.Audience = "https://buildkite.com/" + j.Organization })
	near("another pipeline of the organization", func(j *BuildkiteJob) { j.Pipeline = "mallory" })
	near("a pipeline whose slug is longer", func(j *BuildkiteJob) { j.Pipeline += "-evil" })
	near("another organization", func(j *BuildkiteJob) { j.Organization = "mallory" })
	near("an organization whose slug is longer", func(j *BuildkiteJob) { j.Organization += "-evil" })
	near("another branch", func(j *BuildkiteJob) { named(j, "mallory/patch-1", false) })
	near("a tag", func(j *BuildkiteJob) { named(j, "mallory-1", true) })
	near("a pull request of a fork, with the owner before the branch", func(j *BuildkiteJob) { named(j, "mallory:"+job.Branch, false) })
	near("a branch that ends like the trusted one", func(j *BuildkiteJob) { named(j, "x/refs/heads/"+job.Branch, false) })
	near("a branch called like a part of the subject", func(j *BuildkiteJob) { named(j, "x:ref:refs/heads/"+job.Branch, false) })
	near("a step's key that ends like the trusted subject, on another branch", func(j *BuildkiteJob) {
		named(j, "x", false)
		_, j.Step, _ = strings.Cut(textOf(job.Claims()["sub"]), ":pipeline:")
	})
	near("a step's key called like the whole trusted subject, in another organization", func(j *BuildkiteJob) {
		j.Organization, j.Step = "mallory", textOf(job.Claims()["sub"])
	})
	if ref.exactBranch() {
		near("a fork of a user called like the branch", func(j *BuildkiteJob) { named(j, job.Branch+":commit", false) })
	}
	if ref.kind.word != "" {
		near("a tag called like the branch, or a branch like the tag", func(j *BuildkiteJob) { named(j, job.Branch, !tagged) })
		if neighbour := ref.name.neighbour(); neighbour != "" {
			near("the nearest other "+ref.kind.noun, func(j *BuildkiteJob) { named(j, neighbour, tagged) })
		}
	}
	if p.id != "" {
		near("another pipeline that has taken the slug", func(j *BuildkiteJob) { j.PipelineID = strangersProject })
		near("a job that does not ask for the claim pipeline_id", func(j *BuildkiteJob) { j.PipelineID = "" })
	}
	return append(tokens,
		Token{Name: "a token whose subject is the pipeline's id", Claims: with(job.Claims(), map[string]any{"sub": strangersProject})},
		Token{Name: "a token without subject", Claims: with(job.Claims(), map[string]any{"sub": nil})})
}
