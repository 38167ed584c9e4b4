package language

import "slices"

// Shortest returns one of the shortest texts that are accepted; it must not be empty, and trimmed. Of these, it is one
// with as few units as can be in the fields whose bounds a wide automaton does not count.
func (a *Automaton) Shortest() []uint16 {
	best := a.ways()
	end := int32(-1)
	for s := range a.states {
		if a.states[s].accept && (end < 0 || best.before(int32(s), end)) {
			end = int32(s)
		}
	}
	return best.text(end)
}

// ways are the shortest ways from the start to each state.
type ways struct {
	of       *Automaton
	length   []int32 // -1: not reached
	loose    []int32
	from, by []int32 // the state before, and the number of its arrow
}

// ways finds them, level by level.
func (a *Automaton) ways() *ways {
	n := len(a.states)
	numbers := make([]int32, 4*n)
	w := &ways{of: a, length: numbers[:n], loose: numbers[n : 2*n], from: numbers[2*n : 3*n], by: numbers[3*n:]}
	for s := range w.length {
		w.length[s] = -1
	}
	w.length[0] = 0
	queue := make([]int32, 1, n)
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		for by := range a.states[s].arrows {
			to := a.states[s].arrows[by].to
			length, loose := w.length[s]+1, w.loose[s]
			if a.states[to].loose {
				loose++
			}
			first := w.length[to] < 0
			if first || w.length[to] == length && loose < w.loose[to] {
				w.length[to], w.loose[to], w.from[to], w.by[to] = length, loose, s, int32(by)
			}
			if first {
				queue = append(queue, to)
			}
		}
	}
	return w
}

func (w *ways) before(a, b int32) bool {
	return w.length[a] < w.length[b] || w.length[a] == w.length[b] && w.loose[a] < w.loose[b]
}

// text is the shortest one to a state.
func (w *ways) text(s int32) []uint16 {
	units := make([]uint16, w.length[s])
	for s != 0 {
		move := &w.of.states[w.from[s]].arrows[w.by[s]]
		units[w.length[s]-1] = move.label.some(1)[0]
		s = w.from[s]
	}
	return units
}

// ends are the shortest ways from each state to where a text is accepted.
type ends struct {
	of *Automaton
	by []int32 // the number of the arrow to take; -1: the text may end here
}

func (a *Automaton) ends() *ends {
	e := &ends{of: a, by: make([]int32, len(a.states))}
	into := a.reversed()
	seen := make([]bool, len(a.states))
	var queue []int32
	for s := range a.states {
		if a.states[s].accept {
			seen[s], e.by[s] = true, -1
			queue = append(queue, int32(s))
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, from := range into.of(queue[i]) {
			if seen[from] {
				continue
			}
			seen[from] = true
			e.by[from] = int32(slices.IndexFunc(a.states[from].arrows, func(m arrow) bool { return m.to == queue[i] }))
			queue = append(queue, from)
		}
	}
	return e
}

func (e *ends) append(units []uint16, s int32) []uint16 {
	for e.by[s] >= 0 {
		move := &e.of.states[s].arrows[e.by[s]]
		units = append(units, move.label.some(1)[0])
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
// empty, and trimmed.
func (a *Automaton) CommonPrefix(field int) (prefix []uint16, single bool, proof [2][]uint16) {
	part := int32(2*field + 1)
	var crumbs []crumb
	for s := range a.states {
		if a.states[s].part < part {
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
			for i := range from.arrows {
				switch to := a.states[from.arrows[i].to].part; {
				case to > part && !exits:
					exits = true
					choices = append(choices, choice{crumb: c, arrow: i, unit: from.arrows[i].label.some(1)[0]})
				case to == part:
					for _, unit := range from.arrows[i].label.some(2) {
						if !slices.ContainsFunc(choices, func(x choice) bool { return x.inside && x.unit == unit }) {
							choices = append(choices, choice{crumb: c, arrow: i, unit: unit, inside: true})
						}
					}
				}
			}
		}
		if len(choices) > 1 {
			best, last := a.ways(), a.ends()
			for i := range proof {
				proof[i] = a.complete(best, last, crumbs, choices[i])
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
			for i := range from.arrows {
				if to := from.arrows[i].to; a.states[to].part == part && seen[to] != level {
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
	crumb, arrow int
	unit         uint16
	inside       bool // the unit is one of the field
}

// complete is a text that goes through a choice.
func (a *Automaton) complete(best *ways, last *ends, crumbs []crumb, through choice) []uint16 {
	var inside []uint16
	c := crumbs[through.crumb]
	s := c.state
	for ; c.from >= 0; c = crumbs[c.from] {
		inside = append(inside, c.unit)
	}
	slices.Reverse(inside)
	units := append(best.text(c.state), inside...)
	if through.arrow >= 0 {
		units = append(units, through.unit)
		s = a.states[s].arrows[through.arrow].to
	}
	return last.append(units, s)
}
