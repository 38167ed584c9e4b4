package audit

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A search looks for values of all keys with which one policy admits a token and the other does not.
type search struct {
	*duel
	side    int // the policy that admits
	answers []answer
	free    []*dimension
	names   []string // of the keys of free
	chosen  []*kind  // of each
	guess   bool     // values that may not exist count, too
	steps   *int
	cut     bool // there are kinds that could not be listed
}

func (d *duel) newSearch(form *ci.Form, side int) *search {
	s := &search{duel: d, side: side, answers: make([]answer, len(d.trials)+2), steps: &d.steps[side]}
	taken := repeated(form)
	for _, q := range d.trials {
		if !taken[q.key] {
			taken[q.key] = true
			s.free, s.names = append(s.free, d.single(q.key)), append(s.names, q.key)
		}
	}
	s.chosen = make([]*kind, len(s.free))
	return s
}

// goal says whether the one policy admits and the other refuses, as far as the answers say.
func (s *search) goal() answer {
	admits := s.admits(s.side, s.answers)
	if admits == no {
		return no
	}
	return both(admits, not(s.admits(1-s.side, s.answers)))
}

// set notes what a kind of a dimension's values answers.
func (s *search) set(d *dimension, k *kind) {
	for i, n := range d.questions {
		s.answers[n] = k.answers[i]
	}
}

func (s *search) unset(d *dimension) {
	for _, n := range d.questions {
		s.answers[n] = open
	}
}

// find chooses values of the keys that have none yet. What it chose stays in chosen and answers where it finds some.
func (s *search) find() bool {
	if *s.steps -= 1 + len(s.outlines[0]) + len(s.outlines[1]); *s.steps < 0 {
		return false
	}
	switch s.goal() {
	case yes:
		return true
	case no:
		return false
	}
	matters := s.matters()
	for i, d := range s.free {
		if s.chosen[i] == nil && slices.ContainsFunc(d.questions, func(n int) bool { return matters[n] }) {
			return s.choose(i, matters)
		}
	}
	for _, n := range []int{s.carriesTags(), s.carriesSource()} {
		if !matters[n] {
			continue
		}
		for _, a := range []answer{no, yes} {
			if s.answers[n] = a; s.find() {
				return true
			}
		}
		s.answers[n] = open
		return false
	}
	return false
}

// choose tries the values of one key: of those that give the same answers to what matters, one.
func (s *search) choose(i int, matters []bool) bool {
	d := s.free[i]
	s.cut = s.cut || d.cut
	var places []int
	for at, n := range d.questions {
		if matters[n] {
			places = append(places, at)
		}
	}
	tried := map[string]bool{}
	tags, source := s.carriesTags(), s.carriesSource()
	for at := range d.kinds {
		k := &d.kinds[at]
		if *s.steps--; *s.steps < 0 {
			return false
		}
		if !k.real && !s.guess || k.tags && s.answers[tags] == no || k.source && s.answers[source] == no {
			continue
		}
		seen := make([]answer, 0, len(places)+2)
		for _, place := range places {
			seen = append(seen, k.answers[place])
		}
		seen = append(seen, flag(k.tags), flag(k.source))
		if id := spelled(seen); tried[id] {
			continue
		} else {
			tried[id] = true
		}
		before := [2]answer{s.answers[tags], s.answers[source]}
		if k.tags {
			s.answers[tags] = yes
		}
		if k.source {
			s.answers[source] = yes
		}
		s.set(d, k)
		s.chosen[i] = k
		if s.find() {
			return true
		}
		s.answers[tags], s.answers[source] = before[0], before[1]
	}
	s.chosen[i] = nil
	s.unset(d)
	return false
}

func flag(b bool) answer {
	if b {
		return yes
	}
	return no
}

// matters are the questions that decide what is not decided yet.
func (s *search) matters() []bool {
	matters := make([]bool, len(s.answers))
	for side := range s.outlines {
		for i := range s.outlines[side] {
			o := &s.outlines[side][i]
			if o.holds(s.answers) != open {
				continue
			}
			for _, n := range o.questions {
				matters[n] = matters[n] || s.answers[n] == open
			}
		}
	}
	for _, n := range []int{s.carriesTags(), s.carriesSource()} {
		matters[n] = s.answers[n] == open
	}
	return matters
}

// reset forgets what was chosen.
func (s *search) reset() {
	clear(s.answers)
	clear(s.chosen)
}
