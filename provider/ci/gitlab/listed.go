package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A listed holds the projects and groups of a section.
type listed struct {
	items []*item
	byID  map[string][]*item
}

func (l *listed) add(i *item) {
	i.listed, i.at = l, len(l.items)
	l.items = append(l.items, i)
	if i.keyed {
		l.byID[i.identity()] = append(l.byID[i.identity()], i)
	}
}

// identity is the claim and the id that the policy holds the item to.
func (i *item) identity() string { return i.unit.key() + " " + i.unit.id }

// way is how the item's jobs are known, whatever their refs: alike for those that are known alike. The audiences are
// those of the section.
func (i *item) way() string {
	return fmt.Sprintf("%s %v %v", i.unit.key(), i.unit.path != "", i.byIDs)
}

// group finds the items of which the same is said, and gives each the ids of all that are like its own. A statement
// that accepts several subjects and several ids accepts each id with each subject: that is right only where every one
// of them is trusted on all the refs of the others, and in the same way.
func (l *listed) group() {
	refs := map[string][]string{} // of a project or group, from all items that trust it in one way
	of := func(i *item) string { return i.way() + " " + i.identity() }
	for _, i := range l.items {
		for _, r := range i.refs {
			words := fmt.Sprintf("%q %v %v", r.kind.Noun+" "+r.name.Pattern(), r.protected, r.merge)
			refs[of(i)] = ci.AddOnce(refs[of(i)], words)
		}
	}
	alike := map[string][]*item{}
	for _, i := range l.items {
		if !i.keyed {
			continue
		}
		i.words = i.way() + "\n" + strings.Join(refs[of(i)], "\n")
		alike[i.words] = append(alike[i.words], i)
	}
	for _, items := range alike {
		slices.SortStableFunc(items, func(a, b *item) int { return strings.Compare(a.unit.id, b.unit.id) })
		for few := range slices.Chunk(items, mostAlike) {
			ids := make([]string, len(few))
			for at, i := range few {
				ids[at] = i.unit.id
			}
			ids = slices.Compact(ids)
			for _, i := range few {
				if i.alike = ids; i.byIDs {
					i.alike = []string{i.unit.id} // a statement without names takes all ids as it is
				}
			}
		}
	}
}

// mostAlike is how many projects share a statement. So many do not fit the highest quota by name, and lists that grow
// with the list of projects would make a trust of thousands slow to refuse.
const mostAlike = 200

// trusts reports whether the project or group with an id is itself trusted on a ref, in the same way as an item. It
// goes by what was written of it, and not by the groups.
func (l *listed) trusts(id string, i *item, ref reference) bool {
	return slices.ContainsFunc(l.byID[i.unit.key()+" "+id], func(other *item) bool {
		return other.way() == i.way() && slices.Contains(other.refs, ref)
	})
}

// admitsID judges the id beside a subject that has the item's name: it must be the item's own, or one of which the same
// is said.
func (i *item) admitsID(ref reference, id string) bool {
	return id == i.unit.id || slices.Contains(i.alike, id) && i.listed.trusts(id, i, ref)
}

// crossings are the items whose ids are tried under the item's name: every other one of a list that fits the highest
// quota by name, which some seventy do. Of a longer list they are those before and behind it, and the next ones of
// which something else is said, each time something else, so that a proof of many projects stays linear.
func (i *item) crossings() []*item {
	const all, most = 80, 6
	var found []*item
	items, seen := i.listed.items, map[string]bool{i.words: true}
	for step := 1; step < len(items) && (len(items) <= all || len(found) < most); step++ {
		other := items[(i.at+step)%len(items)]
		beside := len(items) <= all || step == 1 || step == len(items)-1
		if !other.keyed || other.unit.group != i.unit.group || other.identity() == i.identity() ||
			!beside && seen[other.words] {
			continue
		}
		seen[other.words] = true
		found = append(found, other)
	}
	return found
}

// crossed are jobs that carry the item's name and another listed project's or group's id, on the refs of either.
func (i *item) crossed(job pipelineJob) []ci.Token {
	if !i.keyed {
		return nil // no key tells the ids
	}
	var tokens []ci.Token
	for _, other := range i.crossings() {
		add := func(how string, job pipelineJob) {
			tokens = append(tokens, ci.Token{
				Name:   "the id of " + other.unit.String() + " under the trusted name" + how,
				Claims: job.of(other.unit).claims(),
			})
		}
		add("", job)
		for _, ref := range other.refs {
			if !slices.Contains(i.refs, ref) {
				add(", "+ref.phrase(), job.on(ref))
			}
		}
	}
	return tokens
}
