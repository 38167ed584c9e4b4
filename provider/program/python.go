package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
)

var python = literal{
	indent: "    ", comment: "  #", last: true, between: comma, open: bracketed(true), close: bracketed(false),
	scalar: func(n node) string {
		switch n.kind {
		case truth:
			return title(n.text)
		case number:
			return n.text
		case word:
			return n.typ + "." + pythonMember(n.member)
		}
		return quoted(n.text, utf32Escape)
	},
	member: func(of node, name, value string) string {
		if of.kind == object && of.typ == "CiOidcTrust" {
			return check.PythonName(name) + "=" + value
		}
		if of.kind == object {
			name = check.PythonName(name)
		}
		return quoted(name, utf32Escape) + ": " + value
	},
	reference: func(n node) string {
		parts := []string{n.of.variable}
		for _, name := range n.path {
			parts = append(parts, check.PythonName(name))
		}
		return strings.Join(parts, ".")
	},
	setting:  func(name string) string { return "config.require(" + quoted(name, utf32Escape) + ")" },
	document: func(l literal, n node, indent string) string { return "json.dumps(" + l.value(n, indent) + ")" },
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return check.PythonName(identifier(name)) })
		var b strings.Builder
		if s.has(isDocument) {
			b.WriteString("import json\n\n")
		}
		fmt.Fprintf(&b, "import pulumi\nfrom %s import %s\n", pythonModule,
			strings.Join(pythonNames(s), ", "))
		if len(s.config) > 0 {
			b.WriteString("\nconfig = pulumi.Config()\n")
		}
		for _, d := range s.steps {
			if d.call {
				fmt.Fprintf(&b, "\n%s = %s(\n", d.variable, check.PythonName(outputForm(d.typ)))
			} else {
				fmt.Fprintf(&b, "\n%s = %s(\n    %s,\n", d.variable, d.typ, quoted(d.name, utf32Escape))
			}
			for _, f := range d.inputs.fields {
				fmt.Fprintf(&b, "    %s=%s,", check.PythonName(f.name), l.value(f.node, l.indent))
				if f.node.comment != "" {
					b.WriteString(l.comment + " " + oneLine(f.node.comment))
				}
				b.WriteString("\n")
			}
			b.WriteString(")\n")
		}
		b.WriteString("\n")
		for _, o := range s.outputs {
			fmt.Fprintf(&b, "pulumi.export(%q, %s)\n", o.name, l.reference(o.value))
		}
		return b.String()
	},
}

// pythonNames are what a program imports of the SDK: types of resources, functions and enums.
func pythonNames(s script) []string {
	names := imported(s, func(name string) string { return check.PythonName(outputForm(name)) })
	s.has(func(n node) bool {
		if n.kind == word {
			names = append(names, n.typ)
		}
		return false // every value is looked at
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// pythonMember is a value of an enum: type checkers take no text in its place. What would be a keyword ends in _.
func pythonMember(name string) string {
	if name = check.PythonName(name); slices.Contains(pythonKeywords, name) {
		name += "_"
	}
	return strings.ToUpper(name)
}

// Source: https://docs.python.org/3/reference/lexical_analysis.html#keywords
var pythonKeywords = strings.Fields("and as assert async await break class continue def del elif else except false " +
	"finally for from global if import in is lambda none nonlocal not or pass raise return true try while with yield")
