package check

import (
	"sync"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// Package is schema.json of this package, parsed at the first use: the engine starts the plugin for operations that
// need none of it.
var Package = sync.OnceValues(func() (*Schema, error) { return ParseSchema(contract.Schema) })
