package gitlab

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A pipelineJob is a job of GitLab, as its token describes it.
type pipelineJob struct {
	Issuer           string // the instance's URL
	Path, ID         string // of the project: "acme/platform/web", "46573356"
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
	namespace := j.Path[:max(0, strings.LastIndexByte(j.Path, '/'))]
	return map[string]any{
		"iss": j.Issuer, "aud": j.Audience, "sub": form.Build(project, j.RefType, j.Ref, j.FurtherInSubject),
		"namespace_id": "68413579", "namespace_path": namespace, "project_id": j.ID, "project_path": j.Path,
		"job_namespace_id": "68413579", "job_namespace_path": namespace, "job_project_id": j.ID,
		"job_project_path": j.Path, "user_id": "184239", "user_login": "mona", "user_email": "mona@example.com",
		"user_access_level": "developer", "pipeline_source": "push", "ref": j.Ref, "ref_type": j.RefType,
		"ref_path": refPath, protectedClaim: map[bool]string{false: "true", true: "false"}[j.Unprotected],
		"runner_environment": "gitlab-hosted", "project_visibility": "private",
	}
}

const (
	// A project for subjects that do not show one, and the id of a project of somebody else's.
	somePath    = "acme/web"
	someID      = "46573356"
	strangersID = "86660001"
)

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(p project, ref reference, audiences []string, keyed bool) []ci.Token {
	job := pipelineJob{Issuer: p.issuer, Path: p.path, ID: p.id, RefType: ref.kind.Noun, Ref: ref.name.Sample()}
	if len(audiences) > 0 {
		job.Audience = audiences[0]
	}
	if p.path == "" {
		job.Path = somePath
	}
	if p.id == "" {
		job.ID = someID
	}
	named, numbered := job, job
	numbered.SubjectByID = true
	tokens := []ci.Token{
		{Name: "a job " + ref.phrase() + ", its subject by path", Claims: named.claims(), Admit: p.path != ""},
		{Name: "a job " + ref.phrase() + ", its subject by id", Claims: numbered.claims(), Admit: p.id != ""},
	}
	if p.path != "" {
		tokens = append(tokens, neighbours(named, ref, audiences)...)
		tokens = append(tokens, ci.Token{
			Name:   "the project's path, taken by another project",
			Claims: ci.With(named.claims(), map[string]any{idClaim: strangersID}),
		})
	}
	if p.id != "" {
		tokens = append(tokens, neighbours(numbered, ref, audiences)...)
	}
	if keyed {
		tokens = append(tokens, ci.Token{Name: "a token whose project_id is another project's",
			Claims: ci.With(numbered.claims(), map[string]any{idClaim: strangersID})})
	}
	return slices.Clip(append(tokens,
		ci.Token{Name: "a token without subject", Claims: ci.With(job.claims(), map[string]any{"sub": nil})}))
}

// neighbours are the further jobs that a grant must let in by one form of the subject, and its near misses.
func neighbours(job pipelineJob, ref reference, audiences []string) []ci.Token {
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
		return func(j *pipelineJob) { j.Path, j.ID = path, strangersID }
	}
	if shortest, exists := ref.name.Shortest(); exists {
		add("a job whose "+ref.kind.Noun+" is the prefix itself", true, func(j *pipelineJob) { j.Ref = shortest })
	}
	for _, audience := range audiences[min(1, len(audiences)):] {
		add("audience "+audience, true, func(j *pipelineJob) { j.Audience = audience })
	}
	group, rest, _ := strings.Cut(job.Path, "/")
	add("another audience", false, func(j *pipelineJob) { j.Audience = "https://mallory.example" })
	add("another project of the group", false, stranger(group+"/mallory"))
	add("a fork's merge request", false, stranger("mallory/"+rest))
	add("a project whose path is longer", false, stranger(job.Path+"-evil"))
	add("a group whose path is longer", false, stranger(group+"-evil/"+rest))
	add("a group called like the project", false, stranger(job.Path+"/evil"))
	add("a subgroup called like the group", false, stranger("mallory/"+job.Path))
	add("the project's path in other letter case", false, stranger(ci.SwapCase(job.Path)))
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
	return tokens
}
