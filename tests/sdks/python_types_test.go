package sdks

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// checkPythonTypes lets both checkers look at the example, at what is printed and at a file of mistakes, with the
// installed package: without its py.typed they would see no types at all, and no mistake.
func checkPythonTypes(t *testing.T, w *harness.World, dir, python string, printed []string) {
	ctx := t.Context()
	for _, name := range []string{"checked.py", "pyrightconfig.json"} {
		copyFile(t, filepath.Join("testdata/python", name), filepath.Join(dir, name))
	}
	progress := func(line string) { t.Log(line) }
	programs := append([]string{"__main__.py", "checked.py"}, printed...)
	t.Run("mypy", func(t *testing.T) {
		folder, err := toolchain.Mypy(ctx, "testdata/python/mypy.txt", progress)
		require.NoError(t, err)
		mypy := w.Command(ctx, dir, "python3", append([]string{
			"-m", "mypy", "--strict", "--python-executable", python,
		}, programs...)...)
		mypy.Env = append(mypy.Env, "PYTHONPATH="+folder)
		_, err = harness.Finish(mypy)
		assert.NoError(t, err)
	})
	t.Run("pyright", func(t *testing.T) {
		folder, err := toolchain.NodeProject(ctx, "testdata/pyright", progress)
		require.NoError(t, err)
		_, err = w.Run(ctx, dir, "node", append([]string{
			filepath.Join(folder, "node_modules/pyright/index.js"), "--pythonpath", python,
		}, programs...)...)
		assert.NoError(t, err)
	})
}
