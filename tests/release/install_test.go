package release

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const mainModule = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"

// installs does `go install` of both programs, and fetches the SDK's module, from a proxy that made its files of the
// clone as a proxy does of a tag: an install refuses a module that has a replace.
//
// The versions name the commit, so that what is built once is found again, and nothing is taken for a version that is
// published.
func installs(t *testing.T, clone string) {
	t.Helper()
	published := "v" + version(t) + "-test." + strings.TrimSpace(git(t, clone, "rev-parse", "--short=12", "HEAD"))
	proxy, bin := t.TempDir(), t.TempDir()
	for path, dir := range map[string]string{mainModule: "", mainModule + "/sdk/go": "sdk/go"} {
		serve(t, proxy, clone, dir, module.Version{Path: path, Version: published})
	}
	cache := goEnv(t, "GOMODCACHE")
	t.Cleanup(func() { forget(t, cache, published) })
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = bin
		cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOWORK=off", "GOFLAGS=-modcacherw -trimpath",
			"GONOSUMDB="+mainModule,
			"GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download")+","+goEnv(t, "GOPROXY"))
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %s: %s", strings.Join(args, " "), said)
		return string(said)
	}
	run("install", "-ldflags", "-s -w", mainModule+"/provider/cmd/...@"+published)
	assert.ElementsMatch(t, []string{"ci-oidc-trust", "pulumi-resource-ci-oidc-trust"}, namesIn(t, bin))
	said, err := exec.CommandContext(t.Context(), filepath.Join(bin, "ci-oidc-trust"), "--version").Output()
	require.NoError(t, err)
	assert.Equal(t, "ci-oidc-trust "+version(t)+"\n", string(said))
	run("mod", "download", mainModule+"/sdk/go@"+published)
	assert.FileExists(t, filepath.Join(cache, filepath.FromSlash(mainModule), "sdk", "go@"+published, "LICENSE"))
}

// serve lays a module out as the protocol of module proxies asks, in a folder.
//
// Source: https://go.dev/ref/mod#goproxy-protocol
func serve(t *testing.T, proxy, clone, dir string, m module.Version) {
	t.Helper()
	var packed bytes.Buffer
	require.NoError(t, zip.CreateFromVCS(&packed, m, clone, "HEAD", dir))
	goMod, err := os.ReadFile(filepath.Join(clone, dir, "go.mod"))
	require.NoError(t, err)
	folder := filepath.Join(proxy, filepath.FromSlash(m.Path), "@v")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	for end, content := range map[string][]byte{
		".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, m.Version), ".mod": goMod,
		".zip": packed.Bytes(),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, m.Version+end), content, 0o600))
	}
}

// forget removes the version from the module cache, where nobody else needs it.
func forget(t *testing.T, cache, version string) {
	t.Helper()
	for _, place := range []string{mainModule, mainModule + "/sdk/go"} {
		assert.NoError(t, os.RemoveAll(filepath.Join(cache, filepath.FromSlash(place)+"@"+version)))
		downloaded := filepath.Join(cache, "cache", "download", filepath.FromSlash(place), "@v")
		found, err := filepath.Glob(filepath.Join(downloaded, version+".*"))
		assert.NoError(t, err)
		for _, file := range found {
			assert.NoError(t, os.RemoveAll(file))
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(value))
}
