package program

import (
	"fmt"
	"strings"
)

var csharp = literal{
	indent: "    ", comment: " //", pad: " ", last: true, between: comma, scalar: classScalar,
	open: func(n node) string {
		switch n.kind {
		case object:
			return "new " + n.typ + "Args {"
		case dictionary:
			if n.element == nil {
				return "new Dictionary<string, object?> {" // of a document
			}
			return "new() {"
		}
		if n.element == nil {
			return "new object?[] {"
		}
		switch n.element.kind {
		case object:
			return "new " + n.element.typ + "Args[] {"
		case word:
			return "new " + n.element.typ + "[] {"
		}
		if n.element.union != "" {
			return "new Union<string, " + n.element.union + ">[] {"
		}
		return "new[] {"
	},
	close: func(n node) string {
		if n.entry {
			return "}.ToImmutableArray()" // Pulumi's SDK takes arrays for lists, and not inside a map
		}
		return "}"
	},
	member: func(of node, name, value string) string {
		if of.kind == dictionary {
			return "[" + quoted(name, utf16Escape) + "] = " + value
		}
		return title(name) + " = " + value
	},
	reference: func(n node) string {
		inside := func(path []string) string {
			var text string
			for _, name := range path {
				text += "." + title(name)
			}
			return text
		}
		switch {
		case n.of.call:
			return n.of.variable + ".Apply(result => result" + inside(n.path) + ")"
		case len(n.path) > 1:
			return n.of.variable + "." + title(n.path[0]) + ".Apply(value => value" + inside(n.path[1:]) + ")"
		}
		return n.of.variable + inside(n.path)
	},
	setting: func(name string) string { return "config.Require(" + quoted(name, utf16Escape) + ")" },
	document: func(l literal, n node, indent string) string {
		return "JsonSerializer.Serialize(" + l.value(n, indent) + ")"
	},
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return identifier(name) })
		var b strings.Builder
		b.WriteString("using System.Collections.Generic;\n")
		if s.has(func(n node) bool { return n.entry }) {
			b.WriteString("using System.Collections.Immutable;\n")
		}
		if s.has(isDocument) {
			b.WriteString("using System.Text.Json;\n")
		}
		fmt.Fprintf(&b, "using Pulumi;\nusing %s;\nusing %s.Inputs;\n\nreturn await Deployment.RunAsync(() =>\n{\n",
			csharpNamespace, csharpNamespace)
		if len(s.config) > 0 {
			b.WriteString("    var config = new Config();\n")
		}
		for _, d := range s.steps {
			if d.call {
				inputs := d.inputs
				inputs.typ += "Invoke"
				fmt.Fprintf(&b, "    var %s = %s.Invoke(%s);\n", d.variable, title(d.typ), l.value(inputs, l.indent))
				continue
			}
			fmt.Fprintf(&b, "    var %s = new %s(%s, %s);\n", d.variable, d.typ, quoted(d.name, utf16Escape),
				l.value(d.inputs, l.indent))
		}
		b.WriteString("\n    return new Dictionary<string, object?>\n    {\n")
		for _, o := range s.outputs {
			fmt.Fprintf(&b, "        [%q] = %s,\n", o.name, l.reference(o.value))
		}
		b.WriteString("    };\n});\n")
		return b.String()
	},
}
