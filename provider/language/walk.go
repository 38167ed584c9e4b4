package language

import "slices"

// Shortest returns one of the shortest texts that are accepted; there must be one. Of these, it is one with as few
// units as can be in the fields whose bounds a wide automaton does not count.
func (a *Automaton) Shortest() []uint16 {
	best := a.shortest()
	end := int32(-1)
	for s := range a.states {
		if a.states[s].accept && (end < 0 || best.before(int32(s), end)) {
			end = int32(s)
		}
	}
	return best.append(nil, end)
}

// shortest are the ways from the start, and to where a text is accepted. They are found when they are first asked for.
func (a *Automaton) shortest() *ways {
	a.onceBest.Do(func() { a.best = a.ways() })
	return a.best
}

// levels are states in the order in which they are to be looked at: those that fewer units lead to first. No arrow
// reads more than longestWord units, so that a ring of lists is enough.
type levels struct {
	ring [longestWord + 1][]int32
	now  int32
	left int
}

func (l *levels) push(s, length int32) {
	at := &l.ring[length&longestWord]
	*at = append(*at, s)
	l.left++
}

// pop returns the next state; false if there is none.
func (l *levels) pop() (s, length int32, more bool) {
	if l.left == 0 {
		return 0, 0, false
	}
	for len(l.ring[l.now&longestWord]) == 0 {
		l.now++
	}
	at := &l.ring[l.now&longestWord]
	s = (*at)[len(*at)-1]
	*at = (*at)[:len(*at)-1]
	l.left--
	return s, l.now, true
}

// A measure is how long the shortest way to a state is, or from it on, and by which arrow it goes; of several, one with
// as few loose units as can be.
type measure struct {
	length, loose []int32 // length is never while there is no way
	by            []int32
}

const never = 1<<31 - 1

func newMeasure(n int) measure {
	room := make([]int32, 3*n)
	m := measure{room[:n], room[n : 2*n], room[2*n:]}
	for s := range m.length {
		m.length[s] = never
	}
	return m
}

// improve notes a way if it is better, and reports whether it is shorter.
func (m *measure) improve(s, length, loose, by int32) bool {
	shorter := length < m.length[s]
	if shorter || length == m.length[s] && loose < m.loose[s] {
		m.length[s], m.loose[s], m.by[s] = length, loose, by
	}
	return shorter
}

func (m *measure) before(a, b int32) bool {
	return m.length[a] < m.length[b] || m.length[a] == m.length[b] && m.loose[a] < m.loose[b]
}

// ways are the shortest ways from the start to each state.
type ways struct {
	of *Automaton
	measure
	from []int32 // where the arrow begins
}

func (a *Automaton) ways() *ways {
	w := &ways{a, newMeasure(len(a.states)), make([]int32, len(a.states))}
	var next levels
	w.length[0] = 0
	next.push(0, 0)
	for {
		s, length, more := next.pop()
		if !more {
			return w
		}
		if length != w.length[s] {
			continue // there was a shorter way
		}
		for by := a.states[s].first; by < a.states[s].behind; by++ {
			move := &a.arrows[by]
			units, loose := a.length(move)
			before := w.by[move.to]
			if w.improve(move.to, length+units, w.loose[s]+loose, by) {
				next.push(move.to, length+units)
			}
			if w.by[move.to] != before || by == before {
				w.from[move.to] = s
			}
		}
	}
}

// append appends the shortest text to a state.
func (w *ways) append(text []uint16, s int32) []uint16 {
	var back []int32
	for ; s != 0; s = w.from[s] {
		back = append(back, w.by[s])
	}
	for _, by := range slices.Backward(back) {
		text = w.of.read(text, &w.of.arrows[by])
	}
	return text
}

// ends are the shortest ways from each state to where a text is accepted.
type ends struct {
	of *Automaton
	measure
}

// stop stands in the place of an arrow where a text is accepted.
const stop = -1

func (a *Automaton) ends() *ends {
	e := &ends{a, newMeasure(len(a.states))}
	into := a.reversed()
	var next levels
	for s := range a.states {
		if a.states[s].accept {
			e.improve(int32(s), 0, 0, stop)
			next.push(int32(s), 0)
		}
	}
	for {
		s, length, more := next.pop()
		if !more {
			return e
		}
		if length != e.length[s] {
			continue
		}
		for i := into.first[s]; i < into.first[s+1]; i++ {
			units, loose := a.length(&a.arrows[into.by[i]])
			if e.improve(into.from[i], length+units, e.loose[s]+loose, into.by[i]) {
				next.push(into.from[i], length+units)
			}
		}
	}
}

// dead reports that no text is accepted from a state on.
func (e *ends) dead(s int32) bool { return e.length[s] == never }

// append appends the shortest text from a state on.
func (e *ends) append(text []uint16, s int32) []uint16 {
	for e.by[s] != stop {
		move := &e.of.arrows[e.by[s]]
		text = e.of.read(text, move)
		s = move.to
	}
	return text
}

