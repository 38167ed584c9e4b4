package check

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Component holds a component's raw inputs against the schema. It returns the inputs as a typed tree, and the raw inputs
// with nulls removed and defaults filled in, for decoding. Everything that is wrong goes to problems.
func (s *Schema) Component(token string, raw resource.PropertyMap, problems *input.Problems) (input.Value, resource.PropertyMap) {
	c := s.Resources[token]
	w := walker{schema: s, problems: problems}
	tree, clean := w.object("", token[strings.LastIndexByte(token, ':')+1:], Type{Properties: c.Inputs, Required: c.RequiredInputs}, raw)
	return tree, clean
}

type walker struct {
	schema   *Schema
	problems *input.Problems
	secret   int // how many of the values around the present one are secret; then nothing below them may be shown
}

// place is a value that stands at a path. It is secret when it, something in it or something around it is: the engine
// prints whatever stands at the path of a problem.
func (w *walker) place(path string, raw resource.PropertyValue) input.Value {
	return input.Value{Path: path, Present: true, Known: true, Secret: w.secret > 0 || raw.ContainsSecrets()}
}

// unknownProperty says of a property that a type does not have which ones it has. Python's names get there untranslated where a
// function is given plain dictionaries: Pulumi's SDK translates those of resources alone.
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
			reason += fmt.Sprintf(", or in Python pass %sArgs in the place of a dictionary", name)
		}
	}
	return reason
}

