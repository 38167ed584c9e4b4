package language

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"unicode"
	"unicode/utf16"
)

// longest is the highest bound of a repetition that a wide automaton counts.
const longest = 64

// Read makes the automaton of a regular expression that is anchored at both ends and has one group for each field. A
// wide automaton is small: of repetitions it counts only those of a fixed number up to 64, and where a text can be
// split in several ways it tries them all. One that is not wide is exact in both, and larger.
func Read(expression string, wide bool) (*Automaton, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	groups := parsed.MaxCap()
	most := max(0, mostUnits(parsed))
	loose := make([]bool, 2*groups+1)
	if wide {
		loosen(parsed, 0, loose)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	r := &reader{program: program, wide: wide, loose: loose, numbers: map[uint32]int32{}}
	r.draft.parts = int32(len(loose))
	r.draft.add(state{})
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("%s: %w", expression, err)
	}
	if !wide {
		return unambiguous(&r.draft)
	}
	a := r.draft.automaton()
	a.most = most
	return a, nil
}

// loosen removes the upper bounds that a wide automaton does not count, and notes in which parts they were.
func loosen(e *syntax.Regexp, part int, loose []bool) {
	if e.Op == syntax.OpCapture {
		part = 2*e.Cap - 1
	}
	if e.Op == syntax.OpRepeat && (e.Min != e.Max || e.Max > longest) && e.Max != -1 && e.Max != 1 {
		e.Min, e.Max = min(e.Min, longest), -1
		loose[part] = true
	}
	for _, sub := range e.Sub {
		loosen(sub, part, loose)
	}
}

// mostUnits is how many units a text has at most that an expression matches; -1 is no limit.
func mostUnits(e *syntax.Regexp) int {
	switch e.Op {
	case syntax.OpLiteral:
		return 2 * len(e.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 2
	case syntax.OpStar, syntax.OpPlus:
		return -1
	}
	units, times := 0, 1
	if e.Op == syntax.OpRepeat {
		times = e.Max
	}
	for _, sub := range e.Sub {
		switch n := mostUnits(sub); {
		case n < 0 || times < 0:
			return -1
		case e.Op == syntax.OpAlternate:
			units = max(units, n)
		default:
			units += times * n
		}
	}
	return units
}

// A reader turns the program of an expression into an automaton whose states are "this instruction has read a unit".
type reader struct {
	program *syntax.Prog
	draft   draft
	numbers map[uint32]int32 // instruction -> state
	waiting []uint32         // instructions whose arrows are still to be made
	wide    bool
	loose   []bool // for each part
}

func (r *reader) read() error {
	if err := r.follow(0, uint32(r.program.Start), 0); err != nil {
		return err
	}
	for len(r.waiting) > 0 {
		at := r.waiting[0]
		r.waiting = r.waiting[1:]
		s := r.numbers[at]
		if err := r.follow(s, r.program.Inst[at].Out, r.draft.states[s].part); err != nil {
			return err
		}
	}
	return nil
}

// follow makes the arrows of a state to all that can be read next from an instruction on, in the order of preference.
func (r *reader) follow(from int32, start uint32, part int16) error {
	type visit struct {
		at    uint32
		ended bool // the text has to end here
	}
	seen := map[visit]bool{}
	var walk func(next visit, part int16) error
	walk = func(next visit, part int16) error {
		if seen[next] {
			return nil
		}
		seen[next] = true
		inst := &r.program.Inst[next.at]
		behind := visit{inst.Out, next.ended}
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			if err := walk(behind, part); err != nil {
				return err
			}
			return walk(visit{inst.Arg, next.ended}, part)
		case syntax.InstCapture:
			return walk(behind, int16(inst.Arg)-1)
		case syntax.InstNop:
			return walk(behind, part)
		case syntax.InstEmptyWidth:
			switch syntax.EmptyOp(inst.Arg) {
			case syntax.EmptyBeginText:
				if from != 0 {
					return nil
				}
				return walk(behind, part)
			case syntax.EmptyEndText:
				behind.ended = true
				return walk(behind, part)
			}
			return errors.New("only \\A and \\z can be read of what matches no text")
		case syntax.InstMatch:
			r.draft.states[from].accept = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if !next.ended {
				r.arrows(from, next.at, part)
			}
		}
		return nil
	}
	return walk(visit{start, false}, part)
}

