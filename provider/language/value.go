package language

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
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
	own  []move  // sorted by unit; a unit that leads to several states stands there several times
	rest []int32 // for all other units; none if no text fits any more
}

type move struct {
	unit uint16
	to   int32
}

// of are the states that a unit leads to. The unit must be one of the moves' own.
func (m *moves) of(unit uint16) []move {
	from, _ := slices.BinarySearchFunc(m.own, unit, func(own move, unit uint16) int { return int(own.unit) - int(unit) })
	to := from
	for to < len(m.own) && m.own[to].unit == unit {
		to++
	}
	return m.own[from:to]
}

// A matcher is the automaton of a value of StringEquals, StringEqualsIgnoreCase or StringLike. Its states are made when
// they are first asked for.
//
// The text between two "*" is a segment. A state is the last "*" that was passed and the places in the segment behind
// it that the text can be at: earlier "*" need not be remembered, because whatever fits from one of them on fits from
// the last one on as well. So "*a*a*a" has four states. Where a "?" is in a segment, the sets of places may be many;
// then a matcher that may guess has a state for each place, and several for one text.
type matcher struct {
	segments [][]int32 // units, and anyUnit
	fold     bool
	guess    bool  // several states may be reached by one text
	unsure   int32 // what a capital sigma leads to where it may stand for either of the small ones, without guessing
	states   []place
	numbers  map[string]int32
	moves    []*moves
}

// A place is how far a text has come.
type place struct {
	segment int32
	at      []int32 // sorted; only one in the first segment, which has no "*" before it
}

func newMatcher(value trust.Value, guess bool) *matcher {
	m := &matcher{fold: value.Fold, guess: guess, unsure: gone, numbers: map[string]int32{}}
	text := value.Pattern
	if value.Fold {
		text = folded(text)
	}
	m.segments = segmentsOf(text, value.Like)
	m.number(0, []int32{0})
	return m
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

// number is the state of a place.
func (m *matcher) number(segment int32, at []int32) int32 {
	last := int32(len(m.segments)) - 1
	if segment < last && slices.Contains(at, int32(len(m.segments[segment]))) {
		segment, at = segment+1, []int32{0}
	}
	key := binary.AppendUvarint(nil, uint64(segment))
	for _, i := range at {
		key = binary.AppendUvarint(key, uint64(i))
	}
	n, known := m.numbers[string(key)]
	if !known {
		n = int32(len(m.states))
		m.numbers[string(key)] = n
		m.states = append(m.states, place{segment, at})
		m.moves = append(m.moves, nil)
	}
	return n
}

// fits reports that the text read so far fits the value.
func (m *matcher) fits(s int32) bool {
	if s == gone {
		return false
	}
	p := m.states[s]
	return int(p.segment) == len(m.segments)-1 && slices.Contains(p.at, int32(len(m.segments[p.segment])))
}

// forever reports that the text fits whatever follows.
func (m *matcher) forever(s int32) bool {
	return s != gone && int(m.states[s].segment) == len(m.segments)-1 && len(m.segments) > 1 &&
		len(m.segments[len(m.segments)-1]) == 0
}

// next is what a state does with the next unit.
func (m *matcher) next(s int32) *moves {
	if m.moves[s] == nil {
		plain := m.plain(s)
		if m.fold {
			plain = m.folded(s, plain)
		}
		m.moves[s] = plain
	}
	return m.moves[s]
}

func (m *matcher) plain(s int32) *moves {
	p := m.states[s]
	segment := m.segments[p.segment]
	var own []uint16
	for _, i := range p.at {
		if int(i) < len(segment) && segment[i] != anyUnit {
			own = append(own, uint16(segment[i]))
		}
	}
	made := &moves{rest: m.after(p, anyUnit)}
	for _, unit := range distinct(own) {
		for _, to := range m.after(p, int32(unit)) {
			made.own = append(made.own, move{unit, to})
		}
	}
	return made
}

// after are the states behind a place and a unit; anyUnit is one that stands nowhere in the segment.
func (m *matcher) after(p place, unit int32) []int32 {
	segment := m.segments[p.segment]
	var at []int32
	if p.segment > 0 && (!m.guess || p.at[0] == 0) {
		at = append(at, 0)
	}
	for _, i := range p.at {
		if int(i) < len(segment) && (segment[i] == anyUnit || segment[i] == unit) {
			at = append(at, i+1)
		}
	}
	switch {
	case len(at) == 0:
		return nil
	case len(at) > 1 && m.guess && slices.Contains(segment, anyUnit):
		to := make([]int32, len(at))
		for i := range at {
			to[i] = m.number(p.segment, at[i:i+1])
		}
		return to
	}
	return []int32{m.number(p.segment, at)}
}

// Sigma is the one letter that IAM lower-cases by what stands around it, and the dotted I the one that becomes two.
const (
	capitalSigma, sigma, finalSigma = 0x3A3, 0x3C3, 0x3C2
	dottedI, dot                    = 0x130, 0x307
)

// folded are moves with each unit lower-cased before it is read. What a capital sigma becomes is not known here, because
// that depends on what follows: where guessing is allowed it is both.
func (m *matcher) folded(s int32, plain *moves) *moves {
	made := &moves{rest: plain.rest}
	add := func(unit uint16, states []int32) {
		if states == nil {
			states = []int32{gone}
		}
		for _, to := range states {
			made.own = append(made.own, move{unit, to})
		}
	}
	lead := func(s int32, unit uint16) []int32 {
		if own := m.plain(s).of(unit); len(own) > 0 {
			var states []int32
			for _, to := range own {
				states = append(states, to.to)
			}
			return states
		}
		return m.plain(s).rest
	}
	for _, unit := range letters(plain) {
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
	slices.SortFunc(made.own, func(a, b move) int {
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
		if c <= 0xFFFF && c != capitalSigma && c != dottedI && folded(string(c)) == string(lowered) {
			spelt = append(spelt, c)
		}
	}
	return spelt
}

// folded is a text in lower case, as IAM compares it.
func folded(text string) string { return trust.Lower(text) }

// Text is the text of UTF-16 units.
func Text(units []uint16) string {
	var b strings.Builder
	for _, c := range utf16.Decode(units) {
		b.WriteRune(c)
	}
	return b.String()
}

// distinct sorts units and leaves each in once.
func distinct(units []uint16) []uint16 {
	slices.Sort(units)
	return slices.Compact(units)
}
