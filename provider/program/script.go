package program

import (
	"slices"
	"strings"
)

// A script is a whole program whose values are typed.
type script struct {
	config  []string    // names of the values that the stack's configuration has
	steps   []*declared // each after those that it refers to
	outputs []exported
}

// A declared is a resource, or the call of a function, whose inputs are typed.
type declared struct {
	name     string // of a call: that of the variable
	typ      string // of a call: that of the function, "evaluateTrust"
	call     bool
	inputs   node
	variable string // as the language that is printed calls it
}

// An exported is an output of the program.
type exported struct {
	name  string
	value node // a reference
}

// name gives each step its variable.
func (s script) name(variable func(name string) string) {
	for _, d := range s.steps {
		d.variable = variable(d.name)
	}
}

func (s script) outputNames() []string {
	var names []string
	for _, o := range s.outputs {
		names = append(names, o.name)
	}
	return names
}

// has reports that some input is such a value, or has one in it.
func (s script) has(such func(n node) bool) bool {
	return slices.ContainsFunc(s.steps, func(d *declared) bool { return d.inputs.has(such) })
}

func (n node) has(such func(n node) bool) bool {
	return such(n) || slices.ContainsFunc(n.items, func(item node) bool { return item.has(such) }) ||
		slices.ContainsFunc(n.fields, func(f field) bool { return f.node.has(such) })
}

func isDocument(n node) bool { return n.kind == asJSON }

// jsonText is a value as JSON, with a line for each member. Its first line stands behind something.
func jsonText(n node, indent string) string {
	inner := indent + "\t"
	lines := func(before, after string, members []string) string {
		if len(members) == 0 {
			return before + after
		}
		return before + "\n" + inner + strings.Join(members, ",\n"+inner) + "\n" + indent + after
	}
	var members []string
	switch n.kind {
	case dictionary:
		for _, f := range n.fields {
			members = append(members, jsonQuoted(f.name)+": "+jsonText(f.node, inner))
		}
		return lines("{", "}", members)
	case list:
		for _, item := range n.items {
			members = append(members, jsonText(item, inner))
		}
		return lines("[", "]", members)
	case text:
		return jsonQuoted(n.text)
	}
	return n.text
}

func jsonQuoted(text string) string { return quoted(text, utf16Escape) }
