package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// nearMisses are jobs that must not get in by a grant, whose own job is given.
func nearMisses(i item, c context, job Job) []ci.Token {
	var tokens []ci.Token
	for _, immutable := range []bool{true, false} {
		for _, near := range append(job.nearMisses(c, i.how), i.crossed(job)...) {
			if near.job.template().has("environment") && near.job.Environment == "" {
				continue // GitHub gives such a job no token
			}
			if i.byIDs && near.name == otherCase {
				continue // the ids say which repository it is, whatever its name
			}
			near.job.Immutable = immutable
			tokens = append(tokens, ci.Token{Name: near.name, Claims: near.job.Claims()})
			if near.job.Plain = i.instance.server(); near.job.Plain && strings.Contains(near.job.Environment, ":") {
				tokens = append(tokens,
					ci.Token{Name: near.name + ", on a server that does not encode it", Claims: near.job.Claims()})
			}
		}
	}
	crafted, claims, ids := job, job.Claims(), map[string]any{}
	crafted.Owner, crafted.Repository, crafted.Immutable = "mallory/"+job.Owner, job.Repository, false
	if i.byIDs {
		ids = map[string]any{"repository_owner_id": "666", "repository_id": "667"} // a stranger's
	}
	for _, near := range []ci.Token{
		{
			Name:   "an owner's name with the repository's inside",
			Claims: ci.With(ci.With(claims, ids), map[string]any{"sub": crafted.Claims()["sub"]}),
		},
		{Name: "a token without subject", Claims: ci.With(claims, map[string]any{"sub": nil})},
		{Name: "a token without audience", Claims: ci.With(claims, map[string]any{"aud": nil})},
	} {
		if near.Claims["sub"] != claims["sub"] || near.Claims["aud"] == nil {
			tokens = append(tokens, near)
		}
	}
	if i.template.customised() {
		return append(tokens, job.otherTemplates()...)
	}
	tokens = slices.Concat(tokens, job.customised(c), job.filled(c), job.shapes(c))
	for _, audience := range further(i.audiences) {
		job.Audience = audience
		tokens = append(tokens, job.customised(c)...)
	}
	return tokens
}

// shapes are subjects that a trusted one would take in with a "*" more: of templates without the repository or with
// another claim in the context's place, and of refs that end like the trusted one.
func (j Job) shapes(c context) []ci.Token {
	claims := j.Claims()
	repository, _, _ := strings.Cut(strings.TrimPrefix(ci.TextOf(claims["sub"]), "repo:"), ":")
	context := newContext(c.Kind, ci.Name{Text: c.sample()}).pattern()
	kind, value, _ := strings.Cut(context, ":")
	subjects := map[string]string{
		"a customised subject without the repository":   "actor:mallory:" + context,
		"a customised subject with the owner alone":     "repository_owner:" + j.Owner + ":" + context,
		"a customised subject with the repository last": context + ":repo:" + repository,
		"a customised subject of the context alone":     context,
	}
	if !c.Name.Prefix {
		subjects["a customised subject with a claim more, behind"] = "repo:" + repository + ":" + context +
			":actor:mallory"
	}
	if value != "" {
		subjects["a claim of the context's value"] = "repo:" + repository + ":workflow:" + value
		subjects["a claim that ends like the context's"] = "repo:" + repository + ":x" + kind + ":" + value
	}
	for _, ref := range []ci.RefKind{ci.Branches, ci.Tags} {
		for name, text := range map[string]string{
			"a " + ref.Noun + " of the trusted name":             c.sample(),
			"a " + ref.Noun + " that ends like the trusted name": "mallory/" + c.sample(),
			"a " + ref.Noun + " that ends like the trusted ref":  "mallory/" + value,
		} {
			if kind == "ref" && !(ref.Noun == c.Kind && c.Name.Admits(text)) {
				subjects[name] = "repo:" + repository + ":ref:" + ref.Namespace + text
			}
		}
	}
	var tokens []ci.Token
	for _, name := range slices.Sorted(maps.Keys(subjects)) {
		tokens = append(tokens, ci.Token{Name: name, Claims: ci.With(claims, map[string]any{"sub": subjects[name]})})
	}
	return tokens
}

