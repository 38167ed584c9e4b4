package language

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// gone is the state of a value that no text fits any more, whatever follows.
const gone = -1

// anyUnit stands in a segment for "?".
const anyUnit = -1

// A moves is what a state does with the next unit: some units have states of their own, all others the same.
type moves struct {
	own  []hop   // sorted by unit; a unit that leads to several states stands there several times
	rest []int32 // for all other units; none if no text fits any more
	made bool
}

// A hop is where a unit leads.
type hop struct {
	unit uint16
	to   int32
}

// of are the states that a unit of the moves' own leads to; none if it is not one of these.
func (m *moves) of(unit uint16) []hop {
	from := 0
	for from < len(m.own) && m.own[from].unit < unit {
		from++
	}
	to := from
	for to < len(m.own) && m.own[to].unit == unit {
		to++
	}
	return m.own[from:to]
}

// to is the one state that a unit leads to, where nothing is guessed; gone if there is none.
func (m *moves) to(unit uint16) int32 {
	if own := m.of(unit); len(own) > 0 {
		return own[0].to
	}
	if len(m.rest) > 0 {
		return m.rest[0]
	}
	return gone
}

// A matcher is the automaton of a value of StringEquals, StringEqualsIgnoreCase or StringLike. Its moves are made when
// they are first asked for.
//
// The text between two "*" is a segment. A state is the last "*" that was passed and the places in the segment behind
// it that the text can be at: earlier "*" need not be remembered, because whatever fits from one of them on fits from
// the last one on as well. So "*a*a*a" has four states. The places in a segment of letters alone follow from the last
// of them, as Knuth, Morris and Pratt found. Where a "?" is in a segment, the sets of places may be many; then a
// matcher that may guess has a state for each place, and several for one text.
type matcher struct {
	segments []segment
	fold     bool
	guess    bool    // several states may be reached by one text
	unsure   int32   // what a capital sigma leads to where it may stand for either of the small ones, without guessing
	moves    []moves // of each state; the first one is where a text begins
	units    []hop   // for moves to be made of
	sets     map[string]int32
	places   [][]int32 // of the states beyond the last segment, which are sets of places in one with a "?"
	within   []int32   // the segment of each of these
}

// A segment is the text between two "*". The state of its place i is first+i; that of its end is the first one of the
// next segment.
type segment struct {
	units    []int32 // and anyUnit
	any      bool    // there is a "?"
	first    int32
	fallback []int32 // for each place, the last earlier one that the text is at as well; -1 if there is none
}

func newMatcher(value trust.Value, guess bool) *matcher {
	m := &matcher{fold: value.Fold, guess: guess, unsure: gone}
	text := value.Pattern
	if value.Fold {
		text = trust.Lower(text)
	}
	n := int32(0)
	for i, units := range segmentsOf(text, value.Like) {
		s := segment{units: units, any: slices.Contains(units, anyUnit), first: n}
		if i > 0 && !s.any {
			s.fallback = fallback(units)
		}
		m.segments = append(m.segments, s)
		n += int32(len(units))
	}
	m.moves = make([]moves, n+1)
	return m
}

// fallback is the failure function of Knuth, Morris and Pratt.
func fallback(units []int32) []int32 {
	back := make([]int32, len(units)+1)
	back[0] = -1
	at := int32(-1)
	for i, unit := range units {
		for at >= 0 && units[at] != unit {
			at = back[at]
		}
		at++
		back[i+1] = at
	}
	return back
}

// segmentsOf cuts a text at its "*". In a run of wildcards the "?" come first: "*?*?" is "??*".
func segmentsOf(text string, like bool) [][]int32 {
	segments := [][]int32{nil}
	star := false
	for _, c := range text {
		switch {
		case like && c == '*':
			star = true
			continue
		case like && c == '?':
			// Before the "*" of its run, if there is one.
			last := len(segments) - 1
			segments[last] = append(segments[last], anyUnit)
			continue
		}
		if star {
			segments, star = append(segments, nil), false
		}
		last := len(segments) - 1
		if first, second := utf16.EncodeRune(c); first != utf8.RuneError {
			segments[last] = append(segments[last], first, second)
		} else {
			segments[last] = append(segments[last], c)
		}
	}
	if star {
		segments = append(segments, nil)
	}
	return segments
}

