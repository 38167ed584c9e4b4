package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A how says how, and by whom, the jobs of a repository must run: it narrows all grants of the repository.
type how struct {
	workflows []string // job_workflow_ref, each exact, or with a "*" at the end of a tag
	actors    []string // actor_id, each exact
}

// phrase ends a sentence.
func (h how) phrase() string {
	phrase := ""
	if len(h.workflows) > 0 {
		texts := make([]string, len(h.workflows))
		for i, text := range h.workflows {
			if texts[i] = text; workflowName(text).Prefix {
				path, tag, _ := strings.Cut(strings.TrimSuffix(text, "*"), "@"+ci.Tags.Namespace)
				texts[i] = path + " " + ci.Name{Text: tag, Prefix: true}.Phrase("at", "tag", "tags")
			}
		}
		phrase += ", running workflow " + strings.Join(texts, " or ")
	}
	if len(h.actors) > 0 {
		phrase += ", started by actor " + strings.Join(h.actors, " or ")
	}
	return phrase
}

// A narrowing is one of the words.
type narrowing struct {
	word, claim string
	form        func(text string) string // what is wrong with a value
	values      func(h how) []string
}

var narrowings = []narrowing{
	{"workflows", "job_workflow_ref", workflowProblem, func(h how) []string { return h.workflows }},
	{"actors", "actor_id", actorProblem, func(h how) []string { return h.actors }},
}

// readHow reads the words of one repository; false while a value is not known, or wrong: without it the grants would
// be wider than what was written.
func readHow(v input.Value, template template, instance instance, keyed bool, problems *input.Problems) (how, bool) {
	var values [2][]string
	good := true
	for i, n := range narrowings {
		list := v.Field(n.word)
		if list.Present && !keyed && !template.has(n.claim) {
			problems.Add(list, "cannot be tested here: AWS fills the key "+n.claim+
				" in the aws partition only, for github.com, the issuers of its "+
				"enterprises and SUBDOMAIN.ghe.com. Elsewhere the subject decides alone: let the repository's "+
				"subject template name "+
				n.claim+", and write the template as subjectClaims")
			good = false
		}
		good = good && list.FullyKnown()
		for _, item := range list.Texts() {
			if rule := n.form(item.Text()); rule != "" {
				problems.Add(item, instance.at(rule), input.Got(item))
				good = false
				continue
			}
			values[i] = ci.AddOnce(values[i], item.Text())
		}
		good = good && list.Present == (len(values[i]) > 0)
	}
	return how{workflows: values[0], actors: values[1]}, good
}

var (
	workflowPattern = ci.NewExpression(`^([A-Za-z0-9][A-Za-z0-9_-]{0,99})/([A-Za-z0-9._-]{1,` +
		`100})/\.github/workflows/([^/@:\s]+\.ya?ml)@(.+)$`)
	commit = ci.NewExpression(`^[0-9a-f]{40}$`)
	actor  = ci.NewExpression(`^[1-9][0-9]{0,19}$`)
)

// workflowName is a workflow as it is written: exact, or all at tags that begin alike.
func workflowName(text string) ci.Name {
	before, prefix := strings.CutSuffix(text, "*")
	return ci.Name{Text: before, Prefix: prefix}
}

// samples are workflows that the words admit, one for each.
func (h how) samples() []string {
	samples := make([]string, len(h.workflows))
	for i, text := range h.workflows {
		samples[i] = workflowName(text).Sample()
	}
	return samples
}

// checkWorkflows holds workflows at tags that begin alike against the item's other words. Whoever may push such a tag
// chooses the workflow's code, so the tag must be what is trusted anyway: the item grants tags alone, of the same
// repository, by the same prefix.
func (i item) checkWorkflows(v input.Value, contexts []context, problems *input.Problems) bool {
	good := true
	for _, list := range v.Field("workflows").Texts() {
		n := workflowName(list.Text())
		if !n.Prefix {
			continue
		}
		tag := n.Text[strings.Index(n.Text, "@"+ci.Tags.Namespace)+len("@"+ci.Tags.Namespace):]
		rule := ""
		switch {
		case !strings.HasPrefix(n.Text, i.repository.String()+"/"):
			rule = "is another repository's workflow: whoever may push a tag there could run any code here. Name " +
				"it at one ref, best at a commit"
		case i.template.has("job_workflow_ref"):
			rule = "stands in the subject, by subjectClaims, where a * would stand for more than the tag; name the " +
				"workflow at one ref"
		case ci.AnyPresent(v, []string{"branches", "environments", "pullRequests", "mergeQueue"}):
			rule = "stands in an item that grants more than tags: a job elsewhere could run the workflow at any such " +
				"tag. Write the tags in an item of their own, or name the workflow at one ref"
		case v.Field("tags").FullyKnown() &&
			!slices.Contains(contexts, newContext("tag", ci.Name{Text: tag, Prefix: true})):
			rule = "is at tags that the item does not trust in the same words; write in tags what " +
				"stands behind refs/tags/"
		}
		if rule != "" {
			problems.Add(list, rule, input.Got(list))
			good = false
		}
	}
	return good
}

const workflowForm = "write OWNER/REPOSITORY/.github/workflows/FILE@REF, as the token's job_workflow_ref has it, " +
	"with a commit or the full name of a branch or tag: acme/ci/.github/workflows/deploy.yml@refs/heads/main"

// workflowProblem judges a workflow. GitHub writes the ref in full, whatever `uses:` says.
// Source:
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows
func workflowProblem(text string) string {
	if n := workflowName(text); n.Prefix && strings.Contains(n.Text, "@"+ci.Tags.Namespace) &&
		!strings.ContainsAny(n.Text, "*?") {
		text = n.Sample() // checkWorkflows says whether the "*" may stand there
	}
	switch {
	case strings.ContainsAny(text, "*?"):
		return "has a wildcard; a trust names each workflow at one ref, because whoever can push " +
			"another one could run it. Only the tag of the repository's own workflow may end in one *, where tags " +
			"has the same prefix: " + workflowForm
	case strings.Contains(text, "${"):
		return "must not contain ${, which IAM would read as a policy variable; " + workflowForm
	case !ci.Printable(text):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	}
	parts := workflowPattern.FindStringSubmatch(text)
	if parts == nil || strings.Trim(parts[2], ".") == "" {
		return "is not a workflow; " + workflowForm
	}
	if commit.MatchString(parts[4]) {
		return ""
	}
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		if short, found := strings.CutPrefix(parts[4], kind.Namespace); found &&
			ci.RefProblem(ci.Name{Text: short}, kind) == "" {
			return ""
		}
	}
	return "ends in no full ref: a token has refs/heads/BRANCH, refs/tags/TAG or the 40 hex digits " +
		"of a commit there; " + workflowForm
}

func actorProblem(text string) string {
	if actor.MatchString(text) {
		return ""
	}
	return "must be the id of a GitHub account, a number: a login can be given up and registered again. gh api " +
		"users/LOGIN --jq .id prints it"
}

// movable reports that what stands at the workflow's ref can be changed by somebody who cannot change the repository
// itself: the workflow is another repository's, at a branch or tag.
func (r repository) movable(workflow string) bool {
	return !commitRef.MatchString(workflow) && !strings.HasPrefix(workflow, r.String()+"/")
}

// admits judges what a token says of one claim.
func (h how) admits(claim, value string) bool {
	if claim == "actor_id" {
		return len(h.actors) == 0 || slices.Contains(h.actors, value)
	}
	return len(h.workflows) == 0 ||
		slices.ContainsFunc(h.workflows, func(text string) bool { return workflowName(text).Admits(value) })
}
