// Command java reads schema.json from standard input and writes the files of the Java SDK to standard output, as a JSON
// object of contents in base64 by path. It is a module of its own, because Pulumi's generator for Java needs an older
// pkg/v3 than the CLI that the tests build.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi-java/pkg/codegen/java"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "java:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(in).Decode(&spec); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	pkg, diagnostics, err := schema.BindSpec(spec, noLoader{}, schema.ValidationOptions{})
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if len(diagnostics) > 0 {
		return fmt.Errorf("schema: %w", diagnostics)
	}
	files, err := java.GeneratePackage("sdkgen (make generate)", pkg, nil, nil, false, false)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(files)
}

// noLoader refuses the schemas of other packages: schema.json refers to none, which sdkgen sees to.
type noLoader struct{ schema.ReferenceLoader }

func (noLoader) LoadPackage(pkg string, _ *semver.Version) (*schema.Package, error) {
	return nil, fmt.Errorf("schema.json refers to package %q", pkg)
}
