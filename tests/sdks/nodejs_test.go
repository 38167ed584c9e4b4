package sdks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

	types, err := os.ReadFile(filepath.Join(dir, "node_modules/pulumi-ci-oidc-trust/bin/ciOidcTrust.d.ts"))
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

	t.Run("TypeScript from 4.7 on takes it", func(t *testing.T) { eachTypeScript(t, world, dir) })

	programs(t, world, dir, "node", "bin/drive.js")
	for _, module := range []string{"whole.cjs", "whole.mjs"} {
		t.Run("whole, in plain JavaScript: "+module, func(t *testing.T) {
			copyFile(t, filepath.Join("testdata/nodejs", module), filepath.Join(dir, module))
			inline(world, dir, module, "node", "bin/drive.js").whole(t)
		})
	}
	t.Run("the boundary is not lost by a spelling mistake", func(t *testing.T) {
		boundaryLostByASpellingMistake(t, world, dir)
	})

	t.Run("mistakes", func(t *testing.T) { mistakesInNode(t, world, dir) })

	written, examples := printedPrograms(t, program.TypeScript), printedExamples(t, program.TypeScript)
	files := writePrinted(t, dir, ".ts", written)
	for _, name := range []string{"printed.ts", "examples.ts"} {
		copyFile(t, filepath.Join("testdata/nodejs", name), filepath.Join(dir, name))
	}
	copyFile(t, "testdata/canned.json", filepath.Join(dir, "canned.json"))
	tsc(t, world, dir, append([]string{
		"--strict", "--skipLibCheck", "--target", "es2022", "--module", "commonjs", "--outDir", "printed",
		"printed.ts", "examples.ts",
	}, slices.Concat(files, writePrinted(t, dir, ".ts", examples))...)...)
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".ts") + ".js"
	}
	registered, err := world.Run(t.Context(), dir, "node", append([]string{"printed/printed.js"}, files...)...)
	require.NoError(t, err)
	sameAsPrinted(t, written, registered)
	t.Run("examples of functions", func(t *testing.T) {
		examplesDoTheSame(t, examples, func(name string) []byte {
			asked, err := world.Run(t.Context(), dir, "node", "printed/examples.js", name+".js")
			require.NoError(t, err)
			return asked
		})
	})
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
	// It runs the compiler first, as it does for whoever publishes.
	packed, err := w.Run(ctx, sdk, "npm", "pack", "--json", "--pack-destination", dir)
	require.NoError(t, err)
	checkPacked(t, packed)

	copyFile(t, "testdata/nodejs/package-lock.json", filepath.Join(dir, "package-lock.json"))
	cache, err := toolchain.NPMCache()
	require.NoError(t, err)
	_, err = w.Run(ctx, dir, "npm", "install", "--cache", cache, "--prefer-offline", "--ignore-scripts", "--no-audit",
		"--no-fund", "./pulumi-ci-oidc-trust-0.1.0.tgz")
	require.NoError(t, err)
}

// whole is the life of a program that uses both components and a function.
func (s stack) whole(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, s.verb(ctx, "up"))
	require.NoError(t, s.verb(ctx, "preview"))
	inventory := s.world.AWS.Inventory()
	assert.Len(t, inventory.Roles, 1)
	assert.Len(t, inventory.Providers, 2)
	raw, err := s.world.Run(ctx, s.dir, "pulumi", "stack", "output", "--json")
	require.NoError(t, err)
	var outputs struct {
		RoleArn           string
		PullRequestGetsIn *bool
		Why               any // lines, or one text
	}
	require.NoError(t, json.Unmarshal(raw, &outputs))
	if assert.NotNil(t, outputs.PullRequestGetsIn) {
		assert.False(t, *outputs.PullRequestGetsIn)
	}
	assert.Contains(t, fmt.Sprint(outputs.Why), "main")
	branchAlone(t, s.world, outputs.RoleArn)
	s.end(t)
}

// checkPacked wants the built files in the package, and no sources beside them: TypeScript would compile those anew,
// with the settings of whoever imports them.
func checkPacked(t *testing.T, packed []byte) {
	t.Helper()
	var packages []struct{ Files []struct{ Path string } }
	require.NoError(t, json.Unmarshal(packed[bytes.LastIndex(packed, []byte("\n["))+1:], &packages), "%s", packed)
	require.Len(t, packages, 1)
	var paths []string
	for _, file := range packages[0].Files {
		paths = append(paths, file.Path)
		built := strings.HasSuffix(file.Path, ".d.ts") || strings.HasSuffix(file.Path, ".js")
		assert.True(t, file.Path == "package.json" || file.Path == "README.md" ||
			strings.HasPrefix(file.Path, "bin/") && built, "%s does not belong into the package", file.Path)
	}
	assert.Subset(t, paths, []string{
		"package.json", "README.md", "bin/index.js", "bin/index.d.ts", "bin/ciOidcTrust.js", "bin/types/input.d.ts",
	})
}

// eachTypeScript compiles, by each minor version up to the one of package.json, what that one does: as an ES module and
// as CommonJS, and by the oldest version in the way in which compilers looked for packages before.
func eachTypeScript(t *testing.T, w *harness.World, dir string) {
	ctx := t.Context()
	newest, err := w.Run(ctx, dir, "node", "node_modules/typescript/bin/tsc", "--version")
	require.NoError(t, err)
	require.Regexp(t, `^Version 5\.9\.`, string(newest), "testdata/typescript has those before")
	folder, err := toolchain.NodeProject(ctx, "testdata/typescript", func(line string) { t.Log(line) })
	require.NoError(t, err)
	copyFile(t, "testdata/nodejs/types.ts", filepath.Join(dir, "module.mts"))
	for _, minor := range []string{
		"4.7", "4.8", "4.9", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8",
	} {
		compiler := filepath.Join(folder, "node_modules", "typescript-"+minor, "bin/tsc")
		version, err := w.Run(ctx, dir, "node", compiler, "--version")
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(version), "Version "+minor+"."), "%s", version)
		compile := func(module, resolution string, files ...string) {
			args := append([]string{
				compiler, "--strict", "--skipLibCheck", "--target", "es2022", "--noEmit", "--module", module,
				"--moduleResolution", resolution,
			}, files...)
			_, err := w.Run(ctx, dir, "node", args...)
			assert.NoError(t, err, "%s, %s", minor, module)
		}
		compile("node16", "node16", "types.ts", "chain.ts", "review.ts", "module.mts")
		if minor == "4.7" {
			compile("commonjs", "node", "types.ts", "chain.ts", "review.ts")
		}
	}
}

func tsc(t *testing.T, w *harness.World, dir string, args ...string) {
	t.Helper()
	_, err := w.Run(t.Context(), dir, "node", append([]string{"node_modules/typescript/bin/tsc"}, args...)...)
	require.NoError(t, err)
}
