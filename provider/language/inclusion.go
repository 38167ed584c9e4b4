package language

import "slices"

// Outside returns a short accepted text that satisfies none of the demands; false if there is none. It may
// find one that satisfies a demand for all that where a value ignores case and a capital sigma is in the text.
func (a *Automaton) Outside(demands []Demand) (text []uint16, found bool, err error) {
	if a.Empty() {
		return nil, false, nil
	}
	o := &outside{tupled: newTupled()}
	for _, demand := range demands {
		all := alternative{fit: len(demand.Fit)}
		for _, value := range demand.Fit {
			all.values = append(all.values, newMatcher(value, false))
		}
		for _, value := range demand.Refuse {
			refused := newMatcher(value, false)
			refused.unsure = failed
			all.values = append(all.values, refused)
		}
		o.demands = append(o.demands, all)
		o.width += len(all.values)
	}
	start := o.number(make([]int32, o.width))
	if start == gone {
		return nil, false, nil
	}
	type node struct {
		pair
		from, by int32
		unit     uint16 // that the arrow has read, if it reads no word
	}
	nodes := []node{{pair: pair{0, start}}}
	var known numbers
	known.of(0, start, 0)
	for n := 0; n < len(nodes); n++ {
		if len(nodes) > Most || o.tooLarge {
			return nil, false, ErrTooLarge
		}
		at := nodes[n].pair
		from := &a.states[at.text]
		if from.accept && !o.satisfied(at.demand) {
			for ; n != 0; n = int(nodes[n].from) {
				read := []uint16{nodes[n].unit}
				if word := a.word(&a.arrows[nodes[n].by]); word != nil {
					read = word
				}
				text = slices.Concat(read, text)
			}
			return text, true, nil
		}
		for by := from.first; by < from.behind; by++ {
			step := &a.arrows[by]
			add := func(unit uint16, to int32) {
				next := int32(len(nodes))
				if to != gone && known.of(step.to, to, next) == next {
					nodes = append(nodes, node{pair{step.to, to}, int32(n), by, unit})
				}
			}
			if word := a.word(step); word != nil {
				add(0, o.read(at.demand, word))
				continue
			}
			next, on := o.next(at.demand), a.label(step)
			read := 0
			for _, move := range next.own {
				if on.has(move.unit) {
					read++
					add(move.unit, move.to)
				}
			}
			if on.size() > read {
				add(rest(&on, next), next.rest[0])
			}
		}
	}
	return nil, false, nil
}

// An alternative is a demand with a matcher for each value, the first ones those of Fit.
type alternative struct {
	values []*matcher
	fit    int
}

// outside is the joint automaton of all demands. A tuple has the states of all their values. Those of a demand that can
// no longer be satisfied are failed; one that any text satisfies leads nowhere, because all texts behind it are inside.
type outside struct {
	tupled
	demands []alternative
	width   int // of a tuple
}

// failed is the state of all values of a demand that no text satisfies any more.
const failed = -2

func (o *outside) number(tuple []int32) int32 {
	at := 0
	for _, demand := range o.demands {
		states := tuple[at : at+len(demand.values)]
		at += len(demand.values)
		fails, holds := false, true
		for i, s := range states {
			switch {
			case s == failed, i < demand.fit && s == gone, i >= demand.fit && demand.values[i].forever(s):
				fails = true
			case i < demand.fit:
				holds = holds && demand.values[i].forever(s)
			default:
				holds = holds && s == gone
			}
		}
		switch {
		case fails:
			for i := range states {
				states[i] = failed
			}
		case holds:
			return gone
		}
	}
	return o.numbered(tuple)
}

// satisfied reports that the text read so far satisfies one of the demands.
func (o *outside) satisfied(n int32) bool {
	at := 0
	for _, demand := range o.demands {
		states := o.tuples[n][at : at+len(demand.values)]
		at += len(demand.values)
		holds := true
		for i, s := range states {
			holds = holds && s != failed && demand.values[i].fits(s) == (i < demand.fit)
		}
		if holds {
			return true
		}
	}
	return false
}

// next is what a state does with the next unit: rest is always one state.
func (o *outside) next(n int32) *moves {
	if o.moves[n] != nil {
		return o.moves[n]
	}
	tuple := o.tuples[n]
	parts := make([]*moves, 0, o.width)
	var own []uint16
	for _, demand := range o.demands {
		for _, value := range demand.values {
			part := &moves{}
			if s := tuple[len(parts)]; s >= 0 {
				part = value.next(s)
				o.tooLarge = o.tooLarge || len(value.places) > mostSets
			}
			parts = append(parts, part)
			own = append(own, letters(part)...)
		}
	}
	after := func(unit int32) int32 {
		to := make([]int32, len(parts))
		for i, part := range parts {
			to[i] = gone
			if tuple[i] == failed {
				to[i] = failed
				continue
			}
			if unit != anyUnit {
				to[i] = part.to(uint16(unit))
			} else if len(part.rest) > 0 {
				to[i] = part.rest[0]
			}
		}
		return o.number(to)
	}
	made := &moves{rest: []int32{after(anyUnit)}}
	for _, unit := range distinct(own) {
		made.own = append(made.own, hop{unit, after(int32(unit))})
	}
	o.moves[n] = made
	return made
}

// read is the state behind a word.
func (o *outside) read(s int32, word []uint16) int32 {
	for _, unit := range word {
		if s == gone {
			return gone
		}
		s = o.next(s).to(unit)
	}
	return s
}
