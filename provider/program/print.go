package program

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Language is one that Pulumi programs are written in.
type Language string

// The languages, as the command line calls them.
const (
	YAML       Language = "yaml"
	TypeScript Language = "typescript"
	Python     Language = "python"
	Go         Language = "go"
	Java       Language = "java"
	CSharp     Language = "csharp"
)

// Languages are all of them.
var Languages = []Language{YAML, TypeScript, Python, Go, Java, CSharp}

// A printer writes programs of one language.
type printer interface {
	// program is a whole program.
	program(s script) string
	// section is one property, as it stands among a component's inputs.
	section(f field) string
}

// roleArn is the property that a program has as an output: every resource that somebody adopts makes a role.
const roleArn = "roleArn"

var printers = map[Language]printer{
	YAML: yamlPrinter{}, TypeScript: typeScript, Python: python, Go: golang, Java: java, CSharp: csharp,
}

// Program prints a whole program: the resources, and the ARN of each role as an output. The error says which input the
// schema does not know.
func Program(language Language, resources ...Resource) (string, error) {
	p, s, err := prepare(language)
	if err != nil {
		return "", err
	}
	var whole script
	for _, r := range resources {
		inputs, err := s.tree(r)
		if err != nil {
			return "", err
		}
		d := &declared{name: r.Name, typ: r.Type, inputs: inputs}
		whole.steps = append(whole.steps, d)
		whole.outputs = append(whole.outputs, exported{
			output(resources, r), node{kind: reference, of: d, path: []string{roleArn}},
		})
	}
	return p.program(whole), nil
}

// Section prints one section as it stands among the inputs of CiOidcTrust.
func Section(language Language, section string, value any) (string, error) {
	p, s, err := prepare(language)
	if err != nil {
		return "", err
	}
	inputs, err := s.tree(Resource{Name: "CiOidcTrust", Type: "CiOidcTrust", Inputs: map[string]any{section: value}})
	if err != nil {
		return "", err
	}
	return p.section(inputs.fields[0]), nil
}

func prepare(language Language) (printer, *schema, error) {
	p, known := printers[language]
	if !known {
		return nil, nil, fmt.Errorf("%q is no language that programs are printed in; those are %v", language, Languages)
	}
	s, err := pulumiPackage()
	return p, s, err
}

// A literal is how one language writes values: each composite one with a line for each member.
type literal struct {
	indent  string
	comment string // what stands between code and a comment behind it
	scalar  func(n node) string
	// open and close stand around the members of an object, list or dictionary.
	open, close func(n node) string
	// member is what stands around one member: of an object or dictionary by its name.
	member func(of node, name, value string) string
	// between stands behind each member, and behind the last one where last is set.
	between func(of node) string
	last    bool
	pad     string // inside the brackets of a list on one line
	// reference is a property of a resource, or of what a function returns.
	reference func(n node) string
	// setting is a value of the stack's configuration.
	setting func(name string) string
	// document is a text of JSON that the program makes of a value.
	document func(l literal, n node, indent string) string
	// lift, where a language needs it, writes a list or dictionary that has a reference in it.
	lift func(l literal, n node, indent string) (string, bool)
	// frame is the program around all that.
	frame func(l literal, s script) string
}

func (l literal) program(s script) string { return l.frame(l, s) }

func (l literal) section(f field) string {
	return l.member(node{kind: object, typ: "CiOidcTrust"}, f.name, l.value(f.node, "")) +
		l.between(node{kind: object}) + "\n"
}

