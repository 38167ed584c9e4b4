package github

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// An entry is one item of repositories, read.
type entry struct {
	item     item
	path     string
	contexts []context
}

// A listed holds the repositories of a section.
type listed struct {
	entries []*entry
	alike   *ci.Alikeness
}

func (l *listed) add(e *entry) {
	e.item.at = len(l.entries)
	l.entries = append(l.entries, e)
}

// group finds the repositories of which the same is said.
func (l *listed) group() {
	said := make([]ci.Said, len(l.entries))
	for at, e := range l.entries {
		i, r := e.item, e.item.repository
		said[at] = ci.Said{
			ID:  r.id,
			Way: fmt.Sprintf("%q %q %q %q", []string{r.owner, r.ownerID}, i.template, i.how.workflows, i.how.actors),
		}
		for _, c := range e.contexts {
			said[at].Contexts = append(said[at].Contexts, c.said())
		}
	}
	l.alike = ci.NewAlikeness(said)
}

// said tells the context from others.
func (c context) said() string { return fmt.Sprintf("%s %q", c.Kind, c.Name.Pattern()) }

// trusted reports whether the item's repository is trusted in a context, in the same way, by this item or another one.
func (i item) trusted(c context) bool { return i.listed.alike.Trusts(i.repository.id, i.at, c.said()) }

// admitsID judges the id of the repository beside a subject that has the item's name: it must be the item's own, or
// that of a repository of which the same is said.
func (i item) admitsID(c context, id string) bool {
	return id == i.repository.id || i.template.has("repo") && i.listed.alike.Admits(id, i.at, c.said())
}

var narrowingVoid = ci.Rule{
	// Medium: what is written looks narrower than what is granted, and one more word mends it. Not high, because who
	// gets in may run jobs of the trusted repository, in a context that is named.
	ID: "github-narrowing-void", Severity: ci.Medium,
	Summary: "the repository is trusted once with workflows or actors and once without. The role is the same, so a " +
		"job that the wider item names gets it whatever workflow it runs or whoever started it, and the narrower " +
		"item narrows nothing",
	Remediation: "Write the same workflows and actors in every item of the repository, or give what is trusted more " +
		"widely a role of its own.",
	Source: "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows",
}

// voids finds the items that void a narrowing in another item of the same repository.
func (l *listed) voids() []ci.Finding {
	var findings []ci.Finding
	byName := map[string][]*entry{}
	for _, e := range l.entries {
		byName[e.item.repository.String()] = append(byName[e.item.repository.String()], e)
	}
	for _, e := range l.entries {
		repository := e.item.repository.String()
		for _, n := range narrowings {
			narrowed := func(other *entry) bool { return len(n.values(other.item.how)) > 0 }
			if !narrowed(e) && slices.ContainsFunc(byName[repository], narrowed) {
				findings = append(findings,
					ci.Finding{Rule: narrowingVoid, Path: e.path, Detail: repository + " without " + n.word})
			}
		}
	}
	return findings
}

// crossed are jobs that carry the item's name and another listed repository's id: in the contexts of either, and run in
// the way of either.
func (i item) crossed(job Job) []nearMiss {
	if !i.keyed || i.repository.ownerID == "" {
		return nil // no key tells the ids
	}
	var near []nearMiss
	for _, at := range i.listed.alike.Crossings(i.at, 48, 64) {
		e := i.listed.entries[at]
		other := e.item
		name := "the id of " + other.repository.String() + " under the trusted name"
		add := func(how string, job Job) { near = append(near, nearMiss{name + how, job}) }
		job := job
		job.RepositoryID = other.repository.id
		add("", job)
		if other.how.phrase() != i.how.phrase() {
			job := job
			job.Workflow, job.ActorID = first(other.how.samples()), first(other.how.actors)
			add(", run in its way", job)
		}
		for _, c := range e.contexts {
			if i.trusted(c) {
				continue
			}
			job := job
			job.Event, job.Ref, job.Environment = "push", "refs/heads/main", ""
			add(", "+c.phrase(), job.in(c, c.sample()))
		}
	}
	return near
}
