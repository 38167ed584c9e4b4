package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// PythonName is a property's name as Pulumi's SDK for Python has it: vcsOrigin is vcs_origin.
func PythonName(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// inPython is in every message about a dictionary that Pulumi's SDK does not translate: there a property has the name
// of the schema in Python too.
const inPython = ", or in Python pass "

// Python says a problem with the inputs of a component or function as whoever writes Python knows them: names in the
// path and the reason are in snake case, and texts that are quoted and what the user has named stay. Dictionaries in
// the arguments of a function are translated by no SDK, so that there only the name at the top is another one.
func (s *Schema) Python(token string, p input.Problem) input.Problem {
	component, isComponent := s.Resources[token]
	root := Type{Properties: component.Inputs}
	if !isComponent {
		root = s.Functions[token].Inputs
	}
	path, inside := s.pythonPath(root, p.Path, isComponent)
	if (isComponent || !inside) && !strings.Contains(p.Reason, inPython) {
		p.Reason = s.pythonText(p.Reason)
	}
	p.Path = path
	return p
}

// pathPart is a name, or what stands in brackets, of a path.
var pathPart = regexp.MustCompile(`^(\[\d+\]|\["(?:[^"\\]|\\.)*"\]|\.?[^.\[\] ]+)`)

// pythonPath translates the names in a path that are properties, and reports whether the path leads further than to
// one of the first. The keys of a map are the user's own.
func (s *Schema) pythonPath(root Type, path string, nested bool) (translated string, inside bool) {
	var b strings.Builder
	at := Property{}
	here, isObject := root, true
	for depth := 0; ; depth++ {
		part := pathPart.FindString(path)
		if part == "" {
			return b.String() + path, depth > 1
		}
		path = path[len(part):]
		name := strings.TrimPrefix(part, ".")
		property, declared := here.Properties[name]
		switch {
		case isObject && declared:
			if at = property; nested || depth == 0 {
				part = strings.TrimSuffix(part, name) + PythonName(name)
			}
		case at.Items != nil:
			at = *at.Items
		case at.AdditionalProperties != nil:
			at = *at.AdditionalProperties
		default:
			at = Property{}
		}
		b.WriteString(part)
		_, here, isObject = s.object(at)
	}
}

var (
	quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"")
	// camel is a word of several in one, unless it is a claim's name or part of something longer, such as a URL.
	camel = regexp.MustCompile(`(claims? |[\w/:@$-])?\b[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\b`)
)

// pythonText translates the names of properties in a sentence, outside of what is quoted.
func (s *Schema) pythonText(text string) string {
	names := s.names()
	var b strings.Builder
	translate := func(plain string) {
		b.WriteString(camel.ReplaceAllStringFunc(plain, func(word string) string {
			if slices.Contains(names, word) {
				return PythonName(word)
			}
			return word
		}))
	}
	for {
		at := quoted.FindStringIndex(text)
		if at == nil {
			translate(text)
			return b.String()
		}
		translate(text[:at[0]])
		b.WriteString(text[at[0]:at[1]])
		text = text[at[1]:]
	}
}

// names are the names of all properties that somebody may write.
func (s *Schema) names() []string {
	var names []string
	for _, c := range s.Resources {
		names = append(names, sorted(c.Inputs)...)
	}
	for _, f := range s.Functions {
		names = append(names, sorted(f.Inputs.Properties)...)
	}
	for _, t := range s.Types {
		names = append(names, sorted(t.Properties)...)
	}
	return names
}
