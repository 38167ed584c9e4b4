// Command pulumi-resource-ci-oidc-trust is the Pulumi plugin. The Pulumi engine starts it; nobody runs it by hand.
package main

import (
	"fmt"
	"os"

	plugin "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider"
)

func main() {
	if err := plugin.Main(provider.Name, provider.New); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
