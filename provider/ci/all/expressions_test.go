package all

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A pattern is compiled when it is first used, so one that does not compile would stop the plugin in the middle of
// somebody's preview. These tests find every pattern in the sources.

// sources are what was read of provider/ci: the constants of each package, and its files.
type sources struct {
	files     map[string]*ast.File // by path
	constants map[string]string    // "package.name" -> text
	// carriers are functions that make a pattern of one of their parameters: "package.name" -> the parameter's place.
	carriers map[string]int
}

// A written is a text that the code compiles as a pattern.
type written struct {
	at   string
	text string
}

func readSources(t *testing.T) *sources {
	t.Helper()
	s := &sources{
		files:     map[string]*ast.File{},
		constants: map[string]string{},
		carriers:  map[string]int{"ci.NewExpression": 0},
	}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		s.files[path] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // constants made of constants
		for _, file := range s.files {
			s.readConstants(file)
		}
	}
	for range 5 { // functions that call functions
		for _, file := range s.files {
			s.readCarriers(file)
		}
	}
	return s
}

// readConstants notes constants, and variables of a package, which nothing assigns to.
func (s *sources) readConstants(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		declaration, ok := n.(*ast.GenDecl)
		if !ok || declaration.Tok != token.CONST && declaration.Tok != token.VAR {
			return true
		}
		for _, spec := range declaration.Specs {
			value := spec.(*ast.ValueSpec)
			for i, name := range value.Names {
				if i < len(value.Values) {
					if text, ok := s.text(file, value.Values[i]); ok {
						s.constants[file.Name.Name+"."+name.Name] = text
					}
				}
			}
		}
		return true
	})
}

// readCarriers notes the functions that hand a parameter of theirs to a carrier.
func (s *sources) readCarriers(file *ast.File) {
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Recv != nil {
			continue
		}
		places := map[string]int{}
		for _, field := range function.Type.Params.List {
			for _, name := range field.Names {
				places[name.Name] = len(places)
			}
		}
		s.calls(file, function, func(argument ast.Expr) {
			if name, ok := argument.(*ast.Ident); ok {
				if place, ok := places[name.Name]; ok {
					s.carriers[file.Name.Name+"."+function.Name.Name] = place
				}
			}
		})
	}
}

// calls visits what the carriers are called with inside a node.
func (s *sources) calls(file *ast.File, in ast.Node, visit func(argument ast.Expr)) {
	ast.Inspect(in, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if place, carries := s.carriers[nameOf(file, call.Fun)]; carries && place < len(call.Args) {
			visit(call.Args[place])
		}
		return true
	})
}

// nameOf is the name of what an expression names, with its package.
func nameOf(file *ast.File, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return file.Name.Name + "." + e.Name
	case *ast.SelectorExpr:
		if of, ok := e.X.(*ast.Ident); ok {
			return of.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// text is the value of a constant text.
func (s *sources) text(file *ast.File, e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.ParenExpr:
		return s.text(file, e.X)
	case *ast.BinaryExpr:
		left, ok := s.text(file, e.X)
		right, also := s.text(file, e.Y)
		return left + right, ok && also && e.Op == token.ADD
	case *ast.Ident, *ast.SelectorExpr:
		text, ok := s.constants[nameOf(file, e)]
		return text, ok
	}
	return "", false
}

// patterns are all texts that the code compiles, and what is compiled and no constant.
func (s *sources) patterns() (constant []written, open []string) {
	for path, file := range s.files {
		add := func(e ast.Expr) {
			if text, ok := s.text(file, e); ok {
				constant = append(constant, written{path, text})
			} else {
				open = append(open, path)
			}
		}
		for _, declaration := range file.Decls {
			function, _ := declaration.(*ast.FuncDecl)
			s.calls(file, declaration, func(argument ast.Expr) {
				if function == nil || !s.carries(file, function) || !isParameter(function, argument) {
					add(argument)
				}
			})
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Texts" {
					add(pair.Value)
				}
			}
			return true
		})
	}
	return constant, open
}

func (s *sources) carries(file *ast.File, function *ast.FuncDecl) bool {
	_, ok := s.carriers[file.Name.Name+"."+function.Name.Name]
	return ok && function.Recv == nil
}

// isParameter reports that an argument is a parameter of the function it stands in: whoever calls that says the text.
func isParameter(function *ast.FuncDecl, argument ast.Expr) bool {
	name, ok := argument.(*ast.Ident)
	if !ok {
		return false
	}
	for _, field := range function.Type.Params.List {
		for _, parameter := range field.Names {
			if parameter.Name == name.Name {
				return true
			}
		}
	}
	return false
}

func TestEveryPatternInTheSourcesCompiles(t *testing.T) {
	constant, open := readSources(t).patterns()
	if len(constant) < 100 {
		t.Errorf("%d patterns found, expected at least 100: the test does not see how they are written", len(constant))
	}
	for _, w := range constant {
		if _, err := regexp.Compile(w.text); err != nil {
			t.Errorf("%s: %v", w.at, err)
		}
	}
	for _, path := range open {
		if path != filepath.Join("..", "form.go") {
			// the patterns of forms, which TestEveryFormReadsItsOwnSample compiles
			t.Errorf("%s compiles a pattern that is no constant, so no test sees whether it "+
				"compiles; make it one", path)
		}
	}
}

func TestAPatternThatDoesNotCompileIsFoundHoweverItIsWritten(t *testing.T) {
	for what, code := range map[string]string{
		"a literal":              "package x\nvar broken = ci.NewExpression(`(`)",
		"constants put together": "package x\nconst a = `(`\nconst b = a + `x`\nvar broken = ci.NewExpression(`^` + b)",
		"inside a function":      "package x\nfunc f() { ci.NewExpression(`[`) }",
		"through a function": "package x\nfunc f(host, text string) any { return ci.NewExpression(text) }\nvar " +
			"broken = f(`h`, `(`)",
		"a field": "package x\nvar broken = ci.Field{Name: `a`, Texts: `*`}",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", code, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := &sources{
			files:     map[string]*ast.File{"x.go": file},
			constants: map[string]string{},
			carriers:  map[string]int{"ci.NewExpression": 0},
		}
		for range 3 {
			s.readConstants(file)
			s.readCarriers(file)
		}
		constant, open := s.patterns()
		if len(constant) != 1 || len(open) != 0 {
			t.Fatalf("%s: %v %v", what, constant, open)
		}
		if _, err := regexp.Compile(constant[0].text); err == nil {
			t.Errorf("%s: %q compiles", what, constant[0].text)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { ci.NewExpression(made()) }", 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &sources{files: map[string]*ast.File{"x.go": file}, carriers: map[string]int{"ci.NewExpression": 0}}
	if _, open := s.patterns(); len(open) != 1 {
		t.Error("a pattern that is no constant is not noticed")
	}
}