// filled is a job of another repository of the owner, whose template and workflow's name are chosen so that its subject
// ends like the trusted one, id and all.
func (j Job) filled(c context) []ci.Token {
	evil := repository{j.Owner, j.OwnerID, "mallory", "667"}
	end := ":workflow:x@" + j.RepositoryID + ":" + newContext(c.Kind, ci.Name{Text: c.sample()}).pattern()
	j.Repository, j.RepositoryID = evil.name, evil.id
	var tokens []ci.Token
	for _, beginning := range []string{evil.immutable(), evil.classic()} {
		tokens = append(tokens, ci.Token{
			Name:   "another repository of the owner, whose template ends like the trusted subject",
			Claims: ci.With(j.Claims(), map[string]any{"sub": beginning + end}),
		})
	}
	return tokens
}

// otherTemplates are the job's subjects by templates that are not the repository's: GitHub's own, and those with a
// claim less, a claim more before the last one, or the claims the other way round.
func (j Job) otherTemplates() []ci.Token {
	var tokens []ci.Token
	own := j.Claims()["sub"]
	try := func(name string, template template) {
		other := j
		other.SubjectClaims = template
		if sub := other.Claims()["sub"]; sub != own && len(template) > 0 {
			tokens = append(tokens, ci.Token{Name: name, Claims: other.Claims()})
		}
	}
	template := j.template()
	try("a subject of GitHub's own template", defaultTemplate)
	for at, claim := range template {
		try("a subject without "+claim, slices.Delete(slices.Clone(template), at, at+1))
		try("a subject with a further claim before "+claim, slices.Insert(slices.Clone(template), at, "actor"))
		try("a subject with the event before "+claim, slices.Insert(slices.Clone(template), at, "event_name"))
	}
	turned := slices.Clone(template)
	slices.Reverse(turned)
	try("a subject whose claims stand the other way round", turned)
	return tokens
}

// customised are subjects of templates that put a further claim between the repository and the context. They are not
// what the grant names: a run of a closed pull request, for one, has the base branch as its ref.
func (j Job) customised(c context) []ci.Token {
	var tokens []ci.Token
	for _, immutable := range []bool{true, false} {
		j.Immutable = immutable
		claims := j.Claims()
		repository, _, _ := strings.Cut(strings.TrimPrefix(ci.TextOf(claims["sub"]), "repo:"), ":")
		context := newContext(c.Kind, ci.Name{Text: c.sample()}).pattern()
		between := []string{"pull_request", "actor:mallory", "environment:x", "event_name:pull_request_target"}
		if c.Kind == pullRequest { // by these any job would look like one, and pull_request twice is no subject
			between = []string{"actor:mallory", "actor", "event_name", "environment", "workflow", "ref:refs/heads/main"}
		}
		for _, between := range between {
			tokens = append(tokens,
				ci.Token{Name: "a customised subject with " + between + " before the trusted context",
					Claims: ci.With(claims,
						map[string]any{"sub": "repo:" + repository + ":" + between + ":" + context})})
		}
	}
	return tokens
}

const otherCase = "the repository's name in another letter case"

type nearMiss struct {
	name string
	job  Job
}

