package ci

import "strings"

// A GitHubJob is a job of GitHub Actions, as its token describes it.
type GitHubJob struct {
	Owner, OwnerID, Repository, RepositoryID string
	Event                                    string // "push", "pull_request", "pull_request_target", ...
	Ref                                      string // "refs/heads/main"
	Environment                              string // the job's environment, if it names one
	Immutable                                bool   // the repository's subjects carry ids
	Audience                                 string
}

// Claims are the claims of the job's token, less those that only number runs.
// Source: https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
func (j GitHubJob) Claims() map[string]any {
	repository := githubRepository{owner: j.Owner, name: j.Repository}
	if j.Immutable {
		repository.ownerID, repository.id = j.OwnerID, j.RepositoryID
	}
	subject := repository.classic()
	if j.Immutable {
		subject = repository.immutable()
	}
	switch {
	case j.Environment != "":
		subject += ":environment:" + encodeGitHub(j.Environment)
	case j.Event == "pull_request":
		subject += ":pull_request"
	default:
		subject += ":ref:" + j.Ref
	}
	full := j.Owner + "/" + j.Repository
	claims := map[string]any{
		"iss": githubIssuer, "aud": j.Audience, "sub": subject,
		"repository": full, "repository_id": j.RepositoryID, "repository_owner": j.Owner, "repository_owner_id": j.OwnerID,
		"repository_visibility": "private", "ref": j.Ref, "ref_type": refType(j.Ref), "event_name": j.Event,
		"actor": "mona", "actor_id": "5550001", "workflow": "deploy", "runner_environment": "github-hosted",
		"workflow_ref":     full + "/.github/workflows/deploy.yml@" + j.Ref,
		"job_workflow_ref": full + "/.github/workflows/deploy.yml@" + j.Ref,
		"run_id":           "1", "run_number": "1", "run_attempt": "1",
	}
	if j.Environment != "" {
		claims["environment"] = j.Environment
	}
	return claims
}

// githubTokens are the jobs that a grant must let in, and those that come as close as can be.
func githubTokens(r githubRepository, c githubContext, audiences []string, pinned bool) []Token {
	job := GitHubJob{
		Owner: r.owner, OwnerID: r.ownerID, Repository: r.name, RepositoryID: r.id,
		Event: "push", Ref: "refs/heads/main", Immutable: r.ownerID != "",
	}
	if len(audiences) > 0 {
		job.Audience = audiences[0]
	}
	if r.ownerID == "" {
		job.OwnerID, job.RepositoryID = "1000001", "2000002" // what they are does not matter where only names are trusted
	}
	job = job.in(c, c.name.sample())
	tokens := []Token{{Name: "a job " + c.phrase(), Claims: job.Claims(), Admit: true}}
	if pinned {
		classic := job
		classic.Immutable = false
		tokens = append(tokens, Token{Name: "a job " + c.phrase() + ", subject without ids", Claims: classic.Claims(), Admit: true})
	}
	if shortest, exists := c.name.shortest(); exists {
		tokens = append(tokens, Token{Name: "a job whose " + c.kind + " is the prefix itself", Claims: job.in(c, shortest).Claims(), Admit: true})
	}
	for _, audience := range audiences[min(1, len(audiences)):] {
		other := job
		other.Audience = audience
		tokens = append(tokens, Token{Name: "audience " + audience, Claims: other.Claims(), Admit: true})
	}
	for _, immutable := range []bool{true, false} {
		for _, near := range job.nearMisses(c) {
			near.job.Immutable = immutable
			tokens = append(tokens, Token{Name: near.name, Claims: near.job.Claims()})
		}
	}
	crafted := job
	crafted.Immutable = false
	tokens = append(tokens,
		Token{Name: "an owner's name with the repository's inside", Claims: with(crafted.Claims(), map[string]any{
			"sub": "repo:mallory/" + r.owner + "/" + r.name + ":" + c.pattern()})},
		Token{Name: "a token without subject", Claims: with(job.Claims(), map[string]any{"sub": nil})},
		Token{Name: "a token without audience", Claims: with(job.Claims(), map[string]any{"aud": nil})})
	return append(tokens, job.customised(c)...)
}

