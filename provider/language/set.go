package language

import "slices"

// A span is the UTF-16 units from one to another.
type span struct{ from, to uint16 }

// A Set is a set of UTF-16 units. It never changes.
type Set struct {
	spans []span    // sorted, with a gap between each and the next
	ascii [2]uint64 // a bit for each unit below 128, because nearly all are asked for
	size  int
}

// newSet makes a set of spans in any order.
func newSet(spans []span) *Set {
	slices.SortFunc(spans, func(a, b span) int { return int(a.from) - int(b.from) })
	s := &Set{}
	for _, next := range spans {
		if n := len(s.spans); n > 0 && int(next.from) <= int(s.spans[n-1].to)+1 {
			s.spans[n-1].to = max(s.spans[n-1].to, next.to)
		} else {
			s.spans = append(s.spans, next)
		}
	}
	for _, part := range s.spans {
		s.size += int(part.to) - int(part.from) + 1
		for unit := part.from; unit < 128 && unit <= part.to; unit++ {
			s.ascii[unit>>6] |= 1 << (unit & 63)
		}
	}
	return s
}

func (s *Set) has(unit uint16) bool {
	if unit < 128 {
		return s.ascii[unit>>6]&(1<<(unit&63)) != 0
	}
	_, found := slices.BinarySearchFunc(s.spans, unit, func(part span, unit uint16) int {
		switch {
		case part.to < unit:
			return -1
		case part.from > unit:
			return 1
		}
		return 0
	})
	return found
}

// A label is what an arrow of an automaton reads: one unit, or any of a set but a few.
type label struct {
	set   *Set
	but   []uint16 // sorted units of the set that are left out
	unit  uint16
	alone bool // it is the unit, and there is no set
}

func only(unit uint16) label { return label{unit: unit, alone: true} }

func (l *label) has(unit uint16) bool {
	if l.alone {
		return l.unit == unit
	}
	return l.set.has(unit) && !slices.Contains(l.but, unit)
}

func (l *label) size() int {
	if l.alone {
		return 1
	}
	return l.set.size - len(l.but)
}

// readable are units in the order in which people like to read them in an example.
const readable = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@"

// some returns up to n units of the label, letters before all else.
func (l *label) some(n int) []uint16 {
	if l.alone {
		return []uint16{l.unit}
	}
	var units []uint16
	for i := 0; i < len(readable) && len(units) < n; i++ {
		if l.has(uint16(readable[i])) {
			units = append(units, uint16(readable[i]))
		}
	}
	for _, part := range l.set.spans {
		for unit := int(part.from); unit <= int(part.to) && len(units) < n; unit++ {
			if l.has(uint16(unit)) && !slices.Contains(units, uint16(unit)) {
				units = append(units, uint16(unit))
			}
		}
	}
	return units
}

// common are the units that two labels share; nil if there are none.
func common(a, b *label) *Set {
	var spans []span
	for _, x := range a.spans() {
		for _, y := range b.spans() {
			if from, to := max(x.from, y.from), min(x.to, y.to); from <= to {
				spans = append(spans, span{from, to})
			}
		}
	}
	if spans == nil {
		return nil
	}
	return newSet(spans)
}

// minus are the units of a label that are not in a set; nil if there are none.
func (l *label) minus(s *Set) *Set {
	var gaps []span
	from := 0
	for _, part := range s.spans {
		if int(part.from) > from {
			gaps = append(gaps, span{uint16(from), part.from - 1})
		}
		from = int(part.to) + 1
	}
	if from <= 0xFFFF {
		gaps = append(gaps, span{uint16(from), 0xFFFF})
	}
	return common(l, &label{set: &Set{spans: gaps}})
}

// spans are the label's units.
func (l *label) spans() []span {
	if l.alone {
		return []span{{l.unit, l.unit}}
	}
	var spans []span
	at := 0
	for _, part := range l.set.spans {
		from := int(part.from)
		for ; at < len(l.but) && l.but[at] <= part.to; at++ {
			if out := int(l.but[at]); out > from {
				spans = append(spans, span{uint16(from), uint16(out - 1)})
			}
			from = int(l.but[at]) + 1
		}
		if from <= int(part.to) {
			spans = append(spans, span{uint16(from), part.to})
		}
	}
	return spans
}
