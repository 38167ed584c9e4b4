package schema

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// An Example is a whole program of examples/, which the tests run or compile.
type Example struct {
	Name     string // of the language, for people
	Language string // as the Registry's chooser calls it, and the code block
	File     string // below examples/
}

// Examples of the component are in the order in which the Registry shows them.
var Examples = []Example{
	{"TypeScript", "typescript", "nodejs/index.ts"},
	{"Python", "python", "python/__main__.py"},
	{"Go", "go", "go/main.go"},
	{"C#", "csharp", "dotnet/Program.cs"},
	{"Java", "java", "java/src/main/java/myproject/App.java"},
	{"YAML", "yaml", "yaml/Pulumi.yaml"},
}

// ExampleFile is the one program that shows a function, or CiOidcProviders, below examples/: in Pulumi YAML, from which
// it is printed in the other languages.
func ExampleFile(name string) string {
	if name == providersComponent {
		return "providers/Pulumi.yaml"
	}
	return "functions/" + name + "/Pulumi.yaml"
}

// A Printed is a program in every language, and what it shows in a sentence or two.
type Printed struct {
	Description string
	Programs    map[string]string // by language, as in Examples
}

// A Printer writes a program of Pulumi YAML in every language. It is given the schema without such examples, from which
// it has names and types.
type Printer func(schema, program []byte) (Printed, error)

// addExamples puts an example in every language into each description: of the component the programs of examples/, of
// all else what is printed from one program. The generators take code blocks in other languages out of descriptions, so
// that each SDK keeps the one in its own.
func (c *composer) addExamples(whole *node, printer Printer) error {
	document := whole.format()
	for _, part := range []string{"resources", "functions"} {
		described := &whole.members[whole.index(part)].value
		for i := range described.members {
			m := &described.members[i]
			usage, err := c.usage(strings.TrimPrefix(m.name, c.prefix), document, printer)
			if err != nil {
				return err
			}
			m.value.set("description", textNode(m.value.get("description").text+"\n\n"+usage))
		}
	}
	return nil
}

func (c *composer) usage(name string, document []byte, printer Printer) (string, error) {
	if name == trustComponent {
		shown := Printed{Programs: map[string]string{}}
		for _, e := range Examples {
			program, err := fs.ReadFile(c.checkout, "examples/"+e.File)
			if err != nil {
				return "", err
			}
			shown.Programs[e.Language] = string(program)
		}
		return exampleUsage(shown)
	}
	file := "examples/" + ExampleFile(name)
	program, err := fs.ReadFile(c.checkout, file)
	if err != nil {
		return "", fmt.Errorf("the example of %s: %w", name, err)
	}
	shown, err := printer(document, program)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if used := slices.ContainsFunc([]string{"type: ", "function: "}, func(place string) bool {
		return strings.Contains(string(program), place+strings.Replace(c.prefix, ":index:", ":", 1)+name+"\n")
	}); !used {
		return "", fmt.Errorf("%s: is the example of %s, and does not use it", file, name)
	}
	usage, err := exampleUsage(shown)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return usage, nil
}

// exampleUsage are the programs as a description has them: between two comments, of which the Registry makes a chooser.
// It has another form too, {{% examples %}}, and of what is said in that one it shows the first line alone, as a title.
//
// Source: https://github.com/pulumi/registry/blob/master/tools/resourcedocsgen/pkg/docs/description.go
func exampleUsage(shown Printed) (string, error) {
	var b strings.Builder
	b.WriteString("## Example Usage\n\n")
	if shown.Description != "" {
		b.WriteString(strings.TrimSpace(shown.Description) + "\n\n")
	}
	b.WriteString("<!--Start PulumiCodeChooser -->")
	for _, e := range Examples {
		program := strings.TrimRight(shown.Programs[e.Language], "\n")
		if program == "" {
			return "", fmt.Errorf("there is no program in %s", e.Name)
		}
		if strings.Contains(program, "```") || strings.Contains(program, "*/") {
			return "", fmt.Errorf("in %s there is ``` or */, which would end what it is shown in", e.Name)
		}
		fmt.Fprintf(&b, "\n```%s\n%s\n```\n", e.Language, program)
	}
	b.WriteString("<!--End PulumiCodeChooser -->\n")
	return b.String(), nil
}
