package github

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A form is the form of the subjects that a template makes for jobs of one kind.
type form struct {
	*ci.Form
	kind string // "branch", "tag", "environment", "pull_request"
	ids  bool   // owner and repository stand there with their ids
}

// The texts of names and ids. A name contains neither "@" nor ":", which is why GitHub puts "@" before an id.
// Source: https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
const (
	ownerTexts      = `[A-Za-z0-9][A-Za-z0-9_-]{0,99}`
	repositoryTexts = `[A-Za-z0-9._-]{1,100}`
	idTexts         = `[1-9][0-9]{0,19}`
)

// The fields of repo and of context. Where a field has the name of a claim in its text, the claim has more around it
// (repository is OWNER/NAME, ref begins with refs/, environment does not encode ":"), so it is no key.
var (
	owner   = ci.Field{Name: "owner", Texts: ownerTexts, Sample: "acme", Decides: ci.Tenant}
	ownerID = ci.Field{
		Name:    "owner id",
		Texts:   idTexts,
		Sample:  "1234567",
		Other:   "666",
		Decides: ci.Tenant,
		Key:     "repository_owner_id",
	}
	name         = ci.Field{Name: "repository", Texts: repositoryTexts, Sample: "web", Decides: ci.Project}
	repositoryID = ci.Field{
		Name:    "repository id",
		Texts:   idTexts,
		Sample:  "89012345",
		Other:   "667",
		Decides: ci.Project,
		Key:     "repository_id",
	}
	branch      = ci.Field{Name: "branch", Sample: "main", Decides: ci.RefOf}
	tag         = ci.Field{Name: "tag", Sample: "v1.0.0", Decides: ci.RefOf}
	environment = ci.Field{Name: "environment", Sample: "production", Decides: ci.Event}
	// behind is whatever a subject has behind the claims that a template names.
	behind = ci.Field{Name: "further claims", Texts: `(?::(?s:.*))?`, Decides: ci.Nothing}
)

// claimFields are the fields of claims that stand in a customised subject by their own name.
var claimFields = map[string]ci.Field{
	"environment": {Decides: ci.Event, Sample: "production"},
	"ref":         {Decides: ci.RefOf, Sample: "refs/heads/main", Key: "ref"},
	"job_workflow_ref": {
		Decides: ci.Event,
		Sample:  "acme/ci/.github/workflows/deploy.yml@refs/heads/main",
		Key:     "job_workflow_ref",
	},
	"actor_id":            {Decides: ci.Event, Sample: "5550001", Other: "666", Key: "actor_id"},
	"repository_owner":    {Decides: ci.Tenant, Sample: "acme"},
	"repository_owner_id": {Decides: ci.Tenant, Sample: "1234567", Other: "666", Key: "repository_owner_id"},
	"repository_id":       {Decides: ci.Project, Sample: "89012345", Other: "667", Key: "repository_id"},
}

// kinds are the kinds of context, each with what a subject has in its place.
var kinds = []struct {
	kind, text string
	fields     []ci.Field
}{
	{"branch", "ref:" + ci.Branches.Namespace + "{branch}", []ci.Field{branch}},
	{"tag", "ref:" + ci.Tags.Namespace + "{tag}", []ci.Field{tag}},
	{"environment", "environment:{environment}", []ci.Field{environment}},
	{"pull_request", "pull_request", nil},
}

// form declares the form of the template's subjects for jobs of one kind, with ids or without. An open form admits
// anything behind the template's claims, too.
func (t template) form(kind string, ids, open bool) form {
	var parts []string
	var fields []ci.Field
	for _, claim := range t {
		switch {
		case claim == "repo" && ids:
			parts = append(parts, "repo:{owner}@{owner id}/{repository}@{repository id}")
			fields = append(fields, owner, ownerID, name, repositoryID)
		case claim == "repo":
			parts = append(parts, "repo:{owner}/{repository}")
			fields = append(fields, owner, name)
		case claim == "context":
			for _, k := range kinds {
				if k.kind == kind {
					parts = append(parts, k.text)
					fields = append(fields, k.fields...)
				}
			}
		default:
			field := claimFields[claim]
			field.Name = claim
			parts = append(parts, claim+":{"+claim+"}")
			fields = append(fields, field)
		}
	}
	text := strings.Join(parts, ":")
	if open {
		text += "{" + behind.Name + "}"
		fields = append(fields, behind)
	}
	return form{Form: ci.NewForm(text, fields...), kind: kind, ids: ids}
}

// forms are the forms of a template's subjects.
func (t template) forms() []form {
	var all []form
	for _, ids := range []bool{false, true} {
		for _, k := range kinds {
			all = append(all, t.form(k.kind, ids, false))
		}
	}
	return all
}

// defaultForms are the forms of GitHub's own template.
var defaultForms = defaultTemplate.forms()

// Forms are the forms of GitHub's own template, without ids and with them. Those of a customised one are made where a
// repository is written with it.
func (System) Forms() []*ci.Form {
	forms := make([]*ci.Form, len(defaultForms))
	for i, f := range defaultForms {
		forms[i] = f.Form
	}
	return forms
}

// subject is what the texts of a form that has a repository say.
func (f form) subject(texts []string) subject {
	s := subject{context: newContext(f.kind, ci.Name{})}
	for i, field := range f.Fields {
		switch text := texts[i]; field.Name {
		case owner.Name:
			s.repository.owner = text
		case ownerID.Name:
			s.repository.ownerID = text
		case name.Name:
			s.repository.name = text
		case repositoryID.Name:
			s.repository.id = text
		case branch.Name, tag.Name:
			s.context.Name.Text = text
		case environment.Name:
			s.context.Name.Text = decode(text)
		}
	}
	return s
}

// A wanted is a form of subjects with what a grant wants of its fields.
type wanted struct {
	form  form
	terms []ci.Term
}

func (w wanted) pattern() string { return w.form.Pattern(w.terms) }

func (w wanted) admits(sub string) bool { return w.form.Admits(w.terms, sub) }

// terms are what a grant wants of the fields of a form: of each the given name, encoded as it stands in a subject.
func (f form) terms(names map[string]ci.Name) []ci.Term {
	terms := make([]ci.Term, len(f.Fields))
	for i, field := range f.Fields {
		n := names[field.Name]
		n.Text = encode(n.Text)
		terms[i] = ci.Term{Name: n}
	}
	return terms
}

// anything is the name of all names.
var anything = ci.Name{Prefix: true}

// forms are those made for a section, each once however many repositories are written with its template.
type forms map[string]form

// form is the form of a template's subjects.
func (made forms) form(t template, kind string, ids, open bool) form {
	key := fmt.Sprint(t, kind, ids, open)
	f, known := made[key]
	if !known {
		f = t.form(kind, ids, open)
		made[key] = f
	}
	return f
}
