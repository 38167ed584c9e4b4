package github

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const reusable = "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows"

var (
	// Medium, and refused until it is accepted: who gets in is of the organization that is named, and naming the
	// repositories avoids it.
	anyRepository = ci.Rule{
		ID: "github-organization", Severity: ci.Medium, Refused: true,
		Summary: "every repository of the organization gets the role through the named workflows, also one that any " +
			"member makes tomorrow. Branches and environments are the calling repository's own: whoever owns it " +
			"pushes the branch or makes the environment, and a pull request's run may name the environment, so " +
			"they protect nothing. Only what the workflow does stands between them and the role",
		Remediation: "Name the repositories, with the workflow in workflows; or see to it that the workflow runs " +
			"nothing of its caller: no checkout, no script, ref or runner label from its inputs, and runners of a " +
			"group that callers cannot choose.",
		Source: reusable,
	}
	// High: a name can be registered again by anybody.
	organizationWorkflow = ci.Rule{
		ID: "github-organization-workflow-ref", Severity: ci.High,
		Summary: "the workflow through which every repository of the organization gets the role is named at a branch " +
			"or tag. job_workflow_ref has names alone: whoever may push there, or registers the owner's or the " +
			"repository's name after it was given up, decides what runs with the role",
		Remediation: "Name the workflow at a commit: 40 hex digits behind the @.",
		Source:      reusable,
	}
)

// An organization is an item of organizations: any repository of an owner, through workflows that are named. It is an
// item without a repository.
type organization struct{ item }

var organizationPattern = ci.NewExpression(`^([A-Za-z0-9][A-Za-z0-9_-]{0,99})@([1-9][0-9]{0,19})$`)

const organizationHelp = `write OWNER@OWNER_ID, such as acme@1234567; gh api orgs/OWNER --jq '"\(.login)@\(.id)"' ` +
	"prints it"

// organizationProblem says what is wrong with the text of an organization.
func organizationProblem(text string) string {
	switch {
	case organizationPattern.MatchString(text):
		return ""
	case strings.ContainsAny(text, "*?"), strings.Contains(text, "${"):
		return "must be one organization, without *, ? and ${; " + organizationHelp
	case strings.Contains(text, "/"):
		return "names a repository; write it under repositories, or " + organizationHelp
	case !strings.Contains(text, "@"):
		return "has no id, and whoever registers the name after it was given up would get in; " + organizationHelp
	}
	return "is not an organization with its id; " + organizationHelp
}

// readOrganization turns one item of organizations into grants.
func (g System) readOrganization(v input.Value, t *ci.Trust, s *shared, problems *input.Problems) {
	before := problems.Len()
	o := organization{item{
		instance: s.instance, audiences: t.Audiences(), keyed: s.keyed, made: s.made, template: defaultTemplate,
	}}
	text := v.Field("organization")
	if s.readable && !s.keyed {
		problems.Add(text, "cannot be trusted here: only the keys repository_owner_id and job_workflow_ref tell its "+
			"jobs from anybody's, and AWS fills them in the aws partition only, for github.com, the issuers of its "+
			"enterprises and SUBDOMAIN.ghe.com. Name the repositories")
	}
	if text.HasText() {
		if rule := organizationProblem(text.Text()); rule != "" {
			problems.Add(text, s.instance.at(rule), input.Got(text))
		} else {
			parts := organizationPattern.FindStringSubmatch(text.Text())
			o.repository = repository{owner: parts[1], ownerID: parts[2]}
			if rule := s.named.contradiction(o.repository); rule != "" {
				problems.Add(text, strings.ReplaceAll(rule, repositoryHelp, organizationHelp), input.Got(text))
			}
		}
	}
	shown := "any repository of " + o.repository.owner
	if o.repository.owner == "" {
		shown = "any repository of the organization"
	}
	how, good := o.readWorkflows(v, s, problems)
	o.how = how
	for _, word := range []string{"pullRequests", "mergeQueue", "actors", "subjectClaims"} {
		if v.Field(word).Present {
			problems.Add(v.Field(word), "is not for an organization: name the repositories for which it is meant")
		}
	}
	contexts := slices.DeleteFunc(readContexts(v, t, s, shown, problems), func(c context) bool {
		return c.Kind == pullRequest || c.queue != ""
	})
	if words := []string{"branches", "tags", "environments"}; !ci.AnyPresent(v, words) {
		problems.Add(v.Field("branches"),
			"is missing, and so are tags and environments; give at least one of them, to "+
				"say which jobs of the organization's repositories are trusted. Every job, pull requests included, is "+
				"never meant")
	}
	if problems.Len() > before || !good || o.repository.owner == "" || !s.readable {
		return
	}
	t.Findings = append(t.Findings, o.findings(v, contexts, s)...)
	for _, c := range contexts {
		t.Grants = append(t.Grants, o.grant(v.Path, c))
	}
	s.organizations = append(s.organizations, v)
	s.contexts = append(s.contexts, contexts...)
	s.words.organization(o.repository.owner, o.how.workflows, contexts)
}

