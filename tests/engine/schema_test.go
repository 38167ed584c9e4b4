package engine

import (
	"encoding/json"
	"strings"
	"sync"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// descriptions are the descriptions of all inputs, by "GitHubTrust.audiences".
var descriptions = sync.OnceValues(func() (map[string]string, error) {
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
	if err := json.Unmarshal(contract.Schema, &schema); err != nil {
		return nil, err
	}
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
	return found, nil
})
