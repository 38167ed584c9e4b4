package gitlab

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"

// A project is a project of an instance, by path, by id or by both.
type project struct{ issuer, path, id string }

func (p project) String() string {
	switch {
	case p.path != "" && p.id != "":
		return p.path + " (project " + p.id + ")"
	case p.path != "":
		return p.path
	case p.id != "":
		return "project " + p.id
	}
	return "the project"
}

// patterns are the subjects of a project's jobs on a ref: in the default form if the path was given, and in the form
// with the id if that was.
func (p project) patterns(ref reference) []string {
	var patterns []string
	for _, subject := range p.subjects() {
		terms := append(ci.ExactlyAll(subject.project, ref.kind.Noun), ci.Term{Name: ref.name})
		// up to the ref: a customised subject says more behind it
		patterns = append(patterns, subject.form.Pattern(terms))
	}
	return patterns
}

// A projectSubject is a form of the project's subjects, with what it calls the project.
type projectSubject struct {
	form    *ci.Form
	project string
}

func (p project) subjects() []projectSubject {
	var subjects []projectSubject
	if p.path != "" {
		subjects = append(subjects, projectSubject{byPath, p.path})
	}
	if p.id != "" {
		subjects = append(subjects, projectSubject{byID, p.id})
	}
	return subjects
}

// admits reports whether a subject is of this project and a ref. A customised subject may go on behind the ref, which
// the "*" of a prefix takes in: it says more of the same ref.
func (p project) admits(sub string, ref reference) bool {
	for _, subject := range p.subjects() {
		texts, ok := subject.form.Parse(sub)
		if ok && texts[0] == subject.project && texts[1] == ref.kind.Noun && ref.name.Admits(texts[2]) &&
			(texts[3] == "" || ref.name.Prefix) {
			return true
		}
	}
	return false
}

// A reference is the refs of one word.
type reference struct {
	kind      ci.RefKind
	name      ci.Name
	protected bool // only while GitLab protects the ref
}

func (r reference) phrase() string {
	phrase := r.name.Phrase("on", r.kind.Noun, r.kind.Word)
	if r.protected {
		phrase += ", only while it is protected"
	}
	return phrase
}

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
	pathTexts = `[^\s:/]+(?:/[^\s:/]+)+`
	idTexts   = `[1-9][0-9]{0,18}`
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
			Key:     "project_id",
		})
)

var (
	path = ci.NewExpression("^" + pathTexts + "$")
	id   = ci.NewExpression("^" + idTexts + "$")
)
