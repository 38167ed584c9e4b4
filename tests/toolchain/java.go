package toolchain

import (
	"context"
	"fmt"
	"path/filepath"
)

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
