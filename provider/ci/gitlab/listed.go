package gitlab

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A listed holds the projects, or the groups, of a section.
type listed struct {
	items []*item
	alike *ci.Alikeness
}

func (l *listed) add(i *item) {
	i.listed, i.at = l, len(l.items)
	l.items = append(l.items, i)
}

// grants are those of all items.
func (l *listed) grants() []ci.Grant {
	said := make([]ci.Said, len(l.items))
	for at, i := range l.items {
		said[at] = i.said()
	}
	l.alike = ci.NewAlikeness(said)
	var grants []ci.Grant
	for _, i := range l.items {
		for _, ref := range i.refs {
			grants = append(grants, i.grant(ref))
		}
	}
	return grants
}

// said is what the section says of the item. The audiences are the same for all.
func (i *item) said() ci.Said {
	said := ci.Said{Way: fmt.Sprintf("%v %v", i.unit.path != "", i.byIDs)}
	if i.keyed {
		said.ID = i.unit.id
	}
	for _, ref := range i.refs {
		said.Contexts = append(said.Contexts, ref.context())
	}
	return said
}

// context tells the reference from others.
func (r reference) context() string {
	return fmt.Sprintf("%s %q %v %v", r.kind.Noun, r.name.Pattern(), r.protected, r.merge)
}

// ids are those that a statement of the item accepts. One that leaves out the names merges with others as it is.
func (i *item) ids() []string {
	if i.byIDs {
		return []string{i.unit.id}
	}
	return i.listed.alike.IDs(i.at)
}

// admitsID judges the id beside a subject that the item names.
func (i *item) admitsID(ref reference, id string) bool {
	return id == i.unit.id || !i.byIDs && i.listed.alike.Admits(id, i.at, ref.context())
}

// crossed are jobs that carry the item's name and another listed project's or group's id, on the refs of either.
func (i *item) crossed(job pipelineJob) []ci.Token {
	if !i.keyed {
		return nil // no key tells the ids
	}
	var tokens []ci.Token
	for _, at := range i.listed.alike.Crossings(i.at, 80, 6) {
		other := i.listed.items[at]
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
