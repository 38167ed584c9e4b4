package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A template is the claims that a subject is made of, in their order: include_claim_keys of GitHub's REST API.
//
// A subject is claim:value, joined by ":"; "context" stands for ref:REF, environment:NAME or pull_request, without a
// word of its own. Source:
// https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
type template []string

// defaultTemplate is the template of a repository that customises nothing.
var defaultTemplate = template{"repo", "context"}

func (t template) has(claim string) bool { return slices.Contains(t, claim) }

func (t template) last() string { return t[len(t)-1] }

func (t template) customised() bool { return !slices.Equal(t, defaultTemplate) }

// subject builds a subject. A context comes as it stands in the subject, every other value as it stands in its claim.
func (t template) subject(value func(claim string) string) string {
	parts := make([]string, len(t))
	for i, claim := range t {
		if parts[i] = value(claim); claim != "context" {
			parts[i] = claim + ":" + encode(parts[i])
		}
	}
	return strings.Join(parts, ":")
}

// endsInName: the template ends in the name of the branch, tag or environment, and has it nowhere else.
func (t template) endsInName() bool {
	named := 0
	for _, claim := range t {
		if claim == "context" || claim == "environment" || claim == "ref" {
			named++
		}
	}
	return named == 1 && (t.last() == "context" || t.last() == "environment")
}

// templateClaims are the claims whose value a section says, each with what it says it.
var templateClaims = []struct{ claim, word string }{
	{"repo", ""}, {"context", ""}, {"environment", ""}, {"ref", ""}, {"job_workflow_ref", "workflows"},
	{"actor_id", "actors"}, {"repository_owner", ""}, {"repository_owner_id", "ids"}, {"repository_id", "ids"},
}

// readTemplate reads the template of one repository; false while it is not known, or wrong.
func readTemplate(list input.Value, problems *input.Problems) (template, bool) {
	if !list.Present {
		return defaultTemplate, true
	}
	template, good := template{}, list.FullyKnown()
	names := make([]string, len(templateClaims))
	for i, c := range templateClaims {
		names[i] = c.claim
	}
	for _, v := range list.Texts() {
		switch claim := v.Text(); {
		case claim == "repository":
			problems.Add(v, "is called repo in a subject; write repo", input.Got(v))
		case !slices.Contains(names, claim):
			problems.Add(v, "is no claim whose value a word of this section says, so the subject cannot be known "+
				"in full; those are "+
				strings.Join(names, ", ")+". Change the repository's template (PUT "+
				"/repos/OWNER/NAME/actions/oidc/customization/sub)", input.Got(v))
		case template.has(claim):
			problems.Add(v, "stands in the list twice; GitHub's list has each claim once", input.Got(v))
		default:
			template = append(template, claim)
			continue
		}
		good = false
	}
	return template, good && len(template) > 0
}

// checkTemplate holds the template against the other words of the repository: the subject must be known to the last
// letter, and subject and keys together must say as much as GitHub's own template does.
func checkTemplate(v input.Value, item item, contexts []context, problems *input.Problems) bool {
	if !item.template.customised() {
		return true
	}
	before := problems.Len()
	list := v.Field("subjectClaims")
	for _, c := range templateClaims {
		switch {
		case !item.template.has(c.claim):
		case c.word == "ids" && item.repository.ownerID == "":
			problems.Add(list,
				"has "+c.claim+", and the repository is written without its ids; "+item.instance.at(repositoryHelp))
		case c.word == "workflows" && len(item.how.workflows) == 0, c.word == "actors" && len(item.how.actors) == 0:
			problems.Add(list, fmt.Sprintf("has %s, so the subject is known only where %s says its value; add %s",
				c.claim, c.word, c.word))
		}
	}
	if !item.template.has("repo") && !item.template.has("repository_id") &&
		(!item.keyed || item.repository.ownerID == "") {
		problems.Add(list, "has neither repo nor repository_id, so that any repository can have the subject. The "+
			"keys repository_id and repository_owner_id can say the repository instead, where it is written with its "+
			"ids and AWS fills them: in the aws partition, and not for a GitHub Enterprise Server")
	}
	at := list
	at.Secret = v.HasSecret() // the detail shows a name that stands beside the list
	for _, c := range contexts {
		if rule := item.contextProblem(c); rule != "" {
			problems.Add(at, rule, "("+c.phrase()+")")
		}
	}
	return problems.Len() == before
}

// contextProblem says why a context cannot be told from the subject and the keys.
func (i item) contextProblem(c context) string {
	t, environment := i.template, c.Kind == "environment"
	switch {
	case t.has("environment") && !environment:
		return "has environment, so GitHub gives tokens to jobs with an environment alone; name environments, and " +
			"not branches, tags or pull requests"
	case t.has("ref") && (environment || c.Kind == "pull_request"):
		return "has ref, and which ref a job in an environment or of a pull request runs on is not said; only " +
			"branches and tags are known then"
	case !t.has("context") && !t.has("environment") && !environment:
		return "has no context, which alone tells a branch's push from a pull request: ref is the base branch in a " +
			"pull_request_target run and in that of a closed pull request. Add context to the template"
	case !t.has("context") && !t.has("environment") && !i.keyed:
		return "has neither context nor environment, and AWS fills the key environment in the aws partition only, " +
			"and not for a GitHub Enterprise Server; add one of them to the template"
	case !t.has("context") && !t.has("environment") && strings.Contains(c.Name.Text, ":"):
		return "has neither context nor environment, so the key environment must say the name, and whether a : is " +
			"encoded there is not documented; add environment to the template, or rename the environment"
	case !t.has("context") && !t.has("environment") && c.Name.Prefix && c.Name.Text == "":
		return "has neither context nor environment, and the key environment cannot tell any environment from none; " +
			"add environment to the template, or list the environments one by one"
	case c.Name.Prefix && !t.endsInName() && (t.has("context") || t.has("environment")):
		return "has something behind the name that ends in *, or the name twice: the * would stand for more than the " +
			"name. Put context or environment last in the template, or list the names one by one"
	case i.instance.server() && environment && !t.endsInName() && (t.has("context") || t.has("environment")):
		return "has something behind the environment's name, and a GitHub Enterprise Server before 3.19 does not " +
			"encode a : in it, so that an environment could be named like the rest of the subject. Put context or " +
			"environment last in the template"
	}
	return ""
}
