package check

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// remedy says what to write in the place of a value of the wrong type, in the words of no language in particular. The
// detail quotes the value, and is left out of a message about a secret.
func (s *Schema) remedy(p Property, bare any) (rule, detail string) {
	if kind(bare) == foreign {
		return "write one of its outputs that is " + s.one(p), ""
	}
	_, isText := bare.(string)
	_, isList := bare.([]any)
	switch name, t, isObject := s.object(p); {
	case isObject && isList:
		return "write the object itself, without a list around it", ""
	case isObject:
		return "write " + members(name, t), ""
	case p.Type == "array" && s.fits(*p.Items, bare):
		if rule = "write a list of one"; isText {
			detail = "([" + input.Quote(bare.(string)) + "])"
		}
		return rule, detail
	case p.Type == "array":
		return "write a list of " + s.many(*p.Items), ""
	case p.Type == "object":
		return "write names of your own with " + s.many(*p.AdditionalProperties) + " as their values", ""
	case p.Type != "string" && isText:
		return "write " + s.one(p) + ", without quotation marks", ""
	case p.Type != "string" || len(p.Words) > 0:
		return "write " + s.one(p), ""
	case isList:
		return "write one string, without a list around it", ""
	}
	if _, isMap := bare.(map[string]any); isMap {
		return "write a string; of a JSON document, its text", ""
	}
	return "put it in quotation marks", ""
}

// members says what an object has that it cannot be without, or else what it may have.
func members(name string, t Type) string {
	if len(t.Required) > 0 {
		return "an object with " + strings.Join(t.Required, " and ")
	}
	return "an object: " + name + " has " + strings.Join(sorted(t.Properties), ", ")
}

// fits reports that a value has the type of a property.
func (s *Schema) fits(p Property, bare any) bool {
	switch bare.(type) {
	case string:
		return p.Type == "string"
	case bool:
		return p.Type == "boolean"
	case float64:
		return p.Type == "integer" || p.Type == "number"
	case map[string]any:
		_, _, isObject := s.object(p)
		return isObject || p.Type == "object"
	}
	return false
}

// one is a value that a property takes.
func (s *Schema) one(p Property) string {
	if name, _, isObject := s.object(p); isObject {
		return "an object of type " + name
	}
	switch p.Type {
	case "boolean":
		return "true or false"
	case "integer", "number":
		return number(p)
	case "string":
		if len(p.Words) > 0 {
			return either(p.Words)
		}
		return "a string"
	case "array":
		return "a list of " + s.many(*p.Items)
	}
	return "a map of " + s.many(*p.AdditionalProperties)
}

// number is a number within the bounds of a property.
func number(p Property) string {
	text := "a number"
	if p.Type == "integer" {
		text = "a whole number"
	}
	switch {
	case p.Minimum != nil && p.Maximum != nil:
		return fmt.Sprintf("%s from %s to %s", text, input.Number(*p.Minimum), input.Number(*p.Maximum))
	case p.Minimum != nil:
		return text + " of at least " + input.Number(*p.Minimum)
	case p.Maximum != nil:
		return text + " of at most " + input.Number(*p.Maximum)
	}
	return text
}

// many are several values that a property takes.
func (s *Schema) many(p Property) string {
	if name, t, isObject := s.object(p); isObject {
		if len(t.Required) > 0 {
			return "objects with " + strings.Join(t.Required, " and ")
		}
		return "objects of type " + name
	}
	switch p.Type {
	case "boolean":
		return "true and false"
	case "integer":
		return "whole numbers"
	case "number":
		return "numbers"
	case "string":
		return "strings"
	case "array":
		return "lists"
	}
	return "maps"
}

// either is one word of several.
func either(words []string) string {
	text := strings.Join(words, ", ")
	if last := strings.LastIndex(text, ", "); last >= 0 {
		text = text[:last] + " or " + text[last+2:]
	}
	return text
}
