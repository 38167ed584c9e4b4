package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// descriptions are the descriptions of all inputs, by "GitHubTrust.audiences".
func descriptions(t *testing.T) map[string]string {
	t.Helper()
	type property struct {
		Description string `json:"description"`
		Ref         string `json:"$ref"`
		Items       *struct {
			Ref string `json:"$ref"`
		} `json:"items"`
		AdditionalProperties *struct {
			Ref string `json:"$ref"`
		} `json:"additionalProperties"`
	}
	var schema struct {
		Resources map[string]struct {
			Inputs map[string]property `json:"inputProperties"`
		} `json:"resources"`
		Types map[string]struct {
			Properties map[string]property `json:"properties"`
		} `json:"types"`
	}
	require.NoError(t, json.Unmarshal(contract.Schema, &schema))
	found := map[string]string{}
	var collect func(owner string, properties map[string]property)
	follow := func(ref string) {
		if token, ok := strings.CutPrefix(ref, "#/types/"); ok {
			collect(token[strings.LastIndexByte(token, ':')+1:], schema.Types[token].Properties)
		}
	}
	collect = func(owner string, properties map[string]property) {
		for name, p := range properties {
			if _, known := found[owner+"."+name]; known {
				continue
			}
			found[owner+"."+name] = p.Description
			follow(p.Ref)
			if p.Items != nil {
				follow(p.Items.Ref)
			}
			if p.AdditionalProperties != nil {
				follow(p.AdditionalProperties.Ref)
			}
		}
	}
	collect("CiOidcTrust", schema.Resources[componentType].Inputs)
	return found
}