// readWorkflows reads the workflows through which an organization is trusted. Each is named at one ref: the tags of an
// organization are pushed by whoever may push to any of its repositories.
func (o organization) readWorkflows(v input.Value, s *shared, problems *input.Problems) (how, bool) {
	list := v.Field("workflows")
	if !list.Present {
		problems.Add(list,
			"is missing: without a workflow every job of every repository of the organization would get "+
				"the role. Name the reusable workflow, at a commit, through which they may; "+workflowForm)
	}
	good := true
	for _, w := range list.Texts() {
		if workflowName(w.Text()).Prefix {
			problems.Add(w, "has a wildcard; through an organization's workflow any of its repositories gets in, so "+
				"it is named at one ref, best at a commit; "+workflowForm, input.Got(w))
			good = false
		}
	}
	if !good {
		return how{}, false
	}
	without := input.Value{Path: v.Path, Present: true, Known: true, Fields: map[string]input.Value{"workflows": list}}
	return readHow(without, o.template, s.instance, true, problems)
}

// findings are what a careful reviewer would say about the item.
func (o organization) findings(v input.Value, contexts []context, s *shared) []ci.Finding {
	owner := o.repository.owner
	findings := []ci.Finding{{Rule: anyRepository, Path: v.Field("organization").Path, Detail: owner}}
	for _, workflow := range o.how.workflows {
		if !commitRef.MatchString(workflow) {
			findings = append(findings,
				ci.Finding{Rule: organizationWorkflow, Path: v.Field("workflows").Path, Detail: workflow})
		}
	}
	for _, c := range contexts {
		if c.Kind == "branch" {
			findings = append(findings, o.item.targets(v, "any repository of "+owner, c))
		}
	}
	for _, e := range s.listed.entries {
		if e.item.repository.owner == owner && len(e.item.how.actors) > 0 {
			findings = append(findings,
				ci.Finding{Rule: narrowingVoid, Path: v.Path, Detail: "any repository of " + owner + " without actors"})
			break
		}
	}
	return findings
}

// sentence says what a grant admits, with those that a reader would not think of.
func (o organization) sentence(c context) string {
	sentence := o.instance.title() + ": any repository of " + o.repository.owner + ", also one made later, " +
		c.phrase()
	if c.Kind == "environment" {
		sentence += ", also in runs of a pull request that name it"
	}
	sentence += o.how.phrase()
	if slices.ContainsFunc(o.how.workflows, o.runs) {
		sentence += ", also where that workflow is run by itself"
	}
	return sentence
}

// runs reports that a workflow's own run, without a caller, has the trusted job_workflow_ref: it is of the
// organization, and not at a commit, for a run is at a branch or tag.
func (o organization) runs(workflow string) bool {
	return strings.HasPrefix(workflow, o.repository.owner+"/") && !commitRef.MatchString(workflow)
}

// grant trusts one context of any repository of the organization, in both forms of the subject. The "*" in sub stands
// for the repository's name, as in the compact form.
func (o organization) grant(path string, c context) ci.Grant {
	r := o.repository
	refused := refusal{audiences: o.audiences, ownerID: r.ownerID, subjects: []string{fiveParts}}
	subjects := openSubjects{{r.owner + "@" + r.ownerID + "/", "", c}, {r.owner + "/", "", c}}
	claims := map[string][]string{
		"aud": o.audiences, "repository_owner_id": {r.ownerID}, "sub": subjects.patterns(),
	}
	maps.Copy(claims, o.howKeys())
	return ci.Grant{
		Path:     path,
		Sentence: o.sentence(c),
		Claims:   claims,
		Refuse:   refused.claims(),
		Refuses:  refused.refuses,
		Admits: func(token map[string]any) bool {
			return subjects.admit(ci.TextOf(token["sub"])) && slices.Contains(o.audiences, ci.AudienceOf(token)) &&
				ci.TextOf(token["repository_owner_id"]) == r.ownerID &&
				o.how.admits("job_workflow_ref", ci.TextOf(token["job_workflow_ref"]))
		},
		Tokens: func() []ci.Token { return o.tokens(c) },
	}
}

