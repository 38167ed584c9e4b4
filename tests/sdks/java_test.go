package sdks

import (
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

func TestTheJavaSDKAsMavenPublishesIt(t *testing.T) {
	t.Parallel()
	j := installJava(t, startWorld(t))
	j.compiles(t, append(printedPrograms(t, program.Java), printedExamples(t, program.Java)...))
	j.refuses(t)
}

// A javaSDK is the SDK, installed into a repository of its own.
type javaSDK struct {
	world      *harness.World
	repository string
}

// installJava builds the SDK as Maven publishes it, and installs it beside what the cache has.
func installJava(t *testing.T, w *harness.World) *javaSDK {
	t.Helper()
	repository := mavenRepository(t, w)
	j := &javaSDK{world: w, repository: repository}
	source, err := w.Folder("sdk-java")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(source, os.DirFS("../../sdk/java")))
	cmd := w.Command(t.Context(), source, "mvn", "-q", "-B", "install")
	cmd.Env = append(cmd.Env, mavenOffline(t, repository, source))
	_, err = harness.Finish(cmd)
	require.NoError(t, err)
	return j
}

// mavenRepository is a local repository of Maven's with what the cache has.
func mavenRepository(t *testing.T, w *harness.World) (dir string) {
	t.Helper()
	kept, err := toolchain.MavenRepository(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	dir, err = w.Folder("maven")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS(kept)))
	return dir
}

// mavenOffline keeps Maven from the network in a folder, and returns what it needs in its environment.
func mavenOffline(t *testing.T, repository, dir string) (environment string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".mvn"), 0o755))
	writeFile(t, filepath.Join(dir, ".mvn", "maven.config"), "-o\n")
	return "MAVEN_OPTS=-Dmaven.repo.local=" + repository
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
