package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

const (
	packageName = "ci-oidc-trust"
	tokenPrefix = packageName + ":index:"
	typePrefix  = "#/types/" + tokenPrefix
)

// A schema is what schema.json says of names and types, with properties in the order in which they are declared.
type schema struct {
	version   string
	resources map[string]made
	functions map[string]made
	types     map[string]properties
	enums     map[string]map[string]string // value -> name
}

// A made is a resource or a function: what it takes, and what it gives.
type made struct {
	inputs, outputs properties
}

// properties are those of an object.
type properties struct {
	order []string
	of    map[string]property
}

type property struct {
	Type                 string    `json:"type"`
	Ref                  string    `json:"$ref"`
	Items                *property `json:"items"`
	AdditionalProperties *property `json:"additionalProperties"`
	// OneOf is a text or a value of an enum, for an enum that others add to.
	OneOf []property `json:"oneOf"`
}

// UnmarshalJSON keeps the order, which encoding/json's maps do not.
func (p *properties) UnmarshalJSON(document []byte) error {
	if err := json.Unmarshal(document, &p.of); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		p.order = append(p.order, fmt.Sprint(name))
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}

// pulumiPackage is the schema of this package.
var pulumiPackage = sync.OnceValues(func() (*schema, error) { return parse(contract.Schema) })

func parse(document []byte) (*schema, error) {
	var written struct {
		Version   string `json:"version"`
		Resources map[string]struct {
			Inputs  properties `json:"inputProperties"`
			Outputs properties `json:"properties"`
		} `json:"resources"`
		Functions map[string]struct {
			Inputs  struct{ Properties properties } `json:"inputs"`
			Outputs struct{ Properties properties } `json:"outputs"`
		} `json:"functions"`
		Types map[string]struct {
			Properties properties `json:"properties"`
			Enum       []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"enum"`
		} `json:"types"`
	}
	if err := json.Unmarshal(document, &written); err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	s := &schema{
		version:   written.Version,
		resources: map[string]made{}, functions: map[string]made{},
		types: map[string]properties{}, enums: map[string]map[string]string{},
	}
	for token, r := range written.Resources {
		s.resources[strings.TrimPrefix(token, tokenPrefix)] = made{r.Inputs, r.Outputs}
	}
	for token, f := range written.Functions {
		s.functions[strings.TrimPrefix(token, tokenPrefix)] = made{f.Inputs.Properties, f.Outputs.Properties}
	}
	for token, t := range written.Types {
		name := strings.TrimPrefix(token, tokenPrefix)
		if t.Enum == nil {
			s.types[name] = t.Properties
			continue
		}
		s.enums[name] = map[string]string{}
		for _, value := range t.Enum {
			s.enums[name][value.Value] = value.Name
		}
	}
	return s, nil
}
