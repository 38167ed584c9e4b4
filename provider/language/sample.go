package language

import (
	"encoding/binary"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Track is values that texts are held against: whole texts, or those of one field.
type Track struct {
	Field  int // Whole, or the field's number
	Values []trust.Value
}

// A Sample is an accepted text, with the texts that the tracked fields have in it, in the order of the tracks; that of
// a track of whole texts is the text itself.
type Sample struct {
	Text  []uint16
	Parts [][]uint16
}

// Samples returns one short text for each combination of values that accepted texts fit: any accepted text fits exactly
// the values that one of the samples fits, of all tracks at once. Steps is how many may be taken; what was taken is
// subtracted. The error is ErrTooLarge where they do not do.
//
// A value that ignores case is taken for none of those that fit a text with a capital sigma.
func (a *Automaton) Samples(tracks []Track, steps *int) ([]Sample, error) {
	s := &sampler{
		of: a, whole: -1, fields: map[int16]int{}, numbers: map[node]int32{}, done: map[closed]int32{}, steps: steps,
	}
	for i, track := range tracks {
		s.tracks = append(s.tracks, newTracker(track.Values))
		if track.Field == Whole {
			s.whole = i
			continue
		}
		s.fields[int16(2*track.Field+1)] = i
	}
	if a.Empty() {
		return nil, nil
	}
	return s.sample()
}

// A tracker is the automaton of a track. Its states are sets of values that a text may still come to fit, each with its
// own state; it is made while it is walked.
type tracker struct {
	values  []*matcher
	sets    [][]int32 // of each state: number and state of a value, in turn
	moves   []*tracked
	numbers map[string]int32
	fitting map[string]int32 // sets of values that a whole text fits
	places  int              // how many sets of places the values have
}

// A tracked is what a state of a tracker does with the next unit.
type tracked struct {
	own  []hop // one for each unit
	rest int32
}

func newTracker(values []trust.Value) *tracker {
	t := &tracker{numbers: map[string]int32{}, fitting: map[string]int32{}}
	var start []int32
	for i, value := range values {
		t.values = append(t.values, newMatcher(value, false))
		start = append(start, int32(i), 0)
	}
	t.number(start)
	return t
}

func keyOf(numbers []int32) string {
	var key []byte
	for _, n := range numbers {
		key = binary.AppendVarint(key, int64(n))
	}
	return string(key)
}

func (t *tracker) number(set []int32) int32 {
	key := keyOf(set)
	n, known := t.numbers[key]
	if !known {
		n = int32(len(t.sets))
		t.numbers[key] = n
		t.sets, t.moves = append(t.sets, set), append(t.moves, nil)
	}
	return n
}

// next is what a state does with the next unit, and what it costs to find out.
func (t *tracker) next(s int32) (made *tracked, cost int) {
	if t.moves[s] != nil {
		return t.moves[s], 0
	}
	set := t.sets[s]
	parts := make([]*moves, 0, len(set)/2)
	var own []uint16
	for i := 0; i < len(set); i += 2 {
		part := t.values[set[i]].next(set[i+1])
		parts = append(parts, part)
		own = append(own, letters(part)...)
	}
	own = distinct(own)
	after := func(to func(*moves) int32) int32 {
		var reached []int32
		for i, part := range parts {
			if state := to(part); state != gone {
				reached = append(reached, set[2*i], state)
			}
		}
		return t.number(reached)
	}
	made = &tracked{rest: after(func(part *moves) int32 {
		if len(part.rest) > 0 {
			return part.rest[0]
		}
		return gone
	})}
	for _, unit := range own {
		made.own = append(made.own, hop{unit, after(func(part *moves) int32 { return part.to(unit) })})
	}
	t.moves[s] = made
	cost = 1 + len(parts)*(1+len(own))/8 - costOfPlaces*t.places
	t.places = 0
	for _, value := range t.values {
		t.places += len(value.places)
	}
	return made, cost + costOfPlaces*t.places
}

// costOfPlaces is what it costs to find another set of places in a value with "?" behind "*".
const costOfPlaces = 40

// to is the state that a unit leads to.
func (m *tracked) to(unit uint16) int32 {
	at, found := slices.BinarySearchFunc(m.own, unit, func(own hop, unit uint16) int {
		return int(own.unit) - int(unit)
	})
	if found {
		return m.own[at].to
	}
	return m.rest
}

// fits is the number of the set of values that a text fits which ends in a state.
func (t *tracker) fits(s int32) int32 {
	var fitting []int32
	for set := t.sets[s]; len(set) > 0; set = set[2:] {
		if t.values[set[0]].fits(set[1]) {
			fitting = append(fitting, set[0])
		}
	}
	key := keyOf(fitting)
	n, known := t.fitting[key]
	if !known {
		n = int32(len(t.fitting))
		t.fitting[key] = n
	}
	return n
}

// large reports that sets of places in values with "?" behind "*" have become too many.
func (t *tracker) large() bool {
	return slices.ContainsFunc(t.values, func(value *matcher) bool { return len(value.places) > mostSets })
}

// A node is a state of the automaton with those of the trackers: of whole texts, and of the field that is being read.
// done is what the fields that have been read fit.
type node struct{ text, whole, field, done int32 }

// A closed is a field that has been read, behind those before it.
type closed struct{ before, track, fits int32 }

// A step is how a node was reached first.
type step struct {
	node
	from, by int32
	unit     uint16
}

type sampler struct {
	of      *Automaton
	tracks  []*tracker
	whole   int           // the track of whole texts; -1 for none
	fields  map[int16]int // part -> track
	numbers map[node]int32
	done    map[closed]int32
	walked  []step
	steps   *int
}

// none is where there is no state of a tracker, and no field that has been read.
const none = -1

func (s *sampler) sample() ([]Sample, error) {
	start := node{0, none, none, none}
	if s.whole >= 0 {
		start.whole = 0
	}
	s.add(start, none, none, 0)
	type class struct{ whole, done int32 }
	seen := map[class]bool{}
	var samples []Sample
	for n := int32(0); int(n) < len(s.walked); n++ {
		at := s.walked[n].node
		from := &s.of.states[at.text]
		if from.accept {
			end := class{none, s.close(at, from.part, int16(s.of.parts)).done}
			if s.whole >= 0 {
				end.whole = s.tracks[s.whole].fits(at.whole)
			}
			if !seen[end] {
				seen[end] = true
				samples = append(samples, s.text(n))
			}
		}
		for by := from.first; by < from.behind; by++ {
			if s.follow(n, by); *s.steps < 0 || slices.ContainsFunc(s.tracks, (*tracker).large) {
				return nil, ErrTooLarge
			}
		}
	}
	return samples, nil
}

// close notes what the fields fit that end between two parts, and begins that of the second.
func (s *sampler) close(at node, from, to int16) node {
	for part := from | 1; part < to; part += 2 {
		track, is := s.fields[part]
		if !is {
			continue
		}
		end := int32(0) // the field has no text
		if part == from {
			end = at.field
		}
		key := closed{at.done, int32(track), s.tracks[track].fits(end)}
		n, known := s.done[key]
		if !known {
			n = int32(len(s.done))
			s.done[key] = n
		}
		at.done = n
	}
	at.field = none
	if _, is := s.fields[to]; is {
		at.field = 0
	}
	return at
}

// follow adds what an arrow leads to.
func (s *sampler) follow(n, by int32) {
	at, arrow := s.walked[n].node, &s.of.arrows[by]
	from, to := s.of.states[at.text].part, s.of.states[arrow.to].part
	if from != to {
		at = s.close(at, from, to)
	}
	at.text = arrow.to
	field := none
	if at.field != none {
		field = s.fields[to]
	}
	if word := s.of.word(arrow); word != nil {
		for _, unit := range word {
			at = s.read(at, field, unit)
		}
		s.add(at, n, by, 0)
		return
	}
	on := s.of.label(arrow)
	var own []uint16
	for _, move := range []*tracked{s.next(s.whole, at.whole), s.next(field, at.field)} {
		if move == nil {
			continue
		}
		for _, o := range move.own {
			if on.has(o.unit) {
				own = append(own, o.unit)
			}
		}
	}
	own = distinct(own)
	for _, unit := range own {
		s.add(s.read(at, field, unit), n, by, unit)
	}
	if on.size() > len(own) {
		unit := on.unit
		if !on.alone {
			others := label{set: on.set, but: distinct(slices.Concat(on.but, own))}
			unit = others.some(1)[0]
		}
		s.add(s.read(at, field, unit), n, by, unit)
	}
}

// next is what a state of a track does; nil where there is no track.
func (s *sampler) next(track int, state int32) *tracked {
	if track < 0 || state == none {
		return nil
	}
	moves, cost := s.tracks[track].next(state)
	*s.steps -= cost
	return moves
}

// read is a node behind a unit.
func (s *sampler) read(at node, field int, unit uint16) node {
	if moves := s.next(s.whole, at.whole); moves != nil {
		at.whole = moves.to(unit)
	}
	if moves := s.next(field, at.field); moves != nil {
		at.field = moves.to(unit)
	}
	return at
}

func (s *sampler) add(to node, from, by int32, unit uint16) {
	*s.steps--
	if _, known := s.numbers[to]; !known {
		s.numbers[to] = int32(len(s.walked))
		s.walked = append(s.walked, step{to, from, by, unit})
	}
}

// text is the text that leads to a node, and its parts.
func (s *sampler) text(n int32) Sample {
	sample := Sample{Parts: make([][]uint16, len(s.tracks))}
	for ; n > 0; n = s.walked[n].from {
		at := &s.walked[n]
		read := []uint16{at.unit}
		if word := s.of.word(&s.of.arrows[at.by]); word != nil {
			read = word
		}
		sample.Text = slices.Concat(read, sample.Text)
		if track, is := s.fields[s.of.states[at.text].part]; is {
			sample.Parts[track] = slices.Concat(read, sample.Parts[track])
		}
	}
	if s.whole >= 0 {
		sample.Parts[s.whole] = sample.Text
	}
	return sample
}
