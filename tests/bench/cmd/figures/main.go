// Command figures reads what `go test -bench` writes and prints it as one list, with the bounds that the project has
// set itself. Bounds are shown, not enforced: a busy machine must not fail a build.
package main

import (
	"fmt"
	"os"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/bench"
)

func main() {
	if err := bench.Report(os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}
