package main

import (
	"encoding/json"
	"fmt"
	"strings"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// A property is what the schema says of an input, in the order in which it stands there.
type property struct {
	Name                 string    `json:"-"`
	Type                 string    `json:"type"`
	Ref                  string    `json:"$ref"`
	Description          string    `json:"description"`
	Items                *property `json:"items"`
	AdditionalProperties *property `json:"additionalProperties"`
}

// properties are the members of a JSON object that keep their order.
type properties []property

func (p *properties) UnmarshalJSON(data []byte) error {
	var members map[string]property
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
		member := members[name.(string)]
		member.Name = name.(string)
		*p = append(*p, member)
	}
	return nil
}

type objectType struct {
	Description string     `json:"description"`
	Properties  properties `json:"properties"`
	Required    []string   `json:"required"`
	Type        string     `json:"type"`
	Enum        []any      `json:"enum"`
}

// inputs are the tables of what a section can have: its own properties, and those of what stands in it.
func inputs(section string) (string, error) {
	var schema struct {
		Resources map[string]struct {
			Inputs map[string]property `json:"inputProperties"`
		} `json:"resources"`
		Types map[string]objectType `json:"types"`
	}
	if err := json.Unmarshal(contract.Schema, &schema); err != nil {
		return "", err
	}
	var b strings.Builder
	pending := []property{schema.Resources["ci-oidc-trust:index:CiOidcTrust"].Inputs[section]}
	if pending[0].Name = section; pending[0].AdditionalProperties != nil {
		pending[0].Name += ".NAME"
	}
	for len(pending) > 0 {
		at := pending[0]
		pending = pending[1:]
		kind := schema.Types[strings.TrimPrefix(at.object(), "#/types/")]
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n| input | type | meaning |\n|---|---|---|\n", at.Name,
			first(kind.Description))
		for _, p := range kind.Properties {
			p.spellOut(schema.Types)
			required := ""
			for _, name := range kind.Required {
				if name == p.Name {
					required = ", required"
				}
			}
			fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", p.Name, p.shape(), required, cell(first(p.Description)))
			if p.object() != "" {
				p.Name = at.Name + "." + p.Name
				pending = append(pending, p)
			}
		}
	}
	return b.String(), nil
}

// spellOut makes a string of a reference to an enum: its description says which ones.
func (p *property) spellOut(types map[string]objectType) {
	if p == nil {
		return
	}
	if kind := types[strings.TrimPrefix(p.Ref, "#/types/")]; kind.Enum != nil {
		p.Ref, p.Type = "", kind.Type
	}
	p.Items.spellOut(types)
	p.AdditionalProperties.spellOut(types)
}

// object is the type of the objects that the property holds, "" where it holds none.
func (p *property) object() string {
	for p != nil {
		switch {
		case p.Ref != "":
			return p.Ref
		case p.Items != nil:
			p = p.Items
		default:
			p = p.AdditionalProperties
		}
	}
	return ""
}

// shape is the property's type in words.
func (p *property) shape() string {
	switch {
	case p.Ref != "":
		return "object"
	case p.Items != nil:
		return "list of " + plural(p.Items.shape())
	case p.AdditionalProperties != nil:
		return "map of " + plural(p.AdditionalProperties.shape())
	}
	return p.Type
}

// plural of a shape: strings, objects, lists of strings.
func plural(shape string) string {
	word, rest, more := strings.Cut(shape, " ")
	if more {
		return word + "s " + rest
	}
	return word + "s"
}

// first is the first paragraph of a description; the others are example and source.
func first(description string) string {
	paragraph, _, _ := strings.Cut(description, "\n\n")
	return paragraph
}
