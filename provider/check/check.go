package check

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
)

// Component holds a component's inputs, raw or as a decoder gives them, against the schema. It returns them as a typed
// tree, and as raw inputs with nulls removed and defaults filled in. Everything that is wrong goes to problems.
func (s *Schema) Component(token string, written map[string]any, problems *input.Problems) (
	tree input.Value, clean map[string]any,
) {
	c := s.Resources[token]
	w := walker{schema: s, problems: problems}
	declared := Type{Properties: c.Inputs, Required: c.RequiredInputs}
	return w.object("", token[strings.LastIndexByte(token, ':')+1:], declared, input.RawMap(written))
}

type walker struct {
	schema   *Schema
	problems *input.Problems
	derived  int // how many of the values around the present one come from a resource
	secret   int // how many of the values around the present one are secret; then nothing below them may be shown
}

// place is a value that stands at a path. It is secret when it, something in it or something around it is: the engine
// prints whatever stands at the path of a problem.
func (w *walker) place(path string, raw any) input.Value {
	return input.Value{Path: path, Present: true, Known: true, Secret: w.secret > 0 || input.ContainsSecret(raw)}
}

// unknownProperty says of a property that a type does not have which ones it has, and which may be meant. Python's
// names get there untranslated where a function is given plain dictionaries: Pulumi's SDK translates those of resources
// alone.
func unknownProperty(key, name string, t Type, nested bool) string {
	reason := fmt.Sprintf("unknown property; %s has %s", name, strings.Join(sorted(t.Properties), ", "))
	words := strings.Split(key, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	meant := strings.Join(words, "")
	if _, declared := t.Properties[meant]; declared && meant != key {
		reason += "; write " + meant
		if nested {
			reason += inPython + name + "Args in the place of a dictionary"
		}
		return reason
	}
	return reason + spelling.Guess(key, sorted(t.Properties))
}

func (w *walker) object(path, name string, t Type, raw map[string]any) (input.Value, map[string]any) {
	tree := input.Value{Path: path, Present: true, Known: true, Fields: map[string]input.Value{}}
	clean := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		at := join(path, key)
		property, declared := t.Properties[key]
		if !declared {
			if !strings.HasPrefix(key, "__") {
				w.problems.Add(w.place(at, raw[key]), unknownProperty(key, name, t, path != ""))
			}
			continue
		}
		// At the top a null is how some languages say "left out". Where leaving out would loosen the role it is an
		// error, and so it is inside the sections, where every word narrows or names something.
		if path == "" && isNull(raw[key]) && !property.RefuseNull {
			continue
		}
		property.required = slices.Contains(t.Required, key)
		tree.Fields[key], clean[key] = w.value(at, property, raw[key])
	}
	for key, property := range t.Properties {
		if _, given := clean[key]; property.Default != nil && !given {
			clean[key] = property.Default
			tree.Fields[key] = input.Value{Path: join(path, key), Present: true, Known: true, Scalar: property.Default}
		}
	}
	for _, key := range t.Required {
		if _, given := clean[key]; !given {
			w.problems.Add(input.Value{Path: join(path, key)}, "is missing; "+name+" needs it")
		}
	}
	return tree, clean
}

// longestKey is how much of a key a path shows.
const longestKey = 200

