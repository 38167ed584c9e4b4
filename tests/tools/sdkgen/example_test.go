package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// A shown is where one SDK has the comment that an editor shows for a resource or a function.
type shown struct {
	language string // of the code block in the schema
	file     func(name string, function bool) string
	// declaration is what stands behind the comment, or before it in Python, as a regular expression.
	declaration func(name string, function bool) []string
	// lines are those of the comment, as somebody reads them.
	lines func(comment string) string
}

const (
	asideOf = `((?:[ \t]*(?:\*|///?)[^\n]*\n|[ \t]*/\*\*\n)+)` // a comment of lines that begin alike
	javaDir = "java/src/main/java/io/github/cioidctrust/pulumi/"
)

// The generators take code blocks in other languages out of descriptions. A description with an example in one language
// alone shows none in the others.
func TestEveryEditorShowsTheExampleOfEachResourceAndFunctionInItsOwnLanguage(t *testing.T) {
	var spec schema.PackageSpec
	if err := json.Unmarshal(readSchema(t), &spec); err != nil {
		t.Fatal(err)
	}
	descriptions := map[string]string{}
	functions := map[string]bool{}
	for token, resource := range spec.Resources {
		descriptions[lastPart(token)] = resource.Description
	}
	for token, function := range spec.Functions {
		descriptions[lastPart(token)] = function.Description
		functions[lastPart(token)] = true
	}
	if len(descriptions) < 7 {
		t.Fatalf("only %d things are described", len(descriptions))
	}
	for sdk, place := range places {
		for name, description := range descriptions {
			file := filepath.Join(root, "sdk", filepath.FromSlash(place.file(name, functions[name])))
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, program, found := strings.Cut(description, "\n```"+place.language+"\n")
			program, _, ends := strings.Cut(program, "\n```")
			if !found || !ends {
				t.Errorf("%s has no example in %s", name, place.language)
				continue
			}
			for _, declaration := range place.declaration(name, functions[name]) {
				match := regexp.MustCompile(declaration).FindSubmatch(content)
				if match == nil {
					t.Errorf("%s: %s has nothing like %s", sdk, name, declaration)
					continue
				}
				comment := place.lines(string(match[1]))
				if !strings.Contains(squeezed(comment), squeezed(program)) {
					t.Errorf("%s: %s does not show its example:\n%s", sdk, name, comment)
				}
				for _, other := range []string{"typescript", "python", "go", "csharp", "java", "yaml"} {
					if other != place.language && strings.Contains(comment, "```"+other+"\n") {
						t.Errorf("%s: %s shows an example in %s", sdk, name, other)
					}
				}
			}
			if strings.Contains(string(content), "{{%") || strings.Contains(string(content), "CodeChooser") {
				t.Errorf("%s has a mark of the Registry in it", file)
			}
		}
	}
}

var places = map[string]shown{
	"nodejs": {
		language: "typescript",
		file:     func(name string, _ bool) string { return "nodejs/" + lower(name) + ".ts" },
		declaration: func(name string, function bool) []string {
			if function {
				return []string{
					asideOf + `export function ` + name + `\(`, asideOf + `export function ` + name + `Output\(`,
				}
			}
			return []string{asideOf + `export class ` + name + ` `}
		},
		lines: func(comment string) string { return stripped(comment, " * ", " *") },
	},
	"python": {
		language: "python",
		file:     func(name string, _ bool) string { return "python/pulumi_ci_oidc_trust/" + snake(name) + ".py" },
		declaration: func(name string, function bool) []string {
			if function {
				return []string{
					`(?s)\ndef ` + snake(name) + `\(.*?\n    """\n(.*?)\n    """`,
					`(?s)\ndef ` + snake(name) + `_output\(.*?\n    """\n(.*?)\n    """`,
				}
			}
			return []string{`(?s)\n    def __init__\(__self__,\n.*?\n        """\n(.*?)\n        """`}
		},
		lines: func(comment string) string { return strings.ReplaceAll(comment, `\"`, `"`) },
	},
	"go": {
		language: "go",
		file:     func(name string, _ bool) string { return "go/cioidctrust/" + lower(name) + ".go" },
		declaration: func(name string, function bool) []string {
			name = strings.ToUpper(name[:1]) + name[1:]
			if function {
				return []string{asideOf + `func ` + name + `\(`, asideOf + `func ` + name + `Output\(`}
			}
			return []string{asideOf + `type ` + name + ` struct`}
		},
		lines: func(comment string) string { return stripped(comment, "// ", "//") },
	},
	"dotnet": {
		language: "csharp",
		file: func(name string, _ bool) string {
			return "dotnet/" + strings.ToUpper(name[:1]) + name[1:] + ".cs"
		},
		declaration: func(name string, function bool) []string {
			if function {
				name = strings.ToUpper(name[:1]) + name[1:]
				return []string{
					asideOf + `        public static Task<` + name + `Result> InvokeAsync\(`,
					asideOf + `        public static Output<` + name + `Result> Invoke\(` + name +
						`InvokeArgs args, InvokeOptions\?`,
				}
			}
			return []string{asideOf + `[^\n]*\n    public partial class ` + name + ` `}
		},
		lines: func(comment string) string { return html.UnescapeString(stripped(comment, "/// ", "///")) },
	},
	"java": {
		language: "java",
		file: func(name string, function bool) string {
			if function {
				return javaDir + "CioidctrustFunctions.java"
			}
			return javaDir + name + ".java"
		},
		declaration: func(name string, function bool) []string {
			if function {
				title := strings.ToUpper(name[:1]) + name[1:]
				return []string{
					asideOf + `    public static Output<` + title + `Result> ` + name + `\(` + title + `Args args\) `,
					asideOf + `    public static CompletableFuture<` + title + `Result> ` + name + `Plain\(`,
				}
			}
			return []string{asideOf + `@ResourceType[^\n]*\npublic class ` + name + ` `}
		},
		// Braces and @ stand outside of {@code}, which ends before them and begins again behind them.
		lines: func(comment string) string {
			text := stripped(comment, " * ", " *")
			text = regexp.MustCompile(`\}((?:\{@literal @+\}|[{}])+?)\{@code[ \n]`).ReplaceAllString(text, "$1\n")
			return regexp.MustCompile(`\{@literal (@+)\}`).ReplaceAllString(text, "$1")
		},
	},
}

// stripped are the lines of a comment without what marks them as one: with a text behind it, or on an empty line.
func stripped(comment, mark, empty string) string {
	var lines []string
	for line := range strings.Lines(comment) {
		line = strings.TrimRight(line, "\n")
		if _, text, found := strings.Cut(line, mark); found {
			line = text
		} else {
			line = strings.TrimPrefix(strings.TrimSpace(line), strings.TrimSpace(empty))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n") + "\n"
}

// squeezed is a text without white space: gofmt indents code in a comment.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

func snake(name string) string {
	return strings.TrimPrefix(strings.ToLower(regexp.MustCompile(`[A-Z]`).ReplaceAllString(name, "_$0")), "_")
}
