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
// suffix, with which it leads nowhere.
func (p *Problems) Add(v Value, rule string, detail ...string) {
	path := v.Path
	if v.HasSecret() {
		path += " (secret)"
	} else if len(detail) > 0 {
		rule += " " + strings.Join(detail, " ")
	}
	p.list = append(p.list, Problem{Path: path, Reason: rule})
}

// Got is the usual detail: the value as it was found.
func Got(v Value) string {
	if text, ok := v.Scalar.(string); ok {
		return fmt.Sprintf("(found %s)", strconv.Quote(text))
	}
	return fmt.Sprintf("(found %v)", v.Scalar)
}

// Len is the number of problems so far.
func (p *Problems) Len() int { return len(p.list) }

// Sorted are the problems in the order of their paths, each once.
func (p *Problems) Sorted() []Problem {
	sorted := append([]Problem{}, p.list...)
	sort.SliceStable(sorted, func(i, j int) bool { return natural(sorted[i].Path) < natural(sorted[j].Path) })
	var once []Problem
	for i, problem := range sorted {
		if i == 0 || problem != sorted[i-1] {
			once = append(once, problem)
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
