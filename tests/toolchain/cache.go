// Package toolchain keeps what the tests and the demo need and do not write themselves: the Pulumi CLI, the YAML
// language host, linters, wheels, schemas. It is built or fetched once, pinned, and kept outside the checkout, so that
// a second clone on the same machine starts at once and needs no network.
package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// CacheVariable names the environment variable that moves the cache.
const CacheVariable = "CI_OIDC_TRUST_CACHE"

// Dir is the root of the cache: $CI_OIDC_TRUST_CACHE, or ci-oidc-trust in the user's cache folder.
func Dir() (string, error) {
	if dir := os.Getenv(CacheVariable); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "ci-oidc-trust"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home folder for the cache, set %s: %w", CacheVariable, err)
	}
	return filepath.Join(home, ".cache", "ci-oidc-trust"), nil
}

// Progress takes one line for every step that may take long.
type Progress func(line string)

// An entry is one folder of the cache, filled once and complete from the moment it has its name.
type entry struct {
	kind string
	key  string
	fill func(ctx context.Context, dir string) error
}

// path fills the entry unless an earlier run did, and returns its folder. Only one process fills an entry at a time:
// two builds of the Pulumi CLI at once would need twice the memory and finish later than one after the other.
func (e entry) path(ctx context.Context) (string, error) {
	root, err := Dir()
	if err != nil {
		return "", err
	}
	final := filepath.Join(root, e.kind, e.key)
	if isFolder(final) {
		return final, nil
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(final + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if isFolder(final) {
		return final, nil
	}
	unfinished := final + ".unfinished"
	defer os.RemoveAll(unfinished)
	// What a killed process left behind.
	if err := os.RemoveAll(unfinished); err != nil {
		return "", err
	}
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return "", err
	}
	if err := e.fill(ctx, unfinished); err != nil {
		return "", err
	}
	return final, os.Rename(unfinished, final)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// lock waits for the exclusive lock on a file. The system lets go of it when the process ends, however it ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { file.Close() }, nil
}

// keyOf names an entry after everything that decides its content: this platform, some words, some files.
func keyOf(words []string, files ...string) (string, error) {
	hash := sha256.New()
	for _, word := range append([]string{runtime.GOOS, runtime.GOARCH}, words...) {
		fmt.Fprintf(hash, "%q\n", word)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%q\n", content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}
