// Package language computes with sets of texts: those that a regular expression matches, those that fit values of IAM's
// string operators, and what both have in common. Its letters are UTF-16 units, as IAM's "?" counts them.
//
// It is plain Go and knows nothing of CI systems.
package language

import (
	"errors"
	"sync"
)

// Most is how many states an automaton may have.
const Most = 1_000_000

// ErrTooLarge reports that more than Most states would have to be looked at.
var ErrTooLarge = errors.New("the values are too involved to judge: more than 1,000,000 states would have to be " +
	"looked at; write fewer wildcards")

// An Automaton accepts texts, and says which part of a text each of its units belongs to. Parts are numbered in the
// order in which they stand in the text: the even ones are between the fields, the field i is the part 2*i+1.
//
// The first state is where it starts, and all others can be reached. It never changes once it is made. States and arrows
// have no pointers, because there are many and the garbage collector would follow them.
type Automaton struct {
	states []state
	arrows []arrow // those of a state stand together, in the order in which package regexp prefers them
	sets   []*Set
	buts   [][]uint16 // sorted units; the first are none
	parts  int32      // how many there are
	most   int        // units that an accepted text has at most, whatever a wide automaton counts; 0: no limit

	once sync.Once
	last *ends
}

type state struct {
	first, behind int32 // its arrows
	way           way
	part          int16 // of the unit that was read last
	accept        bool
	loose         bool // that unit is of a field whose bounds of repetition are not in the automaton
}

// A way is the shortest one from the start to a state. Of several, it is one with as few loose units as can be.
type way struct {
	from, by      int32 // the state before, and the arrow
	length, loose int32
}

func (w way) before(other way) bool {
	return w.length < other.length || w.length == other.length && w.loose < other.loose
}

// on is the way by one more arrow, to a state.
func (s *state) on(from, by int32, to *state) way {
	next := way{from, by, s.way.length + 1, s.way.loose}
	if to.loose {
		next.loose++
	}
	return next
}

// An arrow reads a unit: -1-set if that is below 0, else any of a set but a few.
type arrow struct {
	set, but int32
	to       int32
}

func (a *Automaton) of(s int32) []arrow {
	at := &a.states[s]
	return a.arrows[at.first:at.behind]
}

// Empty reports that no text is accepted.
func (a *Automaton) Empty() bool {
	for i := range a.states {
		if a.states[i].accept {
			return false
		}
	}
	return true
}

// Overlong reports that every accepted text is longer than the expression allows, so that it matches none of them.
func (a *Automaton) Overlong() bool {
	if a.most == 0 {
		return false
	}
	for i := range a.states {
		if a.states[i].accept && int(a.states[i].way.length) <= a.most {
			return false
		}
	}
	return true
}

// Size is how many states there are.
func (a *Automaton) Size() int { return len(a.states) }

// single says that an arrow reads but one unit, and which.
func (m arrow) single() (unit uint16, is bool) { return uint16(-1 - m.set), m.set < 0 }

func (a *Automaton) label(m *arrow) label {
	if unit, is := m.single(); is {
		return only(unit)
	}
	return label{set: a.sets[m.set], but: a.buts[m.but]}
}

// One of the units that an arrow reads, the most readable.
func (a *Automaton) unit(m *arrow) uint16 {
	on := a.label(m)
	return on.some(1)[0]
}

// sources are, for each state, the states that have an arrow to it.
type sources struct {
	first []int32
	from  []int32
}

func (r *sources) of(s int32) []int32 { return r.from[r.first[s]:r.first[s+1]] }

func (a *Automaton) reversed() *sources {
	r := &sources{first: make([]int32, len(a.states)+2), from: make([]int32, len(a.arrows))}
	// Counted two places on, and then written one place on, so that in the end each first is in its place.
	for i := range a.arrows {
		r.first[a.arrows[i].to+2]++
	}
	for s := range a.states {
		r.first[s+1] += r.first[s]
	}
	for s := range a.states {
		for _, move := range a.of(int32(s)) {
			r.from[r.first[move.to+1]] = int32(s)
			r.first[move.to+1]++
		}
	}
	return r
}

// A draft is an automaton whose states get their arrows in any order.
type draft struct {
	states []state
	arrows [][]drawn
	parts  int32
}

type drawn struct {
	label label
	to    int32
}

func (d *draft) add(s state) int32 {
	d.states = append(d.states, s)
	d.arrows = append(d.arrows, nil)
	return int32(len(d.states) - 1)
}

func (d *draft) draw(from int32, on *Set, to int32) {
	made := label{set: on}
	if on.size == 1 {
		made = only(on.spans[0].from)
	}
	d.arrows[from] = append(d.arrows[from], drawn{made, to})
}

// automaton is what the draft describes, without the states that cannot be reached, level by level.
func (d *draft) automaton() *Automaton {
	a := &Automaton{buts: [][]uint16{nil}, parts: d.parts}
	number := make([]int32, len(d.states)) // one more than it is
	var queue []int32
	reach := func(s int32) int32 {
		if number[s] == 0 {
			queue = append(queue, s)
			number[s] = int32(len(queue))
			a.states = append(a.states, d.states[s])
		}
		return number[s] - 1
	}
	reach(0)
	for n := int32(0); int(n) < len(queue); n++ {
		a.states[n].first = int32(len(a.arrows))
		for _, move := range d.arrows[queue[n]] {
			known := len(queue)
			made := arrow{set: -1 - int32(move.label.unit), to: reach(move.to)}
			if !move.label.alone {
				made.set = int32(len(a.sets))
				a.sets = append(a.sets, move.label.set)
			}
			to := &a.states[made.to]
			if way := a.states[n].on(n, int32(len(a.arrows)), to); len(queue) > known || way.before(to.way) {
				to.way = way
			}
			a.arrows = append(a.arrows, made)
		}
		a.states[n].behind = int32(len(a.arrows))
	}
	return a
}
