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
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

func TestTypeScriptExample(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	dir, err := world.Example("nodejs")
	require.NoError(t, err)
	installNode(t, world, dir)

	types, err := os.ReadFile(filepath.Join(dir, "node_modules/pulumi-ci-oidc-trust/ciOidcTrust.d.ts"))
	require.NoError(t, err)
	assert.Regexp(t, `(?s)ARNs of the managed policies to attach[^/]*?.*?\*/\s*policyArns\?:`, string(types))
	assert.Regexp(t, `(?s)The role's ARN: what goes into the pipeline.*?\*/\s*[a-z/* ]*roleArn:`, string(types))

	// types.ts holds a wrong type on every line that says so; the compiler complains about any that is accepted.
	for _, name := range []string{"drive.ts", "chain.ts", "mixed.ts", "review.ts", "transform.ts", "types.ts"} {
		copyFile(t, filepath.Join("testdata/nodejs", name), filepath.Join(dir, name))
	}
	writeFile(t, filepath.Join(dir, "readme.ts"),
		`import { CiOidcTrust } from "pulumi-ci-oidc-trust";`+"\n"+readmeBlock(t, "TypeScript"))
	tsc(t, world, dir)
	tsc(t, world, dir, "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--outDir", "bin",
		"drive.ts", "types.ts")

	programs(t, world, dir, "node", "bin/drive.js")

	written := printedPrograms(t, program.TypeScript)
	files := writePrinted(t, dir, ".ts", written)
	copyFile(t, "testdata/nodejs/printed.ts", filepath.Join(dir, "printed.ts"))
	tsc(t, world, dir, append([]string{
		"--strict", "--skipLibCheck", "--target", "es2022", "--module", "commonjs", "--outDir", "printed",
		"printed.ts",
	}, files...)...)
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".ts") + ".js"
	}
	registered, err := world.Run(t.Context(), dir, "node", append([]string{"printed/printed.js"}, files...)...)
	require.NoError(t, err)
	sameAsPrinted(t, written, registered)
}

// installNode builds the SDK, packs it as it is published, and installs it with what else the example's own
// package.json names.
func installNode(t *testing.T, w *harness.World, dir string) {
	t.Helper()
	ctx := t.Context()
	builder, err := toolchain.NodeProject(ctx, "testdata/nodejs", func(line string) { t.Log(line) })
	require.NoError(t, err)
	sdk, err := w.Folder("sdk-nodejs")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(sdk, os.DirFS("../../sdk/nodejs")))
	require.NoError(t, os.RemoveAll(filepath.Join(sdk, "node_modules")))
	require.NoError(t, os.Symlink(filepath.Join(builder, "node_modules"), filepath.Join(sdk, "node_modules")))
	tsc(t, w, sdk)
	for _, name := range []string{"package.json", "README.md"} {
		copyFile(t, filepath.Join(sdk, name), filepath.Join(sdk, "bin", name))
	}
	_, err = w.Run(ctx, filepath.Join(sdk, "bin"), "npm", "pack", "--pack-destination", dir)
	require.NoError(t, err)

	copyFile(t, "testdata/nodejs/package-lock.json", filepath.Join(dir, "package-lock.json"))
	cache, err := toolchain.NPMCache()
	require.NoError(t, err)
	_, err = w.Run(ctx, dir, "npm", "install", "--cache", cache, "--prefer-offline", "--ignore-scripts", "--no-audit",
		"--no-fund", "./pulumi-ci-oidc-trust-0.1.0.tgz")
	require.NoError(t, err)
}

func tsc(t *testing.T, w *harness.World, dir string, args ...string) {
	t.Helper()
	_, err := w.Run(t.Context(), dir, "node", append([]string{"node_modules/typescript/bin/tsc"}, args...)...)
	require.NoError(t, err)
}
