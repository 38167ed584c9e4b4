package gitlab

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A pipelineJob is a job of GitLab, as its token describes it.
type pipelineJob struct {
	Issuer           string // the instance's URL
	Path, ID         string // of the project: "acme/platform/web", "46573356"
	Group            string // the id of the group or user right above it
	Source           string // of the pipeline: "push" when ""
	RefType, Ref     string // "branch", "main"
	SubjectByID      bool   // ci_id_token_sub_claim_components begins with project_id
	FurtherInSubject string // what it adds behind the ref: ":ref_protected:true"
	Unprotected      bool   // the ref is not a protected one
	Audience         string
}

// claims are the claims of the job's token, less those that only number runs and name people.
// Source: https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
func (j pipelineJob) claims() map[string]any {
	form, project := byPath, j.Path
	if j.SubjectByID {
		form, project = byID, j.ID
	}
	refPath := ci.Branches.Namespace + j.Ref
	if j.RefType == ci.Tags.Noun {
		refPath = ci.Tags.Namespace + j.Ref
	}
	namespace, group := above(j.Path), cmp.Or(j.Group, someGroup)
	return map[string]any{
		"iss": j.Issuer, "aud": j.Audience, "sub": form.Build(project, j.RefType, j.Ref, j.FurtherInSubject),
		groupClaim: group, "namespace_path": namespace, idClaim: j.ID, "project_path": j.Path,
		"job_namespace_id": group, "job_namespace_path": namespace, "job_project_id": j.ID,
		"job_project_path": j.Path, "user_id": "184239", "user_login": "mona", "user_email": "mona@example.com",
		"user_access_level": "developer", sourceClaim: cmp.Or(j.Source, "push"), "ref": j.Ref, "ref_type": j.RefType,
		"ref_path": refPath, protectedClaim: map[bool]string{false: "true", true: "false"}[j.Unprotected],
		"runner_environment": "gitlab-hosted", "project_visibility": "private",
	}
}

// of is the job with the id of a project or group.
func (j pipelineJob) of(u unit) pipelineJob {
	if u.group {
		j.Group = u.id
	} else {
		j.ID = u.id
	}
	return j
}

// on is the job on a ref.
func (j pipelineJob) on(ref reference) pipelineJob {
	j.RefType, j.Ref = ref.kind.Noun, ref.name.Sample()
	if j.Source = ""; ref.merge {
		j.Source = mergeRequestEvent
	}
	return j
}

const (
	// A project for subjects that do not show one, and ids of a project and a group of somebody else's.
	somePath       = "acme/web"
	someID         = "46573356"
	someGroup      = "68413579"
	strangersID    = "86660001"
	strangersGroup = "96660001"
)

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(i *item, ref reference) []ci.Token {
	u := i.unit
	job := pipelineJob{Issuer: i.issuer, Path: cmp.Or(u.path, somePath), ID: someID}.on(ref)
	switch {
	case u.group:
		job.Path, job.Group = u.path+"/web", u.id
	case u.id != "":
		job.ID = u.id
	}
	if len(i.audiences) > 0 {
		job.Audience = i.audiences[0]
	}
	named, numbered := job, job
	numbered.SubjectByID = true
	byPath, byID := false, false // which subjects of the job are meant
	for _, s := range i.subjects() {
		byPath, byID = byPath || !s.numbered(), byID || s.numbered()
	}
	var tokens []ci.Token
	add := func(name string, admit bool, job pipelineJob) {
		tokens = append(tokens, ci.Token{Name: name, Claims: job.claims(), Admit: admit})
	}
	add("a job "+ref.phrase()+", its subject by path", byPath, named)
	add("a job "+ref.phrase()+", its subject by id", byID, numbered)
	renamed, other := job, job
	renamed.Path = "renamed/mallory"
	other.ID, other.Group = strangersID, strangersGroup
	if byPath {
		tokens = append(tokens, i.neighbours(named, ref)...)
		add("the trusted path, taken by somebody else's", false, other)
		add("the trusted id at another path", i.byIDs && i.keyed, renamed)
		tokens = append(tokens, i.crossed(named)...)
	}
	if byID {
		tokens = append(tokens, i.neighbours(numbered, ref)...)
		tokens = append(tokens, i.crossed(numbered)...)
	}
	if i.keyed {
		wrong := numbered
		if byPath {
			wrong = named
		}
		wrong.ID, wrong.Group = strangersID, strangersGroup
		add("a token whose "+u.key()+" is another one's", false, wrong)
	}
	return slices.Clip(append(tokens,
		ci.Token{Name: "a token without subject", Claims: ci.With(job.claims(), map[string]any{"sub": nil})}))
}

