package ci

import (
	"slices"
	"strings"
)

// Said is what a section says of one of the things that it lists by name and id: a project, a pipeline.
type Said struct {
	ID       string   // what a condition key holds; "" if none can be tested
	Way      string   // how its jobs are known, and how they must run, whatever their context
	Contexts []string // the refs, environments and events that are trusted
}

// An Alikeness groups what is listed by what is said of it. A statement that accepts several names and several ids
// accepts each id with each name: that is right only where every one of them is trusted in all the contexts of the
// others, and in the same way.
type Alikeness struct {
	said  []Said
	byID  map[string][]int
	words []string
	ids   [][]string
}

// MostAlike is how many share a statement. So many do not fit the highest quota by name, and lists that grow with the
// list would make a trust of thousands slow to refuse.
const MostAlike = 200

// NewAlikeness groups a list.
func NewAlikeness(said []Said) *Alikeness {
	a := &Alikeness{
		said: said, byID: map[string][]int{}, words: make([]string, len(said)), ids: make([][]string, len(said)),
	}
	contexts := map[string][]string{} // of one id, from all items that trust it in one way
	of := func(s Said) string { return s.Way + "\n" + s.ID }
	for _, s := range said {
		for _, context := range s.Contexts {
			contexts[of(s)] = AddOnce(contexts[of(s)], context)
		}
	}
	alike := map[string][]int{}
	for i, s := range said {
		a.words[i] = s.Way + "\n" + strings.Join(contexts[of(s)], "\n")
		if s.ID != "" {
			a.byID[s.ID] = append(a.byID[s.ID], i)
			alike[a.words[i]] = append(alike[a.words[i]], i)
		}
	}
	for _, places := range alike {
		slices.SortStableFunc(places, func(i, k int) int { return strings.Compare(said[i].ID, said[k].ID) })
		for few := range slices.Chunk(places, MostAlike) {
			ids := make([]string, len(few))
			for at, i := range few {
				ids[at] = said[i].ID
			}
			ids = slices.Compact(ids)
			for _, i := range few {
				a.ids[i] = ids
			}
		}
	}
	return a
}

// IDs are the ids of those of which the same is said as of the one at a place, and its own.
func (a *Alikeness) IDs(at int) []string { return a.ids[at] }

// Trusts reports whether an id is trusted in a context, in the same way as what stands at a place. It goes by what is
// said of that id, and not by the groups.
func (a *Alikeness) Trusts(id string, at int, context string) bool {
	return slices.ContainsFunc(a.byID[id], func(i int) bool {
		return a.said[i].Way == a.said[at].Way && slices.Contains(a.said[i].Contexts, context)
	})
}

// Admits judges the id beside the name of what stands at a place: it must be its own, or one of which the same is said.
func (a *Alikeness) Admits(id string, at int, context string) bool {
	return id == a.said[at].ID || slices.Contains(a.ids[at], id) && a.Trusts(id, at, context)
}

// Crossings are the places whose ids a proof tries under the name of what stands at a place: all others of a list of at
// most so many, which is more than fit the highest quota by name. Of a longer list they are those before and behind it,
// and the next ones of which something else is said, each time something else, so many at most: then a proof of many
// stays linear.
func (a *Alikeness) Crossings(at, all, most int) []int {
	var found []int
	n, seen := len(a.said), map[string]bool{a.words[at]: true}
	for step := 1; step < n && (n <= all || len(found) < most); step++ {
		other := (at + step) % n
		beside := n <= all || step == 1 || step == n-1
		if id := a.said[other].ID; id == "" || id == a.said[at].ID || !beside && seen[a.words[other]] {
			continue
		}
		seen[a.words[other]] = true
		found = append(found, other)
	}
	return found
}
