package bench

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A measurement is one figure of one benchmark.
type measurement struct {
	pkg, benchmark, unit string
	value                float64
}

// Report turns the output of `go test -bench` into a list: first the figures that have a bound, then all others. A
// bound that nothing measured is listed too. Lines that say something failed go to progress, as does the name of every
// package.
func Report(in io.Reader, out, progress io.Writer) error {
	measurements, err := read(in, progress)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nfigure\tmeasured\tbound\t")
	for _, b := range bounds {
		found := false
		for i, m := range measurements {
			if b.is(m) {
				found = true
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", b.name, b.show(m.value), b.text, b.verdict(m.value))
				measurements[i].unit = "" // listed
			}
		}
		if !found {
			fmt.Fprintf(table, "%s\tnot measured\t%s\t\n", b.name, b.text)
		}
	}
	fmt.Fprintln(table, "\nother figures\tmeasured")
	for len(measurements) > 0 {
		first, line := measurements[0], []string(nil)
		for len(measurements) > 0 && measurements[0].pkg == first.pkg && measurements[0].benchmark == first.benchmark {
			if m := measurements[0]; m.unit != "" {
				_, what, _ := strings.Cut(m.unit, "-")
				line = append(line, strings.TrimSpace(amount(m.value, m.unit)+" "+strings.ReplaceAll(what, "-", " ")))
			}
			measurements = measurements[1:]
		}
		if len(line) > 0 {
			fmt.Fprintf(table, "%s %s\t%s\n", path.Base(first.pkg), first.benchmark, strings.Join(line, ", "))
		}
	}
	return table.Flush()
}

// processors is what the go command appends to a benchmark's name.
var processors = regexp.MustCompile(`-[0-9]+$`)

func read(in io.Reader, progress io.Writer) (all []measurement, err error) {
	pkg := ""
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "pkg: "):
			pkg = fields[1]
			fmt.Fprintln(progress, "measuring", pkg)
		case strings.HasPrefix(line, "Benchmark") && len(fields) >= 4:
			name := processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
			for i := 2; i+1 < len(fields); i += 2 {
				value, err := strconv.ParseFloat(fields[i], 64)
				if err != nil {
					return nil, fmt.Errorf("%q is no line of a benchmark: %w", line, err)
				}
				all = append(all, measurement{pkg, name, fields[i+1], value})
			}
		case strings.Contains(line, "FAIL"), strings.HasPrefix(line, " "):
			fmt.Fprintln(progress, line)
		}
	}
	return all, lines.Err()
}

// amount writes a value with three digits that count, and nanoseconds and bytes in the unit that suits them. Of
// "MB-stripped" the unit is MB.
func amount(value float64, unit string) string {
	switch unit {
	case "ns/op":
		for _, u := range []struct {
			name string
			size float64
		}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
			if value >= u.size {
				return digits(value/u.size) + " " + u.name
			}
		}
		return digits(value) + " ns"
	case "B/op":
		return digits(value) + " bytes allocated"
	case "allocs/op":
		return digits(value) + " allocations"
	}
	unit, _, _ = strings.Cut(unit, "-")
	return digits(value) + " " + unit
}

func digits(value float64) string {
	if value >= 100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}
