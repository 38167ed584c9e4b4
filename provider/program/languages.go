package program

import (
	"fmt"
	"go/format"
	"slices"
	"strings"
)

// What programs import. Source: the key language of schema.json.
const (
	npmPackage      = "pulumi-ci-oidc-trust"
	pythonModule    = "pulumi_ci_oidc_trust"
	goImport        = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	goPackage       = "cioidctrust"
	javaPackage     = "io.github.cioidctrust.pulumi"
	csharpNamespace = "CiOidc.Trust"
)

func comma(node) string { return "," }

// imported are the names that a program takes from the SDK, each once: the types of its resources, and its functions as
// the language calls them.
func imported(s script, function func(name string) string) []string {
	var names []string
	for _, d := range s.steps {
		name := d.typ
		if d.call {
			name = function(d.typ)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// bracketed is {} around objects and dictionaries, and [] around lists.
func bracketed(opening bool) func(n node) string {
	brackets := map[bool][2]string{true: {"{", "["}, false: {"}", "]"}}[opening]
	return func(n node) string {
		if n.kind == list {
			return brackets[1]
		}
		return brackets[0]
	}
}

// classScalar is a scalar of a language whose enums are classes.
func classScalar(n node) string {
	switch n.kind {
	case word:
		return n.typ + "." + n.member
	case text:
		return quoted(n.text, utf16Escape)
	}
	return n.text
}

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
			return snake(name) + "=" + value
		}
		if of.kind == object {
			name = snake(name)
		}
		return quoted(name, utf32Escape) + ": " + value
	},
	reference: func(n node) string {
		parts := []string{n.of.variable}
		for _, name := range n.path {
			parts = append(parts, snake(name))
		}
		return strings.Join(parts, ".")
	},
	setting:  func(name string) string { return "config.require(" + quoted(name, utf32Escape) + ")" },
	document: func(l literal, n node, indent string) string { return "json.dumps(" + l.value(n, indent) + ")" },
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return snake(identifier(name)) })
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
				fmt.Fprintf(&b, "\n%s = %s(\n", d.variable, snake(outputForm(d.typ)))
			} else {
				fmt.Fprintf(&b, "\n%s = %s(\n    %s,\n", d.variable, d.typ, quoted(d.name, utf32Escape))
			}
			for _, f := range d.inputs.fields {
				fmt.Fprintf(&b, "    %s=%s,", snake(f.name), l.value(f.node, l.indent))
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
	names := imported(s, func(name string) string { return snake(outputForm(name)) })
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
	if name = snake(name); slices.Contains(pythonKeywords, name) {
		name += "_"
	}
	return strings.ToUpper(name)
}

// Source: https://docs.python.org/3/reference/lexical_analysis.html#keywords
var pythonKeywords = strings.Fields("and as assert async await break class continue def del elif else except false " +
	"finally for from global if import in is lambda none nonlocal not or pass raise return true try while with yield")

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

var java = literal{
	indent: "    ", comment: " //",
	scalar: func(n node) string {
		if n.union != "" {
			return "Either.ofLeft(" + classScalar(n) + ")"
		}
		return classScalar(n)
	},
	open: func(n node) string {
		switch n.kind {
		case object:
			return n.typ + "Args.builder()"
		case dictionary:
			return "Map.ofEntries("
		}
		return "List.of("
	},
	close: func(n node) string {
		if n.kind == object {
			return ".build()"
		}
		return ")"
	},
	member: func(of node, name, value string) string {
		if of.kind == dictionary {
			return "Map.entry(" + quoted(name, utf16Escape) + ", " + value + ")"
		}
		return "." + name + "(" + value + ")"
	},
	between: func(of node) string {
		if of.kind == object {
			return ""
		}
		return ","
	},
	reference: func(n node) string {
		if !n.of.call {
			return n.of.variable + "." + n.path[0] + "()" + within(n.path[1:], ".applyValue(value -> value", ")")
		}
		return n.of.variable + within(n.path, ".applyValue(result -> result", ")")
	},
	setting: func(name string) string { return "ctx.config().require(" + quoted(name, utf16Escape) + ")" },
	document: func(l literal, n node, indent string) string {
		return "serializeJson(" + javaJSON(l, n, indent) + ")"
	},
	lift: javaLift,
	frame: func(l literal, s script) string {
		s.name(func(name string) string { return identifier(name) })
		imports := []string{"com.pulumi.Pulumi"}
		var statements strings.Builder
		for _, d := range s.steps {
			if d.call {
				imports = append(imports, javaPackage+"."+javaFunctions)
				imports = javaImports(imports, d.inputs, javaPackage+".inputs")
				fmt.Fprintf(&statements, "            var %s = %s.%s(%s);\n", d.variable, javaFunctions, d.typ,
					l.value(d.inputs, "            "))
				continue
			}
			imports = append(imports, javaPackage+"."+d.typ)
			imports = javaImports(imports, d.inputs, javaPackage)
			fmt.Fprintf(&statements, "            var %s = new %s(%s, %s);\n", d.variable, d.typ,
				quoted(d.name, utf16Escape), l.value(d.inputs, "            "))
		}
		for _, o := range s.outputs {
			text := l.reference(o.value)
			if o.value.element != nil {
				imports = append(imports, "java.util.Map", "java.util.stream.Collectors")
				text = javaList(o.value)
			}
			fmt.Fprintf(&statements, "            ctx.export(%q, %s);\n", o.name, text)
		}
		slices.Sort(imports)
		var b strings.Builder
		if s.has(isDocument) {
			b.WriteString("import static com.pulumi.codegen.internal.Serialization.*;\n\n")
		}
		for _, name := range slices.Compact(imports) {
			b.WriteString("import " + name + ";\n")
		}
		b.WriteString("\npublic class App {\n    public static void main(String[] args) {\n" +
			"        Pulumi.run(ctx -> {\n" + statements.String() + "        });\n    }\n}\n")
		return b.String()
	},
}

