package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// An entry is one item of repositories, read.
type entry struct {
	item     item
	path     string
	contexts []context
	words    string // what is said of the repository: alike for those that are trusted alike
}

// A listed holds the repositories of a section.
type listed struct {
	entries []*entry
	byID    map[string][]*entry
}

func (l *listed) add(e *entry) {
	i, r := &e.item, e.item.repository
	i.at, i.way = len(l.entries),
		fmt.Sprintf("%q %q %q %q", []string{r.owner, r.ownerID}, i.template, i.how.workflows, i.how.actors)
	l.entries = append(l.entries, e)
	if id := e.item.repository.id; id != "" {
		l.byID[id] = append(l.byID[id], e)
	}
}

// group finds the repositories of which the same is said, and gives each item the ids of all that are like its own. A
// statement that accepts several subjects and several ids accepts each id with each subject: that is right only where
// every one of the repositories is trusted in all the contexts of the others, and in the same way.
func (l *listed) group() {
	contexts := map[string][]string{} // of a repository, from all items that trust it in one way
	of := func(e *entry) string { return e.item.way + " " + e.item.repository.withIDs() }
	for _, e := range l.entries {
		for _, c := range e.contexts {
			contexts[of(e)] = ci.AddOnce(contexts[of(e)], c.Kind+" "+c.Name.Pattern())
		}
	}
	alike := map[string][]*entry{}
	for _, e := range l.entries {
		e.words = e.item.way + " " + strings.Join(contexts[of(e)], "\n")
		alike[e.words] = append(alike[e.words], e)
	}
	for _, entries := range alike {
		slices.SortStableFunc(entries, func(a, b *entry) int {
			return strings.Compare(a.item.repository.id, b.item.repository.id)
		})
		for few := range slices.Chunk(entries, mostAlike) {
			ids := make([]string, len(few))
			for at, e := range few {
				ids[at] = e.item.repository.id
			}
			ids = slices.Compact(ids)
			for _, e := range few {
				e.item.alike = ids
			}
		}
	}
}

// mostAlike is how many repositories share a statement. So many do not fit the highest quota by name, and lists that
// grow with the list of repositories would make a trust of thousands slow to refuse.
const mostAlike = 200

// trusts reports whether the repository with an id is itself trusted in a context, in the same way as an item. It goes
// by what was written of that repository, and not by the groups.
func (l *listed) trusts(id string, i item, c context) bool {
	return slices.ContainsFunc(l.byID[id], func(e *entry) bool {
		return e.item.way == i.way &&
			slices.ContainsFunc(e.contexts, func(own context) bool { return own.Event == c.Event })
	})
}

// admitsID judges the id of the repository beside a subject that has the item's name: it must be the item's own, or
// that of a repository of which the same is said.
func (i item) admitsID(c context, id string) bool {
	return id == i.repository.id || i.template.has("repo") && slices.Contains(i.alike, id) && i.listed.trusts(id, i, c)
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

// crossings are entries whose ids are tried under the item's name: all others. Of a list that is longer than any that
// fits the quota by name they are those before and behind it, and the next ones of which something else is said, each
// time something else: one for each statement that the list can have. So a proof of many repositories stays linear.
func (i item) crossings() []*entry {
	const pairs = 48
	entries := i.listed.entries
	most := 64
	if len(entries) <= pairs {
		most = pairs
	}
	var found []*entry
	seen := map[string]bool{entries[i.at].words: true}
	for step := 1; step < len(entries) && len(found) < most; step++ {
		e := entries[(i.at+step)%len(entries)]
		beside := step == 1 || step == len(entries)-1
		beside = beside || len(entries) <= pairs
		if id := e.item.repository.id; id == "" || id == i.repository.id || !beside && seen[e.words] {
			continue
		}
		seen[e.words] = true
		found = append(found, e)
	}
	return found
}

// crossed are jobs that carry the item's name and another listed repository's id: in the contexts of either, and run in
// the way of either.
func (i item) crossed(job Job) []nearMiss {
	if !i.keyed || i.repository.ownerID == "" {
		return nil // no key tells the ids
	}
	var near []nearMiss
	for _, e := range i.crossings() {
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
			if i.listed.trusts(i.repository.id, i, c) {
				continue
			}
			job := job
			job.Event, job.Ref, job.Environment = "push", "refs/heads/main", ""
			add(", "+c.phrase(), job.in(c, c.sample()))
		}
	}
	return near
}
