package octopusdeploy

import (
	"slices"
	"strings"
	"sync"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// servers are servers of Octopus, each of which is one customer's: in the cloud by their host, others by the form of
// their subjects.
func servers(host string) ci.Host { return ci.Host{Host: host, Forms: audited(), Judge: judge} }

// What stands between the keys that decide, or behind them, where the account has it selected.
var (
	runField = ci.Field{
		Name:    "runbook and tenant",
		Texts:   `(?::runbook:[^:]+)?(?::tenant:[^:]+)?`,
		Other:   ":tenant:mallory",
		Decides: ci.Nothing,
	}
	useField = ci.Field{
		Name:    "account and type",
		Texts:   `(?::account:[^:]+)?(?::type:(?:deployment|runbook))?`,
		Other:   ":account:mallory",
		Decides: ci.Nothing,
	}
	healthField = ci.Field{
		Name:    "account and type",
		Texts:   `(?::account:[^:]+)?(?::type:health)?`,
		Other:   ":account:mallory",
		Decides: ci.Nothing,
	}
)

// audited are the forms by which an audit reads subjects: those of the section in fewer pieces, and with the keys of
// the project and its group together, in either order.
var audited = sync.OnceValue(func() []*ci.Form {
	field := func(key string, keys []subjectKey) ci.Field {
		return keys[slices.IndexFunc(keys, func(k subjectKey) bool { return k.key == key })].field()
	}
	var forms []*ci.Form
	for _, what := range [][]string{
		{"project"},
		{"project-group"},
		{"project-group", "project"},
		{"project", "project-group"},
	} {
		template, fields := "space:{space}", []ci.Field{space.field()}
		for _, key := range what {
			template, fields = template+":"+key+":{"+key+"}", append(fields, field(key, execution))
		}
		template, fields = template+"{"+runField.Name+"}", append(fields, runField)
		end := "{" + useField.Name + "}"
		forms = append(forms,
			ci.NewForm(template+":environment:{environment}"+end,
				append(slices.Clone(fields), field("environment", execution), useField)...),
			ci.NewForm(template+end, append(fields, useField)...))
	}
	return append(forms,
		ci.NewForm("space:{space}:target:{target}{"+healthField.Name+"}", space.field(), field("target", health),
			healthField),
		formsByKeys()["accountTests "+template(test)], formsByKeys()["feeds "+template(feed)])
})

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
	name := projectOf(has)
	switch {
	case r.Exactly("space") && (name == "" || r.Exactly(name)):
	case r.Exactly("space") && r.Span(name).Kind == ci.Prefix, r.Span("space").Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: loose(r, "space", name)})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: loose(r, "space", name)})
	}
	if !r.Exactly("space", name) && oneWildcard(r) {
		return verdicts // which takes in the environment, too
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

// oneWildcard reports that one wildcard, or that nothing tests sub, leaves all open that is.
func oneWildcard(r *ci.Reading) bool {
	return !slices.ContainsFunc(r.Values, func(v trust.Value) bool {
		return strings.Contains(strings.TrimRight(v.Pattern, "*?"), "*")
	})
}

// loose are those of some fields that have no one text.
func loose(r *ci.Reading, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || r.Exactly(name) })
}