// neighbours are the further jobs that a grant must let in by one form of the subject, and its near misses.
func (i *item) neighbours(job pipelineJob, ref reference) []ci.Token {
	var tokens []ci.Token
	form := ", its subject by path"
	if job.SubjectByID {
		form = ", its subject by id"
	}
	add := func(name string, admit bool, change func(*pipelineJob)) {
		near := job
		change(&near)
		tokens = append(tokens, ci.Token{Name: name + form, Claims: near.claims(), Admit: admit})
	}
	stranger := func(path string) func(*pipelineJob) {
		return func(j *pipelineJob) { j.Path, j.ID, j.Group = path, strangersID, strangersGroup }
	}
	if shortest, exists := ref.name.Shortest(); exists {
		add("a job whose "+ref.kind.Noun+" is the prefix itself", true, func(j *pipelineJob) { j.Ref = shortest })
	}
	for _, audience := range i.audiences[min(1, len(i.audiences)):] {
		add("audience "+audience, true, func(j *pipelineJob) { j.Audience = audience })
	}
	add("another audience", false, func(j *pipelineJob) { j.Audience = "https://mallory.example" })
	top, rest, _ := strings.Cut(job.Path, "/")
	add("a fork's merge request", false, stranger("mallory/"+rest))
	add("a subgroup called like the group", false, stranger("mallory/"+job.Path))
	add("the project's path in other letter case", false, stranger(ci.SwapCase(job.Path)))
	if i.unit.group {
		add("another project of the group", true, func(j *pipelineJob) {
			j.Path, j.ID = i.unit.path+"/made-tomorrow", "7"
		})
		add("a project of a subgroup", !i.keyed, func(j *pipelineJob) {
			j.Path, j.ID, j.Group = i.unit.path+"/sub/web", strangersID, strangersGroup
		})
		add("a group whose path is longer", false, stranger(i.unit.path+"-evil/web"))
		add("a project called like the group", false, stranger(i.unit.path))
	} else {
		add("another project of the group", false, func(j *pipelineJob) { j.Path, j.ID = top+"/mallory", strangersID })
		add("a project whose path is longer", false, stranger(job.Path+"-evil"))
		add("a group whose path is longer", false, stranger(top+"-evil/"+rest))
		add("a group called like the project", false, stranger(job.Path+"/evil"))
	}
	add("another branch", false, func(j *pipelineJob) { j.RefType, j.Ref = "branch", "mallory/patch-1" })
	add("a tag", false, func(j *pipelineJob) { j.RefType, j.Ref = "tag", "mallory-1" })
	add("a ref of the other type and the same name", false, func(j *pipelineJob) {
		j.RefType = map[string]string{"branch": "tag", "tag": "branch"}[job.RefType]
	})
	if neighbour := ref.name.Neighbour(); neighbour != "" {
		add("the nearest other "+ref.kind.Noun, false, func(j *pipelineJob) { j.Ref = neighbour })
		add("a "+ref.kind.Noun+" crafted to end like the trusted one", false, func(j *pipelineJob) {
			j.Ref = "x/" + job.Ref
		})
		add("a "+ref.kind.Noun+" of the full name of the trusted one", false, func(j *pipelineJob) {
			j.Ref = ref.kind.Namespace + job.Ref
		})
	}
	if ref.protected {
		add("a job on the trusted ref while it is not protected", false, func(j *pipelineJob) { j.Unprotected = true })
	}
	if !ref.name.Prefix {
		add("a customised subject that goes on behind the ref", false, func(j *pipelineJob) {
			j.FurtherInSubject = ":ref_protected:true"
		})
	}
	switch {
	case ref.merge:
		add("a push to a branch", false, func(j *pipelineJob) { j.Source = "push" })
		add("a child pipeline of a merge request's", false, func(j *pipelineJob) { j.Source = "parent_pipeline" })
		add("a pipeline of an external pull request", false, func(j *pipelineJob) {
			j.Source = "external_pull_request_event"
		})
	case ref.kind.Word == ci.Branches.Word && !ref.protected:
		add("a merge request from the trusted branch", true, func(j *pipelineJob) { j.Source = mergeRequestEvent })
	}
	return tokens
}
