package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

const plugin = "pulumi-resource-ci-oidc-trust"

// starts is of how many starts the median is taken, at least.
const starts = 20

// BenchmarkPlugin measures the plugin as it is released: its size, how long it takes from its start to the line with
// its port, which is when the engine can call it, and the memory it has then.
func BenchmarkPlugin(b *testing.B) {
	binary := release(b)
	size, err := os.Stat(binary)
	require.NoError(b, err)
	var times, memory []float64
	for b.Loop() {
		times, memory = start(b, binary, times, memory)
	}
	for len(times) < starts {
		times, memory = start(b, binary, times, memory)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(size.Size())/1e6, "MB-stripped")
	b.ReportMetric(median(times), "ms-to-port")
	b.ReportMetric(median(memory), "MB-resident")
}

// release builds the plugin as `make build` does.
func release(b *testing.B) (binary string) {
	b.Helper()
	root, err := toolchain.Root()
	require.NoError(b, err)
	binary = filepath.Join(b.TempDir(), plugin)
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./provider/cmd/"+plugin)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	return binary
}

// start runs the plugin until it has said its port, and appends what was measured.
func start(b *testing.B, binary string, times, memory []float64) ([]float64, []float64) {
	b.Helper()
	process := exec.Command(binary)
	stdout, err := process.StdoutPipe()
	require.NoError(b, err)
	before := time.Now()
	require.NoError(b, process.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	times = append(times, float64(time.Since(before))/float64(time.Millisecond))
	require.NoError(b, err)
	require.Regexp(b, `^[0-9]+\n$`, line)
	if kilobytes, err := resident(process.Process.Pid); err == nil {
		memory = append(memory, kilobytes*1024/1e6)
	}
	require.NoError(b, process.Process.Kill())
	_ = process.Wait() // it was killed
	return times, memory
}

// resident is how many kilobytes of a process are in memory. Only Linux says so in a file.
func resident(pid int) (kilobytes float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	_, err = fmt.Sscan(string(rest), &kilobytes)
	return kilobytes, err
}

// median is 0 for nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