// sources are, for each state, the arrows to it and the states in which they begin.
type sources struct {
	first    []int32
	from, by []int32
}

func (a *Automaton) reversed() *sources {
	n := len(a.arrows)
	room := make([]int32, 2*n)
	r := &sources{make([]int32, len(a.states)+2), room[:n], room[n:]}
	// Counted two places on, and then written one place on, so that in the end each first is in its place.
	for i := range a.arrows {
		r.first[a.arrows[i].to+2]++
	}
	for s := range a.states {
		r.first[s+1] += r.first[s]
	}
	for s := range a.states {
		for by := a.states[s].first; by < a.states[s].behind; by++ {
			at := &r.first[a.arrows[by].to+1]
			r.from[*at], r.by[*at] = int32(s), by
			*at++
		}
	}
	return r
}

// A crumb is where a walk through a field has come: to a state, or into the word of an arrow.
type crumb struct {
	start  int32 // the state in which the field begins
	state  int32
	arrow  int32 // -1: none
	offset int   // in the word
}

// CommonPrefix returns what all texts of a field begin with. Either that is the field's only text, or two accepted
// texts prove that nothing longer is common: the fields of both go on differently behind it. The automaton must not be
// empty.
func (a *Automaton) CommonPrefix(field int) (prefix []uint16, single bool, proof [2][]uint16) {
	a.onceLast.Do(func() { a.last = a.ends() })
	part := int16(2*field + 1)
	var crumbs []crumb
	for s := range a.states {
		if a.states[s].part < part && !a.last.dead(int32(s)) {
			crumbs = append(crumbs, crumb{int32(s), int32(s), -1, 0})
		}
	}
	seen := make([]int, len(a.states))
	for level := 1; ; level++ {
		choices := a.choices(crumbs, part)
		if len(choices) > 1 {
			for i := range proof {
				proof[i] = a.complete(prefix, choices[i])
			}
			return prefix, false, proof
		}
		if !choices[0].inside {
			return prefix, true, proof
		}
		prefix = append(prefix, choices[0].unit)
		var next []crumb
		add := func(c crumb, by int32, offset int) {
			move := &a.arrows[by]
			if word := a.word(move); offset < len(word) {
				next = append(next, crumb{c.start, c.state, by, offset})
			} else if seen[move.to] != level {
				seen[move.to] = level
				next = append(next, crumb{c.start, move.to, -1, 0})
			}
		}
		for _, c := range crumbs {
			if c.arrow >= 0 {
				add(c, c.arrow, c.offset+1)
				continue
			}
			for by := a.states[c.state].first; by < a.states[c.state].behind; by++ {
				if to := a.arrows[by].to; a.states[to].part == part && !a.last.dead(to) {
					add(c, by, 1)
				}
			}
		}
		crumbs = next
	}
}

// A choice is how a text may go on behind a crumb: by one of the arrows, or not at all.
type choice struct {
	crumb
	by     int32
	unit   uint16
	inside bool // the unit is one of the field
}

// choices are two ways in which a field may go on, if there are two: its end is one, and each unit.
func (a *Automaton) choices(crumbs []crumb, part int16) []choice {
	var found []choice
	add := func(c choice) {
		if !slices.ContainsFunc(found, func(x choice) bool { return x.inside == c.inside && x.unit == c.unit }) {
			found = append(found, c)
		}
	}
	for _, c := range crumbs {
		if len(found) > 1 {
			break
		}
		if c.arrow >= 0 {
			add(choice{c, c.arrow, a.word(&a.arrows[c.arrow])[c.offset], true})
			continue
		}
		if a.states[c.state].accept {
			add(choice{crumb: c, by: stop})
		}
		for by := a.states[c.state].first; by < a.states[c.state].behind; by++ {
			move := &a.arrows[by]
			if a.last.dead(move.to) {
				continue
			}
			switch to := a.states[move.to].part; {
			case to > part:
				add(choice{crumb: c, by: by})
			case to == part && a.word(move) != nil:
				add(choice{c, by, a.word(move)[0], true})
			case to == part:
				on := a.label(move)
				for _, unit := range on.some(2) {
					add(choice{c, by, unit, true})
				}
			}
		}
	}
	return found
}

// complete is a text whose field begins in a certain way and goes on by a choice.
func (a *Automaton) complete(prefix []uint16, by choice) []uint16 {
	text := append(a.shortest().append(nil, by.start), prefix...)
	if by.by == stop {
		return text
	}
	move := &a.arrows[by.by]
	switch word := a.word(move); {
	case word != nil:
		text = append(text, word[by.offset:]...)
	case by.inside:
		text = append(text, by.unit)
	default:
		text = a.read(text, move)
	}
	return a.last.append(text, move.to)
}