// customised are subjects of templates that put a further claim between the repository and the context. They are not
// what the grant names: a run of a closed pull request, for one, has the base branch as its ref.
func (j GitHubJob) customised(c githubContext) []Token {
	if c.kind == "pull_request" {
		return nil
	}
	var tokens []Token
	for _, immutable := range []bool{true, false} {
		j.Immutable = immutable
		repository, _, _ := strings.Cut(strings.TrimPrefix(textOf(j.Claims()["sub"]), "repo:"), ":")
		context := githubContext{kind: c.kind, name: name{text: c.name.sample()}}.pattern()
		for _, between := range []string{"pull_request", "actor:mallory", "environment:x", "event_name:pull_request_target"} {
			tokens = append(tokens, Token{Name: "a customised subject with " + between + " before the trusted context",
				Claims: with(j.Claims(), map[string]any{"sub": "repo:" + repository + ":" + between + ":" + context})})
		}
	}
	return tokens
}

// in puts the job into a context with a given name.
func (j GitHubJob) in(c githubContext, name string) GitHubJob {
	switch c.kind {
	case "branch":
		j.Ref = branches.namespace + name
	case "tag":
		j.Ref = tags.namespace + name
	case "environment":
		j.Environment = name
	case "pull_request":
		j.Event, j.Ref = "pull_request", "refs/pull/7/merge"
	}
	return j
}

func refType(ref string) string {
	if strings.HasPrefix(ref, tags.namespace) {
		return "tag"
	}
	return "branch"
}

type githubNearMiss struct {
	name string
	job  GitHubJob
}

// nearMisses changes one thing of a job at a time.
func (j GitHubJob) nearMisses(c githubContext) []githubNearMiss {
	var near []githubNearMiss
	add := func(name string, change func(*GitHubJob)) {
		job := j
		change(&job)
		near = append(near, githubNearMiss{name, job})
	}
	add("another owner's repository of the same name", func(j *GitHubJob) { j.Owner, j.OwnerID, j.RepositoryID = "mallory", "666", "667" })
	add("an owner whose name is longer", func(j *GitHubJob) { j.Owner, j.OwnerID, j.RepositoryID = j.Owner+"-evil", "666", "667" })
	add("the owner's name, registered again by somebody else", func(j *GitHubJob) { j.OwnerID, j.RepositoryID = j.OwnerID+"9", "667" })
	add("another owner's repository of the same names, whose id begins like the owner's", func(j *GitHubJob) { j.OwnerID += "9" })
	add("the repository's name, taken again after a deletion", func(j *GitHubJob) { j.RepositoryID += "9" })
	add("another repository of the owner", func(j *GitHubJob) { j.Repository, j.RepositoryID = "other", "667" })
	add("a repository whose name is longer", func(j *GitHubJob) { j.Repository, j.RepositoryID = j.Repository+"-evil", "667" })
	add("the repository's name in another letter case", func(j *GitHubJob) { j.Repository = swapCase(j.Repository) })
	add("another audience", func(j *GitHubJob) { j.Audience += ".evil.example" })
	add("a pull request", func(j *GitHubJob) { j.Event, j.Ref, j.Environment = "pull_request", "refs/pull/7/merge", "" })
	add("a fork's own workflow", func(j *GitHubJob) {
		j.Owner, j.OwnerID, j.RepositoryID = "mallory", "666", "668"
		j.Event, j.Ref, j.Environment = "push", "refs/heads/main", ""
	})
	add("another branch", func(j *GitHubJob) { j.Event, j.Ref, j.Environment = "push", "refs/heads/mallory/patch-1", "" })
	add("a tag", func(j *GitHubJob) { j.Event, j.Ref, j.Environment = "push", "refs/tags/mallory-1", "" })
	add("an environment of one's own", func(j *GitHubJob) { j.Event, j.Environment = "push", "mallory" })
	if neighbour := c.name.neighbour(); neighbour != "" && c.kind != "pull_request" {
		add("the nearest other "+c.kind, func(j *GitHubJob) { *j = j.in(c, neighbour) })
	}
	if c.kind != "environment" {
		add("an environment named like the trusted context", func(j *GitHubJob) { j.Environment = c.kind + ":" + c.name.sample() })
		add("an environment named like the whole subject's end", func(j *GitHubJob) { j.Environment = "x:" + c.pattern() })
	}
	return near
}

func swapCase(text string) string {
	swapped := []byte(text)
	for i, b := range swapped {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' {
			swapped[i] = b ^ 0x20
		}
	}
	if string(swapped) == text {
		return text + "a"
	}
	return string(swapped)
}
