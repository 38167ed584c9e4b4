package gitlab

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A unit is what the user names: a project, by path, by id or by both, or a group with every project that lies in it.
type unit struct {
	group    bool
	path, id string
}

func (u unit) String() string {
	noun := "project"
	if u.group {
		noun = "group"
	}
	switch {
	case u.path != "" && u.id != "":
		return u.path + " (" + noun + " " + u.id + ")"
	case u.path != "":
		return u.path
	case u.id != "":
		return noun + " " + u.id
	}
	return "the " + noun
}

// key is the claim that holds the unit's id: that of a group is the namespace right above the project, so a subgroup's
// projects have another one.
// Source: https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
func (u unit) key() string {
	if u.group {
		return groupClaim
	}
	return idClaim
}

// A subject is what a grant wants of sub: a form, and what stands there for the project. Where that is open, the text
// is its beginning, and what follows has to be pinned by a claim, or is meant to be any project of a group.
type subject struct {
	form    *ci.Form
	project string
	open    bool
}

// numbered reports that the subject has the project's id and not its path.
func (s subject) numbered() bool { return s.form == byID || s.form == anyID }

// subjects are those of the unit's jobs by its names: in the default form if the path was given, and in the form with
// the id if that was. A group has no form with an id.
func (u unit) subjects() []subject {
	var subjects []subject
	switch {
	case u.group:
		return []subject{{anyPath, u.path + "/", true}}
	case u.path != "":
		subjects = append(subjects, subject{form: byPath, project: u.path})
	}
	if u.id != "" {
		subjects = append(subjects, subject{form: byID, project: u.id})
	}
	return subjects
}

// pinned are subjects of the unit's jobs that leave the project to the claim with the unit's id: in the default form,
// and in that with the id. No path, id or ref has a ":", so what the "*" stands for ends before :ref_type:.
func (u unit) pinned() []subject {
	if u.group {
		return []subject{{anyPath, "", true}}
	}
	return []subject{{anyPath, "", true}, {anyID, "", true}}
}

// pattern is the subject of jobs on a ref as the policy tests it. It ends with the ref: a customised subject says more
// behind it.
func (s subject) pattern(ref reference) string {
	project := ci.Name{Text: s.project, Prefix: s.open}
	return s.form.Build(project.Pattern(), ref.kind.Noun, ref.name.Pattern(), "")
}

// patterns are subjects as the policy tests them.
func patterns(subjects []subject, ref reference) []string {
	var all []string
	for _, s := range subjects {
		all = append(all, s.pattern(ref))
	}
	return all
}

// admits reports whether a sub is of the subject's project and a ref. A customised subject may go on behind the ref,
// which the "*" of a prefix takes in: it says more of the same ref.
func (s subject) admits(sub string, ref reference) bool {
	texts, ok := s.form.Parse(sub)
	project := ci.Name{Text: s.project, Prefix: s.open}
	return ok && project.Admits(texts[0]) && texts[1] == ref.kind.Noun && ref.name.Admits(texts[2]) &&
		(texts[3] == "" || ref.name.Prefix)
}

// A reference is the refs of one word.
type reference struct {
	kind      ci.RefKind
	name      ci.Name
	protected bool // only while GitLab protects the ref
	merge     bool // only in pipelines of merge requests, whatever their branch
}

// ofMergeRequests are the jobs of merge requests: their subject has the branch that is to be merged.
func ofMergeRequests() reference {
	return reference{kind: ci.Branches, name: ci.Name{Prefix: true}, merge: true}
}

// phrase says which jobs are meant, and what a branch covers that nobody would expect.
func (r reference) phrase() string {
	if r.merge {
		return "in pipelines of merge requests from any of its branches"
	}
	phrase := r.name.Phrase("on", r.kind.Noun, r.kind.Word)
	if r.kind.Word == ci.Branches.Word {
		phrase += ", merge requests from there included"
	}
	if r.protected {
		phrase += ", only while it is protected"
	}
	return phrase
}

// mergeRequestEvent is the pipeline_source of merge requests. A pipeline that such a one starts as its child has
// parent_pipeline.
// Source: https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
const mergeRequestEvent = "merge_request_event"

// newForm declares the subjects that begin with one name of the project.
//
// The parts that ci_id_token_sub_claim_components takes beside project, ref_type and ref have values of GitLab's own:
// true, false, and the tiers of environments. Neither a path nor a ref has a ":", so no name can be crafted to look
// like a part.
// Sources: https://docs.gitlab.com/api/projects/#edit-a-project,
// https://docs.gitlab.com/ci/environments/#deployment-tier-of-environments
func newForm(template string, project ci.Field) *ci.Form {
	return ci.NewForm(template+":ref_type:{ref type}:ref:{ref}{rest}", project,
		ci.Field{
			Name:    "ref type",
			Choices: []string{ci.Branches.Noun, ci.Tags.Noun},
			Sample:  ci.Branches.Noun,
			Decides: ci.RefOf,
		},
		ci.Field{Name: "ref", Sample: "main", Decides: ci.RefOf},
		ci.Field{
			Name:    "rest",
			Texts:   `(?::(?:ref_protected|environment_protected|deployment_tier):[a-z]*)*`,
			Other:   ":ref_protected:true",
			Decides: ci.Event,
		})
}

const (
	pathTexts  = `[^\s:/]+(?:/[^\s:/]+)+`
	groupTexts = `[^\s:/]+(?:/[^\s:/]+)*`
	idTexts    = `[1-9][0-9]{0,18}`
)

// The forms of the subject: with the project's path, and with its id, which AWS fills as a key for gitlab.com.
var (
	byPath = newForm("project_path:{project}",
		ci.Field{Name: "project", Texts: pathTexts, Sample: somePath, Other: "mallory/web", Decides: ci.Project})
	byID = newForm("project_id:{project id}",
		ci.Field{
			Name:    "project id",
			Texts:   idTexts,
			Sample:  someID,
			Other:   strangersID,
			Decides: ci.Project,
			Key:     idClaim,
		})
)

// The same for grants that leave the project open: they do not care whether it could be called so.
var (
	anyPath = newForm("project_path:{project}", ci.Field{Name: "project", Texts: `[^:]*`})
	anyID   = newForm("project_id:{project id}", ci.Field{Name: "project id", Texts: `[^:]*`})
)

var (
	path      = ci.NewExpression("^" + pathTexts + "$")
	groupPath = ci.NewExpression("^" + groupTexts + "$")
	id        = ci.NewExpression("^" + idTexts + "$")
)

// above is the path of the group or user that a project lies in.
func above(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }
