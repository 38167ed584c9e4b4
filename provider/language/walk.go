package language

import "slices"

// Shortest returns one of the shortest texts that are accepted; there must be one. Of these, it is one with as few units
// as can be in the fields whose bounds a wide automaton does not count.
func (a *Automaton) Shortest() []uint16 {
	end := int32(-1)
	for s := range a.states {
		if a.states[s].accept && (end < 0 || a.states[s].way.before(a.states[end].way)) {
			end = int32(s)
		}
	}
	return a.text(end)
}

// text is the shortest one to a state.
func (a *Automaton) text(s int32) []uint16 {
	units := make([]uint16, a.states[s].way.length)
	for s != 0 {
		way := a.states[s].way
		units[way.length-1] = a.unit(&a.arrows[way.by])
		s = way.from
	}
	return units
}

// ends are the shortest ways from each state to where a text is accepted, again with as few loose units as can be.
type ends struct {
	of     *Automaton
	by     []int32 // the arrow to take, or one of those below
	length []int32
	loose  []int32
}

// What is to be done in a state other than to take an arrow.
const (
	stop = -1 // the text is accepted
	dead = -2 // it never is
)

func (a *Automaton) ends() *ends {
	n := len(a.states)
	numbers := make([]int32, 3*n)
	e := &ends{of: a, by: numbers[:n], length: numbers[n : 2*n], loose: numbers[2*n:]}
	into := a.reversed()
	queue := make([]int32, 0, n)
	for s := range a.states {
		e.by[s] = dead
		if a.states[s].accept {
			e.by[s] = stop
			queue = append(queue, int32(s))
		}
	}
	for i := 0; i < len(queue); i++ {
		to := queue[i]
		length, loose := e.length[to]+1, e.loose[to]
		if a.states[to].loose {
			loose++
		}
		for _, from := range into.of(to) {
			first := e.by[from] == dead
			if first {
				queue = append(queue, from)
			}
			if first || e.length[from] == length && loose < e.loose[from] {
				e.by[from], e.length[from], e.loose[from] = to, length, loose
			}
		}
	}
	// So far by has states; arrows are needed.
	for s := range e.by {
		if e.by[s] < 0 {
			continue
		}
		for i := a.states[s].first; i < a.states[s].behind; i++ {
			if a.arrows[i].to == e.by[s] {
				e.by[s] = i
				break
			}
		}
	}
	return e
}

func (e *ends) append(units []uint16, s int32) []uint16 {
	for e.by[s] >= 0 {
		move := &e.of.arrows[e.by[s]]
		units = append(units, e.of.unit(move))
		s = move.to
	}
	return units
}

// A crumb is a state that a walk through a field has reached.
type crumb struct {
	state int32
	from  int // the number of the crumb before; -1: the field begins here
	unit  uint16
}

// CommonPrefix returns what all texts of a field begin with. Either that is the field's only text, or two accepted
// texts prove that nothing longer is common: the fields of both go on differently behind it. The automaton must not be
// empty.
func (a *Automaton) CommonPrefix(field int) (prefix []uint16, single bool, proof [2][]uint16) {
	part := int16(2*field + 1)
	a.once.Do(func() { a.last = a.ends() })
	last := a.last
	var crumbs []crumb
	for s := range a.states {
		if a.states[s].part < part && last.by[s] != dead {
			crumbs = append(crumbs, crumb{int32(s), -1, 0})
		}
	}
	first, seen := 0, make([]int, len(a.states))
	for level := 1; ; level++ {
		// What can come next: the field's end, and units of it.
		var choices []choice
		exits := false
		for c := first; c < len(crumbs) && len(choices) < 2; c++ {
			from := &a.states[crumbs[c].state]
			if from.accept && !exits {
				exits = true
				choices = append(choices, choice{crumb: c, arrow: -1})
			}
			for i := from.first; i < from.behind; i++ {
				move := &a.arrows[i]
				if last.by[move.to] == dead {
					continue
				}
				switch to := a.states[move.to].part; {
				case to > part && !exits:
					exits = true
					choices = append(choices, choice{crumb: c, arrow: i, unit: a.unit(move)})
				case to == part:
					on := a.label(move)
					for _, unit := range on.some(2) {
						if !slices.ContainsFunc(choices, func(x choice) bool { return x.inside && x.unit == unit }) {
							choices = append(choices, choice{crumb: c, arrow: i, unit: unit, inside: true})
						}
					}
				}
			}
		}
		if len(choices) > 1 {
			for i := range proof {
				proof[i] = a.complete(crumbs, choices[i])
			}
			return prefix, false, proof
		}
		if !choices[0].inside {
			return prefix, true, proof
		}
		prefix = append(prefix, choices[0].unit)
		end := len(crumbs)
		for c := first; c < end; c++ {
			from := &a.states[crumbs[c].state]
			for i := from.first; i < from.behind; i++ {
				if to := a.arrows[i].to; a.states[to].part == part && last.by[to] != dead && seen[to] != level {
					seen[to] = level
					crumbs = append(crumbs, crumb{to, c, choices[0].unit})
				}
			}
		}
		first = end
	}
}

// A choice is how a text may go on behind a crumb: by one of the arrows, or not at all.
type choice struct {
	crumb  int
	arrow  int32
	unit   uint16
	inside bool // the unit is one of the field
}

// complete is a text that goes through a choice.
func (a *Automaton) complete(crumbs []crumb, through choice) []uint16 {
	var inside []uint16
	c := crumbs[through.crumb]
	s := c.state
	for ; c.from >= 0; c = crumbs[c.from] {
		inside = append(inside, c.unit)
	}
	slices.Reverse(inside)
	units := append(a.text(c.state), inside...)
	if through.arrow >= 0 {
		units = append(units, through.unit)
		s = a.arrows[through.arrow].to
	}
	return a.last.append(units, s)
}
