package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var (
	refWithoutSub = ci.Rule{
		ID: "github-ref-without-sub", Severity: ci.High, Unreviewed: true,
		Summary: "the branch is tested by the key ref and the subject is not: a pull_request_target run, which a " +
			"stranger's pull request starts, has the base branch as its ref",
		Remediation: "Test sub with the repository and the branch; ref may stand beside it.",
		Source:      "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target",
	}
	movableWorkflow = ci.Rule{
		ID: "github-movable-workflow-ref", Severity: ci.Medium,
		Summary: "job_workflow_ref accepts the reusable workflow at a branch or tag, which can be " +
			"moved to other code",
		Remediation: "Accept the workflow at a commit, or protect the branch or tag and whoever may push it.",
		Source:      docs,
	}
)

// AuditRules are the findings that an audit alone reports.
func (System) AuditRules() []ci.Rule {
	return []ci.Rule{refWithoutSub}
}

var commitRef = ci.NewExpression(`@[0-9a-f]{40}$`)

// keys are the claims that decide something and whose keys AWS fills.
var keys = []ci.Field{
	{Name: "repository_owner_id", Sample: "1234567", Other: "666", Decides: ci.Tenant},
	{Name: "enterprise_id", Sample: "9900", Other: "668", Decides: ci.Tenant},
	{Name: "repository", Sample: "acme/web", Other: "mallory/web", Decides: ci.Project},
	{Name: "repository_id", Sample: "89012345", Other: "667", Decides: ci.Project},
	{Name: "ref", Sample: "refs/heads/main", Other: "refs/heads/mallory", Decides: ci.RefOf},
	{Name: "environment", Sample: "production", Decides: ci.Event},
	{Name: "job_workflow_ref", Sample: "acme/ci/.github/workflows/deploy.yml@refs/heads/main",
		Other: "mallory/web/.github/workflows/deploy.yml@refs/heads/main", Decides: ci.Event},
	{Name: "workflow", Sample: "deploy", Decides: ci.Event},
	{Name: "actor", Sample: "mona", Decides: ci.Event},
	{Name: "actor_id", Sample: "5550001", Other: "666", Decides: ci.Event},
}

// reads judges a reading of one of GitHub's cloud.
func reads(r *ci.Reading) []ci.Verdict { return examine(r, cloudQuestions.of(r.Form), false) }

// serverReads judges a reading of a GitHub Enterprise Server.
func serverReads(r *ci.Reading) []ci.Verdict { return examine(r, serverQuestions.of(r.Form), true) }

// An examination is a reading that is judged.
type examination struct {
	*ci.Reading
	question
	server bool
}

// examine judges a reading. Whether strangers get in comes first: where they do, nothing else matters. A subject that
// GitHub's own template can make is read as that template's; what the same value admits of a repository with a template
// of its own is the choice of those who own the repository.
func examine(r *ci.Reading, asked question, server bool) []ci.Verdict {
	e := examination{r, asked, server}
	if v, open := e.strangers(); open {
		return []ci.Verdict{v}
	}
	if e.about == owners || !e.standard && (e.standardTemplate() || !e.named()) {
		return nil
	}
	if e.standard && e.claims("environment") && e.about != "environment" {
		return nil // a job with an environment has no other context
	}
	whole := e.project()
	rest := slices.Concat(e.identity(), e.workflow(len(whole) > 0), e.job(len(whole) > 0))
	if len(whole) > 0 && whole[0].Rule.ID == ci.OrganizationWide.ID && e.OneWildcard() && !e.claims("ref") &&
		!e.claims("environment") {
		return ci.OfOneCause(whole, rest) // what leaves open the repository leaves open all else
	}
	return append(whole, rest...)
}

// claims reports that a condition on a claim demands a text of it, or the beginning of one.
func (e examination) claims(claim string) bool {
	return e.Claims[claim].Kind == ci.Exact || e.Claims[claim].Kind == ci.Prefix
}

// exact reports that a field is there and has one text.
func (e examination) exact(field string) bool {
	if e.hasField(field) && e.Folded() {
		return true // GitHub takes names that differ in letter case alone for one
	}
	span := e.Span(field)
	return span.Kind == ci.Exact && span.Text != ""
}