// javaFunctions is the class that has the functions of the package.
const javaFunctions = "CioidctrustFunctions"

// within is what is inside a value, between the texts around it; nothing where the path ends at the value.
func within(path []string, before, after string) string {
	if len(path) == 0 {
		return ""
	}
	return before + "." + strings.Join(path, "().") + "()" + after
}

// javaLift makes an output of a list or dictionary with an output in it: the SDK takes either all or nothing of it as
// one. There is one such output at most.
func javaLift(l literal, n node, indent string) (string, bool) {
	at := slices.IndexFunc(n.fields, func(f field) bool { return f.node.kind == reference })
	if n.kind != dictionary || at < 0 {
		return "", false
	}
	whole := n.fields[at].node
	n.fields = slices.Clone(n.fields)
	if whole.of.call {
		n.fields[at].node = node{kind: code, text: "result" + within(whole.path, "", "")}
		return whole.of.variable + ".applyValue(result -> " + l.value(n, indent) + ")", true
	}
	n.fields[at].node = node{kind: code, text: "value"}
	return l.reference(whole) + ".applyValue(value -> " + l.value(n, indent) + ")", true
}

// javaList is a list of objects as an output of the program: Java's SDK takes maps there, and no objects of its own.
func javaList(n node) string {
	var entries []string
	for _, f := range n.element.fields {
		entries = append(entries, fmt.Sprintf("%q, one.%s()", f.name, f.name))
	}
	const indent = "                "
	list := n.of.variable + ".applyValue(result -> result" + within(n.path, "", "")
	if !n.of.call {
		list = n.of.variable + "." + n.path[0] + "().applyValue(value -> value" + within(n.path[1:], "", "")
	}
	return list + ".stream()\n" + indent + ".map(one -> Map.of(\n" + indent + "    " +
		strings.Join(entries, ",\n"+indent+"    ") + "))\n" + indent + ".collect(Collectors.toList()))"
}

// javaJSON writes a document by the functions that Pulumi's SDK has for it.
func javaJSON(l literal, n node, indent string) string {
	inner := indent + l.indent
	var members []string
	switch n.kind {
	case dictionary:
		for _, f := range n.fields {
			members = append(members, "jsonProperty("+quoted(f.name, utf16Escape)+", "+javaJSON(l, f.node, inner)+")")
		}
		if len(members) == 0 {
			return "jsonObject()"
		}
		return "jsonObject(\n" + inner + strings.Join(members, ",\n"+inner) + "\n" + indent + ")"
	case list:
		for _, item := range n.items {
			members = append(members, javaJSON(l, item, inner))
		}
		return "jsonArray(" + strings.Join(members, ", ") + ")"
	}
	return l.value(n, indent)
}

// javaImports adds what a value needs.
func javaImports(imports []string, n node, of string) []string {
	switch n.kind {
	case object:
		imports = append(imports, of+"."+n.typ+"Args")
	case asJSON:
		return imports
	case word:
		imports = append(imports, javaPackage+".enums."+n.typ)
	case text:
		if n.union != "" {
			imports = append(imports, "com.pulumi.core.Either")
		}
	case list:
		imports = append(imports, "java.util.List")
	case dictionary:
		imports = append(imports, "java.util.Map")
	}
	for _, f := range n.fields {
		imports = javaImports(imports, f.node, javaPackage+".inputs")
	}
	for _, item := range n.items {
		imports = javaImports(imports, item, javaPackage+".inputs")
	}
	return imports
}

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
