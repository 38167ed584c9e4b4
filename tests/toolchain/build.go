package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// upToDate holds the linked binaries that this process has brought up to date. Its later worlds need not ask again.
var upToDate sync.Map

// Build compiles a command of this checkout and writes it to output. The linked binary also stays in the cache: the go
// command finds it there unchanged and does not link again.
func Build(ctx context.Context, module, pkg, output string, progress Progress) error {
	name := filepath.Base(pkg)
	root, err := Dir()
	if err != nil {
		return err
	}
	key, err := keyOf([]string{module, pkg})
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "binaries", key)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	linked := filepath.Join(dir, name)
	if _, done := upToDate.Load(linked); !done {
		if _, err := os.Stat(linked); err != nil {
			progress(fmt.Sprintf("building %s (1 to 2 minutes on 2 cores the first time)", name))
		}
		start := time.Now()
		if _, err := run(ctx, module, "go", "build", "-ldflags", "-s -w", "-o", linked, pkg); err != nil {
			return err
		}
		progress(fmt.Sprintf("%s is up to date (%s)", name, time.Since(start).Round(100*time.Millisecond)))
		upToDate.Store(linked, true)
	}
	content, err := os.ReadFile(linked)
	if err != nil {
		return err
	}
	return os.WriteFile(output, content, 0o755)
}

// CommandLine builds ci-oidc-trust from this checkout into a folder, and returns its path.
func CommandLine(ctx context.Context, folder string, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "ci-oidc-trust")
	return path, Build(ctx, root, "./provider/cmd/ci-oidc-trust", path, progress)
}

// WithCommandLine is what the TestMain of a package does whose tests all run ci-oidc-trust: it builds that, says where
// it is, runs the tests, and returns what to exit with.
func WithCommandLine(run func() int, path *string) int {
	folder, err := os.MkdirTemp("", "ci-oidc-trust-")
	if err == nil {
		defer os.RemoveAll(folder)
		*path, err = CommandLine(context.Background(), folder, func(line string) { fmt.Println(line) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}
