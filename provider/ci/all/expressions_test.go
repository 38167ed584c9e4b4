package all

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A pattern is compiled when it is first used, so one that does not compile would stop the plugin in the middle of
// somebody's preview. These tests find every pattern in the sources.

// sources are what was read of provider/ci: the constants of each package, and its files.
type sources struct {
	files     map[string]*ast.File // by path
	constants map[string]string    // "package.name" -> text
	carriers  map[string]carrier   // functions that make a pattern of one of their parameters, by "package.name"
}

// A carrier says where among the parameters of a function the pattern stands, and where the name of the field that
// the pattern is of: -1 where it is of no field.
type carrier struct{ pattern, field int }

// A written is a text that the code compiles as a pattern.
type written struct {
	at   string
	text string
}

// An open is what the code compiles and is no constant; field names the field of a form whose pattern it is, "" where
// it is none.
type open struct {
	at    string
	field string
}

func newSources() *sources {
	return &sources{
		files:     map[string]*ast.File{},
		constants: map[string]string{},
		carriers:  map[string]carrier{"ci.NewExpression": {0, -1}},
	}
}

func readSources(t *testing.T) *sources {
	t.Helper()
	s := newSources()
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

// readCarriers notes the functions that hand a parameter of theirs to a carrier, or make it the pattern of a field.
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
		place := func(e ast.Expr) int {
			if name, ok := e.(*ast.Ident); ok {
				if place, ok := places[name.Name]; ok {
					return place
				}
			}
			return -1
		}
		s.visit(file, function, func(pattern, field ast.Expr) {
			if at := place(pattern); at >= 0 {
				s.carriers[file.Name.Name+"."+function.Name.Name] = carrier{at, place(field)}
			}
		})
	}
}

// visit visits the patterns inside a node: what the carriers are called with and the texts of fields, with the name of
// the field.
func (s *sources) visit(file *ast.File, in ast.Node, visit func(pattern, field ast.Expr)) {
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			at, carries := s.carriers[nameOf(file, n.Fun)]
			if !carries || at.pattern >= len(n.Args) {
				return true
			}
			var field ast.Expr
			if at.field >= 0 && at.field < len(n.Args) {
				field = n.Args[at.field]
			}
			visit(n.Args[at.pattern], field)
		case *ast.CompositeLit:
			members := map[string]ast.Expr{}
			for _, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					if key, ok := pair.Key.(*ast.Ident); ok {
						members[key.Name] = pair.Value
					}
				}
			}
			if texts := members["Texts"]; texts != nil && !isLiteral(texts) {
				visit(texts, members["Name"])
			}
		}
		return true
	})
}

// isLiteral reports a map, a list or a struct, which is no pattern.
func isLiteral(e ast.Expr) bool {
	_, ok := e.(*ast.CompositeLit)
	return ok
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
func (s *sources) patterns() (constant []written, others []open) {
	for path, file := range s.files {
		for _, declaration := range file.Decls {
			function, _ := declaration.(*ast.FuncDecl)
			s.visit(file, declaration, func(pattern, field ast.Expr) {
				if text, ok := s.text(file, pattern); ok {
					constant = append(constant, written{path, text})
				} else if function == nil || !s.carries(file, function) || !isParameter(function, pattern) {
					name, _ := s.text(file, field)
					others = append(others, open{path, name})
				}
			})
		}
	}
	return constant, others
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

// fields are the names of the fields that systems have in their forms and claims, "folder/name"; the pattern of each is
// compiled. That of a form as a whole TestEveryFormReadsItsOwnSample compiles, for the same forms.
func fields(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range Registry().Systems() {
		var all []ci.Field
		for _, form := range slices.Concat(s.Forms(), auditedForms(s)) {
			all = append(all, form.Fields...)
		}
		for _, host := range auditedHosts(s) {
			all = append(all, host.Claims...)
		}
		for _, field := range all {
			if _, err := regexp.Compile(field.Texts); err != nil {
				t.Errorf("%s, field %s: %v", s.Section(), field.Name, err)
			}
			names[strings.ToLower(s.Section())+"/"+field.Name] = true
		}
	}
	return names
}

func TestEveryPatternInTheSourcesCompiles(t *testing.T) {
	constant, others := readSources(t).patterns()
	if len(constant) < 100 {
		t.Errorf("%d patterns found, expected at least 100: the test does not see how they are written", len(constant))
	}
	for _, w := range constant {
		if _, err := regexp.Compile(w.text); err != nil {
			t.Errorf("%s: %v", w.at, err)
		}
	}
	compiled := fields(t)
	for _, o := range others {
		folder := filepath.Base(filepath.Dir(o.at))
		if o.at == filepath.Join("..", "form.go") || o.field != "" && compiled[folder+"/"+o.field] {
			continue // a form as a whole, or a field of one
		}
		t.Errorf("%s compiles a pattern that is no constant and of no field of a form or claim (%q), so no test sees "+
			"whether it compiles; make it one", o.at, o.field)
	}
}

func TestAPatternThatDoesNotCompileIsFoundHoweverItIsWritten(t *testing.T) {
	for what, code := range map[string]string{
		"a literal":              "package x\nvar broken = ci.NewExpression(`(`)",
		"constants put together": "package x\nconst a = `(`\nconst b = a + `x`\nvar broken = ci.NewExpression(`^` + b)",
		"inside a function":      "package x\nfunc f() { ci.NewExpression(`[`) }",
		"through a function": "package x\nfunc f(host, text string) any { return ci.NewExpression(text) }\nvar " +
			"broken = f(`h`, `(`)",
		"a field through a function": "package x\nfunc f(name, texts string) ci.Field { return ci.Field{Name: name, " +
			"Texts: texts} }\nvar broken = f(`h`, `(`)",
		"a field": "package x\nvar broken = ci.Field{Name: `a`, Texts: `*`}",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", code, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := newSources()
		s.files["x.go"] = file
		for range 3 {
			s.readConstants(file)
			s.readCarriers(file)
		}
		constant, others := s.patterns()
		if len(constant) != 1 || len(others) != 0 {
			t.Fatalf("%s: %v %v", what, constant, others)
		}
		if _, err := regexp.Compile(constant[0].text); err == nil {
			t.Errorf("%s: %q compiles", what, constant[0].text)
		}
	}
}

func TestAPatternThatIsNoConstantIsNoticedWithItsField(t *testing.T) {
	for code, field := range map[string]string{
		"package x\nfunc f() { ci.NewExpression(made()) }":              "",
		"package x\nvar a = ci.Field{Name: `owner`, Texts: made()}":     "owner",
		"package x\nfunc f() { _ = ci.Field{Name: n(), Texts: made()}}": "",
		"package x\nfunc f(name, texts string) any { return ci.Field{Name: name, Texts: texts} }\n" +
			"var a = f(`path`, made())": "path",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", code, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := newSources()
		s.files["x.go"] = file
		s.readCarriers(file)
		if _, others := s.patterns(); len(others) != 1 || others[0].field != field {
			t.Errorf("%s: %v", code, others)
		}
	}
}
