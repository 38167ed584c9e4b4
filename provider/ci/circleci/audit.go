package circleci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

var anyProject = ci.Rule{
	ID: "circleci-any-project", Severity: ci.Medium,
	Summary:     "every project of the organization is trusted, also one that somebody there sets up tomorrow",
	Remediation: "Add StringEquals on the key ISSUER:oidc.circleci.com/project-id with the projects that deploy.",
	Source:      docs,
}

// AuditRules are the findings that an audit alone reports.
func (System) AuditRules() []ci.Rule { return []ci.Rule{anyProject} }

// sourced is the long form as an audit meets it. A ref is written in full, and an origin ends at the first /vcs-ref/:
// no part of it is called so.
var sourced = ci.NewForm(ids+"/vcs-origin/{origin}/vcs-ref/{ref}", organizationField, projectField, userField,
	ci.Field{
		Name: "origin", Texts: segment + `(?:/` + segment + `)*`, Sample: "github.com/acme/web",
		Other: strangersRepository, Decides: ci.Project,
	},
	ci.Field{
		Name: "ref", Texts: `refs/(?s:.+)`, Sample: "refs/heads/main", Other: "refs/heads/mallory/patch-1",
		Decides: ci.RefOf,
	})

// segment is a part of an origin, any but "vcs-ref", as a regular expression.
var segment = func() string {
	const word = "vcs-ref"
	var others []string
	for i := range word {
		others = append(others, word[:i]+"[^/"+word[i:i+1]+"][^/]*")
		if i > 0 {
			others = append(others, word[:i])
		}
	}
	return "(?:" + strings.Join(append(others, word+"[^/]+"), "|") + ")"
}()

// audited are the forms that an audit meets.
var audited = []*ci.Form{short, sourced}

// named is the organization in an issuer's name.
func named(host string) map[string]string {
	_, organization, found := strings.Cut(host, "/org/")
	if !found || !ci.UUID.MatchString(organization) {
		return nil
	}
	return map[string]string{"organization": organization}
}

// reads judges a reading of an issuer of CircleCI's.
func reads(r *ci.Reading) []ci.Verdict {
	exact := func(place string) bool { return r.Span(place).Kind == ci.Exact || r.Folded() }
	if r.Host.Shared && !exact("organization") && !exact("project") {
		rule := ci.TenantNotPinned
		if !r.Tested {
			rule = ci.NoSubject
		}
		return []ci.Verdict{{Rule: rule, Other: []string{"organization", "project"}}}
	}
	var verdicts []ci.Verdict
	if !exact("project") && r.Claims[claim].Kind != ci.Exact {
		verdicts = append(verdicts, ci.Verdict{Rule: anyProject, Other: []string{"project"}})
	}
	opened := refs(r)
	if r.Form == short {
		opened = nil
		if !exact("user") {
			opened = []ci.Verdict{{Rule: AnyRef, Detail: "tokens that name neither origin nor ref"}}
		}
	}
	if len(verdicts) > 0 && len(opened) > 0 && r.OneWildcard() {
		for i := range opened { // the worse of two things that one mistake lets in, and it says the other
			opened[i].Detail = "jobs of any project of the organization"
			opened[i].Other = append(opened[i].Other, "project")
		}
		return opened
	}
	return append(verdicts, opened...)
}

// refs judges from where, and on which refs, jobs get in. A fork has branches of the same names, and its owner names
// them.
func refs(r *ci.Reading) []ci.Verdict {
	origin, ref := r.Span("origin"), r.Span("ref")
	text := ref.Text
	fresh := ci.Branches.Namespace + ci.UnheardOf
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		switch {
		case strings.HasPrefix(text, kind.Namespace):
			text, fresh = text[len(kind.Namespace):], kind.Namespace+ci.UnheardOf
		case strings.HasPrefix(kind.Namespace, text):
			text = ""
		}
	}
	switch {
	case origin.Kind == ci.Exact && ref.Kind == ci.Exact:
		return nil
	case r.Folded():
		return []ci.Verdict{ci.OtherCase("ref")}
	case origin.Kind == ci.Exact && text != "":
		return []ci.Verdict{{Rule: ci.RefPrefix(text), Other: []string{"ref"}}}
	case origin.Kind == ci.Exact && r.Admits(map[string]string{"ref": fresh}):
		return []ci.Verdict{{Rule: AnyRef, Other: []string{"ref"}}}
	case origin.Kind != ci.Exact && r.Admits(map[string]string{"origin": strangersRepository, "ref": fresh}):
		return []ci.Verdict{{Rule: AnyRef, Other: []string{"origin"}, Fields: map[string]string{"ref": fresh}}}
	}
	return []ci.Verdict{{Rule: ci.WildcardBeforeDecision, Other: slices.DeleteFunc([]string{"origin", "ref"},
		func(place string) bool { return r.Field(place).Kind == ci.Exact })}}
}
