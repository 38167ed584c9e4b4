package input

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A Problem is something the user has to change.
type Problem struct {
	Path   string
	Reason string
}

// Problems collects everything that is wrong with an input, so that all of it is reported at once.
type Problems struct{ list []Problem }

// Add notes a problem at a value. The rule says what is wrong and what to write instead and never quotes the value; the
// detail may, and is left out when the value is secret.
//
// The engine prints the value that stands at a problem's path, of a secret too. The path of a secret therefore gets a
// suffix, with which it leads nowhere. Of a value that is refused already nothing more is noted.
func (p *Problems) Add(v Value, rule string, detail ...string) {
	if v.Refused {
		return
	}
	path := v.Path
	if v.HasSecret() {
		path += secretPath
	} else if len(detail) > 0 {
		rule += " " + strings.Join(detail, " ")
	}
	p.list = append(p.list, Problem{Path: path, Reason: rule})
}

// AddWritten adds those of other problems that are about a value that is there, and not about one that is missing.
func (p *Problems) AddWritten(others *Problems, root Value) {
	written := map[string]bool{}
	root.Any(func(v Value) bool {
		if v.Present {
			written[v.Path] = true
		}
		return false
	})
	for _, problem := range others.list {
		if written[strings.TrimSuffix(problem.Path, secretPath)] {
			p.list = append(p.list, problem)
		}
	}
}

// secretPath ends the path of a secret.
const secretPath = " (secret)"

// longestQuote is how much of a value a message shows: enough to find it, and not a whole policy document.
const longestQuote = 200

// Got is the usual detail: the value as it was found.
func Got(v Value) string {
	switch found := v.Scalar.(type) {
	case string:
		return "(found " + Quote(found) + ")"
	case float64:
		return "(found " + Number(found) + ")"
	}
	return fmt.Sprintf("(found %v)", v.Scalar)
}

// Quote puts a text between quotation marks, and of a long one the beginning.
func Quote(text string) string {
	if runes := []rune(text); len(runes) > longestQuote {
		return strconv.Quote(string(runes[:longestQuote])) + fmt.Sprintf("... of %d characters", len(runes))
	}
	return strconv.Quote(text)
}

// Number writes a number without an exponent, as people do.
func Number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// Len is the number of problems so far.
func (p *Problems) Len() int { return len(p.list) }

// mostShown is how many problems a message has: more than a person mends in one go.
const mostShown = 50

// Shown are the first problems in the order of their paths, as many as a person reads, and the number of all.
func (p *Problems) Shown() (shown []Problem, all int) {
	sorted := p.Sorted()
	return sorted[:min(mostShown, len(sorted))], len(sorted)
}

// Sorted are the problems in the order of their paths, each once.
func (p *Problems) Sorted() []Problem {
	type placed struct {
		at string
		Problem
	}
	all := make([]placed, len(p.list))
	for i, problem := range p.list {
		all[i] = placed{natural(problem.Path), problem}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
	seen := map[Problem]bool{}
	once := []Problem{}
	for _, problem := range all {
		if !seen[problem.Problem] {
			seen[problem.Problem] = true
			once = append(once, problem.Problem)
		}
	}
	return once
}

// natural pads the numbers of a path, so that item 10 comes after item 9.
func natural(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		end := i
		for end < len(path) && path[end] >= '0' && path[end] <= '9' {
			end++
		}
		if end > i {
			fmt.Fprintf(&b, "%12s", path[i:end])
			i = end
			continue
		}
		b.WriteByte(path[i])
		i++
	}
	return b.String()
}
