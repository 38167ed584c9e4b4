// Command dotnet reads schema.json from standard input and writes the files of the .NET SDK to standard output, as a
// JSON object of contents in base64 by path. It is a module of its own: what it needs must not choose the versions that
// the Pulumi CLI is built with.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/blang/semver"
	dotnet "github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3/codegen"
	"github.com/pulumi/pulumi/pkg/v3/codegen"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dotnet:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(in).Decode(&spec); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	// The generator does this for resources, and leaves functions with examples in every language.
	for token, function := range spec.Functions {
		function.Description = codegen.FilterExamples(function.Description, "csharp")
		spec.Functions[token] = function
	}
	pkg, diagnostics, err := schema.BindSpec(spec, noLoader{}, schema.ValidationOptions{})
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if len(diagnostics) > 0 {
		return fmt.Errorf("schema: %w", diagnostics)
	}
	stop, err := serveLogo(pkg)
	if err != nil {
		return err
	}
	defer stop()
	files, err := dotnet.GeneratePackage("sdkgen (make generate)", pkg, nil, nil)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(files)
}

// serveLogo hands the generator the logo on a loopback address: it always fetches one, and without an address it would
// fetch Pulumi's from the network.
func serveLogo(pkg *schema.Package) (stop func(), err error) {
	logo, err := drawLogo()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(logo)
		}),
	}
	go func() { _ = server.Serve(listener) }()
	pkg.LogoURL = fmt.Sprintf("http://%s/logo.png", listener.Addr())
	return func() { _ = server.Close() }, nil
}

// noLoader refuses the schemas of other packages: schema.json refers to none, which sdkgen sees to.
type noLoader struct{ schema.ReferenceLoader }

func (noLoader) LoadPackage(pkg string, _ *semver.Version) (*schema.Package, error) {
	return nil, fmt.Errorf("schema.json refers to package %q", pkg)
}