// claimsName reports that the keys name one owner.
func (e examination) claimsName() bool {
	exact := func(key string) bool { return e.Claims[key].Kind == ci.Exact }
	return exact("repository_owner_id") || exact("repository_id") || exact("enterprise_id") ||
		e.claims("repository") && strings.Contains(e.Claims["repository"].Text, "/")
}

// strangers judges whether the jobs of other owners get in.
func (e examination) strangers() (ci.Verdict, bool) {
	if !e.Host.Shared || e.claimsName() || !e.standard && e.about != owners {
		return ci.Verdict{}, false
	}
	tenant, claims := e.Deciding(ci.Tenant)
	switch {
	case slices.ContainsFunc(tenant, e.exact), e.standard && e.exact("repository id"),
		e.about == owners && len(tenant) > 0 && e.standardTemplate():
		return ci.Verdict{}, false
	}
	rule := ci.TenantNotPinned
	switch {
	case !e.Tested:
		rule = ci.NoSubject
	case slices.ContainsFunc(tenant, func(field string) bool { return e.Span(field).Kind == ci.Prefix }):
		rule = ci.PrefixCollision
	}
	who := ""
	if e.about == owners {
		who = "a stranger's repository, whose subject template names no owner"
	}
	return ci.Verdict{Rule: rule, Who: who, Other: append(tenant, claims...)}, true
}

// standardTemplate reports that GitHub's own template makes subjects that the accepted values fit.
func (e examination) standardTemplate() bool {
	asked := cloudQuestions
	if e.server {
		asked = serverQuestions
	}
	return slices.ContainsFunc(asked, func(q question) bool {
		if !q.standard {
			return false
		}
		m, err := q.Meet(ci.Demand{Fit: e.Values}, nil)
		return err == nil && !m.Dead()
	})
}

// named reports that a customised subject, or a key, names the owner. Where nothing does, that is said of the strangers
// who get in, and not of the owner's repositories.
func (e examination) named() bool {
	return !e.Host.Shared || e.claimsName() || e.exact("owner") || slices.ContainsFunc(e.Values, subjectNamesOwner)
}

// subjectNamesOwner judges whether only one owner's tokens can have a customised subject: a pair of it is written out
// that names the owner, and cannot be forged because ":" inside a value is written %3A.
func subjectNamesOwner(value trust.Value) bool {
	parts := strings.Split(value.Literal(), ":")
	for i := 0; i+1 < len(parts); i += 2 {
		whole := value.Exact() || i+2 < len(parts)
		switch text := parts[i+1]; parts[i] {
		case "repo", "repository", "workflow_ref":
			if owner, _, ended := strings.Cut(strings.Replace(text, "@", "/", 1), "/"); ended && owner != "" {
				return true
			}
		case "repository_owner", "repository_owner_id", "repository_id", "enterprise", "enterprise_id":
			if whole && text != "" {
				return true
			}
		case pullRequest:
			i--
		}
	}
	return false
}

// writtenOut is the text of a claim that a customised subject has written out, before its first wildcard or behind its
// last one; "" where none of the values has.
func (e examination) writtenOut(claims ...string) string {
	for _, value := range e.Values {
		text := value.Pattern
		before, behind := strings.Split(value.Literal(), ":"), []string{}
		if value.Wild() {
			behind = strings.Split(text[strings.LastIndexAny(text, "*?")+1:], ":")
			before = before[:len(before)-1]
			behind[0] = ""
		}
		for _, parts := range [][]string{before, behind} {
			for i := 0; i+1 < len(parts); i++ {
				if slices.Contains(claims, parts[i]) {
					return parts[i+1]
				}
			}
		}
	}
	return ""
}

