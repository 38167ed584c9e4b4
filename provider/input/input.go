// Package input is what the user wrote, as plain Go values that remember where they stand. It is what check hands to
// the CI systems: typed by the schema, unknown values marked, and nothing of Pulumi in it.
package input

import "sort"

// A Value is one place of the input.
type Value struct {
	Path    string // property path: "github.repositories[0].branches[1]"
	Present bool
	Known   bool // false: an output that has no value yet, at preview
	Secret  bool // the value must not appear in any message
	Derived bool // it comes from a resource of the same program, which may change in the same up
	Refused bool // what stands there is wrong, and a problem says so: it counts as not known, and nobody need say more

	Scalar any              // string, float64 or bool
	List   []Value          // of an array
	Fields map[string]Value // of an object or a map
}

// Field is a property of an object; absent ones are not Present and know their path.
func (v Value) Field(name string) Value {
	if f, ok := v.Fields[name]; ok {
		return f
	}
	path := name
	if v.Path != "" {
		path = v.Path + "." + name
	}
	return Value{Path: path, Known: true, Refused: v.Refused}
}

// Text is the value of a string, "" when there is none.
func (v Value) Text() string {
	text, _ := v.Scalar.(string)
	return text
}

// Bool is the value of a boolean, false when there is none.
func (v Value) Bool() bool {
	b, _ := v.Scalar.(bool)
	return b
}

// HasText reports that the value is a string that can be read now.
func (v Value) HasText() bool {
	_, ok := v.Scalar.(string)
	return ok && v.Present && v.Known
}

// Texts are the known strings of a list.
func (v Value) Texts() []Value {
	var texts []Value
	for _, item := range v.List {
		if item.HasText() {
			texts = append(texts, item)
		}
	}
	return texts
}

// Names are the field names of an object or map, sorted.
func (v Value) Names() []string {
	names := make([]string, 0, len(v.Fields))
	for name := range v.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Any reports whether a condition holds for the value or anything below it.
func (v Value) Any(holds func(Value) bool) bool {
	if holds(v) {
		return true
	}
	for _, item := range v.List {
		if item.Any(holds) {
			return true
		}
	}
	for _, f := range v.Fields {
		if f.Any(holds) {
			return true
		}
	}
	return false
}

// FullyKnown reports that nothing in the value waits for another resource.
func (v Value) FullyKnown() bool { return !v.Any(func(v Value) bool { return !v.Known }) }

// HasSecret reports that something in the value is secret.
func (v Value) HasSecret() bool { return v.Any(func(v Value) bool { return v.Secret }) }
