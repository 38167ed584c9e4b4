package bench

import (
	"fmt"
	"path"
	"regexp"
)

// A bound is what the project has promised of a figure. The promises are for an idle machine.
type bound struct {
	name      string
	benchmark *regexp.Regexp // of "package Name/case"
	unit      string         // of the benchmark's figure
	text      string
	show      func(value float64) string
	holds     func(value float64) bool
}

func atMost(name, benchmark, unit string, limit float64) bound {
	return bound{
		name: name, benchmark: regexp.MustCompile(`^` + benchmark + `$`), unit: unit,
		text:  "at most " + amount(limit, unit),
		show:  func(value float64) string { return amount(value, unit) },
		holds: func(value float64) bool { return value <= limit },
	}
}

const (
	microseconds = 1e3
	milliseconds = 1e6
	seconds      = 1e9
)

var bounds = []bound{
	atMost("plugin, stripped", `bench Plugin`, "MB-stripped", 40),
	atMost("plugin, start to port line", `bench Plugin`, "ms-to-port", 40),
	atMost("plugin, in memory", `bench Plugin`, "MB-resident", 45),
	atMost("preview of one trust", `engine Preview\w*/(trusts=)?1`, "ns/op", 30*milliseconds),
	atMost("up of one trust", `engine Up\w*/(trusts=)?1`, "ns/op", 30*milliseconds),
	atMost("compile, 10 repositories", `trust Compile/10`, "ns/op", 200*microseconds),
	atMost("compile, 1,000 grants", `trust Compile/1000`, "ns/op", 50*milliseconds),
	{
		name: "decisions a second", benchmark: regexp.MustCompile(`^trust Decide$`), unit: "ns/op",
		text:  "at least 500,000",
		show:  func(value float64) string { return fmt.Sprintf("%.0f", seconds/value) },
		holds: func(value float64) bool { return seconds/value >= 500_000 },
	},
	atMost("allocations a decision", `trust Decide`, "allocs/op", 0),
	atMost("audit of 10,000 roles", `verb Audit/10000_roles`, "ns/op", 2*seconds),
}

func (b bound) is(m measurement) bool {
	return b.unit == m.unit && b.benchmark.MatchString(path.Base(m.pkg)+" "+m.benchmark)
}

func (b bound) verdict(value float64) string {
	if b.holds(value) {
		return "holds"
	}
	return "MISSED"
}
