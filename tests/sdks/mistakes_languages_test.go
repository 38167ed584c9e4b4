package sdks

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// mistakesInNode makes the mistakes in JavaScript, and has the compiler look for them in TypeScript. What that does not
// find is found as in JavaScript.
func mistakesInNode(t *testing.T, w *harness.World, dir string) {
	for _, name := range []string{"mistakes.cjs", "mistakes.ts"} {
		copyFile(t, filepath.Join("testdata/nodejs", name), filepath.Join(dir, name))
	}
	javaScript := runMistakes(t, w, dir, nil, "node", "mistakes.cjs")
	foundIn(t, "JavaScript", javaScript)

	_, refused := w.Run(t.Context(), dir, "node", "node_modules/typescript/bin/tsc", "--strict", "--skipLibCheck",
		"--target", "es2022", "--module", "nodenext", "--noEmit", "mistakes.ts")
	message := regexp.MustCompile(`(?m)^mistakes\.ts\((\d+),\d+\): error (TS\d+: .*(?:\n  .*)*)`)
	typeScript := compiled(t, filepath.Join(dir, "mistakes.ts"), message, refused)
	notCompiled(t, typeScript, javaScript, misspeltID)
	foundIn(t, "TypeScript", typeScript)
}

// notCompiled adds what is found at run time to what a compiler finds. It may be no mistake of another kind than those
// that the language cannot find.
func notCompiled(t *testing.T, compiled, running map[string]found, kinds ...string) {
	t.Helper()
	for _, m := range mistakes {
		if _, is := compiled[m.cell()]; !is {
			compiled[m.cell()] = running[m.cell()]
			assert.Contains(t, kinds, m.kind, "the compiler does not find %s", m.cell())
		}
	}
}

// mistakesInPython makes the mistakes, and has two type checkers look for them. Both find the same; the page has the
// words of the one that editors show.
func mistakesInPython(t *testing.T, w *harness.World, dir, python string) {
	for _, name := range []string{"mistakes.py", "mistakes_checked.py"} {
		copyFile(t, filepath.Join("testdata/python", name), filepath.Join(dir, name))
	}
	running := runMistakes(t, w, dir, nil, python, "mistakes.py")
	assert.Equal(t, byPlugin, running["a dictionary"].By)
	assert.Contains(t, running["a dictionary"].Text, "write lockTable, or in Python pass TerraformStateArgs in the "+
		"place of a dictionary", "Pulumi's SDK translates no dictionary in the arguments of a function")
	foundIn(t, "Python", running)

	progress := func(line string) { t.Log(line) }
	checked := filepath.Join(dir, "mistakes_checked.py")
	folder, err := toolchain.Mypy(t.Context(), "testdata/python/mypy.txt", progress)
	require.NoError(t, err)
	mypy := w.Command(t.Context(), dir, "python3", "-m", "mypy", "--strict", "--python-executable", python,
		"mistakes_checked.py")
	mypy.Env = append(mypy.Env, "PYTHONPATH="+folder)
	_, refused := harness.Finish(mypy)
	byMypy := compiled(t, checked, regexp.MustCompile(`(?m)^mistakes_checked\.py:(\d+): error: (.*)$`), refused)

	folder, err = toolchain.NodeProject(t.Context(), "testdata/pyright", progress)
	require.NoError(t, err)
	_, refused = w.Run(t.Context(), dir, "node", filepath.Join(folder, "node_modules/pyright/index.js"), "--pythonpath",
		python, "mistakes_checked.py")
	message := regexp.MustCompile(`(?m)mistakes_checked\.py:(\d+):\d+ - error: (.*?)(?: \(report\w+\))?$`)
	byPyright := compiled(t, checked, message, refused)
	assert.Equal(t, slices.Sorted(maps.Keys(byMypy)), slices.Sorted(maps.Keys(byPyright)))
	for cell, f := range byPyright {
		byPyright[cell] = found{byChecker, f.Text}
	}
	// Pulumi's generator makes every argument of a function optional in Python.
	notCompiled(t, byPyright, running, misspeltID, missing)
	foundIn(t, "Python with a type checker", byPyright)
}

// mistakesInGo has the compiler look for the mistakes, and makes those that it does not find.
func mistakesInGo(t *testing.T, w *harness.World, dir string, settings []string) {
	require.NoError(t, os.Mkdir(filepath.Join(dir, "mistakes"), 0o700))
	file := filepath.Join(dir, "mistakes", "mistakes.go")
	copyFile(t, "testdata/golang/mistakes/mistakes.go", file)
	build := w.Command(t.Context(), dir, "go", "build", "-gcflags=-e", "./mistakes")
	build.Env = append(build.Env, settings...)
	_, refused := harness.Finish(build)
	said := compiled(t, file, regexp.MustCompile(`(?m)^mistakes/mistakes\.go:(\d+):\d+: (.*)$`), refused)
	require.NoError(t, os.RemoveAll(filepath.Dir(file)), "the rest of the module is vetted")
	running := runMistakes(t, w, dir, []string{"VERB=plan", "PROGRAM=mistakes"}, filepath.Join(dir, "drive"))
	notCompiled(t, said, running, misspeltID, missing)
	foundIn(t, "Go", said)
}

