package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// An item is one item of repositories: what its grants have in common.
type item struct {
	instance   instance
	repository repository
	template   template
	how        how
	audiences  []string
	keyed      bool // AWS fills the claims of GitHub's own
	byIDs      bool // the repository is known by its ids alone
	made       forms
	listed     *listed
	at         int // in the list
}

// pinned reports that ids stand beside the names: in keys, or in the subject.
func (i item) pinned() bool {
	return i.repository.ownerID != "" &&
		(i.keyed || i.template.has("repository_id") || i.template.has("repository_owner_id"))
}

// repos says in which forms the repository stands in trusted subjects: with ids, and without them where something else
// pins the owner.
func (i item) repos() []bool {
	const withIDs, withoutIDs = true, false
	switch {
	case !i.template.has("repo"), i.repository.ownerID == "", i.instance.server():
		return []bool{withoutIDs}
	case i.pinned():
		return []bool{withIDs, withoutIDs}
	}
	return []bool{withIDs}
}

// wanted are all subjects of a context, each by the form that the issuer writes it in. Open ones admit what a "*" at
// their end does.
func (i item) wanted(c context, open bool) []wanted {
	var all []wanted
	r, workflows, actors := i.repository, i.how.workflows, i.how.actors
	for claim, values := range map[string]*[]string{"job_workflow_ref": &workflows, "actor_id": &actors} {
		if !i.template.has(claim) {
			*values = []string{""} // it does not vary the subject
		}
	}
	exactly := func(text string) ci.Name { return ci.Name{Text: text} }
	names := map[string]ci.Name{
		owner.Name: exactly(r.owner), ownerID.Name: exactly(r.ownerID), name.Name: exactly(r.name),
		repositoryID.Name: exactly(r.id), branch.Name: c.Name, tag.Name: c.Name, environment.Name: c.Name,
		"ref": c.fullRef(), behind.Name: anything, "repository_owner": exactly(r.owner),
		"repository_owner_id": exactly(r.ownerID), "repository_id": exactly(r.id),
	}
	for _, ids := range i.repos() {
		f := i.made.form(i.template, c.Kind, ids, open)
		for _, workflow := range workflows {
			for _, actor := range actors {
				names["job_workflow_ref"], names["actor_id"] = exactly(workflow), exactly(actor)
				all = append(all, wanted{f, f.terms(names)})
			}
		}
	}
	return all
}

// keys are the conditions on claims beside aud and sub: what the subject leaves open.
func (i item) keys(c context) map[string][]string {
	keys := map[string][]string{}
	if !i.keyed {
		return keys
	}
	if i.repository.ownerID != "" {
		keys["repository_owner_id"] = []string{i.repository.ownerID}
		switch {
		case i.template.has("repository_id"):
		case i.template.has("repo"):
			keys["repository_id"] = i.listed.alike.IDs(i.at)
		default: // the id alone says which repository it is
			keys["repository_id"] = []string{i.repository.id}
		}
	}
	if !i.template.has("context") && !i.template.has("environment") {
		keys["environment"] = []string{c.Name.Pattern()}
	}
	maps.Copy(keys, i.howKeys())
	return keys
}

// howKeys are the conditions that narrow every grant of the item.
func (i item) howKeys() map[string][]string {
	keys := map[string][]string{}
	for claim, values := range map[string][]string{"job_workflow_ref": i.how.workflows, "actor_id": i.how.actors} {
		if len(values) > 0 && !i.template.has(claim) {
			keys[claim] = values
		}
	}
	return keys
}

// grant trusts one context of the repository, in all forms of the subject.
func (i item) grant(path string, c context) ci.Grant {
	subjects := i.wanted(c, false)
	claims := map[string][]string{"aud": i.audiences}
	for _, w := range subjects {
		claims["sub"] = append(claims["sub"], w.pattern())
	}
	if c.Name.Prefix && i.template.endsInName() {
		subjects = i.wanted(c, true)
	}
	maps.Copy(claims, i.keys(c))
	return ci.Grant{
		Path:     path,
		Sentence: i.sentence("", c),
		Claims:   claims,
		Admits:   func(token map[string]any) bool { return i.admits(c, subjects, token) },
		Compact:  i.compact(c),
		Tokens:   func() []ci.Token { return tokens(i, c) },
	}
}