func (w *walker) object(path, name string, t Type, raw resource.PropertyMap) (input.Value, resource.PropertyMap) {
	tree := input.Value{Path: path, Present: true, Known: true, Fields: map[string]input.Value{}}
	clean := resource.PropertyMap{}
	for _, key := range raw.StableKeys() {
		at := join(path, string(key))
		property, declared := t.Properties[string(key)]
		if !declared {
			if !strings.HasPrefix(string(key), "__") {
				w.problems.Add(w.place(at, raw[key]), unknownProperty(string(key), name, t, path != ""))
			}
			continue
		}
		// At the top a null is how some languages say "left out". Where leaving out would loosen the role it is an error,
		// and so it is inside the sections, where every word narrows or names something.
		if bare, _ := unwrap(raw[key]); path == "" && bare.IsNull() && !property.RefuseNull {
			continue
		}
		property.required = slices.Contains(t.Required, string(key))
		field, value := w.value(at, property, raw[key])
		tree.Fields[string(key)] = field
		clean[key] = value
	}
	for key, property := range t.Properties {
		if _, given := clean[resource.PropertyKey(key)]; property.Default != nil && !given {
			value := resource.NewPropertyValue(property.Default)
			clean[resource.PropertyKey(key)] = value
			tree.Fields[key] = input.Value{Path: join(path, key), Present: true, Known: true, Scalar: property.Default}
		}
	}
	for _, key := range t.Required {
		if _, given := clean[resource.PropertyKey(key)]; !given {
			w.problems.Add(input.Value{Path: join(path, key)}, "is missing; "+name+" needs it")
		}
	}
	return tree, clean
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// mapPath writes a map's key as Pulumi writes property paths: quoted where a plain name would be ambiguous.
func mapPath(path, key string) string {
	if strings.ContainsAny(key, `.[]"`) || key == "" {
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
	dependencies    []resource.URN
}

// open is a value that is not known yet. The SDK looks for unknowns only in the outermost of several wrappings, and would
// take an unknown inside a known output for a value.
func (w wrapping) open() resource.PropertyValue {
	return resource.NewOutputProperty(resource.Output{
		Element: resource.NewStringProperty(""), Secret: w.secret, Dependencies: w.dependencies,
	})
}

// unwrap takes secrets and outputs off a value.
func unwrap(v resource.PropertyValue) (resource.PropertyValue, wrapping) {
	var w wrapping
	for {
		switch {
		case v.IsSecret():
			w.secret, v = true, v.SecretValue().Element
		case v.IsComputed():
			w.unknown = true
			return v, w
		case v.IsOutput():
			o := v.OutputValue()
			w.secret, w.dependencies = w.secret || o.Secret, append(w.dependencies, o.Dependencies...)
			if !o.Known {
				w.unknown = true
				return v, w
			}
			v = o.Element
		default:
			return v, w
		}
	}
}

// rewrap puts a cleaned value back into what stood around the raw one, so that secrets and dependencies survive.
func rewrap(raw, clean resource.PropertyValue) resource.PropertyValue {
	switch {
	case raw.IsSecret():
		return resource.MakeSecret(rewrap(raw.SecretValue().Element, clean))
	case raw.IsOutput() && raw.OutputValue().Known:
		o := raw.OutputValue()
		o.Element = rewrap(o.Element, clean)
		return resource.NewOutputProperty(o)
	}
	return clean
}

func (w *walker) value(path string, p Property, raw resource.PropertyValue) (input.Value, resource.PropertyValue) {
	bare, around := unwrap(raw)
	if around.secret {
		w.secret++
		defer func() { w.secret-- }()
	}
	v := input.Value{Path: path, Present: true, Known: !around.unknown, Secret: w.secret > 0}
	if around.unknown {
		return v, around.open()
	}
	if bare.IsNull() {
		w.problems.Add(v, "is null; give it a value"+p.orLeaveOut())
		return v, raw
	}
	clean, shown := bare, w.place(path, bare)
	switch name, t, isObject := w.schema.object(p); {
	case isObject:
		if !bare.IsObject() {
			w.wrongType(shown, bare, "an object of type "+name)
			return v, raw
		}
		var object resource.PropertyMap
		secret := v.Secret
		v, object = w.object(path, name, t, bare.ObjectValue())
		v.Secret = secret
		clean = resource.NewObjectProperty(object)
	case p.Type == "array":
		if !bare.IsArray() {
			w.wrongType(shown, bare, "a list")
			return v, raw
		}
		w.count(shown, p, len(bare.ArrayValue()))
		v, clean = w.list(v, p, bare.ArrayValue())
	case p.Type == "object":
		if !bare.IsObject() {
			w.wrongType(shown, bare, "a map")
			return v, raw
		}
		v, clean = w.mapping(v, p, bare.ObjectValue())
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
		w.problems.Add(shown, fmt.Sprintf("has %d items; at least %d are needed", n, p.MinItems))
	case p.MaxItems > 0 && n > p.MaxItems:
		w.problems.Add(shown, fmt.Sprintf("has %d items; at most %d are possible", n, p.MaxItems))
	}
}

func (w *walker) list(v input.Value, p Property, raw []resource.PropertyValue) (input.Value, resource.PropertyValue) {
	v.List = []input.Value{}
	items := []resource.PropertyValue{}
	for i, item := range raw {
		child, clean := w.value(fmt.Sprintf("%s[%d]", v.Path, i), *p.Items, item)
		v.List = append(v.List, child)
		items = append(items, clean)
	}
	return v, resource.NewArrayProperty(items)
}

func (w *walker) mapping(v input.Value, p Property, raw resource.PropertyMap) (input.Value, resource.PropertyValue) {
	v.Fields = map[string]input.Value{}
	fields := resource.PropertyMap{}
	for _, key := range raw.StableKeys() {
		path := mapPath(v.Path, string(key))
		if w.secret > 0 {
			path = v.Path // the keys of a secret map are part of the secret
		}
		child, clean := w.value(path, *p.AdditionalProperties, raw[key])
		v.Fields[string(key)] = child
		fields[key] = clean
	}
	return v, resource.NewObjectProperty(fields)
}

func (w *walker) scalar(v, shown input.Value, p Property, bare resource.PropertyValue) input.Value {
	switch {
	case p.Type == "string" && bare.IsString():
		v.Scalar = bare.StringValue()
	case p.Type == "boolean" && bare.IsBool():
		v.Scalar = bare.BoolValue()
	case p.Type == "integer" && bare.IsNumber(), p.Type == "number" && bare.IsNumber():
		n := bare.NumberValue()
		v.Scalar = n
		switch {
		case p.Type == "integer" && n != math.Trunc(n):
			w.problems.Add(v, "must be a whole number", input.Got(v))
		case p.Minimum != nil && n < *p.Minimum:
			w.problems.Add(v, fmt.Sprintf("must be at least %s", input.Number(*p.Minimum)), input.Got(v))
		case p.Maximum != nil && n > *p.Maximum:
			w.problems.Add(v, fmt.Sprintf("must be at most %s", input.Number(*p.Maximum)), input.Got(v))
		}
	default:
		article := "a "
		if p.Type == "integer" {
			article = "an "
		}
		w.wrongType(shown, bare, article+p.Type)
	}
	return v
}

func (w *walker) wrongType(shown input.Value, bare resource.PropertyValue, wanted string) {
	w.problems.Add(shown, fmt.Sprintf("must be %s, found %s", wanted, kind(bare)))
}

func kind(v resource.PropertyValue) string {
	switch {
	case v.IsString():
		return "a string"
	case v.IsNumber():
		return "a number"
	case v.IsBool():
		return "a boolean"
	case v.IsArray():
		return "a list"
	case v.IsObject():
		return "an object"
	}
	return "a resource, an asset or an archive"
}
