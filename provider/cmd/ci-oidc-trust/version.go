package main

import (
	"bytes"
	"encoding/json"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// version is that of the package: the one of schema.json. It stands near the beginning, and no more is read.
func version() string {
	decoder := json.NewDecoder(bytes.NewReader(contract.Schema))
	for {
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
}
