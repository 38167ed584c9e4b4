// Package program prints sections and whole components of this package as programs: in YAML, TypeScript, Python, Go,
// Java and C#. Names and types come from schema.json, so a new section is printed as soon as the schema has it.
package program

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Placeholder stands for a value that is not known: the text is printed, with the comment behind it.
type Placeholder struct {
	Text    string
	Comment string // on one line: what belongs there, and the command that finds it
}

// MarshalJSON is the text: JSON has no comments.
func (p Placeholder) MarshalJSON() ([]byte, error) { return json.Marshal(p.Text) }

// A Resource is a resource of this package, as somebody would write it in a program.
type Resource struct {
	Name   string // "deploy"
	Type   string // "CiOidcTrust"
	Inputs map[string]any
}

// A kind is what a node is.
type kind int

const (
	text kind = iota
	truth
	number
	word   // a value of an enum
	list   // of nodes
	object // of a type of the schema
	dictionary
	reference // to a property of a resource, or of what a function returns
	setting   // a value of the stack's configuration, by its name
	asJSON    // a text of JSON that the program makes of a value: the element
	code      // in the language itself
)

// A node is a value together with its type in the schema.
type node struct {
	kind    kind
	text    string // the value of a text, truth, number or word
	comment string
	typ     string // of an object or word: "GitHubRepository"
	element *node  // for the types of a list or dictionary: what stands in it, without a value
	member  string // a word's name in the enum: "Apply"
	union   string // of a text that may also be a value of an enum: the enum's name
	items   []node
	fields  []field
	of      *declared // of a reference: what has the property
	path    []string  // of a reference: the property, and names inside it
	entry   bool      // of a list: it is the value of a dictionary's entry
}

// A field is a property of an object, or an entry of a dictionary.
type field struct {
	name string
	node node
}

// tree types the inputs of a resource, in the order in which the schema declares them.
func (s *schema) tree(r Resource) (node, error) {
	made, known := s.resources[r.Type]
	if !known {
		return node{}, fmt.Errorf("%s is no resource of this package", r.Type)
	}
	return s.object(r.Type, made.inputs, r.Inputs, r.Name)
}

func (s *schema) object(typ string, declared properties, value map[string]any, path string) (node, error) {
	n := node{kind: object, typ: typ}
	for name := range value {
		if !slices.Contains(declared.order, name) {
			return node{}, fmt.Errorf("%s: %s has no property %s", path, typ, name)
		}
	}
	for _, name := range declared.order {
		given, there := value[name]
		if !there || given == nil {
			continue
		}
		member, err := s.node(declared.of[name], given, path+"."+name)
		if err != nil {
			return node{}, err
		}
		n.fields = append(n.fields, field{name, member})
	}
	return n, nil
}

// node types one value.
func (s *schema) node(p property, value any, path string) (node, error) {
	name := strings.TrimPrefix(p.Ref, typePrefix)
	switch value := value.(type) {
	case map[string]any:
		if p.AdditionalProperties == nil {
			declared, known := s.types[name]
			if !known || p.Ref == "" {
				return node{}, fmt.Errorf("%s: takes no object", path)
			}
			return s.object(name, declared, value, path)
		}
		n := s.typed(p)
		for _, key := range slices.Sorted(maps.Keys(value)) {
			member, err := s.node(*p.AdditionalProperties, value[key], path+"."+key)
			if err != nil {
				return node{}, err
			}
			member.entry = member.kind == list
			n.fields = append(n.fields, field{key, member})
		}
		return n, nil
	case []any:
		if p.Items == nil {
			return node{}, fmt.Errorf("%s: takes no list", path)
		}
		n := s.typed(p)
		for i, item := range value {
			member, err := s.node(*p.Items, item, fmt.Sprintf("%s[%d]", path, i))
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, member)
		}
		return n, nil
	case node:
		return value, nil
	case Placeholder:
		n, err := s.node(p, value.Text, path)
		n.comment = value.Comment
		return n, err
	}
	return s.scalar(p, value, path)
}

func (s *schema) scalar(p property, value any, path string) (node, error) {
	n := s.typed(p)
	n.text = fmt.Sprint(value)
	switch value := value.(type) {
	case string:
		if n.kind == word {
			known := false
			if n.member, known = s.enums[n.typ][value]; !known {
				return node{}, fmt.Errorf("%s: %q is no %s", path, value, n.typ)
			}
			return n, nil
		}
		if n.kind == text {
			return n, nil
		}
	case bool:
		if n.kind == truth {
			return n, nil
		}
	case int, int64, float64:
		if n.kind == number {
			return n, nil
		}
	}
	return node{}, fmt.Errorf("%s: a %T does not fit its type in the schema", path, value)
}

// typed is a node of a property's type, without a value.
func (s *schema) typed(p property) node {
	name := strings.TrimPrefix(p.Ref, typePrefix)
	switch {
	case s.enums[name] != nil:
		return node{kind: word, typ: name}
	case p.Ref != "":
		return node{kind: object, typ: name}
	case p.Items != nil:
		element := s.typed(*p.Items)
		return node{kind: list, element: &element}
	case p.AdditionalProperties != nil:
		element := s.typed(*p.AdditionalProperties)
		return node{kind: dictionary, element: &element}
	case len(p.OneOf) > 0:
		n := node{kind: text}
		for _, one := range p.OneOf {
			if name := strings.TrimPrefix(one.Ref, typePrefix); s.enums[name] != nil {
				n.union = name
			}
		}
		return n
	case p.Type == "boolean":
		return node{kind: truth}
	case p.Type == "integer", p.Type == "number":
		return node{kind: number}
	}
	return node{kind: text}
}
