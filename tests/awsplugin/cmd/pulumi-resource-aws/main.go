// Command pulumi-resource-aws is the stand-in AWS plugin that tests and the demo run where the real one cannot be had.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
)

func main() {
	if err := provider.Main("aws", awsplugin.New); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
