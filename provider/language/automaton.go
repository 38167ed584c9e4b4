// Package language computes with sets of texts: those that a regular expression matches, those that fit values of IAM's
// string operators, and what both have in common. Its letters are UTF-16 units, as IAM's "?" counts them.
//
// It is plain Go and knows nothing of CI systems.
package language

import (
	"errors"
	"sync"
)

// Most is how many states an automaton may have. States that are sets of others cost ten times as much, so that there
// may be a tenth of them.
const (
	Most     = 1_000_000
	mostSets = Most / 10
)

// ErrTooLarge reports that more than Most states would have to be looked at.
var ErrTooLarge = errors.New("the values are too involved to judge: more than 1,000,000 states would have to be " +
	"looked at; write fewer wildcards")

// An Automaton accepts texts, and says which part of a text each of its units belongs to. Parts are numbered in the
// order in which they stand in the text: the even ones are between the fields, the field i is the part 2*i+1.
//
// The first state is where it starts, and all others can be reached. It never changes once it is made. States and
// arrows have no pointers, because there are many and the garbage collector would follow them.
type Automaton struct {
	states []state
	arrows []arrow // those of a state stand together, in the order in which package regexp prefers them
	sets   []*Set
	buts   [][]uint16 // sorted units; the first are none
	words  [][]uint16 // of two units or more
	parts  int32      // how many there are
	most   int        // units that an accepted text has at most, whatever a wide automaton counts; 0: no limit

	// How texts are made that lead through a state: found when they are first asked for.
	onceBest, onceLast sync.Once
	best               *ways
	last               *ends
}

type state struct {
	first, behind int32 // its arrows
	part          int16 // of the units that were read last
	accept        bool
	loose         bool // these are of a field whose bounds of repetition are not in the automaton
}

// An arrow reads a unit of a set but a few. If set is below 0 it reads a unit alone: -1-set; and if that is above
// 0xFFFF, the word of the number beyond. All units of a word are of one part.
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
		if a.states[i].accept && int(a.shortest().length[i]) <= a.most {
			return false
		}
	}
	return true
}

// Size is how many states there are.
func (a *Automaton) Size() int { return len(a.states) }

// single says that an arrow reads but one unit, and which.
func (m arrow) single() (unit uint16, is bool) {
	return uint16(-1 - m.set), m.set < 0 && m.set >= -1-0xFFFF
}

// word is what an arrow reads if it is a word, nil if it is not.
func (a *Automaton) word(m *arrow) []uint16 {
	if m.set >= -1-0xFFFF {
		return nil
	}
	return a.words[-2-0xFFFF-m.set]
}

// label is what an arrow reads that is no word.
func (a *Automaton) label(m *arrow) label {
	if unit, is := m.single(); is {
		return only(unit)
	}
	return label{set: a.sets[m.set], but: a.buts[m.but]}
}

// length is how many units an arrow reads, and how many of these are loose.
func (a *Automaton) length(m *arrow) (units, loose int32) {
	units = 1
	if word := a.word(m); word != nil {
		units = int32(len(word))
	}
	if a.states[m.to].loose {
		loose = units
	}
	return units, loose
}

// read appends what an arrow reads, of several units the most readable.
func (a *Automaton) read(text []uint16, m *arrow) []uint16 {
	if word := a.word(m); word != nil {
		return append(text, word...)
	}
	on := a.label(m)
	return append(text, on.some(1)[0])
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

// longestWord is how many units a word has at most.
const longestWord = 63

// automaton is what the draft describes, without the states that cannot be reached and those in the middle of a word.
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
	for n := 0; n < len(queue); n++ {
		a.states[n].first = int32(len(a.arrows))
		for _, move := range d.arrows[queue[n]] {
			var made arrow
			switch word, to := d.word(move); {
			case len(word) > 1:
				made = arrow{set: -2 - 0xFFFF - int32(len(a.words)), to: reach(to)}
				a.words = append(a.words, word)
			case move.label.alone:
				made = arrow{set: -1 - int32(move.label.unit), to: reach(to)}
			default:
				made = arrow{set: int32(len(a.sets)), to: reach(to)}
				a.sets = append(a.sets, move.label.set)
			}
			a.arrows = append(a.arrows, made)
		}
		a.states[n].behind = int32(len(a.arrows))
	}
	return a
}

// word is what is read by an arrow and those that have to follow it in the same part of the text, and where they end.
func (d *draft) word(move drawn) (word []uint16, to int32) {
	for {
		word = append(word, move.label.unit)
		at, next := &d.states[move.to], d.arrows[move.to]
		if !move.label.alone || at.accept || len(next) != 1 || !next[0].label.alone ||
			d.states[next[0].to].part != at.part || len(word) == longestWord {
			return word, move.to
		}
		move = next[0]
	}
}