// arrows makes those that read a character by an instruction: one for the characters of one unit, and for those of two
// a pair by way of a state in between.
func (r *reader) arrows(from int32, at uint32, part int16) {
	to, known := r.numbers[at]
	if !known {
		to = r.state(part)
		r.numbers[at] = to
		r.waiting = append(r.waiting, at)
	}
	single, pairs := units(ranges(&r.program.Inst[at]), r.wide)
	if single.size > 0 {
		r.draft.draw(from, single, to)
	}
	for _, halves := range pairs {
		between := r.state(part)
		r.draft.draw(between, halves[1], to)
		r.draft.draw(from, halves[0], between)
	}
}

func (r *reader) state(part int16) int32 { return r.draft.add(state{part: part, loose: r.loose[part]}) }

// ranges are the first and last characters of all ranges that an instruction reads.
func ranges(inst *syntax.Inst) []rune {
	switch {
	case inst.Op == syntax.InstRuneAny:
		return []rune{0, unicode.MaxRune}
	case inst.Op == syntax.InstRuneAnyNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	case len(inst.Rune) > 1:
		return inst.Rune
	}
	c := inst.Rune[0]
	pairs := []rune{c, c}
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for other := unicode.SimpleFold(c); other != c; other = unicode.SimpleFold(other) {
			pairs = append(pairs, other, other)
		}
	}
	return pairs
}

// The halves of a pair of units: the first ones, and the second ones.
const (
	firstHalf, lastFirstHalf   = 0xD800, 0xDBFF
	secondHalf, lastSecondHalf = 0xDC00, 0xDFFF
)

// units are the characters of ranges as units: those of one, and pairs of sets for those of two. Where all characters
// of two units are in the ranges, a wide automaton takes each half for a character: that saves it nearly half of its
// states.
func units(ranges []rune, wide bool) (single *Set, pairs [][2]*Set) {
	var spans, whole []span // whole: first halves behind which any second one may stand
	add := func(first, from, to uint16) {
		pairs = append(pairs, [2]*Set{newSet([]span{{first, first}}), newSet([]span{{from, to}})})
	}
	for i := 0; i < len(ranges); i += 2 {
		from, to := ranges[i], ranges[i+1]
		if from < firstHalf {
			spans = append(spans, span{uint16(from), uint16(min(to, firstHalf-1))})
		}
		if from <= 0xFFFF && to > lastSecondHalf {
			spans = append(spans, span{uint16(max(from, lastSecondHalf+1)), uint16(min(to, 0xFFFF))})
		}
		if to <= 0xFFFF {
			continue
		}
		first, second := utf16.EncodeRune(max(from, 0x10000))
		last, end := utf16.EncodeRune(to)
		if first == last && (second != secondHalf || end != lastSecondHalf) {
			add(uint16(first), uint16(second), uint16(end))
			continue
		}
		if second != secondHalf {
			add(uint16(first), uint16(second), lastSecondHalf)
			first++
		}
		if end != lastSecondHalf {
			add(uint16(last), secondHalf, uint16(end))
			last--
		}
		if first <= last {
			whole = append(whole, span{uint16(first), uint16(last)})
		}
	}
	switch {
	case wide && len(pairs) == 0 && len(whole) == 1 && whole[0] == span{firstHalf, lastFirstHalf}:
		spans = append(spans, span{firstHalf, lastSecondHalf})
	case whole != nil:
		pairs = append(pairs, [2]*Set{newSet(whole), newSet([]span{{secondHalf, lastSecondHalf}})})
	}
	return newSet(spans), pairs
}
