package depot

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// notGitHub are the names other than github.
const notGitHub = `github[^/]+|[^/g][^/]*|g(?:[^/i][^/]*)?|gi(?:[^/t][^/]*)?|git(?:[^/h][^/]*)?|gith(?:[^/u][^/]*)?|` +
	`githu(?:[^/b][^/]*)?`

// otherForm stands for the subjects of repositories that are not on GitHub, which are not documented.
// Source: https://depot.dev/docs/ci/integrations/entire
var otherForm = ci.NewForm("spiffe://"+host+"/org/{organization}/ci/{place}/{rest}", form.Fields[0],
	ci.Field{Name: "place", Texts: notGitHub, Sample: "entire", Decides: ci.Project},
	ci.Field{Name: "rest", Texts: `(?s:.+)`, Sample: "acme/web/ref/refs/heads/main", Decides: ci.RefOf})

// judge judges what a policy says of Depot's tokens.
func judge(r *ci.Reading) []ci.Verdict {
	if strangers := r.Strangers(); strangers != nil {
		return strangers
	}
	var verdicts []ci.Verdict
	if r.Form == otherForm {
		if !r.Exactly("rest") && !r.ReadAs(form) {
			verdicts = append(verdicts, ci.Verdict{Rule: anyJob, Other: []string{"rest"}})
		}
		return verdicts
	}
	owner, repository := r.Span("owner"), r.Span("repository")
	switch {
	case owner.Kind == ci.Exact && repository.Kind == ci.Exact:
	case owner.Kind == ci.Prefix, owner.Kind == ci.Exact && repository.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"owner", "repository"}})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"owner", "repository"}})
	}
	// The id of the sandbox, another one for each job, stands behind the ref.
	job := r.Span("job")
	name := job.Text
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		name = strings.TrimPrefix(name, kind.Namespace)
	}
	switch {
	case job.Kind == ci.Exact:
	case name == "" || strings.HasPrefix("refs/heads/", name) || strings.HasPrefix("refs/tags/", name):
		verdicts = append(verdicts, ci.Verdict{Rule: anyJob, Other: []string{"job"}})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.RefPrefix(name), Other: []string{"job"}})
	}
	return verdicts
}
