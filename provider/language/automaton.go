// Package language computes with sets of texts: those that a regular expression matches, those that fit values of IAM's
// string operators, and what both have in common. Its letters are UTF-16 units, as IAM's "?" counts them.
//
// It is plain Go and knows nothing of CI systems.
package language

import "errors"

// Most is how many states an automaton may have.
const Most = 1_000_000

// ErrTooLarge reports that more than Most states would have to be looked at.
var ErrTooLarge = errors.New("the values are too involved to judge: more than 1,000,000 states would have to be " +
	"looked at; write fewer wildcards")

// An Automaton accepts texts, and says which part of a text each of its units belongs to. Parts are numbered in the
// order in which they stand in the text: the even ones are between the fields, the field i is the part 2*i+1.
//
// The first state is where it starts. Arrows stand in the order in which package regexp prefers them.
type Automaton struct {
	states []state
	parts  int  // how many there are
	wide   bool // it may accept more texts than it should, or split them at other places
}

type state struct {
	arrows []arrow
	accept bool
	part   int32 // of the unit that was read last
	loose  bool  // that unit is of a field whose bounds of repetition are not in the automaton
}

type arrow struct {
	label label
	to    int32
}

// Empty reports that no text is accepted. It holds for an automaton that was trimmed.
func (a *Automaton) Empty() bool { return len(a.states) == 0 }

// trim drops the states from which no text is accepted. All states must be reachable.
func (a *Automaton) trim() *Automaton {
	into := a.reversed()
	alive := make([]bool, len(a.states))
	var queue []int32
	for s := range a.states {
		if a.states[s].accept {
			alive[s] = true
			queue = append(queue, int32(s))
		}
	}
	for len(queue) > 0 {
		s := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, from := range into.of(s) {
			if !alive[from] {
				alive[from] = true
				queue = append(queue, from)
			}
		}
	}
	trimmed := &Automaton{parts: a.parts, wide: a.wide}
	if len(alive) == 0 || !alive[0] {
		return trimmed
	}
	number := make([]int32, len(a.states))
	n := int32(0)
	for s := range a.states {
		if alive[s] {
			number[s] = n
			n++
		}
	}
	trimmed.states = make([]state, 0, n)
	for s := range a.states {
		if !alive[s] {
			continue
		}
		kept := a.states[s]
		arrows := kept.arrows[:0:0]
		for _, move := range kept.arrows {
			if alive[move.to] {
				arrows = append(arrows, arrow{move.label, number[move.to]})
			}
		}
		kept.arrows = arrows
		trimmed.states = append(trimmed.states, kept)
	}
	return trimmed
}

// sources are, for each state, the states that have an arrow to it.
type sources struct {
	first []int32
	from  []int32
}

func (r *sources) of(s int32) []int32 { return r.from[r.first[s]:r.first[s+1]] }

func (a *Automaton) reversed() *sources {
	r := &sources{first: make([]int32, len(a.states)+1)}
	for s := range a.states {
		for i := range a.states[s].arrows {
			r.first[a.states[s].arrows[i].to+1]++
		}
	}
	for s := range a.states {
		r.first[s+1] += r.first[s]
	}
	r.from = make([]int32, r.first[len(a.states)])
	next := append([]int32(nil), r.first...)
	for s := range a.states {
		for i := range a.states[s].arrows {
			to := a.states[s].arrows[i].to
			r.from[next[to]] = int32(s)
			next[to]++
		}
	}
	return r
}

// Size is how many states there are.
func (a *Automaton) Size() int { return len(a.states) }