// state is the one of a place in a segment.
func (m *matcher) state(at int, place int32) int32 { return m.segments[at].first + place }

// where is the segment of a state and its places, the last one first.
func (m *matcher) where(s int32) (at int, places []int32) {
	if i := int(s) - len(m.moves) + len(m.places); i >= 0 {
		return int(m.within[i]), m.places[i]
	}
	// The last segment that does not begin behind the state; one without text has no state of its own.
	after := sort.Search(len(m.segments), func(i int) bool { return m.segments[i].first > s })
	at = after - 1
	return at, []int32{s - m.segments[at].first}
}

// end is the state in which the whole value has been read. There may be others, with more places.
func (m *matcher) end() int32 {
	last := &m.segments[len(m.segments)-1]
	return last.first + int32(len(last.units))
}

// fits reports that the text read so far fits the value.
func (m *matcher) fits(s int32) bool {
	if s == m.end() {
		return true
	}
	i := int(s) - len(m.moves) + len(m.places)
	return s >= 0 && i >= 0 && int(m.within[i]) == len(m.segments)-1 &&
		int(m.places[i][0]) == len(m.segments[m.within[i]].units)
}

// forever reports that the text fits whatever follows.
func (m *matcher) forever(s int32) bool {
	return s == m.end() && len(m.segments) > 1 && len(m.segments[len(m.segments)-1].units) == 0
}

// next is what a state does with the next unit.
func (m *matcher) next(s int32) *moves {
	if !m.moves[s].made {
		made := m.plain(s)
		if m.fold {
			made = m.folded(s, made)
		}
		made.made = true
		m.moves[s] = made
	}
	return &m.moves[s]
}

// plain is what a state does with the next unit, when that is in lower case where case is ignored.
func (m *matcher) plain(s int32) moves {
	at, places := m.where(s)
	if m.segments[at].any && at > 0 {
		return m.search(at, places)
	}
	i := places[0]
	text := &m.segments[at]
	switch {
	case at > 0 && len(text.units) == 0:
		return moves{rest: []int32{s}}
	case at == 0 && int(i) == len(text.units):
		return moves{}
	case at == 0 && text.units[i] == anyUnit:
		return moves{rest: []int32{m.state(0, i+1)}}
	case at == 0:
		return moves{own: m.carve(hop{uint16(text.units[i]), m.state(0, i+1)})}
	case i == 0:
		return moves{own: m.carve(hop{uint16(text.units[0]), m.state(at, 1)}), rest: []int32{s}}
	}
	// As from the place to fall back to, but for the unit that comes next in the segment.
	back := m.letters(text, text.fallback[i])
	if int(i) < len(text.units) {
		next := hop{uint16(text.units[i]), m.state(at, i+1)}
		to, found := slices.BinarySearchFunc(back, next.unit, func(own hop, unit uint16) int {
			return int(own.unit) - int(unit)
		})
		back = slices.Clone(back)
		if found {
			back[to] = next
		} else {
			back = slices.Insert(back, to, next)
		}
	}
	return moves{own: back, rest: []int32{text.first}}
}

// letters are the own moves of a place in a segment of letters alone.
func (m *matcher) letters(text *segment, place int32) []hop {
	if m.fold {
		return m.plain(text.first + place).own
	}
	return m.next(text.first + place).own
}

// carve makes a list of one without an allocation of its own.
func (m *matcher) carve(one hop) []hop {
	if len(m.units) == cap(m.units) {
		m.units = make([]hop, 0, 64)
	}
	m.units = append(m.units, one)
	return m.units[len(m.units)-1 : len(m.units) : len(m.units)]
}

// search is what a state does with the next unit in a segment behind a "*" that has a "?".
func (m *matcher) search(at int, places []int32) moves {
	text := &m.segments[at]
	var own []uint16
	for _, i := range places {
		if int(i) < len(text.units) && text.units[i] != anyUnit {
			own = append(own, uint16(text.units[i]))
		}
	}
	made := moves{rest: m.after(at, places, anyUnit)}
	for _, unit := range distinct(own) {
		for _, to := range m.after(at, places, int32(unit)) {
			made.own = append(made.own, hop{unit, to})
		}
	}
	return made
}