// mistakes has the compiler look for the mistakes, all in one run, and makes those that it does not find.
func (j *javaSDK) mistakes(t *testing.T) {
	const refused, running = "testdata/java/Mistakes.java", "testdata/java/Made.java"
	dir, err := j.world.Folder("mistakes")
	require.NoError(t, err)
	// javac says what is wrong, shows the line, and says more.
	message := regexp.MustCompile(`(?m)^.*Mistakes\.java:(\d+): error: (.*)\n.*\n +\^\n((?: .*\n)*)`)
	err = j.javac(t, dir, refused)
	require.Error(t, err)
	said := compiled(t, refused, regexp.MustCompile(`(?m)^line (\d+): (.*(?:\n .*)*)`),
		errorText(message.ReplaceAllString(err.Error(), "line $1: $2\n$3")))

	require.NoError(t, j.javac(t, dir, running))
	run := placed(t, j.world, dir, nil, j.java(dir, "Made")...)
	made := saidOfFunctions(t, run)
	_, err = run("CiOidcTrust") // of CiOidcProviders nothing is left to the plugin
	problemsIn(t, j.world, "CiOidcTrust", err, made)
	secretly(t, run)
	notCompiled(t, said, made, misspeltID, missing)
	foundIn(t, "Java", said)
}

// mistakesInYAML makes the mistakes in components, which pulumi-yaml checks itself but for the ids, and in functions.
// The engine goes on after each that it finds.
func mistakesInYAML(t *testing.T, w *harness.World) {
	preview := func(name string) (file string, refused error) {
		dir, err := w.Folder("mistakes")
		require.NoError(t, err)
		file = filepath.Join(dir, "Pulumi.yaml")
		copyFile(t, filepath.Join("testdata/yaml/mistakes", name+".yaml"), file)
		return file, cli(t, w, dir).verb(t.Context(), "plan")
	}
	file, refused := preview("components")
	require.Error(t, refused)
	said := map[string]found{}
	for cell, f := range compiled(t, file, regexp.MustCompile(`(?m)^line (\d+): (.*)$`), checkedYAML(refused)) {
		said[cell] = found{byChecker, f.Text}
	}
	_, refused = preview("CiOidcTrust")
	problemsIn(t, w, "CiOidcTrust", refused, said)
	secretly(t, func(place string) (string, error) {
		_, refused := preview(place)
		return "", refused
	})
	file, refused = preview("functions")
	require.Error(t, refused)
	block := regexp.MustCompile(`error: \d+ errors? occurred:((?:\n\s+\* .*)+)\n\s+on Pulumi.yaml line (\d+):`)
	swapped := block.ReplaceAllString(refused.Error(), "line $2 of the program$1\n.")
	message := regexp.MustCompile(`line (\d+) of the program((?:\n\s+\* .*)+)\n`)
	for cell, f := range compiled(t, file, message, errorText(swapped)) {
		said[cell] = found{byPlugin, f.Text}
	}
	for _, m := range mistakes {
		if f, is := said[m.cell()]; is && m.place != "CiOidcTrust" && m.place != "CiOidcProviders" {
			for _, line := range strings.Split(f.Text, "* ") {
				if strings.HasSuffix(strings.TrimSpace(line), "("+m.path+")") {
					said[m.cell()] = found{byPlugin, line}
				}
			}
		}
	}
	foundIn(t, "YAML", said)
}

// checkedYAML gives each thing that pulumi-yaml finds itself one line: the program's line, what is wrong, and the
// innermost of its reasons.
func checkedYAML(refused error) errorText {
	said := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(refused.Error(), "")
	_, said, _ = strings.Cut(said, "\nDiagnostics:")
	said, _, _ = strings.Cut(said, "\nResources:")
	at := regexp.MustCompile(`^(.*)\n\s+on Pulumi.yaml line (\d+):\n`)
	others := regexp.MustCompile(`(Existing properties are: \w+), .*`) // those that are as near come in any order
	var b strings.Builder
	for _, block := range strings.Split(said, " Error: ")[1:] {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		if match := at.FindStringSubmatch(block); match != nil {
			why := others.ReplaceAllString(strings.TrimSpace(lines[len(lines)-1]), "$1, ...")
			b.WriteString("line " + match[2] + ": " + match[1] + ": " + why + "\n")
		}
	}
	return errorText(b.String())
}

type errorText string

func (e errorText) Error() string { return string(e) }
