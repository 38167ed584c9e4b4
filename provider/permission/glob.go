package permission

import "strings"

// match reports that a text fits a pattern, in which * stands for any text and ? for one byte.
func match(pattern, text string) bool {
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// literal reports that a pattern stands for itself alone.
func literal(pattern string) bool { return !strings.ContainsAny(pattern, "*?") }

// apart reports that no text fits both patterns, as far as their beginnings tell.
func apart(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == '*' || b[i] == '*' {
			return false
		}
		if a[i] != b[i] && a[i] != '?' && b[i] != '?' {
			return true
		}
	}
	return literal(a) && len(a) < len(b) && b[len(a)] != '*' || literal(b) && len(b) < len(a) && a[len(b)] != '*'
}

// inside reports that every text that fits a pattern fits another one, as far as their letters tell.
func inside(pattern, other string) bool {
	star, from := -1, 0
	o, p := 0, 0
	for p < len(pattern) {
		switch {
		case o < len(other) && other[o] == '*':
			star, from = o, p
			o++
		case o < len(other) && pattern[p] != '*' && (other[o] == '?' || other[o] == pattern[p]):
			o, p = o+1, p+1
		case star >= 0:
			from++
			o, p = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(other[o:], "*") == ""
}

// wants are the texts that fit all of some patterns and none of others.
type wants struct{ fit, refuse []string }

func (w wants) and(fit ...string) wants {
	return wants{append(w.fit[:len(w.fit):len(w.fit)], fit...), w.refuse}
}

func (w wants) not(refuse ...string) wants {
	return wants{w.fit, append(w.refuse[:len(w.refuse):len(w.refuse)], refuse...)}
}

// inside are the ways to lie in a set.
func (w wants) inside(s set) []wants {
	if s.not {
		return []wants{w.not(s.patterns...)}
	}
	ways := make([]wants, 0, len(s.patterns))
	for _, pattern := range s.patterns {
		ways = append(ways, w.and(pattern))
	}
	return ways
}

// outside are the ways to lie outside of a set.
func (w wants) outside(s set) []wants { return w.inside(set{s.patterns, !s.not}) }

// only is the one text that can be wanted; false where there may be several.
func (w wants) only() (text string, only bool) {
	for _, pattern := range w.fit {
		if literal(pattern) {
			return pattern, true
		}
	}
	return "", false
}

// find is a text that is wanted. What is not found within the budget counts as found.
func (w wants) find(budget *int) (text string, found bool) {
	*budget -= 10 * len(w.fit) * (len(w.fit) + len(w.refuse))
	fit := w.fit[:0:0]
	for i, a := range w.fit {
		for _, b := range w.fit[:i] {
			if apart(a, b) {
				return "", false
			}
		}
		if literal(a) {
			return a, w.has(a)
		}
		if strings.Trim(a, "*") != "" {
			fit = append(fit, a)
		}
	}
	if len(fit) == 0 {
		fit = []string{"*"}
	}
	refuse := w.refuse[:0:0]
	for _, pattern := range w.refuse {
		far := false
		for _, a := range fit {
			if inside(a, pattern) {
				return "", false
			}
			far = far || apart(a, pattern)
		}
		if far {
			continue
		}
		refuse = append(refuse, pattern)
	}
	if len(refuse) == 0 && len(fit) == 1 {
		return fit[0], true
	}
	return newSearch(fit, refuse).run(budget)
}

// has reports that a text is wanted.
func (w wants) has(text string) bool {
	for _, pattern := range w.fit {
		if !match(pattern, text) {
			return false
		}
	}
	for _, pattern := range w.refuse {
		if match(pattern, text) {
			return false
		}
	}
	return true
}

// A search walks all texts at once, a letter at a time. A state has, for each pattern, the places in it that are
// reached.
type search struct {
	patterns []string
	fit      int // so many of the patterns are to fit; the others are to be refused
	letters  []byte
}

func newSearch(fit, refuse []string) *search {
	s := &search{patterns: append(fit[:len(fit):len(fit)], refuse...), fit: len(fit)}
	used := [256]bool{}
	for _, pattern := range s.patterns {
		for i := range len(pattern) {
			if c := pattern[i]; c != '*' && c != '?' && !used[c] {
				used[c] = true
				s.letters = append(s.letters, c)
			}
		}
	}
	// One that no pattern names stands for all others: one that people read well, as long as there is one.
	const readable = "xyzwvutsrqponmlkjihgfedcba0123456789-_/"
	for c := range 256 + len(readable) {
		letter := byte(c - len(readable))
		if c < len(readable) {
			letter = readable[c]
		}
		if !used[letter] {
			s.letters = append(s.letters, letter)
			break
		}
	}
	return s
}

type found struct {
	from   int // the state before
	letter byte
	places [][]int16
}

func (s *search) run(budget *int) (text string, ok bool) {
	start := found{from: -1, places: make([][]int16, len(s.patterns))}
	for i, pattern := range s.patterns {
		start.places[i] = closure(pattern, []int16{0})
	}
	queue := []found{start}
	seen := map[string]bool{key(start.places): true}
	for at := 0; at < len(queue); at++ {
		if s.wanted(queue[at].places) {
			return spell(queue, at), true
		}
		if *budget -= len(s.patterns) * len(s.letters); *budget < 0 {
			return s.patterns[0], true
		}
		for _, letter := range s.letters {
			next := found{from: at, letter: letter, places: make([][]int16, len(s.patterns))}
			if !s.step(queue[at].places, letter, next.places) {
				continue
			}
			if k := key(next.places); !seen[k] {
				seen[k] = true
				queue = append(queue, next)
			}
		}
	}
	return "", false
}

// step goes on by a letter; false where no wanted text goes on so.
func (s *search) step(from [][]int16, letter byte, to [][]int16) bool {
	for i, pattern := range s.patterns {
		var places []int16
		for _, p := range from[i] {
			switch {
			case int(p) == len(pattern):
			case pattern[p] == '*':
				places = add(places, p)
			case pattern[p] == '?' || pattern[p] == letter:
				places = add(places, p+1)
			}
		}
		to[i] = closure(pattern, places)
		switch fits := i < s.fit; {
		case fits && len(to[i]) == 0:
			return false
		case !fits && endless(pattern, to[i]):
			return false
		}
	}
	return true
}

// endless reports that whatever follows fits.
func endless(pattern string, places []int16) bool {
	for _, p := range places {
		if int(p) == len(pattern)-1 && pattern[p] == '*' {
			return true
		}
	}
	return false
}

func (s *search) wanted(places [][]int16) bool {
	for i, pattern := range s.patterns {
		ends := len(places[i]) > 0 && int(places[i][len(places[i])-1]) == len(pattern)
		if ends != (i < s.fit) {
			return false
		}
	}
	return true
}

// closure adds the places behind each *, which may stand for nothing. Places are in ascending order.
func closure(pattern string, places []int16) []int16 {
	var all []int16
	for _, p := range places {
		all = add(all, p)
		for int(p) < len(pattern) && pattern[p] == '*' {
			p++
			all = add(all, p)
		}
	}
	return all
}

// add puts a place where it belongs among others in ascending order.
func add(places []int16, place int16) []int16 {
	at := len(places)
	for at > 0 && places[at-1] >= place {
		at--
	}
	if at < len(places) && places[at] == place {
		return places
	}
	places = append(places, 0)
	copy(places[at+1:], places[at:])
	places[at] = place
	return places
}

func key(places [][]int16) string {
	var b []byte
	for _, list := range places {
		for _, p := range list {
			b = append(b, byte(p), byte(p>>8))
		}
		b = append(b, 0xff, 0xff)
	}
	return string(b)
}

func spell(queue []found, at int) string {
	var letters []byte
	for ; queue[at].from >= 0; at = queue[at].from {
		letters = append(letters, queue[at].letter)
	}
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters)
}
