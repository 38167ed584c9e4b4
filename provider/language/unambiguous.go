package language

import (
	"encoding/binary"
	"slices"
)

// unambiguous is the automaton that accepts each text in one way alone: the one that package regexp prefers.
//
// Its states are a state of the draft, and those that a preferred way through the same text has reached by then. A text
// is accepted where none of these accepts it.
func unambiguous(d *draft) (*Automaton, error) {
	u := &unambiguity{old: d, made: draft{parts: d.parts}, numbers: map[string]int32{}}
	if _, err := u.number(0, nil); err != nil {
		return nil, err
	}
	for i := 0; i < len(u.threads); i++ {
		if err := u.expand(int32(i)); err != nil {
			return nil, err
		}
	}
	return u.made.automaton(), nil
}

// A thread is a state, and the states of the preferred ways.
type thread struct {
	at        int32
	preferred []int32
}

type unambiguity struct {
	old     *draft
	made    draft
	threads []thread
	numbers map[string]int32
}

func (u *unambiguity) number(at int32, preferred []int32) (int32, error) {
	key := binary.AppendVarint(nil, int64(at))
	for _, s := range preferred {
		key = binary.AppendVarint(key, int64(s))
	}
	if n, known := u.numbers[string(key)]; known {
		return n, nil
	}
	n := int32(len(u.threads))
	if n > mostSets {
		return 0, ErrTooLarge
	}
	made := u.old.states[at]
	made.loose = false
	made.accept = made.accept && !slices.ContainsFunc(preferred, func(s int32) bool { return u.old.states[s].accept })
	u.numbers[string(key)] = n
	u.threads = append(u.threads, thread{at, preferred})
	return u.made.add(made), nil
}

// expand makes the arrows of a state. The alphabet is cut into pieces that all arrows concerned treat alike.
func (u *unambiguity) expand(n int32) error {
	w := u.threads[n]
	var better []drawn
	for _, s := range w.preferred {
		better = append(better, u.old.arrows[s]...)
	}
	for i, move := range u.old.arrows[w.at] {
		pieces := []*Set{newSet(move.label.spans())}
		reached := [][]int32{nil}
		for _, other := range slices.Concat(better, u.old.arrows[w.at][:i]) {
			for p := 0; p < len(pieces); p++ {
				piece := label{set: pieces[p]}
				both := common(&piece, &other.label)
				if both == nil || slices.Contains(reached[p], other.to) {
					continue
				}
				if rest := piece.minus(both); rest != nil {
					pieces = append(pieces, rest)
					reached = append(reached, reached[p])
				}
				pieces[p] = both
				reached[p] = append(slices.Clone(reached[p]), other.to)
			}
		}
		for p, piece := range pieces {
			if slices.Contains(reached[p], move.to) {
				continue // a preferred way is there already
			}
			slices.Sort(reached[p])
			to, err := u.number(move.to, reached[p])
			if err != nil {
				return err
			}
			u.made.draw(n, piece, to)
		}
	}
	return nil
}
