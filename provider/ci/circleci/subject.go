package circleci

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// The forms of a subject. An origin is host and path of a repository, so it ends at the first /vcs-ref/: a branch may
// be called like the rest of a subject.
var (
	short = ci.NewForm(ids, organizationField, projectField, userField)
	long  = ci.NewForm(ids+"/vcs-origin/{origin}/vcs-ref/{ref}", organizationField, projectField, userField,
		ci.Field{
			Name:    "origin",
			Texts:   `[^/](?s:.*?)`,
			Sample:  "github.com/acme/web",
			Other:   strangersRepository,
			Decides: ci.Project,
		},
		ci.Field{
			Name:    "ref",
			Texts:   `(?s:.+)`,
			Sample:  "refs/heads/main",
			Other:   "refs/heads/mallory/patch-1",
			Decides: ci.RefOf,
		})
	// built is the long form for a grant that cares neither from which repository nor on which ref a job was built.
	built = ci.NewForm(ids+"/vcs-origin/{source}", organizationField, projectField, userField,
		ci.Field{Name: "source", Texts: `(?s:.+)`, Sample: "github.com/acme/web/vcs-ref/refs/heads/main",
			Other: strangersRepository + "/vcs-ref/refs/heads/main", Decides: ci.RefOf})
)

// ids is what every subject begins with.
const ids = "org/{organization}/project/{project}/user/{user}"

// The ids before origin and ref. A grant leaves the user open by as many "?" as the id is long: a "*" would also cross
// "/", and a branch called x/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main could end like the trusted subject.
var (
	organizationField = id("organization", "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11", strangersOrg, "", ci.Tenant)
	// AWS fills the project's key for issuers on circleci.com alone.
	projectField = id("project", "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", strangersProject, claim, ci.Project)
	userField    = id("user", someUser, "bad2bad2-bad2-4bad-8bad-bad2bad2bad2", "", ci.Event)
)

// id is the field of a UUID.
func id(name, sample, other, key string, decides ci.Decision) ci.Field {
	return ci.Field{
		Name:    name,
		Texts:   ci.UUIDTexts,
		Sample:  sample,
		Other:   other,
		Length:  len(sample),
		Key:     key,
		Decides: decides,
	}
}

// A subject is what a grant wants of sub, in one of its forms.
type subject struct {
	form  *ci.Form
	terms []ci.Term
}

// subjects are those of a project's jobs on a ref. Only where any ref is trusted, from any origin, is the short form
// among them: it names neither.
func (p project) subjects(ref ref) []subject {
	ours := []ci.Term{ci.Exactly(p.organization), ci.Exactly(p.id), ci.Anything}
	if p.origin == "" && ref.kind.Word == "" {
		return []subject{{short, ours}, {built, append(slices.Clone(ours), anyText)}}
	}
	if ref.kind.Word == "" {
		return []subject{{long, append(ours, ci.Exactly(p.origin), anyText)}}
	}
	name := ci.Name{Text: ref.kind.Namespace + ref.name.Text, Prefix: ref.name.Prefix}
	return []subject{{long, append(ours, ci.Exactly(p.origin), ci.Term{Name: name})}}
}

// anyText is the term of a last field that may have any text.
var anyText = ci.Term{Name: ci.Name{Prefix: true}}

// patterns are subjects as the policy tests them.
func patterns(subjects []subject) []string {
	var all []string
	for _, s := range subjects {
		all = append(all, s.form.Pattern(s.terms))
	}
	return all
}

// admits judges a sub by its fields.
func admits(subjects []subject, sub string) bool {
	return slices.ContainsFunc(subjects, func(s subject) bool { return s.form.Admits(s.terms, sub) })
}
