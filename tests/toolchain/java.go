package toolchain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// JavaHost returns the folder of Pulumi's language host for Java. Its module is that of the generator of the Java SDK.
func JavaHost(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	return goTools(ctx, filepath.Join(root, "tests", "tools", "java"), progress, goTool{
		name: "pulumi-language-java", pkg: "github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java",
		ldflags: "-s -w", expect: "about 1 minute",
	})
}

// MavenRepository returns a folder with all that Maven needs to build the Java SDK, as it is released, and to run the
// Java example, offline: a local repository. The SDK itself is not in it.
func MavenRepository(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	sdk, example := filepath.Join(root, "sdk", "java"), filepath.Join(root, "examples", "java")
	version, err := run(ctx, "", "mvn", "--version")
	if err != nil {
		return "", err
	}
	key, err := keyOf([]string{version}, filepath.Join(sdk, "pom.xml"), filepath.Join(example, "pom.xml"))
	if err != nil {
		return "", err
	}
	return entry{kind: "maven-repository", key: key, fill: func(ctx context.Context, dir string) error {
		progress("fetching the Maven artifacts of the Java SDK (about 3 minutes the first time; kept for later)")
		work, err := os.MkdirTemp("", "ci-oidc-trust-maven-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(work)
		// The example finds the SDK where `pulumi package add` writes it.
		for to, from := range map[string]string{
			"sdk": sdk, "example": example, "example/sdks/ci-oidc-trust/src": filepath.Join(sdk, "src"),
		} {
			if err := os.CopyFS(filepath.Join(work, filepath.FromSlash(to)), os.DirFS(from)); err != nil {
				return err
			}
		}
		local := "-Dmaven.repo.local=" + dir
		_, err = run(ctx, filepath.Join(work, "sdk"), "mvn", "-q", "-B", local, "-P", "release", "install")
		if err != nil {
			return err
		}
		// Without an engine the program fails as soon as it runs, and by then Maven has all that running it takes.
		cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", local, "compile", "exec:java")
		cmd.Dir = filepath.Join(work, "example")
		output, _ := cmd.CombinedOutput()
		ran, err := filepath.Glob(filepath.Join(dir, "org", "apache", "commons", "commons-exec", "*", "*.jar"))
		if err != nil || len(ran) == 0 { // the last that the plugin fetches before it runs a program
			return fmt.Errorf("the Java example does not build:\n%s", output)
		}
		return os.RemoveAll(filepath.Join(dir, "io", "github", "ci-oidc-trust"))
	}}.path(ctx)
}

// JavaPackages returns a folder with the jars that a pom.xml depends on, for `java -cp FOLDER/*`.
func JavaPackages(ctx context.Context, pom string, progress Progress) (string, error) {
	key, err := keyOf(nil, pom)
	if err != nil {
		return "", err
	}
	return entry{kind: "maven", key: key, fill: func(ctx context.Context, dir string) error {
		progress(fmt.Sprintf("fetching the Java packages of %s (kept for later)", filepath.Base(filepath.Dir(pom))))
		_, err := run(ctx, "", "mvn", "--quiet", "--batch-mode", "--file", pom,
			"org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies", "-DoutputDirectory="+dir)
		return err
	}}.path(ctx)
}