// project judges which repositories of the owner get in.
func (e examination) project() []ci.Verdict {
	if e.Claims["repository_id"].Kind == ci.Exact || e.Claims["repository"].Kind == ci.Exact ||
		e.exact("repository id") || e.writtenOut("repo", "repository_id", "repository", "workflow_ref") != "" {
		return nil
	}
	owned := e.exact("owner") || e.exact("owner id") || e.Claims["repository_owner_id"].Kind == ci.Exact
	if owned && e.exact("repository") {
		return nil
	}
	rule, other := ci.OrganizationWide, "repository"
	if !owned {
		other = "owner"
	}
	if e.Field(other).Kind == ci.Prefix || !e.Admits(map[string]string{other: ci.UnheardOf}) && e.hasField(other) {
		rule = ci.ProjectPrefix
	}
	if e.Claims["job_workflow_ref"].Kind == ci.Exact || e.writtenOut("job_workflow_ref") != "" {
		rule = anyRepository
	}
	fields, _ := e.Deciding(ci.Project)
	return []ci.Verdict{{Rule: rule, Other: fields}}
}

func (e examination) hasField(name string) bool {
	return slices.ContainsFunc(e.Fields, func(f ci.Field) bool { return f.Name == name })
}

// identity judges whether owner and repository are known by names alone, which can be given up.
func (e examination) identity() []ci.Verdict {
	repo := e.writtenOut("repo")
	named := repo != "" || e.exact("owner") || e.claims("repository") ||
		e.writtenOut("repository_owner", "repository") != ""
	if !named || strings.Contains(repo, "@") || e.exact("owner id") || e.exact("repository id") ||
		e.Claims["repository_owner_id"].Kind == ci.Exact || e.Claims["repository_id"].Kind == ci.Exact ||
		e.writtenOut("repository_owner_id", "repository_id") != "" {
		return nil
	}
	rule := classicSubject
	if e.server {
		rule = serverNames
	}
	return []ci.Verdict{{Rule: rule}}
}

// workflow judges the reusable workflow that is demanded: at a branch or tag of another repository it can be changed by
// somebody who cannot change the trusted one. whole says that any repository of the owner may call it.
func (e examination) workflow(whole bool) []ci.Verdict {
	workflow := ""
	if e.claims("job_workflow_ref") {
		workflow = e.Claims["job_workflow_ref"].Text
	} else if !e.standard {
		workflow = e.writtenOut("job_workflow_ref")
		for _, value := range e.Values { // at the end, with a wildcard in it
			if _, behind, found := strings.Cut(value.Literal(), "job_workflow_ref:"); workflow == "" && found {
				workflow = behind
			}
		}
	}
	if workflow == "" || commitRef.MatchString(workflow) {
		return nil
	}
	if e.exact("owner") && e.exact("repository") &&
		strings.HasPrefix(workflow, e.Span("owner").Text+"/"+e.Span("repository").Text+"/") {
		return nil
	}
	if whole {
		return []ci.Verdict{{Rule: organizationWorkflow, Detail: "the workflow " + workflow}}
	}
	return []ci.Verdict{{Rule: movableWorkflow, Detail: "the workflow " + workflow}}
}

// job judges the kind of job that gets in. whole says that any repository of the owner does.
func (e examination) job(whole bool) []ci.Verdict {
	switch {
	case e.claims("environment"):
		return e.environment(e.Claims["environment"])
	case !e.standard && e.about != "environment" && e.writtenOut("environment") != "":
		return []ci.Verdict{{Rule: environmentRules}}
	}
	switch e.about {
	case "branch":
		if strings.HasPrefix(e.Span("branch").Text, queueBranches) {
			return nil // the question about the merge queue says it
		}
		verdicts := e.refs("branch")
		if e.Tested {
			verdicts = append(verdicts, ci.Verdict{Rule: pullRequestTarget})
		}
		return verdicts
	case "tag":
		return e.refs("tag")
	case "ref":
		return e.anywhere()
	case nothing:
		if e.claims("ref") {
			return []ci.Verdict{{Rule: refWithoutSub}}
		}
		return []ci.Verdict{{Rule: anyRef, Detail: "a subject that names no branch, tag or environment"}}
	case merges:
		return e.queue()
	case "environment":
		return e.environment(e.Span("environment"))
	case pullRequest:
		if e.alsoBranches(pullRequest, "ref:"+ci.Branches.Namespace+ci.UnheardOf) {
			return nil
		}
		return e.pullRequests()
	}
	return nil
}

