package sdks

import (
	"context"
	"io/fs"
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

func TestJavaExample(t *testing.T) {
	t.Parallel()
	world := startWorld(t)
	require.NoError(t, world.InstallJava(t.Context()))
	j := installJava(t, world)
	dir, err := world.Example("java")
	require.NoError(t, err)
	j.offline(t, dir)

	// Colour codes and Maven's own notes must not be in what the language host reads.
	s := cli(t, world, dir)
	s.verb = func(ctx context.Context, verb string) error {
		cmd := world.Command(ctx, dir, "pulumi", cliVerbs[verb]...)
		cmd.Env = append(cmd.Env, j.env)
		_, err := harness.Finish(cmd)
		return err
	}
	s.live(t)
	j.compiles(t, append(printedPrograms(t, program.Java), printedExamples(t, program.Java)...))
	j.refuses(t)
}

// A javaSDK is the SDK, installed into a repository of its own.
type javaSDK struct {
	world      *harness.World
	repository string
	env        string
}

// installJava builds the SDK as Maven publishes it, and installs it beside what the cache has.
func installJava(t *testing.T, w *harness.World) *javaSDK {
	t.Helper()
	kept, err := toolchain.MavenRepository(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	repository, err := w.Folder("maven")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(repository, os.DirFS(kept)))
	j := &javaSDK{world: w, repository: repository, env: "MAVEN_OPTS=-Dmaven.repo.local=" + repository}
	source, err := w.Folder("sdk-java")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(source, os.DirFS("../../sdk/java")))
	j.offline(t, source)
	cmd := w.Command(t.Context(), source, "mvn", "-q", "-B", "install")
	cmd.Env = append(cmd.Env, j.env)
	_, err = harness.Finish(cmd)
	require.NoError(t, err)
	return j
}

// offline keeps Maven from the network in a folder.
func (j *javaSDK) offline(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".mvn"), 0o755))
	writeFile(t, filepath.Join(dir, ".mvn", "maven.config"), "-o\n")
}

// javac compiles one program against the SDK.
func (j *javaSDK) javac(t *testing.T, text string) error {
	t.Helper()
	dir, err := j.world.Folder("javac")
	require.NoError(t, err)
	writeFile(t, filepath.Join(dir, "App.java"), text)
	_, err = j.world.Run(t.Context(), dir, "javac", "-proc:none", "-implicit:none", "-cp", j.classpath(t), "-d", dir,
		"App.java")
	return err
}

// classpath is every jar of the SDK and of what it needs.
func (j *javaSDK) classpath(t *testing.T) string {
	t.Helper()
	var jars []string
	require.NoError(t, filepath.WalkDir(j.repository, func(path string, _ fs.DirEntry, err error) error {
		ours := strings.Contains(path, filepath.Join("io", "github", "ci-oidc-trust")) ||
			strings.Contains(path, filepath.Join("com", "pulumi")) || strings.Contains(path, "jsr305") ||
			strings.Contains(path, filepath.Join("com", "google", "code", "gson"))
		if err == nil && ours && filepath.Ext(path) == ".jar" {
			jars = append(jars, path)
		}
		return err
	}))
	require.Greater(t, len(jars), 2)
	return strings.Join(jars, string(filepath.ListSeparator))
}

// compiles holds that what the printer writes compiles. All programs are one class, so that javac starts once.
func (j *javaSDK) compiles(t *testing.T, programs []printed) {
	t.Helper()
	dir, err := j.world.Folder("printed")
	require.NoError(t, err)
	args := []string{"-proc:none", "-cp", j.classpath(t), "-d", dir}
	for _, p := range programs {
		file := filepath.Join(dir, p.name, "App.java")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		writeFile(t, file, "package "+p.name+";\n"+p.program)
		args = append(args, file)
	}
	_, err = j.world.Run(t.Context(), dir, "javac", args...)
	require.NoError(t, err)
}

// refuses holds that the compiler finds what a person mistypes.
func (j *javaSDK) refuses(t *testing.T) {
	t.Helper()
	program := func(inputs string) string {
		return "import com.pulumi.Pulumi;\nimport io.github.cioidctrust.pulumi.*;\n" +
			"import io.github.cioidctrust.pulumi.inputs.*;\npublic class App {\n" +
			"    public static void main(String[] args) {\n        Pulumi.run(ctx -> {\n" +
			"            new CiOidcTrust(\"deploy\", CiOidcTrustArgs.builder()" + inputs + ".build());\n" +
			"        });\n    }\n}\n"
	}
	require.NoError(t, j.javac(t, program(`.permissionsBoundary("arn:aws:iam::123456789012:policy/b")`)))
	for _, c := range []struct{ name, inputs, said string }{
		{"misspelt", `.permissionBoundary("arn:aws:iam::123456789012:policy/b")`, "permissionBoundary"},
		{"misspelt inside", `.github(GitHubTrustArgs.builder().repository("acme/web").build())`, "repository"},
		{"of the wrong type", `.maxSessionDuration("an hour")`, "maxSessionDuration"},
	} {
		err := j.javac(t, program(c.inputs))
		if assert.Error(t, err, c.name) {
			assert.Contains(t, err.Error(), c.said, c.name)
		}
	}
}
