package program

import (
	"fmt"
	"go/format"
	"strings"
)

var golang = literal{
	indent: "\t", comment: " //", last: true, between: comma,
	scalar: func(n node) string {
		switch n.kind {
		case truth:
			return "pulumi.Bool(" + n.text + ")"
		case number:
			return "pulumi.Int(" + n.text + ")"
		case word:
			return goPackage + "." + n.typ + n.member
		}
		return "pulumi.String(" + quoted(n.text, utf32Escape) + ")"
	},
	open: func(n node) string {
		if n.kind == object {
			return "&" + goPackage + "." + n.typ + "Args{"
		}
		return goType(n) + "{"
	},
	close: func(node) string { return "}" },
	member: func(of node, name, value string) string {
		if of.kind == dictionary {
			return quoted(name, utf32Escape) + ": " + value
		}
		return title(name) + ": " + value
	},
	reference: func(n node) string {
		call := ""
		if n.of.call {
			call = "()"
		}
		text := n.of.variable
		for i, name := range n.path {
			if i > 0 {
				call = "()" // what is inside a value, an output has as a method
			}
			text += "." + title(name) + call
		}
		return text
	},
	setting: func(name string) string {
		return "pulumi.String(config.Require(ctx, " + quoted(name, utf32Escape) + "))"
	},
	document: func(_ literal, n node, indent string) string {
		text := jsonText(n, indent)
		if strings.ContainsAny(text, "`\r") {
			return "pulumi.String(" + quoted(text, utf32Escape) + ")"
		}
		return "pulumi.String(`" + text + "`)"
	},
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return identifier(name, goPackage) })
		imports := []string{goImport, "github.com/pulumi/pulumi/sdk/v3/go/pulumi"}
		if len(s.config) > 0 {
			imports = append(imports, "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config")
		}
		var b strings.Builder
		b.WriteString("package main\n\nimport (\n")
		for _, path := range imports {
			fmt.Fprintf(&b, "\t%q\n", path)
		}
		b.WriteString(")\n\nfunc main() {\n\tpulumi.Run(func(ctx *pulumi.Context) error {\n")
		for _, d := range s.steps {
			if d.call {
				inputs := d.inputs
				inputs.typ += "Output"
				fmt.Fprintf(&b, "\t\t%s := %s.%sOutput(ctx, %s)\n", d.variable, goPackage, title(d.typ),
					strings.TrimPrefix(l.value(inputs, "\t\t"), "&"))
				continue
			}
			fmt.Fprintf(&b, "\t\t%s, err := %s.New%s(ctx, %s, %s)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n",
				d.variable, goPackage, d.typ, quoted(d.name, utf32Escape), l.value(d.inputs, "\t\t"))
		}
		for _, o := range s.outputs {
			fmt.Fprintf(&b, "\t\tctx.Export(%q, %s)\n", o.name, l.reference(o.value))
		}
		b.WriteString("\t\treturn nil\n\t})\n}\n")
		formatted, err := format.Source([]byte(b.String()))
		if err != nil {
			panic(err) // every text in it is a Go literal, and tests print all that the schema has
		}
		return string(formatted)
	},
}

// goType is the name of the SDK's type for a value that a list or dictionary may have.
func goType(n node) string {
	switch n.kind {
	case list:
		return goType(*n.element) + "Array"
	case dictionary:
		return goType(*n.element) + "Map"
	case object, word:
		return goPackage + "." + n.typ
	case truth:
		return "pulumi.Bool"
	case number:
		return "pulumi.Int"
	}
	return "pulumi.String"
}
