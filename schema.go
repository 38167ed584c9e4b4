// Package pulumicioidctrust holds the contract of the package: schema.json, as the plugin serves it.
package pulumicioidctrust

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"sync"
)

// Schema is schema.json, the Pulumi package schema.
//
//go:embed schema.json
var Schema []byte

// Version is that of the package, such as "0.1.0": the one of schema.json.
var Version = sync.OnceValue(func() string {
	decoder := json.NewDecoder(bytes.NewReader(Schema))
	for { // it stands near the beginning, and no more is read
		token, err := decoder.Token()
		if err != nil {
			return "unknown"
		}
		if token == "version" {
			var text string
			if decoder.Decode(&text) == nil {
				return text
			}
		}
	}
})
