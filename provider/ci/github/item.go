package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A item is one item of repositories: what its grants have in common.
type item struct {
	instance   instance
	repository repository
	template   template
	how        how
	audiences  []string
	keyed      bool // AWS fills the claims of GitHub's own
}

// pinned reports that ids stand beside the names: in keys, or in the subject.
func (i item) pinned() bool {
	return i.repository.ownerID != "" && (i.keyed || i.template.has("repository_id") || i.template.has("repository_owner_id"))
}

// repos are the values of repo that are trusted: with ids, and without them where something else pins the owner.
func (i item) repos() []string {
	r := i.repository
	switch {
	case r.ownerID == "", i.instance.server():
		return []string{r.String()}
	case i.pinned():
		return []string{r.withIDs(), r.String()}
	}
	return []string{r.withIDs()}
}

// subjects are all subjects of a context, as condition values.
func (i item) subjects(c context) []string {
	var subjects []string
	workflows, actors, repos := i.how.workflows, i.how.actors, i.repos()
	for claim, values := range map[string]*[]string{"repo": &repos, "job_workflow_ref": &workflows, "actor_id": &actors} {
		if !i.template.has(claim) {
			*values = []string{""} // it does not vary the subject
		}
	}
	value := map[string]string{
		"context": c.pattern(), "environment": c.Name.Pattern(), "ref": c.ref(), "repository_owner": i.repository.owner,
		"repository_owner_id": i.repository.ownerID, "repository_id": i.repository.id,
	}
	for _, value["repo"] = range repos {
		for _, value["job_workflow_ref"] = range workflows {
			for _, value["actor_id"] = range actors {
				subjects = append(subjects, i.template.subject(func(claim string) string { return value[claim] }))
			}
		}
	}
	return subjects
}

// keys are the conditions on claims beside aud and sub: what the subject leaves open.
func (i item) keys(c context) map[string][]string {
	keys := map[string][]string{}
	if !i.keyed {
		return keys
	}
	if i.repository.ownerID != "" {
		keys["repository_owner_id"] = []string{i.repository.ownerID}
		if !i.template.has("repo") && !i.template.has("repository_id") {
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
	claims := map[string][]string{"aud": i.audiences, "sub": i.subjects(c)}
	maps.Copy(claims, i.keys(c))
	return ci.Grant{
		Path:     path,
		Sentence: i.instance.title() + ": " + i.repository.String() + " " + c.phrase() + i.how.phrase(),
		Claims:   claims,
		Admits:   func(token map[string]any) bool { return i.admits(c, token) },
		Compact:  i.compact(c),
		Tokens:   func() []ci.Token { return tokens(i, c) },
	}
}

// admits judges a token by the words of the item.
func (i item) admits(c context, token map[string]any) bool {
	sub := ci.TextOf(token["sub"])
	said, ok := i.template.parse(sub)
	if !ok && c.Name.Prefix && i.template.endsInName() {
		said, ok = i.template.parse(i.template.withoutFurtherClaims(sub))
	}
	if !ok || !slices.Contains(i.audiences, ci.AudienceOf(token)) {
		return false
	}
	for claim, value := range said {
		if !i.admitsClaim(c, claim, value) {
			return false
		}
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
	if !i.template.has("repo") && !i.template.has("repository_id") && ci.TextOf(token["repository_id"]) != i.repository.id {
		return false
	}
	return i.template.has("context") || i.template.has("environment") || c.Name.Admits(ci.TextOf(token["environment"])) && token["environment"] != nil
}

// admitsClaim judges one claim that a subject says.
func (i item) admitsClaim(c context, claim, value string) bool {
	switch claim {
	case "repo":
		r, rule := parseRepository(value)
		return rule == "" && i.admitsRepository(r)
	case "context":
		seen, ok := parseContext(value)
		return ok && c.admits(seen)
	case "environment":
		return c.Kind == "environment" && c.Name.Admits(value)
	case "ref":
		seen, ok := parseContext("ref:" + value)
		return ok && c.admits(seen)
	case "repository_owner":
		return value == i.repository.owner
	case "repository_owner_id":
		return value == i.repository.ownerID
	case "repository_id":
		return value == i.repository.id
	}
	return i.how.admits(claim, value)
}

// admitsRepository compares the repository of a subject. One without ids counts only where something beside it pins the
// owner, unless the trusted repository itself has no ids.
func (i item) admitsRepository(r repository) bool {
	switch {
	case r.String() != i.repository.String():
		return false
	case r.ownerID == "":
		return i.pinned() || i.repository.ownerID == ""
	}
	return r == i.repository && !i.instance.server()
}

// readItem reads what the grants of one repository have in common; false while it is not known in full, or wrong.
func (g System) readItem(v input.Value, t *ci.Trust, section *shared, problems *input.Problems) (item, bool) {
	item := item{instance: section.instance, audiences: t.Audiences(), keyed: section.keyed}
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
	if item.repository = repository; rule == "" && section.readable && item.instance.server() && repository.ownerID != "" && good && !item.pinned() {
		rule = "has ids that nothing can test: a GitHub Enterprise Server has no subject with ids, and AWS fills no key beside aud and sub for it. Let " +
			"the repository's subject template name repository_id, and write the template as subjectClaims; or " + repositoryHelp
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
		if i.repository.movable(workflow) {
			found(movableWorkflow, "workflows", workflow)
		}
	}
	return findings
}
