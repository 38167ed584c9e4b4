package sdks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

func TestGoExample(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	dir, err := world.Example("go")
	require.NoError(t, err)
	goTool, settings := installGo(t, world, dir)

	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	goSum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	require.NoError(t, err)
	for _, heavy := range []string{"pulumi-aws", "aws-sdk-go"} {
		assert.NotContains(t, string(goMod)+string(goSum), heavy, "a consumer must not get an AWS SDK")
	}

	documented := goTool("doc", modulePath+"/cioidctrust.CiOidcTrustArgs.PolicyArns")
	assert.Contains(t, documented, "ARNs of the managed policies to attach")
	writeFile(t, filepath.Join(dir, "readme_test.go"), goReadme(t))
	for _, name := range []string{
		"drive_test.go", "chain_test.go", "mixed_test.go", "review_test.go", "transform_test.go", "mistakes_test.go",
		"whole_test.go",
	} {
		copyFile(t, filepath.Join("testdata/golang", name), filepath.Join(dir, name))
	}
	goTool("mod", "tidy")
	goTool("vet", "./...")
	goTool("test", "-c", "-o", "drive", ".")
	programs(t, world, dir, filepath.Join(dir, "drive"))
	t.Run("whole", func(t *testing.T) { inline(world, dir, "whole", filepath.Join(dir, "drive")).whole(t) })
	t.Run("mistakes", func(t *testing.T) { mistakesInGo(t, world, dir, settings) })

	for _, p := range append(printedPrograms(t, program.Go), printedExamples(t, program.Go)...) {
		folder := filepath.Join(dir, p.name)
		require.NoError(t, os.Mkdir(folder, 0o700))
		writeFile(t, filepath.Join(folder, "main.go"), p.program)
	}
	goTool("vet", "./...")
}

// installGo makes the example's own go.mod resolve from a module proxy that has this checkout as a published version,
// and returns the go command under that proxy and its settings.
func installGo(
	t *testing.T, w *harness.World, dir string,
) (goTool func(args ...string) string, settings []string) {
	t.Helper()
	version, proxy := publish(t, w)
	environment := func(name string) string {
		value, err := w.Run(t.Context(), dir, "go", "env", name)
		require.NoError(t, err)
		return strings.TrimSpace(string(value))
	}
	moduleCache := environment("GOMODCACHE")
	downloaded := filepath.Join(moduleCache, "cache", "download")
	t.Cleanup(func() { forget(t, moduleCache, version) })
	settings = []string{
		// First what this checkout publishes, then what the tests have downloaded before, then the person's own
		// proxies.
		"GOPROXY=file://" + proxy + ",file://" + downloaded + "," + environment("GOPROXY"),
		"GONOSUMDB=" + modulePath,
		"GOFLAGS=-mod=mod -modcacherw",
		"GOWORK=off",
	}
	goTool = func(args ...string) string {
		t.Helper()
		cmd := w.Command(t.Context(), dir, "go", args...)
		cmd.Env = append(cmd.Env, settings...)
		out, err := harness.Finish(cmd)
		require.NoError(t, err)
		return string(out)
	}
	goTool("mod", "edit", "-require="+modulePath+"@"+version)
	goTool("mod", "tidy")
	return goTool, settings
}

// forget removes the published version from the module cache, where nobody else needs it.
func forget(t *testing.T, moduleCache, version string) {
	t.Helper()
	owner, name := filepath.Split(filepath.FromSlash(modulePath))
	places := []string{
		filepath.Join(moduleCache, owner, name+"@"+version),
		filepath.Join(moduleCache, "cache", "download", owner, name, "@v", version+".*"),
	}
	for _, place := range places {
		found, err := filepath.Glob(place)
		assert.NoError(t, err)
		for _, path := range found {
			assert.NoError(t, os.RemoveAll(path))
		}
	}
}
