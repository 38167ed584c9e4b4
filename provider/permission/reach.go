package permission

import "strings"

// covers reports that an action, in lower case, lies in the statement's set.
func (s set) covers(text string) bool {
	for _, pattern := range s.patterns {
		if match(pattern, text) {
			return !s.not
		}
	}
	return s.not
}

// everything reports that each text lies in the set, as far as one pattern says so.
func (s set) everything() bool {
	for _, pattern := range s.patterns {
		if pattern != "" && strings.Trim(pattern, "*") == "" {
			return !s.not
		}
	}
	return s.not && len(s.patterns) == 0
}

// reach is an action and a resource that a statement of a policy allows, that fit what is wanted, and that no Deny and
// no boundary takes away. Of two ways in which a pair can escape a Deny each is tried.
func (r *rulebook) reach(action wants, s *statement) bool {
	for _, act := range action.inside(s.actions) {
		if !r.some(act) {
			continue
		}
		for _, res := range (wants{}).inside(s.resources) {
			if r.bound(act, res) {
				return true
			}
		}
	}
	return false
}

// some reports that there is a text that is wanted.
func (r *rulebook) some(w wants) bool {
	_, found := w.find(&r.budget)
	return found
}

// bound goes on with the boundary: one of its Allows has to allow the pair, too.
func (r *rulebook) bound(action, resource wants) bool {
	if !r.bounded {
		return r.escape(action, resource, r.denies)
	}
	for _, limit := range r.boundary {
		for _, act := range action.inside(limit.actions) {
			if !r.some(act) {
				continue
			}
			for _, res := range resource.inside(limit.resources) {
				if r.escape(act, res, r.denies) {
					return true
				}
			}
		}
	}
	return false
}

// escape finds a pair outside of each Deny: by its action, or by its resource. What only one of the two can escape is
// settled first.
func (r *rulebook) escape(action, resource wants, denies []*statement) bool {
	var open []*statement
	for _, deny := range denies {
		if name, only := action.only(); only && !deny.actions.covers(name) {
			continue
		}
		if name, only := resource.only(); only && !deny.resources.covers(name) {
			continue
		}
		switch {
		case deny.resources.everything() && !deny.actions.not:
			action = action.not(deny.actions.patterns...)
		case deny.actions.everything() && !deny.resources.not:
			resource = resource.not(deny.resources.patterns...)
		default:
			open = append(open, deny)
		}
	}
	return r.choose(action, resource, open)
}

func (r *rulebook) choose(action, resource wants, denies []*statement) bool {
	if r.budget < 0 {
		return true
	}
	if !r.some(action) || !r.some(resource) {
		return false
	}
	if len(denies) == 0 {
		return true
	}
	deny, rest := denies[0], denies[1:]
	for _, act := range action.outside(deny.actions) {
		if r.choose(act, resource, rest) {
			return true
		}
	}
	for _, res := range resource.outside(deny.resources) {
		if r.choose(action, res, rest) {
			return true
		}
	}
	return false
}

// each goes over all Allows that are allowed anything.
func (r *rulebook) each(do func(p *policy, s *statement)) {
	for i := range r.policies {
		for _, s := range r.policies[i].allows {
			do(&r.policies[i], s)
		}
	}
}
