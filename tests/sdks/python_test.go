package sdks

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

func TestPythonExample(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	dir, err := world.Example("python")
	require.NoError(t, err)
	python := installPython(t, world, dir)

	documented, err := world.Run(t.Context(), dir, python, "-c",
		"import pulumi_ci_oidc_trust as sdk; print(sdk.CiOidcTrustArgs.policy_arns.__doc__, "+
			"sdk.CiOidcTrust.role_arn.__doc__)")
	require.NoError(t, err)
	assert.Contains(t, string(documented), "ARNs of the managed policies to attach")
	assert.Contains(t, string(documented), "what goes into the pipeline")

	written, examples := printedPrograms(t, program.Python), printedExamples(t, program.Python)
	files := writePrinted(t, dir, ".py", written)
	exampleFiles := writePrinted(t, dir, ".py", examples)
	t.Run("types", func(t *testing.T) {
		checkPythonTypes(t, world, dir, python, slices.Concat(files, exampleFiles))
	})
	t.Run("mistakes", func(t *testing.T) { mistakesInPython(t, world, dir, python) })

	for _, name := range []string{"drive.py", "chain.py", "mixed.py", "review.py", "transform.py", "whole.py"} {
		copyFile(t, filepath.Join("testdata/python", name), filepath.Join(dir, name))
	}
	writeFile(t, filepath.Join(dir, "readme.py"),
		"import pulumi\nfrom pulumi_ci_oidc_trust import CiOidcTrust\n\n"+readmeBlock(t, "Python"))
	programs(t, world, dir, python, "drive.py")
	t.Run("whole", func(t *testing.T) { inline(world, dir, "whole", python, "drive.py").whole(t) })

	copyFile(t, "testdata/python/printed.py", filepath.Join(dir, "printed.py"))
	registered, err := world.Run(t.Context(), dir, python,
		append([]string{"printed.py"}, files...)...)
	require.NoError(t, err)
	sameAsPrinted(t, written, registered)
	for _, name := range []string{"python/examples.py", "canned.json"} {
		copyFile(t, filepath.Join("testdata", name), filepath.Join(dir, filepath.Base(name)))
	}
	t.Run("examples of functions", func(t *testing.T) {
		examplesDoTheSame(t, examples, func(name string) []byte {
			asked, err := world.Run(t.Context(), dir, python, "examples.py", name+".py")
			require.NoError(t, err)
			return asked
		})
	})
}

// buildSourceArchive does what a build of the archive for PyPI does, by the backend that pyproject.toml names.
const buildSourceArchive = "import sys; sys.path.insert(0, sys.argv[1]); import setuptools.build_meta; " +
	"setuptools.build_meta.build_sdist(sys.argv[2])"

// installPython builds the SDK's source archive and the wheel from that, and installs it, with what the example's own
// requirements.txt names, into a new virtual environment, from folders alone. The environment gets no pip of its own:
// that would take longer than all the rest.
func installPython(t *testing.T, w *harness.World, dir string) (python string) {
	t.Helper()
	ctx := t.Context()
	wheelhouse, err := toolchain.Wheelhouse(ctx, "testdata/python/requirements.txt", func(line string) { t.Log(line) })
	require.NoError(t, err)
	// setuptools writes beside the sources it builds, so it gets a copy.
	source, err := w.Folder("sdk-python")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(source, os.DirFS("../../sdk/python")))
	wheels, err := w.Folder("wheels")
	require.NoError(t, err)

	backend, err := w.Folder("setuptools")
	require.NoError(t, err)
	archives, err := w.Folder("archives")
	require.NoError(t, err)

	python = filepath.Join(dir, "venv", "bin", "python")
	pip := []string{"-m", "pip", "--disable-pip-version-check", "--quiet"}
	from := []string{"--no-index", "--find-links", wheelhouse, "--find-links", wheels}
	_, err = w.Run(ctx, dir, "python3",
		slices.Concat(pip, []string{"install", "--target", backend, "setuptools"}, from)...)
	require.NoError(t, err)
	_, err = w.Run(ctx, source, "python3", "-c", buildSourceArchive, backend, archives)
	require.NoError(t, err)
	archive := filepath.Join(archives, "pulumi_ci_oidc_trust-0.1.0.tar.gz")
	for _, command := range [][]string{
		{"-m", "venv", "--without-pip", "venv"},
		slices.Concat(pip, []string{"wheel", "--no-deps", "--wheel-dir", wheels, archive}, from),
		slices.Concat(pip,
			[]string{"--python", python, "install", "--no-compile", "--requirement", "requirements.txt",
				"pulumi-ci-oidc-trust"}, from),
	} {
		_, err = w.Run(ctx, dir, "python3", command...)
		require.NoError(t, err)
	}
	return python
}
