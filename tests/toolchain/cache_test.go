package toolchain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnEntryIsFilledOnceHoweverManyAskForIt(t *testing.T) {
	t.Setenv(CacheVariable, t.TempDir())
	var fills atomic.Int32
	tool := entry{kind: "tools", key: "k", fill: func(_ context.Context, dir string) error {
		fills.Add(1)
		return os.WriteFile(filepath.Join(dir, "tool"), []byte("built"), 0o755)
	}}
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			dir, err := tool.path(t.Context())
			assert.NoError(t, err)
			assert.FileExists(t, filepath.Join(dir, "tool"))
		})
	}
	askers.Wait()
	assert.EqualValues(t, 1, fills.Load())
}

func TestAFailedOrKilledFillLeavesNoEntry(t *testing.T) {
	root := t.TempDir()
	t.Setenv(CacheVariable, root)
	failure := errors.New("no network")
	tool := entry{kind: "tools", key: "k", fill: func(_ context.Context, dir string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o644))
		return failure
	}}
	_, err := tool.path(t.Context())
	require.ErrorIs(t, err, failure)

	killed := filepath.Join(root, "tools", "k.unfinished")
	require.NoError(t, os.MkdirAll(killed, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(killed, "half"), nil, 0o644))
	tool.fill = func(context.Context, string) error { return nil }
	dir, err := tool.path(t.Context())
	require.NoError(t, err)
	assert.NoFileExists(t, filepath.Join(dir, "half"))
	assert.NoDirExists(t, killed)
}

func TestTheKeyFollowsTheContentOfTheFilesAndNotTheirPlace(t *testing.T) {
	key := func(dir, content string, words ...string) string {
		file := filepath.Join(dir, "go.sum")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
		key, err := keyOf(words, file)
		require.NoError(t, err)
		return key
	}
	here := key(t.TempDir(), "a", "go1.26")
	assert.Equal(t, here, key(t.TempDir(), "a", "go1.26"), "a second clone must find what the first one built")
	assert.NotEqual(t, here, key(t.TempDir(), "b", "go1.26"))
	assert.NotEqual(t, here, key(t.TempDir(), "a", "go1.27"))
	_, err := keyOf(nil, filepath.Join(t.TempDir(), "missing"))
	assert.Error(t, err)
}

func TestTheCacheIsWhereTheEnvironmentSays(t *testing.T) {
	for _, place := range []struct{ cache, xdg, home, want string }{
		{"/c", "/x", "/h", "/c"},
		{"", "/x", "/h", "/x/ci-oidc-trust"},
		{"", "", "/h", "/h/.cache/ci-oidc-trust"},
	} {
		t.Setenv(CacheVariable, place.cache)
		t.Setenv("XDG_CACHE_HOME", place.xdg)
		t.Setenv("HOME", place.home)
		dir, err := Dir()
		require.NoError(t, err)
		assert.Equal(t, place.want, dir)
	}
}

func TestWhatFailedOnceIsDoneAgainAndWhatWentWellIsNot(t *testing.T) {
	t.Setenv(CacheVariable, t.TempDir())
	runs, failure := 0, errors.New("the release failed")
	fill := func(_ context.Context, dir string) error {
		runs++
		require.NoError(t, os.WriteFile(filepath.Join(dir, "report"), nil, 0o600))
		return failure
	}
	_, err := Once(t.Context(), "rehearsal", []string{"a"}, nil, fill)
	require.ErrorIs(t, err, failure)
	failure = nil
	for range 2 {
		dir, err := Once(t.Context(), "rehearsal", []string{"a"}, nil, fill)
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(dir, "report"))
	}
	assert.Equal(t, 2, runs)
	_, err = Once(t.Context(), "rehearsal", []string{"b"}, nil, fill)
	require.NoError(t, err)
	assert.Equal(t, 3, runs)
}
