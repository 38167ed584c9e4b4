package language

import "slices"

// Whole stands for all parts of a text where a field is asked for.
const Whole = -1

// Satisfying returns the automaton of those texts that satisfy a demand: on the text as a whole, or on one field.
func (a *Automaton) Satisfying(demand Demand, field int) (*Automaton, error) {
	if demand.Empty() {
		return a, nil
	}
	p := &product{
		old: a, demand: newJoint(demand), part: int16(2*field + 1), whole: field == Whole,
		made: &Automaton{parts: a.parts, most: a.most, sets: a.sets, words: a.words, buts: slices.Clone(a.buts)},
	}
	if err := p.explore(); err != nil {
		return nil, err
	}
	return p.made, nil
}

// A pair is a state of the automaton and one of the demand; outside the field, the demand's is its first.
type pair struct{ text, demand int32 }

type product struct {
	old     *Automaton
	demand  *joint
	made    *Automaton
	pairs   []pair
	numbers numbers
	part    int16
	whole   bool
	buts    []int32 // for each state of the demand: the number of its own units in made.buts, 0 if they are not there
}

func (p *product) explore() error {
	start := p.demand.start()
	if start == gone && p.whole {
		return nil
	}
	p.prepare()
	p.number(0, max(start, 0))
	for n := 0; n < len(p.pairs); n++ {
		if len(p.pairs) > Most || p.demand.tooLarge {
			return ErrTooLarge
		}
		at := p.pairs[n]
		from := &p.old.states[at.text]
		p.made.states[n].accept = from.accept && p.leaves(from.part, int16(p.old.parts), at.demand)
		p.made.states[n].first = int32(len(p.made.arrows))
		for i := from.first; i < from.behind; i++ {
			step := &p.old.arrows[i]
			part := p.old.states[step.to].part
			switch {
			case p.whole || part == p.part:
				if start != gone {
					p.walk(step, at.demand)
				}
			case p.leaves(from.part, part, at.demand):
				p.add(step.set, step.but, step.to, max(start, 0))
			}
		}
		p.made.states[n].behind = int32(len(p.made.arrows))
	}
	return nil
}

// prepare makes room, where it is known how many states there are on both sides: for a value of very many segments at
// once for all that it is likely to need.
func (p *product) prepare() {
	texts, demands := len(p.old.states), p.demand.most()
	p.numbers.prepare(texts, demands)
	if demands > 500 && texts*demands <= mostInTable {
		p.pairs = make([]pair, 0, texts*demands)
		p.made.states = make([]state, 0, texts*demands)
		p.made.arrows = make([]arrow, 0, texts*demands)
	}
}

// leaves reports that the demand allows to go from one part of the text on to another.
func (p *product) leaves(from, to int16, at int32) bool {
	switch {
	case p.whole || from == p.part && to != p.part:
		return p.demand.satisfied(at)
	case from < p.part && p.part < to: // the field has no text
		return p.demand.start() != gone && p.demand.satisfied(p.demand.start())
	}
	return true
}

// walk makes the arrows by which the text and the demand read the same unit.
func (p *product) walk(step *arrow, at int32) {
	if word := p.old.word(step); word != nil {
		for _, to := range p.demand.read(at, word) {
			p.add(step.set, 0, step.to, to)
		}
		return
	}
	next := p.demand.next(at)
	if unit, is := step.single(); is {
		if own := next.of(unit); len(own) > 0 {
			for _, move := range own {
				p.add(step.set, 0, step.to, move.to)
			}
			return
		}
		for _, to := range next.rest {
			p.add(step.set, 0, step.to, to)
		}
		return
	}
	on := p.old.label(step)
	shared := true // all own units are of the label
	read := 0
	last := -1
	for _, move := range next.own {
		if !on.has(move.unit) {
			shared = false
			continue
		}
		if int(move.unit) != last {
			last = int(move.unit)
			read++
		}
		p.add(-1-int32(move.unit), 0, step.to, move.to)
	}
	if len(next.rest) == 0 || on.size() == read {
		return
	}
	set, but := step.set, step.but
	switch {
	case read == 0:
	case on.size() == read+1:
		set, but = -1-int32(rest(&on, next)), 0
	case shared && but == 0:
		but = p.own(at, next)
	default:
		but = int32(len(p.made.buts))
		p.made.buts = append(p.made.buts, withBut(&on, next))
	}
	for _, to := range next.rest {
		p.add(set, but, step.to, to)
	}
}