// nearMisses changes one thing of a job at a time.
func (j Job) nearMisses(c context, how how) []nearMiss {
	var near []nearMiss
	add := func(name string, change func(*Job)) {
		job := j
		change(&job)
		near = append(near, nearMiss{name, job})
	}
	add("another owner's repository of the same name", func(j *Job) {
		j.Owner, j.OwnerID, j.RepositoryID = "mallory", "666", "667"
	})
	add("an owner whose name is longer", func(j *Job) {
		j.Owner, j.OwnerID, j.RepositoryID = j.Owner+"-evil", "666", "667"
	})
	add("the owner's name, registered again by somebody else", func(j *Job) {
		j.OwnerID, j.RepositoryID = j.OwnerID+"9", "667"
	})
	add("another owner's repository of the same names, whose id begins like the owner's", func(j *Job) {
		j.OwnerID += "9"
	})
	add("the repository's name, taken again after a deletion", func(j *Job) { j.RepositoryID += "9" })
	add("another repository of the owner", func(j *Job) { j.Repository, j.RepositoryID = "other", "667" })
	add("a repository whose name is longer", func(j *Job) {
		j.Repository, j.RepositoryID = j.Repository+"-evil", "667"
	})
	add(otherCase, func(j *Job) { j.Repository = ci.SwapCase(j.Repository) })
	add("another audience", func(j *Job) { j.Audience += ".evil.example" })
	add("a pull request", func(j *Job) { j.Event, j.Ref, j.Environment = "pull_request", "refs/pull/7/merge", "" })
	add("a fork's own workflow", func(j *Job) {
		j.Owner, j.OwnerID, j.RepositoryID = "mallory", "666", "668"
		j.Event, j.Ref, j.Environment = "push", "refs/heads/main", ""
	})
	add("another branch", func(j *Job) { j.Event, j.Ref, j.Environment = "push", "refs/heads/mallory/patch-1", "" })
	add("a tag", func(j *Job) { j.Event, j.Ref, j.Environment = "push", "refs/tags/mallory-1", "" })
	add("an environment of one's own", func(j *Job) { j.Event, j.Environment = "push", "mallory" })
	if neighbour := c.Name.Neighbour(); neighbour != "" && c.Kind != "pull_request" {
		add("the nearest other "+c.Kind, func(j *Job) { *j = j.in(c, neighbour) })
	}
	near = append(near, j.otherWays(how)...)
	if c.queue != "" {
		add("a push to the branch whose queue it is", func(j *Job) { j.Event, j.Ref = "push", "refs/heads/"+c.queue })
		add("the queue of another branch", func(j *Job) { j.Ref = "refs/heads/" + queueBranches + "mallory/pr-7-0" })
		add("a branch that is named like the queue's, without a pull request", func(j *Job) {
			j.Event, j.Ref = "push", "refs/heads/"+queueBranches+c.queue+"/mallory"
		})
	}
	if c.Kind == pullRequest {
		add("an environment named like a pull request", func(j *Job) { j.Event, j.Environment = "push", pullRequest })
	}
	if c.Kind != "environment" {
		add("an environment named like the trusted context", func(j *Job) {
			j.Environment = c.Kind + ":" + c.sample()
		})
		add("an environment named like the whole subject's end", func(j *Job) { j.Environment = "x:" + c.pattern() })
	}
	return near
}

// otherWays changes how or by whom the job is run, as far as that is trusted in one way only.
func (j Job) otherWays(how how) []nearMiss {
	var near []nearMiss
	add := func(name string, change func(*Job)) {
		job := j
		change(&job)
		near = append(near, nearMiss{name, job})
	}
	if len(how.workflows) > 0 {
		path, ref, _ := strings.Cut(j.Workflow, "@")
		owner, rest, _ := strings.Cut(path, "/")
		for _, other := range [][2]string{
			{"the repository's own workflow",
				j.Owner + "/" + j.Repository + "/.github/workflows/mallory.yml@refs/heads/main"},
			{"another workflow beside the trusted one", path[:strings.LastIndexByte(path, '/')+1] + "other.yml@" + ref},
			{"the trusted workflow at another branch", path + "@refs/heads/mallory/patch-1"},
			{"the trusted workflow at a tag", path + "@refs/tags/mallory-1"},
			{"the trusted workflow at another commit", path + "@" + strings.Repeat("6", 40)},
			{"the trusted workflow at a pull request", path + "@refs/pull/7/merge"},
			{"the trusted workflow at a ref that begins like its own", j.Workflow + "-evil"},
			{"a workflow of the same name of another owner", "mallory/" + rest + "@" + ref},
			{"a workflow of an owner whose name is longer", owner + "-evil/" + rest + "@" + ref},
			{"the trusted workflow in another letter case", ci.SwapCase(j.Workflow)},
			{"the trusted workflow at a branch that is called like the tag",
				strings.Replace(j.Workflow, ci.Tags.Namespace, ci.Branches.Namespace, 1)},
			{"the nearest other workflow", workflowName(how.workflows[0]).Neighbour()},
		} {
			if !how.admits("job_workflow_ref", other[1]) {
				add(other[0], func(j *Job) { j.Workflow = other[1] })
			}
		}
	}
	if len(how.actors) > 0 {
		add("another actor", func(j *Job) { j.ActorID = "666" })
		add("an actor whose id begins like the trusted one", func(j *Job) { j.ActorID += "0" })
	}
	return near
}
