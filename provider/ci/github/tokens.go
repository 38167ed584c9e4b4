package github

import (
	"cmp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Job is a job of GitHub Actions, as its token describes it.
type Job struct {
	Owner, OwnerID, Repository, RepositoryID string
	Event                                    string // "push", "pull_request", "pull_request_target", ...
	Ref                                      string // "refs/heads/main"
	Environment                              string // the job's environment, if it names one
	Immutable                                bool   // the repository's subjects carry ids
	Audience                                 string
	Issuer                                   string   // github.com's when ""
	Workflow                                 string   // job_workflow_ref; a workflow of the repository when ""
	ActorID                                  string   // somebody when ""
	SubjectClaims                            []string // the repository's subject template; GitHub's own when nil
	// ":" stands in the subject as it is: a GitHub Enterprise Server before 3.19
	Plain bool
}

// Claims are the claims of the job's token, less those that only number runs.
// Source: https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
func (j Job) Claims() map[string]any {
	full := j.Owner + "/" + j.Repository
	own := full + "/.github/workflows/deploy.yml@" + j.Ref
	claims := map[string]any{
		"iss": cmp.Or(j.Issuer, issuer), "aud": j.Audience,
		"repository": full, "repository_id": j.RepositoryID, "repository_owner": j.Owner,
		"repository_owner_id": j.OwnerID, "repository_visibility": "private", "ref": j.Ref, "ref_type": refType(j.Ref),
		"event_name": j.Event, "actor": "mona", "actor_id": cmp.Or(j.ActorID, "5550001"), "workflow": "deploy",
		"runner_environment": "github-hosted", "workflow_ref": own, "job_workflow_ref": cmp.Or(j.Workflow, own),
		"run_id": "1", "run_number": "1", "run_attempt": "1",
	}
	if j.Environment != "" {
		claims["environment"] = j.Environment
	}
	claims["sub"] = j.subject(claims)
	return claims
}

// template is the one that the job's subject is made by.
func (j Job) template() template {
	if j.SubjectClaims == nil {
		return defaultTemplate
	}
	return j.SubjectClaims
}

// subject is the job's sub, made of its claims.
func (j Job) subject(claims map[string]any) string {
	r := repository{j.Owner, j.OwnerID, j.Repository, j.RepositoryID}
	sub := j.template().subject(func(claim string) string {
		switch {
		case claim == "repo" && j.Immutable:
			return r.withIDs()
		case claim == "repo":
			return r.String()
		case claim == "context":
			return j.context()
		}
		return ci.TextOf(claims[claim])
	})
	if j.Plain {
		return decode(sub)
	}
	return sub
}

func (j Job) context() string {
	switch {
	case j.Environment != "":
		return "environment:" + encode(j.Environment)
	case j.Event == "pull_request":
		return "pull_request"
	}
	return "ref:" + j.Ref
}

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(i item, c context) []ci.Token {
	r, repos := i.repository, i.repos()
	job := Job{
		// made up where names alone are trusted
		Owner: r.owner, OwnerID: cmp.Or(r.ownerID, "1000001"), Repository: r.name,
		RepositoryID: cmp.Or(r.id, "2000002"), Event: "push", Ref: "refs/heads/main", Immutable: repos[0],
		Issuer:        i.instance.issuer(),
		SubjectClaims: i.template,
	}
	job.Audience, job.Workflow, job.ActorID = first(i.audiences), first(i.how.samples()), first(i.how.actors)
	job = job.in(c, c.sample())
	tokens := []ci.Token{}
	let := func(name string, change func(*Job)) {
		other := job
		change(&other)
		tokens = append(tokens, ci.Token{Name: name, Claims: other.Claims(), Admit: true})
	}
	// Whatever varies the subject is tried in every combination.
	for _, ids := range repos {
		for _, workflow := range i.tried("job_workflow_ref", i.how.samples()) {
			for _, actor := range i.tried("actor_id", i.how.actors) {
				name := "a job " + c.phrase()
				if job.Immutable && !ids {
					name += ", subject without ids"
				}
				let(name, func(j *Job) {
					j.Immutable, j.Workflow, j.ActorID = ids, workflow, actor
				})
			}
		}
	}
	if shortest, exists := c.Name.Shortest(); exists {
		let("a job whose "+c.Kind+" is the prefix itself", func(j *Job) { *j = j.in(c, shortest) })
	}
	for _, audience := range further(i.audiences) {
		let("audience "+audience, func(j *Job) { j.Audience = audience })
	}
	for _, workflow := range further(i.how.samples()) {
		let("workflow "+workflow, func(j *Job) { j.Workflow = workflow })
	}
	for _, text := range i.how.workflows {
		if shortest, exists := workflowName(text).Shortest(); exists {
			let("a workflow at the tag that is the prefix itself", func(j *Job) { j.Workflow = shortest })
		}
	}
	for _, actor := range further(i.how.actors) {
		let("actor "+actor, func(j *Job) { j.ActorID = actor })
	}
	if c.queue != "" {
		let("a push to a branch that is named like the queue's", func(j *Job) {
			j.Event, j.Ref = "push", ci.Branches.Namespace+c.Name.Text+"1-x"
		})
	}
	if i.byIDs {
		let("a job after the repository was renamed", func(j *Job) { j.Repository += "-new" })
	}
	if i.byIDs && i.keyed {
		let("a job after its owner was renamed", func(j *Job) { j.Owner += "-new" })
	}
	return append(tokens, nearMisses(i, c, job)...)
}

// tried are the values of a claim to combine with others: all of them where the subject has the claim.
func (i item) tried(claim string, values []string) []string {
	if i.template.has(claim) {
		return values
	}
	return []string{first(values)}
}

func first(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

func further(texts []string) []string { return texts[min(1, len(texts)):] }

// in puts the job into a context with a given name.
func (j Job) in(c context, name string) Job {
	switch c.Kind {
	case "branch":
		j.Ref = ci.Branches.Namespace + name
		if c.queue != "" {
			j.Event = "merge_group"
		}
	case "tag":
		j.Ref = ci.Tags.Namespace + name
	case "environment":
		j.Environment = name
	case "pull_request":
		j.Event, j.Ref = "pull_request", "refs/pull/7/merge"
	}
	return j
}

func refType(ref string) string {
	if strings.HasPrefix(ref, ci.Tags.Namespace) {
		return "tag"
	}
	return "branch"
}
