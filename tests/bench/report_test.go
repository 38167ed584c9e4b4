package bench

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheListHoldsEveryFigureAndSaysWhichBoundIsMissedOrNotMeasured(t *testing.T) {
	const output = `goos: linux
pkg: example.com/tests/bench
BenchmarkPlugin-2   	      56	        30.25 MB-resident	        52.54 MB-stripped
PASS
pkg: example.com/provider/trust
BenchmarkDecide-2   	 1000000	      1600 ns/op	       0 B/op	       0 allocs/op
--- FAIL: BenchmarkCompile
BenchmarkPattern   	 1000000	      12.5 ns/op
`
	var list, progress strings.Builder
	require.NoError(t, Report(strings.NewReader(output), &list, &progress))
	assert.Regexp(t, `plugin, in memory +30\.2 MB +at most 45 MB +holds`, list.String())
	assert.Regexp(t, `plugin, stripped +52\.5 MB +at most 40 MB +MISSED`, list.String())
	assert.Regexp(t, `plugin, start to port line +not measured +at most 40 ms`, list.String())
	assert.Regexp(t, `decisions a second +625000 +at least 500,000 +holds`, list.String())
	assert.Regexp(t, `allocations a decision +0 allocations +at most 0 allocations +holds`, list.String())
	assert.Regexp(t, `trust Pattern +12\.5 ns`, list.String())
	assert.Contains(t, progress.String(), "FAIL: BenchmarkCompile")
}

func TestAmountsAreReadable(t *testing.T) {
	for _, a := range []struct {
		value float64
		unit  string
		want  string
	}{
		{12.5, "ns/op", "12.5 ns"},
		{200_000, "ns/op", "200 µs"},
		{30_400_000, "ns/op", "30.4 ms"},
		{2e9, "ns/op", "2 s"},
		{123456, "B/op", "123456 bytes allocated"},
		{1.0634, "times-as-long", "1.06 times"},
	} {
		assert.Equal(t, a.want, amount(a.value, a.unit))
	}
}