// value is a value whose first line stands behind something, and whose others are indented.
func (l literal) value(n node, indent string) string {
	var members []string
	var comments []string
	inner := indent + l.indent
	if l.lift != nil {
		if text, lifted := l.lift(l, n, indent); lifted {
			return text
		}
	}
	switch n.kind {
	case reference:
		return l.reference(n)
	case setting:
		return l.setting(n.text)
	case asJSON:
		return l.document(l, *n.element, indent)
	case code:
		return n.text
	case object, dictionary:
		for _, f := range n.fields {
			members = append(members, l.member(n, f.name, l.value(f.node, inner)))
			comments = append(comments, f.node.comment)
		}
	case list:
		for _, item := range n.items {
			members = append(members, l.value(item, inner))
			comments = append(comments, item.comment)
		}
	default:
		return l.scalar(n)
	}
	if len(members) == 0 {
		return l.open(n) + l.close(n)
	}
	if short(n, members) {
		return l.open(n) + l.pad + strings.Join(members, ", ") + l.pad + l.close(n)
	}
	var b strings.Builder
	b.WriteString(l.open(n) + "\n")
	for i, member := range members {
		b.WriteString(inner + member)
		if i < len(members)-1 || l.last {
			b.WriteString(l.between(n))
		}
		if comments[i] != "" {
			b.WriteString(l.comment + " " + oneLine(comments[i]))
		}
		b.WriteString("\n")
	}
	b.WriteString(indent + l.close(n))
	return b.String()
}

// short reports that a list has plain values alone that fit one line.
func short(n node, members []string) bool {
	const most = 80
	length := 0
	for i, item := range n.items {
		if item.comment != "" || item.kind == object || item.kind == list || item.kind == dictionary {
			return false
		}
		length += len(members[i])
	}
	return n.kind == list && length <= most
}

// oneLine keeps a comment from ending early: what is behind a line break would be code.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// quoted is a text between double quotes, in which what no language takes as it is stands as an escape.
func quoted(text string, escape func(r rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// utf16Escape writes a character as \uXXXX, and one beyond U+FFFF as two of them.
func utf16Escape(r rune) string {
	if r > 0xFFFF {
		r -= 0x10000
		return fmt.Sprintf(`\u%04x\u%04x`, 0xD800+(r>>10), 0xDC00+(r&0x3FF))
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// utf32Escape writes a character as \uXXXX, and one beyond U+FFFF as \UXXXXXXXX.
func utf32Escape(r rune) string {
	if r > 0xFFFF {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// words are the parts of a resource's name that can stand in an identifier.
func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// identifier is a variable's name for a resource: in camel case, none that begins with a digit or is taken.
func identifier(name string, taken ...string) string {
	var b strings.Builder
	for i, w := range words(name) {
		if i == 0 {
			b.WriteString(strings.ToLower(w[:1]) + w[1:])
			continue
		}
		b.WriteString(title(w))
	}
	made := b.String()
	if made == "" || unicode.IsDigit(rune(made[0])) || slices.Contains(reserved, made) || slices.Contains(taken, made) {
		return "role" + title(made)
	}
	return made
}

// reserved are words that one of the languages does not take as a variable's name, as far as somebody might call a role
// so.
var reserved = []string{
	"abstract", "and", "as", "assert", "async", "await", "base", "bool", "boolean", "break", "byte", "case", "catch",
	"chan", "char", "checked", "class", "const", "continue", "ctx", "debugger", "decimal", "def", "default", "defer",
	"del", "delegate", "delete", "do", "double", "elif", "else", "enum", "err", "event", "except", "explicit", "export",
	"extends", "extern", "fallthrough", "false", "final", "finally", "fixed", "float", "for", "foreach", "from", "func",
	"function", "global", "go", "goto", "if", "implements", "implicit", "import", "in", "int", "interface", "internal",
	"is", "lambda", "let", "lock", "long", "map", "module", "namespace", "native", "new", "nil", "none", "nonlocal",
	"not", "null", "object", "operator", "or", "out", "override", "package", "params", "pass", "private", "protected",
	"public", "pulumi", "raise", "range", "readonly", "ref", "return", "sbyte", "sealed", "select", "short", "sizeof",
	"stackalloc", "static", "strictfp", "string", "struct", "super", "switch", "synchronized", "this", "throw",
	"throws", "transient", "true", "try", "type", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using",
	"var", "virtual", "void", "volatile", "while", "with", "yield",
}

func title(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// output is the name of a stack output: the property's, and that of the resource before it where there are several.
func output(resources []Resource, r Resource) string {
	if len(resources) == 1 {
		return roleArn
	}
	return identifier(r.Name) + title(roleArn)
}
