package release

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// compared runs what build.yml does with the archives, where a make of the test writes their sums: `second` is a line
// of shell that changes those of the second build.
func compared(t *testing.T, archives, second string) (string, error) {
	t.Helper()
	bin, dir := t.TempDir(), t.TempDir()
	made := "#!/bin/bash\nset -e\n[ \"$1\" = archives ]\n[ ! -e \"$GOCACHE\" ]\nmkdir -p dist \"$GOCACHE\"\n" +
		"for i in $(seq " + archives + "); do\nprintf '0a1b  %s\\n' a-$i.tar.gz a-$i.cdx.json\n" +
		"done > dist/checksums.txt\n" +
		"[ ! -e ran ] || { " + second + "; }\ntouch ran\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "make"), []byte(made), 0o700))
	r := runner{temp: t.TempDir(), env: []string{"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH")}}
	for _, s := range workflows(t)["build.yml"].Jobs["archives"].Steps {
		if s.Run != "" {
			return r.command(t, dir, s)
		}
	}
	require.Fail(t, "build.yml compares nothing")
	return "", nil
}

func TestTheWorkflowFindsTwoBuildsThatDiffer(t *testing.T) {
	t.Parallel()
	said, err := compared(t, "12", "true")
	require.NoError(t, err, said)
	said, err = compared(t, "12", "sed -i 's/0a1b  a-7.tar/0a1c  a-7.tar/' dist/checksums.txt")
	require.Error(t, err)
	assert.Contains(t, said, "0a1c  a-7.tar.gz")
	_, err = compared(t, "11", "true")
	assert.Error(t, err, "an archive is missing")
	_, err = compared(t, "12", "exit 1")
	assert.Error(t, err)
}
