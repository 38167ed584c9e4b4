package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A demanded is what a policy demands of a job: of its repository, of what started it, and of how it runs. A text that
// ends in "*" stands for all that begin so; "" is one of which nothing is said.
type demanded struct {
	compact                  bool // the policy is in the compact form
	owner, ownerID, name, id string
	kind                     string
	context                  string // the name of the branch, tag or environment
	template                 template
	workflow, actor          string
}

// demandedWords are the sections for what a policy demands.
func demandedWords(instance map[string]any, job ci.Job) []map[string]any {
	var sections []map[string]any
	for _, d := range readDemanded(job) {
		for _, words := range d.words() {
			maps.Copy(words, instance)
			sections = append(sections, words)
		}
	}
	return sections
}

// readDemanded reads a job of the default template, or every template that its subject can be of.
func readDemanded(job ci.Job) []demanded {
	claim := func(name string) string { return ci.TextOf(job.Claims[name]) }
	d := demanded{
		ownerID: claim("repository_owner_id"), id: claim("repository_id"), workflow: claim("job_workflow_ref"),
		actor: claim("actor_id"), compact: job.Compact,
	}
	if job.Form == nil {
		if name := claim("environment"); name != "" {
			d.kind, d.context = "environment", name
		}
		return d.templates(claim("sub"))
	}
	d.owner, d.name, d.kind = job.Texts[owner.Name], job.Texts[name.Name], readKind(job.Form)
	if text, known := job.Texts[ownerID.Name]; known && text != ci.Any {
		d.ownerID = text
	}
	if text, known := job.Texts[repositoryID.Name]; known && text != ci.Any {
		d.id = text
	}
	switch d.kind {
	case "branch":
		d.context = job.Texts[branch.Name]
	case "tag":
		d.context = job.Texts[tag.Name]
	case "environment":
		d.context = decode(job.Texts[environment.Name])
	}
	return []demanded{d}
}

// words are the sections that say it.
func (d demanded) words() []map[string]any {
	item := map[string]any{}
	queued, ofQueue := strings.CutPrefix(d.context, queueBranches)
	queue, anyRequest := strings.CutSuffix(queued, "/pr-*")
	switch d.kind {
	case "branch":
		item["branches"] = []string{d.context}
		if ofQueue && anyRequest {
			delete(item, "branches")
			item["mergeQueue"] = []string{queue}
		}
	case "tag":
		item["tags"] = []string{d.context}
	case "environment":
		item["environments"] = []string{d.context}
	case pullRequest:
		item["pullRequests"] = true
	default:
		return nil
	}
	if d.workflow != "" {
		item["workflows"] = []string{d.workflow}
	}
	if d.actor != "" {
		item["actors"] = []string{d.actor}
	}
	if d.template != nil {
		item["subjectClaims"] = []string(d.template)
	}
	var sections []map[string]any
	add := func(list, property string, value any, more map[string]any) {
		named := maps.Clone(item)
		named[property] = value
		words := map[string]any{list: []map[string]any{named}}
		maps.Copy(words, more)
		sections = append(sections, words)
	}
	for _, repository := range d.repositories() {
		add("repositories", "repository", repository, nil)
	}
	if d.ownerID != "" && d.id != "" && d.template == nil && !d.compact {
		add("repositories", "repository", d.repository(), map[string]any{"identify": "ids"})
	}
	if d.known(d.owner) && d.ownerID != "" && d.id == "" && d.template == nil {
		add("organizations", "organization", d.owner+"@"+d.ownerID, nil)
	}
	return sections
}

func (demanded) known(text string) bool { return text != "" && !strings.HasSuffix(text, ci.Any) }

// repositories are the ways to write the repository: with its ids where they are demanded, and by name.
func (d demanded) repositories() []any {
	var all []any
	if d.id != "" {
		all = append(all, d.repository())
	}
	if d.known(d.owner) && d.known(d.name) {
		all = append(all, d.owner+"/"+d.name)
	}
	return all
}