// sentence says what a grant admits; known is by what the repository is known, where its name does not count.
func (i item) sentence(known string, c context) string {
	return i.instance.title() + ": " + i.repository.String() + known + " " + c.phrase() + i.how.phrase()
}

// admits judges a token by the words of the item.
func (i item) admits(c context, subjects []wanted, token map[string]any) bool {
	sub := ci.TextOf(token["sub"])
	if !slices.Contains(i.audiences, ci.AudienceOf(token)) || !slices.ContainsFunc(subjects, func(w wanted) bool {
		return w.admits(sub)
	}) {
		return false
	}
	if !i.keyed {
		return true
	}
	for _, claim := range []string{"job_workflow_ref", "actor_id"} {
		if !i.template.has(claim) && !i.how.admits(claim, ci.TextOf(token[claim])) {
			return false
		}
	}
	if i.repository.ownerID != "" && ci.TextOf(token["repository_owner_id"]) != i.repository.ownerID {
		return false
	}
	if i.repository.ownerID != "" && !i.template.has("repository_id") &&
		!i.admitsID(c, ci.TextOf(token["repository_id"])) {
		return false
	}
	return i.template.has("context") || i.template.has("environment") ||
		c.Name.Admits(ci.TextOf(token["environment"])) && token["environment"] != nil
}

// readItem reads what the grants of one repository have in common; false while it is not known in full, or wrong.
func (g System) readItem(v input.Value, t *ci.Trust, section *shared, problems *input.Problems) (item, bool) {
	item := item{
		instance:  section.instance,
		audiences: t.Audiences(),
		keyed:     section.keyed,
		byIDs:     section.byIDs,
		made:      section.made,
		listed:    &section.listed,
	}
	template, good := readTemplate(v.Field("subjectClaims"), problems)
	item.template = template
	how, read := readHow(v, template, section.instance, section.keyed || !section.readable, problems)
	item.how, good = how, good && read
	text := v.Field("repository")
	if !text.HasText() {
		return item, false
	}
	repository, rule := parseRepository(text.Text())
	if rule == "" {
		rule = section.named.contradiction(repository)
	}
	if item.repository = repository; rule == "" && section.readable && item.instance.server() &&
		repository.ownerID != "" && good && !item.pinned() {
		rule = "has ids that nothing can test: a GitHub Enterprise Server has no subject with ids, and AWS fills no " +
			"key beside aud and sub for it. Let the repository's subject template name repository_id, and write the " +
			"template as subjectClaims; or " +
			repositoryHelp
	}
	if rule != "" {
		if section.instance.server() {
			rule = strings.TrimSuffix(rule, repositoryHelp) + serverForm
		}
		problems.Add(text, section.instance.at(rule), input.Got(text))
		return item, false
	}
	return item, good && section.readable
}

// findings are what a careful reviewer would say about the item, whatever its jobs are.
func (i item) findings(v input.Value) []ci.Finding {
	var findings []ci.Finding
	found := func(rule ci.Rule, word, detail string) {
		rule.Remediation = i.instance.at(rule.Remediation)
		findings = append(findings, ci.Finding{Rule: rule, Path: v.Field(word).Path, Detail: detail})
	}
	shown := i.repository.String()
	switch {
	case i.instance.server() && !i.pinned():
		found(serverNames, "repository", shown)
	case i.repository.ownerID == "":
		found(classicSubject, "repository", shown)
	case !i.pinned() && i.template.has("repo"):
		found(classicUnpinned, "repository", shown)
	}
	for _, workflow := range i.how.workflows {
		// By its ids alone nothing says that the workflow is the repository's own: the name before it can be given up.
		if i.repository.movable(workflow) || i.byIDs && !commitRef.MatchString(workflow) {
			found(movableWorkflow, "workflows", workflow)
		}
	}
	return findings
}