// rest is a unit of a label that is none of the moves' own; there must be one.
func rest(on *label, next *moves) uint16 {
	if on.alone {
		return on.unit
	}
	left := label{set: on.set, but: withBut(on, next)}
	return left.some(1)[0]
}

// withBut are the units that a label leaves out, and those of the moves' own that it has.
func withBut(on *label, next *moves) []uint16 {
	units := slices.Clone(on.but)
	for _, move := range next.own {
		if on.set.has(move.unit) {
			units = append(units, move.unit)
		}
	}
	return distinct(units)
}

// own is the number of the units of a state of the demand.
func (p *product) own(at int32, next *moves) int32 {
	for int(at) >= len(p.buts) {
		p.buts = append(p.buts, 0)
	}
	if p.buts[at] == 0 {
		p.buts[at] = int32(len(p.made.buts))
		p.made.buts = append(p.made.buts, letters(next))
	}
	return p.buts[at]
}

func (p *product) add(set, but, text, demand int32) {
	if demand == gone {
		return
	}
	to := p.number(text, demand)
	made := p.made
	if len(made.arrows) == cap(made.arrows) {
		made.arrows = roomy(made.arrows)
	}
	made.arrows = made.arrows[:len(made.arrows)+1]
	made.arrows[len(made.arrows)-1] = arrow{set, but, to}
}

func (p *product) number(text, demand int32) int32 {
	next := int32(len(p.pairs))
	n := p.numbers.of(text, demand, next)
	if n == next {
		made := p.made
		if int(n) == cap(p.pairs) {
			p.pairs, made.states = roomy(p.pairs), roomy(made.states)
		}
		p.pairs, made.states = p.pairs[:n+1], made.states[:n+1]
		p.pairs[n] = pair{text, demand}
		of := &p.old.states[text]
		made.states[n] = state{part: of.part, loose: of.loose}
	}
	return n
}

// roomy doubles the room of a list that is full: append alone would copy a long one many times, and write a pointer for
// each element, which the garbage collector wants to be told.
func roomy[T any](list []T) []T {
	longer := make([]T, len(list), max(64, 2*len(list)))
	copy(longer, list)
	return longer
}

// numbers are the numbers of pairs. Where there can be but a few, they stand in a table of all of them; else in one of
// open addressing, which is several times as fast as a map.
type numbers struct {
	all   []int32 // one more than the number; 0: none yet
	width int
	slots []slot
	used  int
}

type slot struct {
	key    uint64
	number int32 // one more than it is; 0: the slot is free
}

// mostInTable is how many pairs a table of all has at most.
const mostInTable = 1 << 19

// prepare chooses the table, where it is known how many states there are on both sides; 0 is unknown.
func (t *numbers) prepare(texts, demands int) {
	if demands > 0 && texts*demands <= mostInTable {
		t.all, t.width = make([]int32, texts*demands), texts
	}
}

// of returns the number of a pair, which is the given one if the pair is new.
func (t *numbers) of(text, demand, next int32) int32 {
	if t.width > 0 {
		at := &t.all[int(demand)*t.width+int(text)]
		if *at == 0 {
			*at = next + 1
		}
		return *at - 1
	}
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	key := uint64(uint32(text))<<32 | uint64(uint32(demand))
	at := t.find(key)
	if t.slots[at].number == 0 {
		t.slots[at] = slot{key, next + 1}
		t.used++
	}
	return t.slots[at].number - 1
}

func (t *numbers) find(key uint64) uint64 {
	mask := uint64(len(t.slots) - 1)
	at := key * 0x9E3779B97F4A7C15 >> 20 & mask
	for t.slots[at].number != 0 && t.slots[at].key != key {
		at = (at + 1) & mask
	}
	return at
}

func (t *numbers) grow() {
	old := t.slots
	t.slots = make([]slot, max(128, 4*len(old)))
	for _, taken := range old {
		if taken.number != 0 {
			t.slots[t.find(taken.key)] = taken
		}
	}
}