// after are the states behind places and a unit; anyUnit is one that stands nowhere in the segment.
func (m *matcher) after(at int, places []int32, unit int32) []int32 {
	text := &m.segments[at]
	var next []int32 // the last place first
	for _, i := range places {
		if int(i) < len(text.units) && (text.units[i] == anyUnit || text.units[i] == unit) {
			next = append(next, i+1)
		}
	}
	if at < len(m.segments)-1 && len(next) > 0 && int(next[0]) == len(text.units) {
		return []int32{m.state(at, next[0])}
	}
	if !m.guess || places[0] == 0 {
		next = append(next, 0)
	}
	switch {
	case m.guess:
		states := make([]int32, len(next))
		for i, place := range next {
			states[i] = m.state(at, place)
		}
		slices.Sort(states)
		return states
	case len(next) == 0:
		return nil
	case len(next) == 1:
		return []int32{m.state(at, next[0])}
	}
	return []int32{m.set(at, next)}
}

// set is the state of several places.
func (m *matcher) set(at int, places []int32) int32 {
	key := binary.AppendUvarint(nil, uint64(at))
	for _, i := range places {
		key = binary.AppendUvarint(key, uint64(i))
	}
	n, known := m.sets[string(key)]
	if !known {
		n = int32(len(m.moves))
		if m.sets == nil {
			m.sets = map[string]int32{}
		}
		m.sets[string(key)] = n
		m.places = append(m.places, places)
		m.within = append(m.within, int32(at))
		m.moves = append(m.moves, moves{})
	}
	return n
}

// Sigma is the one letter that IAM lower-cases by what stands around it, and the dotted I the one that becomes two.
const (
	capitalSigma, sigma, finalSigma = 0x3A3, 0x3C3, 0x3C2
	dottedI, dot                    = 0x130, 0x307
)

// folded are moves with each unit lower-cased before it is read. What a capital sigma becomes is not known here,
// because that depends on what follows: where guessing is allowed it is both.
func (m *matcher) folded(s int32, plain moves) moves {
	made := moves{rest: plain.rest}
	add := func(unit uint16, states []int32) {
		if states == nil {
			states = []int32{gone}
		}
		for _, to := range states {
			made.own = append(made.own, hop{unit, to})
		}
	}
	lead := func(s int32, unit uint16) []int32 {
		plain := m.plain(s)
		if own := plain.of(unit); len(own) > 0 {
			var states []int32
			for _, to := range own {
				states = append(states, to.to)
			}
			return states
		}
		return plain.rest
	}
	for _, unit := range letters(&plain) {
		for _, c := range spellings(rune(unit)) {
			add(uint16(c), lead(s, unit))
		}
	}
	switch {
	case len(plain.of(sigma)) == 0 && len(plain.of(finalSigma)) == 0:
		add(capitalSigma, plain.rest)
	case m.guess:
		both := slices.Concat(lead(s, sigma), lead(s, finalSigma))
		slices.Sort(both)
		add(capitalSigma, slices.Compact(both))
	default:
		add(capitalSigma, []int32{m.unsure})
	}
	var dotted []int32
	for _, i := range lead(s, 'i') {
		if i != gone {
			dotted = append(dotted, lead(i, dot)...)
		}
	}
	add(dottedI, dotted)
	slices.SortFunc(made.own, func(a, b hop) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.to, b.to))
	})
	made.own = slices.Compact(made.own)
	return made
}

// letters are the units that have states of their own.
func letters(m *moves) []uint16 {
	var units []uint16
	for _, own := range m.own {
		if n := len(units); n == 0 || units[n-1] != own.unit {
			units = append(units, own.unit)
		}
	}
	return units
}

// spellings are the characters of one unit that IAM lower-cases to another, other than sigma and the dotted I.
func spellings(lowered rune) []rune {
	spelt := []rune{lowered}
	for c := unicode.SimpleFold(lowered); c != lowered; c = unicode.SimpleFold(c) {
		if c <= 0xFFFF && c != capitalSigma && c != dottedI && trust.Lower(string(c)) == string(lowered) {
			spelt = append(spelt, c)
		}
	}
	return spelt
}

// Text is the text of UTF-16 units.
func Text(units []uint16) string { return string(utf16.Decode(units)) }

// distinct sorts units and leaves each in once.
func distinct(units []uint16) []uint16 {
	slices.Sort(units)
	return slices.Compact(units)
}
