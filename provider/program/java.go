package program

import (
	"fmt"
	"slices"
	"strings"
)

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
