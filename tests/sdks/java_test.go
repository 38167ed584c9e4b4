package sdks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

func TestTheJavaSDKAsMavenPublishesIt(t *testing.T) {
	t.Parallel()
	j := installJava(t, startWorld(t))
	j.compiles(t, append(printedPrograms(t, program.Java), printedExamples(t, program.Java)...))
	t.Run("whole", func(t *testing.T) { j.whole(t) })
	t.Run("mistakes", func(t *testing.T) { j.mistakes(t) })
}

// A javaSDK is the SDK as Maven installs it.
type javaSDK struct {
	world *harness.World
	jars  string // what a program needs on its class path
}

// installJava builds the SDK as Maven publishes it, and installs it beside what the cache has.
func installJava(t *testing.T, w *harness.World) *javaSDK {
	t.Helper()
	repository := mavenRepository(t, w)
	source, err := w.Folder("sdk-java")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(source, os.DirFS("../../sdk/java")))
	cmd := w.Command(t.Context(), source, "mvn", "-q", "-B", "install")
	cmd.Env = append(cmd.Env, mavenOffline(t, repository, source))
	_, err = harness.Finish(cmd)
	require.NoError(t, err)
	ours, err := filepath.Glob(filepath.Join(repository, "io/github/ci-oidc-trust/pulumi-ci-oidc-trust/*/*.jar"))
	require.NoError(t, err)
	require.Len(t, ours, 1)
	others, err := toolchain.JavaPackages(t.Context(), "../../sdk/java/pom.xml", func(line string) { t.Log(line) })
	require.NoError(t, err)
	return &javaSDK{world: w, jars: ours[0] + string(filepath.ListSeparator) + filepath.Join(others, "*")}
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

// javac compiles programs against the SDK, and reports all that is wrong with them.
func (j *javaSDK) javac(t *testing.T, classes string, files ...string) error {
	t.Helper()
	args := append([]string{"-proc:none", "-Xmaxerrs", "1000", "-cp", j.jars, "-d", classes}, files...)
	_, err := j.world.Run(t.Context(), "", "javac", args...)
	return err
}

// java is a command that runs a class below classes.
func (j *javaSDK) java(classes, class string) (command []string) {
	return []string{
		"java", "-XX:TieredStopAtLevel=1", "-cp", classes + string(filepath.ListSeparator) + j.jars, class,
	}
}

// whole takes a program that the Automation API runs through its life.
func (j *javaSDK) whole(t *testing.T) {
	t.Helper()
	dir, err := j.world.Folder("whole")
	require.NoError(t, err)
	require.NoError(t, j.javac(t, dir, "testdata/java/Whole.java"))
	command := j.java(dir, "Whole")
	inline(j.world, dir, "whole", command[0], command[1:]...).whole(t)
}

// compiles holds that what the printer writes compiles. All programs are one class, so that javac starts once.
func (j *javaSDK) compiles(t *testing.T, programs []printed) {
	t.Helper()
	dir, err := j.world.Folder("printed")
	require.NoError(t, err)
	var files []string
	for _, p := range programs {
		file := filepath.Join(dir, p.name, "App.java")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		writeFile(t, file, "package "+p.name+";\n"+p.program)
		files = append(files, file)
	}
	require.NoError(t, j.javac(t, dir, files...))
}
