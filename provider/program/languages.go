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

// Types that resources of a program are declared with, each once.
func types(resources []declared) []string {
	var names []string
	for _, r := range resources {
		if !slices.Contains(names, r.typ) {
			names = append(names, r.typ)
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
	frame: func(l literal, resources []declared) string {
		var b, outputs strings.Builder
		fmt.Fprintf(&b, "import { %s } from %q;\n", strings.Join(types(resources), ", "), npmPackage)
		for _, r := range resources {
			variable := identifier(r.name, roleArn)
			fmt.Fprintf(&b, "\nconst %s = new %s(%s, %s);\n", variable, r.typ, quoted(r.name, utf16Escape),
				l.value(r.inputs, ""))
			fmt.Fprintf(&outputs, "export const %s = %s.roleArn;\n", output(resources, r), variable)
		}
		return b.String() + "\n" + outputs.String()
	},
}

var python = literal{
	indent: "    ", comment: "  #", last: true, between: comma, open: bracketed(true), close: bracketed(false),
	scalar: func(n node) string {
		switch n.kind {
		case truth:
			return title(n.text)
		case number:
			return n.text
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
	frame: func(l literal, resources []declared) string {
		var b, outputs strings.Builder
		fmt.Fprintf(&b, "import pulumi\nfrom %s import %s\n", pythonModule, strings.Join(types(resources), ", "))
		for _, r := range resources {
			variable := snake(identifier(r.name))
			fmt.Fprintf(&b, "\n%s = %s(\n    %s,\n", variable, r.typ, quoted(r.name, utf32Escape))
			for _, f := range r.inputs.fields {
				fmt.Fprintf(&b, "    %s=%s,", snake(f.name), l.value(f.node, l.indent))
				if f.node.comment != "" {
					b.WriteString(l.comment + " " + oneLine(f.node.comment))
				}
				b.WriteString("\n")
			}
			b.WriteString(")\n")
			fmt.Fprintf(&outputs, "pulumi.export(%q, %s.role_arn)\n", output(resources, r), variable)
		}
		return b.String() + "\n" + outputs.String()
	},
}

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
	frame: func(l literal, resources []declared) string {
		var b strings.Builder
		fmt.Fprintf(&b, "package main\n\nimport (\n\t%q\n\t%q\n)\n\nfunc main() {\n\tpulumi.Run(func(ctx "+
			"*pulumi.Context) error {\n",
			goImport, "github.com/pulumi/pulumi/sdk/v3/go/pulumi")
		for _, r := range resources {
			variable := identifier(r.name, goPackage)
			fmt.Fprintf(&b, "\t\t%s, err := %s.New%s(ctx, %s, %s)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n",
				variable, goPackage, r.typ, quoted(r.name, utf32Escape), l.value(r.inputs, "\t\t"))
			fmt.Fprintf(&b, "\t\tctx.Export(%q, %s.RoleArn)\n", output(resources, r), variable)
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
	frame: func(l literal, resources []declared) string {
		imports := []string{"com.pulumi.Pulumi"}
		var statements strings.Builder
		for _, r := range resources {
			imports = append(imports, javaPackage+"."+r.typ)
			imports = javaImports(imports, r.inputs, javaPackage)
			variable := identifier(r.name)
			fmt.Fprintf(&statements, "            var %s = new %s(%s, %s);\n", variable, r.typ,
				quoted(r.name, utf16Escape), l.value(r.inputs, "            "))
			fmt.Fprintf(&statements, "            ctx.export(%q, %s.roleArn());\n", output(resources, r), variable)
		}
		slices.Sort(imports)
		var b strings.Builder
		for _, name := range slices.Compact(imports) {
			b.WriteString("import " + name + ";\n")
		}
		b.WriteString("\npublic class App {\n    public static void main(String[] args) {\n" +
			"        Pulumi.run(ctx -> {\n" + statements.String() + "        });\n    }\n}\n")
		return b.String()
	},
}

// javaImports adds what a value needs.
func javaImports(imports []string, n node, of string) []string {
	switch n.kind {
	case object:
		imports = append(imports, of+"."+n.typ+"Args")
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
			return "new() {"
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
	close: func(node) string { return "}" },
	member: func(of node, name, value string) string {
		if of.kind == dictionary {
			return "[" + quoted(name, utf16Escape) + "] = " + value
		}
		return title(name) + " = " + value
	},
	frame: func(l literal, resources []declared) string {
		var b strings.Builder
		fmt.Fprintf(&b, "using System.Collections.Generic;\nusing Pulumi;\nusing %s;\nusing %s.Inputs;\n\n"+
			"return await Deployment.RunAsync(() =>\n{\n", csharpNamespace, csharpNamespace)
		var outputs strings.Builder
		for _, r := range resources {
			variable := identifier(r.name)
			fmt.Fprintf(&b, "    var %s = new %s(%s, %s);\n", variable, r.typ, quoted(r.name, utf16Escape),
				l.value(r.inputs, l.indent))
			fmt.Fprintf(&outputs, "        [%q] = %s.RoleArn,\n", output(resources, r), variable)
		}
		b.WriteString("\n    return new Dictionary<string, object?>\n    {\n" + outputs.String() + "    };\n")
		b.WriteString("});\n")
		return b.String()
	},
}
