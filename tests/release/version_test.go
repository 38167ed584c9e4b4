package release

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// version is the one in schema/package.json, after every package was found to have it.
func version(t *testing.T) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "version")).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(said))
}

// published are the files of which what is published has its version, all but the first generated.
var published = []string{
	"schema/package.json", "schema.json", "sdk/go/cioidctrust/internal/pulumiUtilities.go", "sdk/nodejs/package.json",
	"sdk/python/pyproject.toml", "sdk/java/pom.xml", "sdk/dotnet/CiOidc.Trust.csproj",
}

// askVersion runs .ci/version on a copy in which one file has another version.
func askVersion(t *testing.T, other string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append([]string{".ci/version"}, published...) {
		content, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		if name == other {
			changed := bytes.ReplaceAll(content, []byte(version(t)), []byte("9.9.9"))
			require.NotEqual(t, content, changed, name)
			content = changed
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o700))
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, ".ci", "version"), args...).CombinedOutput()
	return string(out), err
}

func TestATagThatIsNotTheVersionStopsTheRelease(t *testing.T) {
	t.Parallel()
	said, err := askVersion(t, "", "v"+version(t))
	require.NoError(t, err, said)
	for _, tag := range []string{"v9.9.9", version(t), "v" + version(t) + "-rc.1", "v" + version(t) + "0", "v"} {
		said, err := askVersion(t, "", tag)
		require.Error(t, err, tag)
		assert.Contains(t, said, "the tag is "+tag+" and the version "+version(t))
	}
}

func TestAPackageOfAnotherVersionStopsTheRelease(t *testing.T) {
	t.Parallel()
	for _, name := range published[1:] {
		said, err := askVersion(t, name)
		require.Error(t, err, name)
		assert.Contains(t, said, name)
		assert.Contains(t, said, "make generate")
	}
	said, err := askVersion(t, published[0])
	require.Error(t, err)
	for _, name := range published[1:] {
		assert.Contains(t, said, name, "all at once")
	}
}
