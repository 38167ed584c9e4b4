// Package check holds the raw inputs of the component against schema.json, the only place where an input is declared.
// It knows no property by name: required, unknown, type, range, length, default and null all come from the schema.
package check

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Schema is the part of a Pulumi package schema that describes inputs.
type Schema struct {
	Version   string               `json:"version"`
	Resources map[string]Component `json:"resources"`
	Types     map[string]Type      `json:"types"`
	Functions map[string]Function  `json:"functions"`
}

// A Component of the schema.
type Component struct {
	Inputs         map[string]Property `json:"inputProperties"`
	RequiredInputs []string            `json:"requiredInputs"`
}

// A Function of the schema.
type Function struct {
	Inputs Type `json:"inputs"`
}

// A Type is an object type of the schema, or an enum: a type of strings of which it lists all.
type Type struct {
	Properties map[string]Property `json:"properties"`
	Required   []string            `json:"required"`
	Type       string              `json:"type"`
	Enum       []EnumValue         `json:"enum"`
}

// A Property of the schema, with the JSON Schema bounds that the check enforces beside Pulumi's own fields.
// Source: https://www.pulumi.com/docs/iac/extending-pulumi/schema/
type Property struct {
	Type                 string    `json:"type"`
	Ref                  string    `json:"$ref"`
	Items                *Property `json:"items"`
	AdditionalProperties *Property `json:"additionalProperties"`
	Default              any       `json:"default"`
	Minimum              *float64  `json:"minimum"`
	Maximum              *float64  `json:"maximum"`
	MinItems             int       `json:"minItems"`
	MaxItems             int       `json:"maxItems"`
	// at the top level: leaving the property out would loosen the role
	RefuseNull bool `json:"refuseNull"`

	// Words are the values of the enum that the property refers to, if it does. It is a string then, and Ref is empty.
	Words []string `json:"-"`

	required bool // its object cannot be without it
}

// orLeaveOut ends a message about a value that is not there with the other way out, where there is one.
func (p Property) orLeaveOut() string {
	if p.required {
		return ""
	}
	return ", or leave it out"
}

// ParseSchema reads schema.json.
func ParseSchema(document []byte) (*Schema, error) {
	s := &Schema{}
	if err := json.Unmarshal(document, s); err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	for _, c := range s.Resources {
		s.spellOutAll(c.Inputs)
	}
	for _, t := range s.Types {
		s.spellOutAll(t.Properties)
	}
	for _, f := range s.Functions {
		s.spellOutAll(f.Inputs.Properties)
	}
	return s, nil
}

// object finds the type a property refers to.
func (s *Schema) object(p Property) (name string, t Type, ok bool) {
	token, found := strings.CutPrefix(p.Ref, "#/types/")
	if !found {
		return "", Type{}, false
	}
	t, ok = s.Types[token]
	return token[strings.LastIndexByte(token, ':')+1:], t, ok
}
