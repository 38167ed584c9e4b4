// Package pulumicioidctrust holds the contract of the package: schema.json, as the plugin serves it.
package pulumicioidctrust

import _ "embed"

// Schema is schema.json, the Pulumi package schema.
//
//go:embed schema.json
var Schema []byte