func join(path, key string) string {
	if runes := []rune(key); len(runes) > longestKey {
		key = string(runes[:longestKey]) + "..."
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// mapPath writes a map's key as Pulumi writes property paths: quoted where a plain name would be ambiguous.
func mapPath(path, key string) string {
	if strings.ContainsAny(key, `.[]"`) || key == "" || strings.ContainsFunc(key, unicode.IsControl) {
		if runes := []rune(key); len(runes) > longestKey {
			key = string(runes[:longestKey]) + "..."
		}
		return fmt.Sprintf("%s[%q]", path, key)
	}
	return join(path, key)
}

func sorted(properties map[string]Property) []string {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// wrapping is what stood around a bare value.
type wrapping struct {
	secret, unknown bool
	dependencies    []string
}

// open is a value that is not known yet. Pulumi's SDK looks for unknowns only in the outermost of several wrappings, so
// that it would take an unknown inside a known output for a value.
func (w wrapping) open() input.Output {
	return input.Output{Element: "", Secret: w.secret, Dependencies: w.dependencies}
}

// unwrap takes secrets and outputs off a raw value. Of an unknown one there is nothing to show.
func unwrap(raw any) (any, wrapping) {
	var w wrapping
	for {
		switch v := raw.(type) {
		case input.Secret:
			w.secret, raw = true, v.Element
		case input.Unknown:
			w.unknown = true
			return raw, w
		case input.Output:
			w.secret, w.dependencies = w.secret || v.Secret, append(w.dependencies, v.Dependencies...)
			if !v.Known {
				w.unknown = true
				return raw, w
			}
			raw = v.Element
		default:
			return raw, w
		}
	}
}

// isNull reports that a raw value is null, whatever stands around it.
func isNull(raw any) bool {
	bare, _ := unwrap(raw)
	return bare == nil
}

// rewrap puts a cleaned value back into what stood around the raw one, so that secrets and dependencies survive.
func rewrap(raw, clean any) any {
	switch v := raw.(type) {
	case input.Secret:
		return input.Secret{Element: rewrap(v.Element, clean)}
	case input.Output:
		if v.Known {
			v.Element = rewrap(v.Element, clean)
			return v
		}
	}
	return clean
}

func (w *walker) value(path string, p Property, raw any) (input.Value, any) {
	bare, around := unwrap(raw)
	if around.secret {
		w.secret++
		defer func() { w.secret-- }()
	}
	if len(around.dependencies) > 0 {
		w.derived++
		defer func() { w.derived-- }()
	}
	v := input.Value{
		Path: path, Present: true, Known: !around.unknown, Secret: w.secret > 0, Derived: w.derived > 0,
	}
	if around.unknown {
		return v, around.open()
	}
	if bare == nil {
		w.problems.Add(v, "is null; give it a value"+p.orLeaveOut())
		return v, raw
	}
	clean, shown := bare, w.place(path, bare)
	switch name, t, isObject := w.schema.object(p); {
	case isObject:
		fields, fits := bare.(map[string]any)
		if !fits {
			return w.wrongType(v, shown, p, bare, "an object of type "+name), raw
		}
		secret, derived := v.Secret, v.Derived
		v, clean = w.object(path, name, t, fields)
		v.Secret, v.Derived = secret, derived
	case p.Type == "array":
		items, fits := bare.([]any)
		if !fits {
			return w.wrongType(v, shown, p, bare, "a list"), raw
		}
		w.count(shown, p, len(items))
		v, clean = w.list(v, p, items)
	case p.Type == "object":
		fields, fits := bare.(map[string]any)
		if !fits {
			return w.wrongType(v, shown, p, bare, "a map"), raw
		}
		v, clean = w.mapping(v, p, fields)
	default:
		v = w.word(w.scalar(v, shown, p, bare), p)
	}
	return v, rewrap(raw, clean)
}

// count holds the length of a list against its bounds.
func (w *walker) count(shown input.Value, p Property, n int) {
	switch {
	case n == 0 && p.MinItems > 0:
		w.problems.Add(shown, "is empty; give at least one"+p.orLeaveOut())
	case n < p.MinItems:
		w.problems.Add(shown, fmt.Sprintf("has %s; write at least %d", items(n), p.MinItems))
	case p.MaxItems > 0 && n > p.MaxItems:
		w.problems.Add(shown, fmt.Sprintf("has %s; write at most %d", items(n), p.MaxItems))
	}
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

func (w *walker) list(v input.Value, p Property, raw []any) (input.Value, []any) {
	v.List = []input.Value{}
	items := []any{}
	for i, item := range raw {
		child, clean := w.value(fmt.Sprintf("%s[%d]", v.Path, i), *p.Items, item)
		v.List = append(v.List, child)
		items = append(items, clean)
	}
	return v, items
}

func (w *walker) mapping(v input.Value, p Property, raw map[string]any) (input.Value, map[string]any) {
	v.Fields = map[string]input.Value{}
	fields := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		path := mapPath(v.Path, key)
		if w.secret > 0 {
			path = v.Path // the keys of a secret map are part of the secret
		}
		v.Fields[key], fields[key] = w.value(path, *p.AdditionalProperties, raw[key])
	}
	return v, fields
}

func (w *walker) scalar(v, shown input.Value, p Property, bare any) input.Value {
	fits := false
	switch found := bare.(type) {
	case string:
		fits = p.Type == "string"
	case bool:
		fits = p.Type == "boolean"
	case float64:
		if fits = p.Type == "integer" || p.Type == "number"; fits {
			v.Scalar = found // for the messages
			w.bounds(v, p, found)
		}
	}
	if fits {
		v.Scalar = bare
		return v
	}
	article := "a "
	if p.Type == "integer" {
		article = "an "
	}
	return w.wrongType(v, shown, p, bare, article+p.Type)
}

// bounds holds a number against its bounds.
func (w *walker) bounds(v input.Value, p Property, n float64) {
	switch {
	case p.Type == "integer" && n != math.Trunc(n):
		w.problems.Add(v, "must be a whole number", input.Got(v))
	case p.Minimum != nil && n < *p.Minimum:
		w.problems.Add(v, fmt.Sprintf("must be at least %s", input.Number(*p.Minimum)), input.Got(v))
	case p.Maximum != nil && n > *p.Maximum:
		w.problems.Add(v, fmt.Sprintf("must be at most %s", input.Number(*p.Maximum)), input.Got(v))
	}
}

// wrongType reports a value of another type than the property's. It counts as not known from then on: what would follow
// from there being nothing, such as that every branch is trusted, is nobody's mistake.
func (w *walker) wrongType(v, shown input.Value, p Property, bare any, wanted string) input.Value {
	write, quoting := w.schema.remedy(p, bare)
	var detail []string
	if quoting != "" {
		detail = []string{quoting}
	}
	w.problems.Add(shown, fmt.Sprintf("must be %s, found %s; %s", wanted, kind(bare), write), detail...)
	v.Known, v.Refused, v.Scalar = false, true, nil
	return v
}

// kind is the type of a raw value in words.
func kind(raw any) string {
	switch raw.(type) {
	case string:
		return "a string"
	case float64:
		return "a number"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return foreign
}

// foreign is the kind of what no decoder gives and a Pulumi program may.
const foreign = "a resource, an asset or an archive"
