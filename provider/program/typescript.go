package program

import (
	"fmt"
	"strings"
)

var typeScript = literal{
	indent: "    ", comment: " //", last: true, between: comma, open: bracketed(true), close: bracketed(false),
	scalar: func(n node) string {
		if n.kind == text || n.kind == word {
			return quoted(n.text, utf16Escape)
		}
		return n.text
	},
	member: func(of node, name, value string) string {
		if of.kind == dictionary {
			name = quoted(name, utf16Escape)
		}
		return name + ": " + value
	},
	reference: func(n node) string { return strings.Join(append([]string{n.of.variable}, n.path...), ".") },
	setting:   func(name string) string { return "config.require(" + quoted(name, utf16Escape) + ")" },
	document: func(l literal, n node, indent string) string {
		return "JSON.stringify(" + l.value(n, indent) + ")"
	},
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return identifier(name, s.outputNames()...) })
		var b strings.Builder
		if len(s.config) > 0 {
			b.WriteString("import * as pulumi from \"@pulumi/pulumi\";\n")
		}
		fmt.Fprintf(&b, "import { %s } from %q;\n", strings.Join(imported(s, outputForm), ", "), npmPackage)
		if len(s.config) > 0 {
			b.WriteString("\nconst config = new pulumi.Config();\n")
		}
		for _, d := range s.steps {
			if d.call {
				fmt.Fprintf(&b, "\nconst %s = %s(%s);\n", d.variable, outputForm(d.typ), l.value(d.inputs, ""))
				continue
			}
			fmt.Fprintf(&b, "\nconst %s = new %s(%s, %s);\n", d.variable, d.typ, quoted(d.name, utf16Escape),
				l.value(d.inputs, ""))
		}
		b.WriteString("\n")
		for _, o := range s.outputs {
			fmt.Fprintf(&b, "export const %s = %s;\n", o.name, l.reference(o.value))
		}
		return b.String()
	},
}

// outputForm is the form of a function that takes and returns outputs, in TypeScript.
func outputForm(name string) string { return name + "Output" }
