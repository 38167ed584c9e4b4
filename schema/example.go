package schema

import (
	"fmt"
	"io/fs"
	"strings"
)

// An Example is a whole program of examples/, which the tests run or compile.
type Example struct {
	Name     string // of the language, for people
	Language string // as the Registry's chooser calls it, and the code block
	File     string // below examples/
}

// Examples are in the order in which the Registry shows them.
var Examples = []Example{
	{"TypeScript", "typescript", "nodejs/index.ts"},
	{"Python", "python", "python/__main__.py"},
	{"Go", "go", "go/main.go"},
	{"C#", "csharp", "dotnet/Program.cs"},
	{"Java", "java", "java/src/main/java/myproject/App.java"},
	{"YAML", "yaml", "yaml/Pulumi.yaml"},
}

// exampleUsage are the programs as a description has them. Each SDK keeps the one in its own language: the generators
// take code blocks in other languages out of descriptions.
//
// Source: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
func exampleUsage(checkout fs.FS) (string, error) {
	var b strings.Builder
	b.WriteString("{{% examples %}}\n## Example Usage\n{{% example %}}\n")
	for _, e := range Examples {
		program, err := fs.ReadFile(checkout, "examples/"+e.File)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n```%s\n%s\n```\n", e.Language, strings.TrimRight(string(program), "\n"))
	}
	b.WriteString("{{% /example %}}\n{{% /examples %}}\n")
	return b.String(), nil
}