// tokens are jobs of repositories that the organization has, and of one that is made later, and near misses.
func (o organization) tokens(c context) []ci.Token {
	job := Job{
		Owner: o.repository.owner, OwnerID: o.repository.ownerID, Repository: "service", RepositoryID: "2000002",
		Event: "push", Ref: "refs/heads/main", Immutable: true, Issuer: o.instance.issuer(),
		Audience: first(o.audiences), Workflow: first(o.how.workflows),
	}.in(c, c.sample())
	var tokens []ci.Token
	let := func(name string, change func(*Job)) {
		for _, ids := range []bool{true, false} {
			other := job
			other.Immutable = ids
			change(&other)
			tokens = append(tokens, ci.Token{Name: name, Claims: other.Claims(), Admit: true})
		}
	}
	let("a job "+c.phrase(), func(*Job) {})
	let("a job of a repository made later", func(j *Job) { j.Repository, j.RepositoryID = "mallory", "667" })
	if c.Kind == "environment" {
		for _, event := range []string{"pull_request", "pull_request_target"} {
			let("a run of "+event+" that names the environment", func(j *Job) {
				j.Event, j.Ref = event, "refs/pull/7/merge"
			})
		}
	}
	if shortest, exists := c.Name.Shortest(); exists {
		let("a job whose "+c.Kind+" is the prefix itself", func(j *Job) { *j = j.in(c, shortest) })
	}
	for _, audience := range further(o.audiences) {
		let("audience "+audience, func(j *Job) { j.Audience = audience })
	}
	for _, workflow := range further(o.how.workflows) {
		let("workflow "+workflow, func(j *Job) { j.Workflow = workflow })
	}
	for _, workflow := range o.how.workflows {
		if o.runs(workflow) {
			let("the workflow "+workflow+" run by itself", func(j *Job) {
				j.Workflow, j.Repository, j.RepositoryID = workflow, strings.Split(workflow, "/")[1], "668"
			})
		}
	}
	return append(tokens, o.nearMisses(c, job)...)
}

// nearMisses are jobs that must not get in: those of other owners, the organization's own by another workflow or in
// another context, and subjects of templates that fill the "*".
func (o organization) nearMisses(c context, job Job) []ci.Token {
	renamed := job
	renamed.Owner += "-new"
	direct := job
	path, _, _ := strings.Cut(job.Workflow, "@")
	direct.Workflow = path + "@refs/heads/mallory"
	near := append(job.nearMisses(c, o.how), nearMiss{"the organization after it was renamed", renamed},
		nearMiss{"the workflow run by itself, at a branch that is not trusted", direct})
	var tokens []ci.Token
	for _, miss := range near {
		own := miss.job
		own.Repository, own.RepositoryID = job.Repository, job.RepositoryID
		if reflect.DeepEqual(own, job) {
			continue // another repository of the organization
		}
		for _, ids := range []bool{true, false} {
			miss.job.Immutable = ids
			tokens = append(tokens, ci.Token{Name: miss.name, Claims: miss.job.Claims()})
		}
	}
	for _, audience := range o.audiences {
		job.Audience = audience
		tokens = append(tokens, job.customised(c)...)
	}
	job.Audience = first(o.audiences)
	claims := job.Claims()
	return append(slices.Concat(tokens, job.shapes(c), job.filled(c)),
		ci.Token{Name: "a token without subject", Claims: ci.With(claims, map[string]any{"sub": nil})},
		ci.Token{Name: "a token without the owner's id", Claims: ci.With(claims,
			map[string]any{"repository_owner_id": nil})},
		ci.Token{Name: "a token without workflow", Claims: ci.With(claims, map[string]any{"job_workflow_ref": nil})})
}

// refuseTemplates reports repositories with a template of their own beside an organization.
func (s *shared) refuseTemplates(problems *input.Problems) {
	if !s.customised {
		return
	}
	for _, v := range s.organizations {
		problems.Add(v.Field("organization"),
			"cannot stand beside subjectClaims: a * stands for the repository's name, so "+
				"every subject of five or more parts is refused. Give the organization, or the repositories with "+
				"subjectClaims, a role of its own")
	}
}
