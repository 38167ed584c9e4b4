package octopusdeploy

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// servers are servers of Octopus, each of which is one customer's: in the cloud by their host, others by the form of
// their subjects.
func servers(host string) ci.Host { return ci.Host{Host: host, Forms: audited, Reads: judge} }

var installed = servers("")

// audited are the forms by which an audit reads subjects: with both keys for what is deployed, too, in either order.
var audited = func() []*ci.Form {
	forms := System{}.Forms()
	group := slices.IndexFunc(execution, func(k subjectKey) bool { return k.key == "project-group" })
	swapped := slices.Clone(execution)
	swapped[group], swapped[group+1] = swapped[group+1], swapped[group]
	for _, keys := range [][]subjectKey{execution, swapped} {
		for chosen := range 1 << len(keys) {
			var both []subjectKey
			for i, k := range keys {
				if chosen&(1<<i) != 0 {
					both = append(both, k)
				}
			}
			if len(both) >= group+2 && slices.EqualFunc(both[:group+2], keys[:group+2],
				func(a, b subjectKey) bool { return a.key == b.key }) {
				forms = append(forms, form(both))
			}
		}
	}
	return forms
}()

// judge judges what a policy says of the tokens of a server.
func judge(r *ci.Reading) []ci.Verdict {
	has := func(name string) bool {
		return slices.ContainsFunc(r.Form.Fields, func(f ci.Field) bool { return f.Name == name })
	}
	var verdicts []ci.Verdict
	for _, f := range r.Form.Fields {
		if span := r.Span(f.Name); span.Kind == ci.Exact && span.Text != strings.ToLower(span.Text) {
			verdicts = append(verdicts, ci.Verdict{Rule: slugCase, Detail: f.Name + " " + span.Text})
		}
	}
	switch name := projectOf(has); {
	case r.Exactly("space") && (name == "" || r.Exactly(name)):
	case r.Exactly("space") && r.Span(name).Kind == ci.Prefix, r.Span("space").Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: loose(r, "space", name)})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: loose(r, "space", name)})
	}
	switch environment := r.Span("environment"); {
	case !has("project") && !has("project-group"):
		if !has("target") && !has("feed") {
			verdicts = append(verdicts, ci.Verdict{Rule: accountTest})
		}
	case !has("environment"):
		verdicts = append(verdicts, ci.Verdict{Rule: anyEnvironment})
	case environment.Kind == ci.Open:
		verdicts = append(verdicts, ci.Verdict{Rule: anyEnvironment, Other: []string{"environment"}})
	case environment.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"environment"}})
	}
	return verdicts
}

// projectOf is the field that names what of a space gets in; the account of an account test is the one that is tested.
func projectOf(has func(name string) bool) string {
	for _, name := range []string{"project", "project-group", "target", "feed", "account"} {
		if has(name) {
			return name
		}
	}
	return ""
}

// loose are those of some fields that have no one text.
func loose(r *ci.Reading, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || r.Exactly(name) })
}
