package gitlab

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// The forms of subjects as an audit meets them: the group stands apart, because it is the tenant of an instance that
// many share. A project may put other parts behind its name, and those of the default in another order.
// Source: https://docs.gitlab.com/api/projects/#edit-a-project (ci_id_token_sub_claim_components)
var (
	pathBegins = "project_path:{group}/{project}"
	inGroup    = []ci.Field{
		{Name: "group", Texts: `[^\s:/]+`, Sample: "acme", Decides: ci.Tenant},
		{Name: "project", Texts: `[^\s:/]+(?:/[^\s:/]+)*`, Sample: "web", Decides: ci.Project},
	}
	numbered = []ci.Field{byID.Fields[0]}

	pathForm = ci.NewForm(pathBegins+":ref_type:{ref type}:ref:{ref}{rest}", slices.Concat(inGroup, refFields)...)
	idForm   = ci.NewForm("project_id:{project id}:ref_type:{ref type}:ref:{ref}{rest}",
		slices.Concat(numbered, refFields)...)
	pathParts = ci.NewForm(pathBegins+"{parts}", slices.Concat(inGroup, customParts)...)
	idParts   = ci.NewForm("project_id:{project id}{parts}", slices.Concat(numbered, customParts)...)

	refFields   = byPath.Fields[1:]
	customParts = []ci.Field{{
		Name: "parts", Decides: ci.RefOf, Sample: ":ref_type:branch", Other: "",
		Texts: `(?::(?:ref_type:(?:branch|tag)|ref:[^:]+|` +
			`(?:ref_protected|environment_protected|deployment_tier):[a-z]*))*`,
	}}
)

// audited are the forms that an audit meets.
var audited = []*ci.Form{pathForm, idForm, pathParts, idParts}

// keys are the claims that decide something and whose keys AWS fills for gitlab.com.
// Source: https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
var keys = []ci.Field{
	{Name: groupClaim, Sample: "68413579", Other: "86660000", Decides: ci.Tenant},
	{Name: idClaim, Sample: someID, Other: strangersID, Decides: ci.Project},
	{Name: protectedClaim, Choices: []string{"true", "false"}, Sample: "true", Other: "false", Decides: ci.Event},
	{Name: sourceClaim, Sample: "push", Other: mergeRequestEvent, Decides: ci.Event},
	{Name: "user_login", Sample: "mona", Decides: ci.Event},
	{Name: "user_id", Sample: "184239", Other: "666", Decides: ci.Event},
}

// An examination is a reading that is judged.
type examination struct{ *ci.Reading }

// reads judges a reading of gitlab.com, or of another instance.
func reads(r *ci.Reading) []ci.Verdict {
	e := examination{r}
	if v, open := e.strangers(); open {
		return []ci.Verdict{v}
	}
	custom := r.Form == pathParts || r.Form == idParts
	if custom && e.usual() {
		return nil // a project is taken for one that leaves its subjects as they are
	}
	projects := e.project()
	verdicts := slices.Concat(projects, e.path(projects))
	if projects != nil && e.OneCause() {
		return ci.OfOneCause(verdicts, e.refs(custom))
	}
	return append(verdicts, e.refs(custom)...)
}

// exact reports that one text stands in a place. GitLab takes paths that differ in letter case alone for one.
func (e examination) exact(place string) bool { return e.Span(place).Kind == ci.Exact || e.Folded() }

// byID reports that the subject has the project's id and not its path.
func (e examination) byID() bool { return e.Form == idForm || e.Form == idParts }

// strangers judges whether jobs of other groups get in.
func (e examination) strangers() (ci.Verdict, bool) {
	if !e.Host.Shared || e.exact("group") || e.exact("project id") || e.Claims[idClaim].Kind == ci.Exact ||
		e.Claims[groupClaim].Kind == ci.Exact {
		return ci.Verdict{}, false
	}
	rule, place := ci.TenantNotPinned, "group"
	if e.byID() {
		place = "project id"
	}
	switch {
	case !e.Tested:
		rule = ci.NoSubject
	case e.Span(place).Kind == ci.Prefix:
		rule = ci.PrefixCollision
	}
	return ci.Verdict{Rule: rule, Other: []string{place}}, true
}

