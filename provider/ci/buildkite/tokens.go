package buildkite

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A build is a job of Buildkite, as its token describes it.
type build struct {
	Organization, Pipeline string // slugs
	PipelineID             string // "" unless the job asks for the claim
	Branch, Tag            string // a build of a tag has the tag's name as its branch, too
	Commit                 string // a SHA-1, or HEAD
	Step                   string // the step's key, "" without one
	Audience               string
}

// claims are the claims of the job's token, less those that only number runs.
// Source: https://buildkite.com/docs/agent/cli/reference/oidc#claims
func (j build) claims() map[string]any {
	form, ref := branchForm, j.Branch
	if j.Tag != "" {
		form, ref = tagForm, j.Tag
	}
	claims := map[string]any{
		"iss": "https://" + host, "aud": j.Audience,
		"sub":               form.Build(j.Organization, j.Pipeline, ref, j.Commit, j.Step),
		"organization_slug": j.Organization, "pipeline_slug": j.Pipeline, "build_branch": j.Branch,
		"build_commit": j.Commit, "build_source": "webhook", "runner_environment": "buildkite-hosted",
	}
	for claim, text := range map[string]string{"build_tag": j.Tag, "step_key": j.Step, "pipeline_id": j.PipelineID} {
		if text != "" {
			claims[claim] = text
		}
	}
	return claims
}

const (
	// someCommit is a commit of jobs that are made up.
	someCommit = "9f3182061f1e2cca4702c368cbc039b7dc9d4485"
	// strangersID is the id of a pipeline of somebody else's.
	strangersID = "018499ff-0000-4000-8000-00000000dead"
)

// job is a job of the pipeline on a ref.
func (p pipeline) job(ref reference, audiences []string) build {
	job := build{
		Organization: p.organization,
		Pipeline:     p.slug,
		PipelineID:   p.id,
		Branch:       "main",
		Commit:       someCommit,
		Step:         "deploy",
	}
	if len(audiences) > 0 {
		job.Audience = audiences[0]
	}
	if ref.kind.Word != "" {
		job.Branch = ref.name.Sample()
	}
	if ref.kind.Word == ci.Tags.Word {
		job.Tag = job.Branch
	}
	return job
}

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(p pipeline, ref reference, audiences []string, keyed bool) []ci.Token {
	job, tagged := p.job(ref, audiences), ref.kind.Word == ci.Tags.Word
	named := func(j *build, text string, tag bool) {
		j.Branch, j.Tag = text, ""
		if tag {
			j.Tag = text
		}
	}
	var tokens []ci.Token
	add := func(name string, admit bool, change func(*build)) {
		other := job
		change(&other)
		tokens = append(tokens, ci.Token{Name: name, Claims: other.claims(), Admit: admit})
	}
	near := func(name string, change func(*build)) { add(name, false, change) }

	add("a job "+ref.phrase(), true, func(*build) {})
	add("a step without a key", true, func(j *build) { j.Step = "" })
	add("a step with a key like a subject", true, func(j *build) { j.Step = "x:commit:" + someCommit + ":step:x" })
	if !tagged {
		add("a build of a schedule, whose commit is HEAD", true, func(j *build) { j.Commit = head })
		add("a build started by the API, whose commit is the name of a tag", keyed || !ref.exactBranch(),
			func(j *build) { j.Commit = "v1.0" })
	}
	if shortest, exists := ref.name.Shortest(); exists {
		add("a job whose "+ref.kind.Noun+" is the prefix itself", true, func(j *build) { named(j, shortest, tagged) })
	}
	for _, audience := range audiences[min(1, len(audiences)):] {
		add("audience "+audience, true, func(j *build) { j.Audience = audience })
	}

	near("a token asked for without an audience", func(j *build) {
		j.Audience = "https://buildkite.com/" + j.Organization
	})
	near("another pipeline of the organization", func(j *build) { j.Pipeline = "mallory" })
	near("a pipeline whose slug is longer", func(j *build) { j.Pipeline += "-evil" })
	near("another organization", func(j *build) { j.Organization = "mallory" })
	near("an organization whose slug is longer", func(j *build) { j.Organization += "-evil" })
	near("another branch", func(j *build) { named(j, "mallory/patch-1", false) })
	near("a tag", func(j *build) { named(j, "mallory-1", true) })
	near("a pull request of a fork, with the owner before the branch", func(j *build) {
		named(j, "mallory:"+job.Branch, false)
	})
	near("a branch that ends like the trusted one", func(j *build) { named(j, "x/refs/heads/"+job.Branch, false) })
	near("a branch called like a part of the subject", func(j *build) {
		named(j, "x:ref:refs/heads/"+job.Branch, false)
	})
	near("a step's key that ends like the trusted subject, on another branch", func(j *build) {
		named(j, "x", false)
		_, j.Step, _ = strings.Cut(ci.TextOf(job.claims()["sub"]), ":pipeline:")
	})
	near("a step's key called like the whole trusted subject, in another organization", func(j *build) {
		j.Organization, j.Step = "mallory", ci.TextOf(job.claims()["sub"])
	})
	if ref.name.Prefix && ref.namedByKey(keyed) {
		fork := func(name, behind string) { near(name, func(j *build) { named(j, ref.name.Text+behind, false) }) }
		fork("a fork of a user whose name begins with the prefix", "hacker:evil")
		fork("a fork of a user called like the prefix", ":evil")
		fork("a fork's branch called like a trusted one, of a user whose name begins with the prefix",
			"hacker:"+job.Branch)
	}
	if ref.exactBranch() {
		near("a fork of a user called like the branch", func(j *build) { named(j, job.Branch+":commit", false) })
	}
	if ref.kind.Word != "" {
		near("a tag called like the branch, or a branch like the tag", func(j *build) { named(j, job.Branch, !tagged) })
		if neighbour := ref.name.Neighbour(); neighbour != "" {
			near("the nearest other "+ref.kind.Noun, func(j *build) { named(j, neighbour, tagged) })
		}
	}
	if p.id != "" {
		near("another pipeline that has taken the slug", func(j *build) { j.PipelineID = strangersID })
		near("a job that does not ask for the claim pipeline_id", func(j *build) { j.PipelineID = "" })
	}
	return append(tokens,
		ci.Token{
			Name:   "a token whose subject is the pipeline's id",
			Claims: ci.With(job.claims(), map[string]any{"sub": strangersID}),
		},
		ci.Token{Name: "a token without subject", Claims: ci.With(job.claims(), map[string]any{"sub": nil})})
}
