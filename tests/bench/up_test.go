package bench

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// rounds is how many turns are taken, at least.
const rounds = 5

// BenchmarkUpAgainstByHand brings up examples/yaml and the same resources written by hand in turns, on one account,
// with the real CLI: what the component costs the person who waits.
func BenchmarkUpAgainstByHand(b *testing.B) {
	world, err := harness.Start(b.Context(), func(line string) { b.Log(line) })
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, world.Close()) })
	component, err := world.Example("yaml")
	require.NoError(b, err)
	byHand, err := world.Folder("byhand")
	require.NoError(b, err)
	require.NoError(b, os.CopyFS(byHand, os.DirFS("testdata/byhand")))
	for _, dir := range []string{component, byHand} {
		pulumi(b, world, dir, "stack", "init", "dev")
		up(b, world, dir) // the first one also fills the system's cache of files
	}

	var ours, theirs []float64
	once := func() {
		ours = append(ours, up(b, world, component))
		theirs = append(theirs, up(b, world, byHand))
	}
	for b.Loop() {
		once()
	}
	for len(ours) < rounds {
		once()
	}
	b.ReportMetric(0, "ns/op")
	// The fastest is the one that other processes disturbed least.
	b.ReportMetric(slices.Min(ours), "s-component")
	b.ReportMetric(slices.Min(theirs), "s-by-hand")
	b.ReportMetric(slices.Min(ours)/slices.Min(theirs), "times-as-long")
}

// up brings a stack up, and down again, and returns the seconds that the way up took.
func up(b *testing.B, world *harness.World, dir string) float64 {
	b.Helper()
	start := time.Now()
	pulumi(b, world, dir, "up", "--yes", "--skip-preview", "--non-interactive")
	took := time.Since(start).Seconds()
	pulumi(b, world, dir, "destroy", "--yes", "--skip-preview", "--non-interactive")
	return took
}

func pulumi(b *testing.B, world *harness.World, dir string, args ...string) {
	b.Helper()
	_, err := world.Run(b.Context(), dir, "pulumi", args...)
	require.NoError(b, err)
}
