package sdks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

const modulePath = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go"

// publish packs the SDK's module as a Go module proxy would serve it, under a version that names its content, and
// returns that version and the folder of the proxy.
func publish(t *testing.T, w *harness.World) (version, proxy string) {
	t.Helper()
	checkout, err := toolchain.Root()
	require.NoError(t, err)
	root := filepath.Join(checkout, "sdk", "go")
	found, err := zip.CheckDir(root)
	require.NoError(t, err)
	var files []zip.File
	for _, path := range found.Valid {
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		files = append(files, moduleFile{root: root, name: filepath.ToSlash(name)})
	}

	var content bytes.Buffer
	err = zip.Create(&content, module.Version{Path: modulePath, Version: "v0.1.0"}, files)
	require.NoError(t, err)
	sum := sha256.Sum256(content.Bytes())
	version = "v0.1.0-test.h" + hex.EncodeToString(sum[:6])
	content.Reset()
	require.NoError(t, zip.Create(&content, module.Version{Path: modulePath, Version: version}, files))

	proxy, err = w.Folder("goproxy")
	require.NoError(t, err)
	folder := filepath.Join(proxy, filepath.FromSlash(modulePath), "@v")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version),
		version + ".mod":  goMod,
		version + ".zip":  content.Bytes(),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
	return version, proxy
}

// moduleFile is one file of the checkout, by its slash-separated path.
type moduleFile struct{ root, name string }

func (f moduleFile) Path() string                 { return f.name }
func (f moduleFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.path()) }
func (f moduleFile) Open() (io.ReadCloser, error) { return os.Open(f.path()) }
func (f moduleFile) path() string                 { return filepath.Join(f.root, filepath.FromSlash(f.name)) }
