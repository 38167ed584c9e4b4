package circleci

import (
	"cmp"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Job is a job of CircleCI, as its token describes it.
type Job struct {
	Organization, Project, User string // UUIDs
	Origin, Ref                 string // "github.com/acme/web", "refs/heads/main"
	Short                       bool   // CIRCLE_OIDC_TOKEN, or started by an inbound webhook: no origin and no ref
	Audience                    string
	Host                        string // of a server; circleci.com's when ""
}

// Claims are the claims of the job's token, less those that only number runs.
// Source:
// https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/#format-of-the-openid-connect-id-token
func (j Job) Claims() map[string]any {
	claims := map[string]any{
		"iss": "https://" + cmp.Or(j.Host, cloud) + "/org/" + j.Organization, "aud": j.Audience,
		"sub":                      j.subject(),
		"oidc.circleci.com/org-id": j.Organization, claim: j.Project,
		"oidc.circleci.com/context-ids": []any{"3f3c2bd5-6c4e-4d6e-b1f8-0d6c1b5e7a20"},
		"oidc.circleci.com/ssh-rerun":   false,
	}
	if !j.Short {
		claims["oidc.circleci.com/vcs-origin"], claims["oidc.circleci.com/vcs-ref"] = j.Origin, j.Ref
	}
	return claims
}

func (j Job) subject() string {
	if j.Short {
		return short.Build(j.Organization, j.Project, j.User)
	}
	return long.Build(j.Organization, j.Project, j.User, j.Origin, j.Ref)
}

const (
	// Ids for jobs that are made up: a user, and a project and an organization that nobody has.
	someUser            = "9d1f3c52-0b7a-4e51-8c9e-6a2b7f4d1e03"
	strangersOrg        = "bad0bad0-bad0-4bad-8bad-bad0bad0bad0"
	strangersProject    = "bad1bad1-bad1-4bad-8bad-bad1bad1bad1"
	strangersRepository = "github.com/mallory/web"
)

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(p project, ref ref, audiences []string, keyed bool) []ci.Token {
	job := Job{
		Host:         p.host,
		Organization: p.organization,
		Project:      p.id,
		User:         someUser,
		Origin:       p.origin,
		Ref:          "refs/heads/main",
	}
	if len(audiences) > 0 {
		job.Audience = audiences[0]
	}
	if p.origin == "" {
		job.Origin = "github.com/acme/web"
	}
	if ref.kind.Word != "" {
		job.Ref = ref.kind.Namespace + ref.name.Sample()
	}
	short := job
	short.Short = true
	tokens := []ci.Token{
		{Name: "a job " + ref.phrase(), Claims: job.Claims(), Admit: true},
		{Name: "a token without origin and ref (CIRCLE_OIDC_TOKEN, or a webhook's job)", Claims: short.Claims(),
			Admit: ref.kind.Word == "" && p.origin == ""},
	}
	add := func(name string, change func(*Job)) {
		near := job
		change(&near)
		tokens = append(tokens, ci.Token{Name: name, Claims: near.Claims()})
	}
	if shortest, exists := ref.name.Shortest(); exists {
		exact := job
		exact.Ref = ref.kind.Namespace + shortest
		tokens = append(tokens, ci.Token{
			Name:   "a job whose " + ref.kind.Noun + " is the prefix itself",
			Claims: exact.Claims(),
			Admit:  true,
		})
	}
	for _, audience := range audiences[min(1, len(audiences)):] {
		other := job
		other.Audience = audience
		tokens = append(tokens, ci.Token{Name: "audience " + audience, Claims: other.Claims(), Admit: true})
	}
	add("another audience", func(j *Job) { j.Audience = strangersOrg })
	add("another project of the organization", func(j *Job) { j.Project = strangersProject })
	add("another organization in the subject", func(j *Job) { j.Organization = strangersOrg })
	add("another branch", func(j *Job) { j.Ref = "refs/heads/mallory/patch-1" })
	add("a tag", func(j *Job) { j.Ref = "refs/tags/mallory-1" })
	add("a fork's build", func(j *Job) { j.Origin = strangersRepository })
	add("a repository whose name is longer", func(j *Job) { j.Origin += "-evil" })
	add("a branch crafted to end like the trusted subject", func(j *Job) {
		j.Origin, j.Ref = strangersRepository, "refs/heads/x/vcs-origin/"+job.Origin+"/vcs-ref/"+job.Ref
	})
	add("a branch of the repository crafted to end like the trusted ref", func(j *Job) {
		j.Ref = "refs/heads/x/vcs-ref/" + job.Ref
	})
	add("a branch called like the whole trusted subject", func(j *Job) {
		j.Project, j.Ref = strangersProject, "refs/heads/"+ci.TextOf(job.Claims()["sub"])
	})
	if neighbour := ref.name.Neighbour(); ref.kind.Word != "" && neighbour != "" {
		add("the nearest other "+ref.kind.Noun, func(j *Job) { j.Ref = ref.kind.Namespace + neighbour })
	}
	if keyed {
		tokens = append(tokens, ci.Token{Name: "a token whose project-id is another project's",
			Claims: ci.With(job.Claims(), map[string]any{claim: strangersProject})})
	}
	return slices.Clip(append(tokens,
		ci.Token{Name: "a token without subject", Claims: ci.With(job.Claims(), map[string]any{"sub": nil})}))
}
