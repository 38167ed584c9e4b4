package language

import (
	"encoding/binary"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Demand is what conditions ask of one text: it fits every value of Fit and none of Refuse.
type Demand struct{ Fit, Refuse []trust.Value }

// Admits reports whether a text satisfies the demand.
func (d Demand) Admits(text string) bool {
	for _, value := range d.Fit {
		if !value.Admits(text) {
			return false
		}
	}
	for _, value := range d.Refuse {
		if value.Admits(text) {
			return false
		}
	}
	return true
}

// Empty reports that any text satisfies the demand.
func (d Demand) Empty() bool { return len(d.Fit) == 0 && len(d.Refuse) == 0 }

// A tupled automaton has states that are the states of several values. It is made while it is walked.
type tupled struct {
	tuples   [][]int32
	moves    []*moves // of each; nil before they are asked for
	numbers  map[string]int32
	tooLarge bool
}

func newTupled() tupled { return tupled{numbers: map[string]int32{}} }

// numbered is the state of a tuple.
func (t *tupled) numbered(tuple []int32) int32 {
	var key []byte
	for _, s := range tuple {
		key = binary.AppendVarint(key, int64(s))
	}
	n, known := t.numbers[string(key)]
	if !known {
		n = int32(len(t.tuples))
		t.numbers[string(key)] = n
		t.tuples, t.moves = append(t.tuples, tuple), append(t.moves, nil)
		t.tooLarge = t.tooLarge || len(t.tuples) > mostSets
	}
	return n
}

// A joint is the automaton of a demand. A tuple has the states of fit, then those of refuse.
type joint struct {
	tupled
	fit, refuse []*matcher
	reached     [2][]int32 // room for read
}

// newJoint makes the automaton of a demand. The demand must not be empty.
func newJoint(demand Demand) *joint {
	j := &joint{tupled: newTupled()}
	for _, value := range demand.Fit {
		j.fit = append(j.fit, newMatcher(value, true))
	}
	for _, value := range demand.Refuse {
		j.refuse = append(j.refuse, newMatcher(value, false))
	}
	if !j.simple() {
		j.number(make([]int32, len(j.fit)+len(j.refuse)))
	}
	return j
}

// simple says that the states are those of a single value.
func (j *joint) simple() bool { return len(j.fit) == 1 && len(j.refuse) == 0 }

// number is the state of a tuple, gone if nothing that follows satisfies the demand.
func (j *joint) number(tuple []int32) int32 {
	for i, s := range tuple {
		if i < len(j.fit) && s == gone || i >= len(j.fit) && j.refuse[i-len(j.fit)].forever(s) {
			return gone
		}
	}
	return j.numbered(tuple)
}

// start is the state before the first unit, gone if no text satisfies the demand.
func (j *joint) start() int32 {
	if !j.simple() && len(j.tuples) == 0 {
		return gone
	}
	return 0
}

func (j *joint) satisfied(s int32) bool {
	if j.simple() {
		return j.fit[0].fits(s)
	}
	for i, part := range j.tuples[s] {
		if i < len(j.fit) && !j.fit[i].fits(part) || i >= len(j.fit) && j.refuse[i-len(j.fit)].fits(part) {
			return false
		}
	}
	return true
}

// most is how many states there are; 0 if that is not known.
func (j *joint) most() int {
	if j.simple() {
		return len(j.fit[0].moves)
	}
	return 0
}

func (j *joint) next(s int32) *moves {
	if j.simple() {
		return j.fit[0].next(s)
	}
	if j.moves[s] != nil {
		return j.moves[s]
	}
	tuple := j.tuples[s]
	parts := make([]*moves, len(tuple))
	var own []uint16
	for i, part := range tuple {
		switch {
		case part == gone:
			parts[i] = &moves{}
		case i < len(j.fit):
			parts[i] = j.fit[i].next(part)
		default:
			refused := j.refuse[i-len(j.fit)]
			parts[i] = refused.next(part)
			j.tooLarge = j.tooLarge || len(refused.places) > mostSets
		}
		own = append(own, letters(parts[i])...)
	}
	made := &moves{}
	for _, unit := range distinct(own) {
		for _, to := range j.after(parts, int32(unit)) {
			made.own = append(made.own, hop{unit, to})
		}
	}
	for _, to := range j.after(parts, anyUnit) {
		if to != gone {
			made.rest = append(made.rest, to)
		}
	}
	j.moves[s] = made
	return made
}

// read are the states behind a word.
func (j *joint) read(s int32, word []uint16) []int32 {
	j.reached[0] = append(j.reached[0][:0], s)
	for _, unit := range word {
		next := j.reached[1][:0]
		for _, s := range j.reached[0] {
			after := j.next(s)
			own := after.of(unit)
			for _, move := range own {
				if move.to != gone {
					next = append(next, move.to)
				}
			}
			if len(own) == 0 {
				next = append(next, after.rest...)
			}
		}
		if len(next) > 1 {
			slices.Sort(next)
			next = slices.Compact(next)
		}
		j.reached[0], j.reached[1] = next, j.reached[0]
	}
	return j.reached[0]
}

// mostAtOnce is how many states one text may be in at once: each value with a "?" behind a "*" can double them.
const mostAtOnce = 1 << 10

// after are the states behind a unit; anyUnit is one that is none of the parts' own.
func (j *joint) after(parts []*moves, unit int32) []int32 {
	tuples := [][]int32{nil}
	for _, part := range parts {
		to := part.rest
		if unit != anyUnit {
			if own := part.of(uint16(unit)); len(own) > 0 {
				to = nil
				for _, move := range own {
					to = append(to, move.to)
				}
			}
		}
		if len(to) == 0 {
			to = []int32{gone}
		}
		if len(tuples)*len(to) > mostAtOnce {
			j.tooLarge = true
			return nil
		}
		var longer [][]int32
		for _, tuple := range tuples {
			for _, s := range to {
				longer = append(longer, append(slices.Clone(tuple), s))
			}
		}
		tuples = longer
	}
	states := make([]int32, len(tuples))
	for i, tuple := range tuples {
		states[i] = j.number(tuple)
	}
	slices.Sort(states)
	return slices.Compact(states)
}
