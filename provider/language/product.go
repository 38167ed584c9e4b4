package language

// Whole stands for all parts of a text where a field is asked for.
const Whole = -1

// Satisfying returns the automaton of those texts that satisfy a demand: on the text as a whole, or on one field.
func (a *Automaton) Satisfying(demand Demand, field int) (*Automaton, error) {
	if demand.Empty() || a.Empty() {
		return a, nil
	}
	p := &product{
		old: a, demand: newJoint(demand), numbers: map[pair]int32{},
		made: &Automaton{parts: a.parts, wide: a.wide}, part: int32(2*field + 1), whole: field == Whole,
	}
	if err := p.explore(); err != nil {
		return nil, err
	}
	return p.made.trim(), nil
}

// A pair is a state of the automaton and one of the demand; outside the field, the demand's is its first.
type pair struct{ text, demand int32 }

type product struct {
	old     *Automaton
	demand  *joint
	made    *Automaton
	pairs   []pair
	numbers map[pair]int32
	part    int32
	whole   bool
}

func (p *product) explore() error {
	start := p.demand.start()
	if start == gone && p.whole {
		return nil
	}
	p.number(pair{0, max(start, 0)})
	for n := 0; n < len(p.pairs); n++ {
		if len(p.pairs) > Most {
			return ErrTooLarge
		}
		at := p.pairs[n]
		from := &p.old.states[at.text]
		if from.accept {
			p.made.states[n].accept = p.leaves(from.part, int32(p.old.parts), at.demand)
		}
		for i := range from.arrows {
			step := &from.arrows[i]
			part := p.old.states[step.to].part
			switch {
			case p.whole || part == p.part:
				if p.whole || start != gone {
					p.walk(int32(n), step, at.demand)
				}
			case p.leaves(from.part, part, at.demand):
				to := p.number(pair{step.to, 0})
				p.made.states[n].arrows = append(p.made.states[n].arrows, arrow{step.label, to})
			}
		}
	}
	return nil
}

// leaves reports that the demand allows to go from one part of the text on to another.
func (p *product) leaves(from, to, state int32) bool {
	switch {
	case p.whole || from == p.part && to != p.part:
		return p.demand.satisfied(state)
	case from < p.part && p.part < to: // the field has no text
		return p.demand.start() != gone && p.demand.satisfied(p.demand.start())
	}
	return true
}

// walk makes the arrows by which the text and the demand read the same unit.
func (p *product) walk(n int32, step *arrow, state int32) {
	next := p.demand.next(state)
	add := func(on label, to int32) {
		number := p.number(pair{step.to, to})
		p.made.states[n].arrows = append(p.made.states[n].arrows, arrow{on, number})
	}
	if step.label.alone {
		if own := next.of(step.label.unit); len(own) > 0 {
			for _, move := range own {
				if move.to != gone {
					add(step.label, move.to)
				}
			}
			return
		}
		for _, to := range next.rest {
			add(step.label, to)
		}
		return
	}
	var own []uint16
	for _, move := range next.own {
		if !step.label.has(move.unit) {
			continue
		}
		if len(own) == 0 || own[len(own)-1] != move.unit {
			own = append(own, move.unit)
		}
		if move.to != gone {
			add(only(move.unit), move.to)
		}
	}
	if len(next.rest) > 0 && step.label.size() > len(own) {
		rest := step.label.without(own)
		for _, to := range next.rest {
			add(rest, to)
		}
	}
}

func (p *product) number(of pair) int32 {
	n, known := p.numbers[of]
	if !known {
		n = int32(len(p.pairs))
		p.numbers[of] = n
		p.pairs = append(p.pairs, of)
		made := p.old.states[of.text]
		made.arrows, made.accept = nil, false
		p.made.states = append(p.made.states, made)
	}
	return n
}