// anywhere judges the ref of a customised subject.
func (e examination) anywhere() []ci.Verdict {
	field := "ref"
	if e.Span("ref again").Kind == ci.Exact {
		field = "ref again"
	}
	switch text := e.Field(field).Text; {
	case strings.HasPrefix(text, "refs/pull/"):
		return e.pullRequests()
	case strings.HasPrefix(text, ci.Branches.Namespace+queueBranches):
		return []ci.Verdict{{Rule: mergeQueue}}
	case strings.HasPrefix(text, ci.Branches.Namespace):
		return append(e.refs(field), ci.Verdict{Rule: pullRequestTarget})
	}
	return e.refs(field)
}

// refs judges what is left open of the branch or tag.
func (e examination) refs(field string) []ci.Verdict {
	span, another := e.Field(field), map[string]string{field: ci.UnheardOf}
	text := span.Text
	if !e.standard {
		another = map[string]string{field: ci.Branches.Namespace + ci.UnheardOf}
		for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
			switch {
			case strings.HasPrefix(text, kind.Namespace):
				text, another[field] = text[len(kind.Namespace):], kind.Namespace+ci.UnheardOf
			case strings.HasPrefix(kind.Namespace, text):
				text = ""
			}
		}
		if e.hasField("ref again") {
			another["ref"], another["ref again"] = another[field], another[field]
		}
	}
	switch {
	case span.Kind == ci.Exact:
		return nil
	case e.Folded():
		return []ci.Verdict{ci.OtherCase(field)}
	case text != "":
		return []ci.Verdict{{Rule: ci.RefPrefix(text), Other: []string{field}}}
	case !e.Admits(another):
		return []ci.Verdict{{Rule: ci.WildcardBeforeDecision, Other: []string{field}}}
	case e.claims("ref") && e.standard:
		return []ci.Verdict{{Rule: refWithoutSub, Other: []string{field}}}
	}
	return []ci.Verdict{{Rule: anyRef, Other: []string{field}}}
}

// queue judges whether the branches of the merge queue get in. Where branches that begin in any way do, that says as
// much.
func (e examination) queue() []ci.Verdict {
	if e.claims("ref") || e.alsoBegins(queueBranches, ci.UnheardOf+"/") {
		return nil
	}
	return []ci.Verdict{{Rule: mergeQueue}}
}

// environment judges the environment.
func (e examination) environment(span ci.Span) []ci.Verdict {
	switch {
	case span.Kind == ci.Exact, !e.claims("environment") && e.Folded():
		return []ci.Verdict{{Rule: environmentRules}}
	case !e.claims("environment") &&
		e.alsoBranches("environment:", "ref:"+ci.Branches.Namespace+ci.UnheardOf):
		return nil // any branch gets in by the same wildcard, which says more
	case !e.standard && e.writtenOut("ref") != "":
		return nil // the branch is named all the same
	}
	return []ci.Verdict{{Rule: environmentWildcard, Other: []string{"environment"}}}
}

// alsoBranches reports that the values accept a subject of the reading with something else from a text on.
func (e examination) alsoBranches(from, instead string) bool {
	return e.also(func(sub string, at int) string { return sub[:at] + instead }, from)
}

// alsoBegins reports that the values accept a subject of the reading with something else in the place of a text.
func (e examination) alsoBegins(text, instead string) bool {
	return e.also(func(sub string, at int) string { return sub[:at] + instead + sub[at+len(text):] }, text)
}

func (e examination) also(change func(sub string, at int) string, from string) bool {
	texts, ok := e.Witness(nil)
	if !ok {
		return false
	}
	sub := e.Build(texts...)
	at := strings.LastIndex(sub, from)
	if at < 0 {
		return false
	}
	sub = change(sub, at)
	return !slices.ContainsFunc(e.Values, func(value trust.Value) bool { return !value.Admits(sub) })
}

// pullRequests judges the jobs of pull requests.
func (e examination) pullRequests() []ci.Verdict {
	if ref := e.Claims["ref"]; e.claims("ref") && !strings.HasPrefix(ref.Text, "refs/pull/") {
		return nil // they run on refs/pull/NUMBER/merge
	}
	return []ci.Verdict{{Rule: pullRequests}}
}
