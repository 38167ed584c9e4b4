package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// remedies are the ways in which a message says what to write or to do.
var remedies = regexp.MustCompile(`(?:^|[;,.:] |, and |, so ` +
	`)(?:write|give|leave|name|put|add|install|split|choose|use|say|ask IAM for|hand|save|` +
	`set|spell) |[;,] is it the right file\?|did you mean|must be |must have |expected |must begin|must end|` +
	` wants | takes one of | is .* or .*, got|; what is printed says|; [^;]* lists those|; (?:%s|…)`)

// inherits are messages that say where something is, and leave the rest to the error that they wrap.
var inherits = regexp.MustCompile(`^[^;]*%w…?$`)

// withoutRemedy are messages of which nothing can be mended in what the user wrote, each with the reason.
var withoutRemedy = map[string]string{
	"no":                       "an exit code, never printed",
	"undecided":                "an exit code, never printed",
	"git: %s":                  "what git says",
	"it holds no trust policy": "the reason why a file is skipped",
	"is missing; … needs it":   "what is missing and who needs it is what to write",
	"%w%s":                     "the nearest flag",
	"--%s got %q, which it does not take: %s": "the flag's usage is what to write",

	"the token has no iss, so nobody can know its issuer; STS refuses it": "the CI system made the token",

	"the token's signature does not verify with the given keys; STS would answer InvalidIdentityToken": "the answer",

	"there is no event %s among %d of CloudTrail that names its token; such events are in the region whose STS was " +
		"called, for the global endpoint in us-east-1": "where the events are is what to give",
}

// said is the text of a message: its literals, with … for what is put in.
func said(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return said(e.X) + said(e.Y)
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.SelectorExpr); ok && name.Sel.Name == "Sprintf" {
			return said(e.Args[0])
		}
	}
	return "…"
}

// messages are those of a package that refuse something: errors, and what is added to problems.
func messages(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			function, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := function.X.(*ast.Ident)
			var parts []string
			switch name := function.Sel.Name; {
			case name == "Errorf" && of != nil && of.Name == "fmt", name == "New" && of != nil && of.Name == "errors":
				parts = []string{said(call.Args[0])}
			case name == "Add" && len(call.Args) > 1:
				for _, argument := range call.Args[1:] {
					parts = append(parts, said(argument))
				}
			}
			if text := strings.Join(parts, " "); strings.ContainsFunc(text, unicode.IsLetter) {
				found[text] = fmt.Sprint(set.Position(call.Pos()))
			}
			return true
		})
	}
	return found
}

// A reader who is told what is wrong wants to know what to write. A message without either is found here, whoever
// writes it next.
func TestEveryMessageSaysWhatToWriteInstead(t *testing.T) {
	all := 0
	var unused []string
	for text := range withoutRemedy {
		unused = append(unused, text)
	}
	for _, dir := range []string{
		".", "../../check", "../../account", "../../report", "../../recipe", "../../verb",
	} {
		for text, at := range messages(t, dir) {
			all++
			if _, excused := withoutRemedy[text]; excused {
				unused = slices.DeleteFunc(unused, func(u string) bool { return u == text })
				continue
			}
			if !remedies.MatchString(text) && !inherits.MatchString(text) {
				t.Errorf("%s: %q does not say what to write; add it, or to withoutRemedy with the reason", at, text)
			}
		}
	}
	if all < 100 {
		t.Errorf("only %d messages were found", all)
	}
	if len(unused) > 0 {
		t.Errorf("no such message stands there any more: %q", unused)
	}
}
