package permission

import "strings"

// A Book is a role's policies, read once to be asked often.
type Book struct{ rules *rulebook }

// Read reads the policies of a role.
func Read(role Role) *Book { return &Book{read(role)} }

// Allows reports that the role may do an action on a resource, and what allows it. Doubt counts as yes: conditions of
// an Allow hold, those of a Deny do not, and what could not be read allows everything.
func (b *Book) Allows(action, resource string) (by Use, ok bool) {
	r := b.rules
	r.budget = most
	wanted, on := wants{fit: []string{strings.ToLower(action)}}, wants{fit: []string{resource}}
	for i := range r.policies {
		p := &r.policies[i]
		if p.unreadable != "" && r.bound(wanted, on) {
			return Use{Action: action, Resource: resource, Policy: p.name, Power: "it could not be read (" +
				p.unreadable + ")"}, true
		}
		for _, s := range p.allows {
			for _, act := range wanted.inside(s.actions) {
				if !r.some(act) {
					continue
				}
				for _, res := range on.inside(s.resources) {
					if r.some(res) && r.bound(act, res) {
						return Use{Action: action, Resource: resource, Policy: p.name, Statement: s.number}, true
					}
				}
			}
		}
	}
	return Use{}, false
}