// repository is the repository with its ids. A compact policy has no names, and one of a GitHub Enterprise Server has
// no owner's id: what stands there for them is taken by no section, and says what finds it.
func (d demanded) repository() any {
	if own := workflowName(d.workflow); own.Prefix && !d.known(d.name) { // of the repository itself, by its tags
		parts := strings.SplitN(own.Text, "/", 3)
		d.owner, d.name = parts[0], parts[min(1, len(parts)-1)]
	}
	sample := d
	if !d.known(d.owner) {
		d.owner, sample.owner = "<OWNER>", "o"+d.ownerID
	}
	if d.ownerID == "" {
		d.ownerID, sample.ownerID = "<OWNER_ID>", "1"
	}
	if !d.known(d.name) {
		d.name, sample.name = "<NAME>", "r"+d.id
	}
	text := func(d demanded) string { return d.owner + "@" + d.ownerID + "/" + d.name + "@" + d.id }
	if text(d) == text(sample) {
		return text(d)
	}
	return ci.Placeholder{
		Text: text(d), Sample: text(sample),
		Find: "gh api repositories/" + d.id + ` --jq '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'`,
	}
}

// templates are the readings of a customised subject: at each place a claim's name, or the context.
func (d demanded) templates(sub string) []demanded {
	const most = 64
	var found []demanded
	var read func(d demanded, rest string)
	read = func(d demanded, rest string) {
		if len(found) >= most {
			return
		}
		if rest == "" {
			if d.kind != "" {
				found = append(found, d)
			}
			return
		}
		for _, c := range templateClaims {
			if d.template.has(c.claim) {
				continue
			}
			for _, text := range beginnings(c.claim, rest) {
				if next, fits := d.with(c.claim, text); fits {
					next.template = append(slices.Clone(d.template), c.claim)
					read(next, strings.TrimPrefix(strings.TrimPrefix(rest, text), ":"))
				}
			}
		}
	}
	read(d, sub)
	return found
}

// beginnings are what of a subject's rest a claim may take: up to the end, or to where another claim can begin.
func beginnings(claim, rest string) []string {
	name := claim + ":"
	if claim == "context" {
		name = ""
	}
	if !strings.HasPrefix(rest, name) {
		return nil
	}
	all := []string{rest}
	for at := len(name); at < len(rest); at++ {
		if rest[at] != ':' {
			continue
		}
		behind := rest[at+1:]
		if behind == pullRequest || strings.HasPrefix(behind, pullRequest+":") ||
			slices.ContainsFunc(templateClaims, func(c struct{ claim, word string }) bool {
				return strings.HasPrefix(behind, c.claim+":")
			}) {
			all = append(all, rest[:at])
		}
	}
	return all
}

// with is what is demanded together with what a claim says in a subject; false where the two contradict each other.
func (d demanded) with(claim, text string) (demanded, bool) {
	fits := true
	set := func(have *string, text string) {
		fits = fits && (*have == "" || *have == text || *have == ci.Any)
		*have = text
	}
	_, value, _ := strings.Cut(text, ":")
	value = decode(value)
	context := func(text string) {
		kind, name := pullRequest, ""
		for _, k := range []ci.RefKind{ci.Branches, ci.Tags} {
			if ref, found := strings.CutPrefix(text, "ref:"+k.Namespace); found {
				kind, name = k.Noun, ref
			}
		}
		if environment, found := strings.CutPrefix(text, "environment:"); found {
			kind, name = "environment", decode(environment)
		}
		fits = fits && (kind != pullRequest || text == pullRequest)
		if d.kind == "environment" && kind != "environment" {
			fits = false
		}
		set(&d.kind, kind)
		set(&d.context, name)
	}
	switch claim {
	case "context":
		context(text)
	case "environment":
		set(&d.kind, "environment")
		set(&d.context, value)
	case "ref":
		if d.kind != pullRequest && d.kind != "environment" {
			context(text)
		}
	case "job_workflow_ref":
		set(&d.workflow, value)
	case "actor_id":
		set(&d.actor, value)
	case "repository_owner":
		set(&d.owner, value)
	case "repository_owner_id":
		set(&d.ownerID, value)
	case "repository_id":
		set(&d.id, value)
	case "repo":
		owner, name, _ := strings.Cut(value, "/")
		ownerID, id := "", ""
		owner, ownerID, _ = strings.Cut(owner, "@")
		name, id, _ = strings.Cut(name, "@")
		set(&d.owner, owner)
		set(&d.name, name)
		if ownerID != "" {
			set(&d.ownerID, ownerID)
			set(&d.id, id)
		}
	}
	return d, fits
}