// usual reports that a subject of the usual form fits the accepted values.
func (e examination) usual() bool {
	return slices.ContainsFunc([]*ci.Form{pathForm, idForm}, func(f *ci.Form) bool {
		m, err := f.Meet(ci.Demand{Fit: e.Values}, nil)
		return err == nil && !m.Dead()
	})
}

// project judges which projects get in.
func (e examination) project() []ci.Verdict {
	if e.exact("project id") || e.Claims[idClaim].Kind == ci.Exact || e.exact("group") && e.exact("project") {
		return nil
	}
	place := "project"
	if e.byID() {
		place = "project id"
	}
	if e.Claims[groupClaim].Kind == ci.Exact && !e.exact(place) {
		return []ci.Verdict{{Rule: wholeGroup, Other: []string{place}}}
	}
	if place == "project id" {
		return []ci.Verdict{{Rule: ci.OrganizationWide, Other: []string{place}}}
	}
	if !e.exact("group") && e.Claims[groupClaim].Kind != ci.Exact {
		place = "group"
	}
	verdict := ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"project"}}
	switch span := e.Span(place); {
	case strings.HasSuffix(span.Text, "/"): // a subgroup
		verdict.Rule, verdict.Detail = groupPathAlone, "everything below "+span.Text
	case span.Kind == ci.Prefix, !e.Admits(map[string]string{place: ci.UnheardOf}):
		verdict.Rule = ci.ProjectPrefix
	case e.exact("group"):
		verdict.Rule = groupPathAlone
	}
	return []ci.Verdict{verdict}
}

// path judges whether the project is known by its path alone, beside what is said of the projects.
func (e examination) path(projects []ci.Verdict) []ci.Verdict {
	if !e.exact("group") || e.Claims[idClaim].Kind == ci.Exact || e.Claims[groupClaim].Kind == ci.Exact ||
		slices.ContainsFunc(projects, func(v ci.Verdict) bool { return v.Rule.ID == groupPathAlone.ID }) {
		return nil // a group that is known by its path alone has a finding of its own
	}
	return []ci.Verdict{{Rule: pathSubject}}
}

// refs judges which refs get in.
func (e examination) refs(custom bool) []ci.Verdict {
	if e.protected() {
		return nil
	}
	if e.Claims[sourceClaim] == (ci.Span{Kind: ci.Exact, Text: mergeRequestEvent}) {
		return []ci.Verdict{{Rule: mergeRequests}}
	}
	if custom {
		return e.parts()
	}
	span := e.Span("ref")
	switch {
	case span.Kind == ci.Exact:
		return nil
	case e.Folded():
		return []ci.Verdict{ci.OtherCase("ref")}
	case span.Kind == ci.Prefix:
		return []ci.Verdict{{Rule: ci.RefPrefix(span.Text), Other: []string{"ref"}}}
	case e.Admits(map[string]string{"ref": ci.UnheardOf}):
		return []ci.Verdict{{Rule: anyRef, Other: []string{"ref"}}}
	}
	return []ci.Verdict{{Rule: ci.WildcardBeforeDecision, Other: []string{"ref"}}}
}

// protected reports that only refs or environments that GitLab protects get in.
func (e examination) protected() bool {
	if e.Claims[protectedClaim] == (ci.Span{Kind: ci.Exact, Text: "true"}) {
		return true
	}
	return slices.ContainsFunc(e.Values, func(v trust.Value) bool {
		return strings.Contains(v.Pattern, ":ref_protected:true") ||
			strings.Contains(v.Pattern, ":environment_protected:true")
	})
}

// parts judges the refs of a subject whose parts the project has chosen.
func (e examination) parts() []ci.Verdict {
	for _, v := range e.Values {
		if _, ref, found := strings.Cut(v.Pattern, ":ref:"); found {
			ref = ci.UpTo(ref, ":")
			switch beginning, wild := strings.CutSuffix(ref, "*"); {
			case ref == "" || strings.Trim(ref, "*?") == "":
			case v.Exact() || !trust.HasWildcard(ref):
				return nil
			case wild && !trust.HasWildcard(beginning):
				return []ci.Verdict{{Rule: ci.RefPrefix(beginning)}}
			default:
				return []ci.Verdict{{Rule: ci.WildcardBeforeDecision}}
			}
		}
	}
	return []ci.Verdict{{Rule: anyRef, Detail: "a subject that names no ref"}}
}
