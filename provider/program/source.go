package program

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Translate writes a program of Pulumi YAML in another language. It takes what the examples have: config values that
// are texts, resources and functions of this package, fn::toJSON, and outputs that are a property of either. pulumi is
// the package's schema.json; whatever else stands in the program, or is not in the schema, is an error that names its
// place.
//
// Source: https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/
func Translate(pulumi, source []byte, language Language) (string, error) {
	p, known := printers[language]
	if !known {
		return "", fmt.Errorf("%q is no language that programs are printed in; those are %v", language, Languages)
	}
	s, err := parse(pulumi)
	if err != nil {
		return "", err
	}
	r := &reader{schema: s, steps: map[string]*declared{}, used: map[string]bool{}}
	whole, err := r.read(source)
	if err != nil {
		return "", err
	}
	if language == YAML {
		return string(source), nil
	}
	return p.program(whole), nil
}

// A reader types a program of Pulumi YAML.
type reader struct {
	schema  *schema
	config  []string
	steps   map[string]*declared // those that have been read, by their name in the source
	used    map[string]bool      // the steps and settings that something refers to
	pending []string             // what the value that is being read refers to and is not read yet
}

// written is what stands in the source.
type written struct {
	Name, Description, Runtime string
	Config                     map[string]struct{ Type string }
	Resources                  map[string]struct {
		Type       string
		Properties yaml.Node
	}
	Variables map[string]struct {
		Invoke struct {
			Function  string
			Arguments yaml.Node
		} `yaml:"fn::invoke"`
	}
	Outputs yaml.Node
}

func (r *reader) read(source []byte) (script, error) {
	var w written
	decoder := yaml.NewDecoder(strings.NewReader(string(source)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&w); err != nil {
		return script{}, err
	}
	r.config = slices.Sorted(maps.Keys(w.Config))
	for _, name := range r.config {
		if typ := w.Config[name].Type; typ != "string" {
			return script{}, fmt.Errorf("config.%s: is a %q, and the printer writes a string alone", name, typ)
		}
	}
	order, err := names(source)
	if err != nil {
		return script{}, err
	}
	whole := script{config: r.config}
	for len(order) > 0 {
		var later, missing []string
		for _, name := range order {
			d, err := r.step(w, name)
			if err != nil {
				return script{}, fmt.Errorf("%s: %w", name, err)
			}
			if len(r.pending) > 0 {
				if later = append(later, name); len(later) == 1 {
					missing = r.pending
				}
				continue
			}
			r.steps[name] = d
			whole.steps = append(whole.steps, d)
		}
		if len(later) == len(order) {
			return script{}, fmt.Errorf("%s: refers to %s, which there is not, or which refers to it",
				later[0], strings.Join(missing, ", "))
		}
		order = later
	}
	if whole.outputs, err = r.outputs(w.Outputs); err != nil {
		return script{}, err
	}
	return whole, r.allUsed(whole)
}

// names are those of resources and variables, in the order in which they stand.
func names(source []byte) ([]string, error) {
	var ordered struct{ Resources, Variables yaml.Node }
	if err := yaml.Unmarshal(source, &ordered); err != nil {
		return nil, err
	}
	var all []string
	for _, part := range []yaml.Node{ordered.Resources, ordered.Variables} {
		for i := 0; i < len(part.Content); i += 2 {
			all = append(all, part.Content[i].Value)
		}
	}
	return all, nil
}

// step reads a resource or a variable. What it refers to and is not read yet is pending then.
func (r *reader) step(w written, name string) (*declared, error) {
	r.pending = nil
	if one, is := w.Resources[name]; is {
		typ, ours := strings.CutPrefix(one.Type, packageName+":")
		made, known := r.schema.resources[typ]
		if !ours || !known {
			return nil, fmt.Errorf("%s is no resource of this package", one.Type)
		}
		inputs, err := r.inputs(typ, made, one.Properties, name)
		return &declared{name: name, typ: typ, inputs: inputs}, err
	}
	function, ours := strings.CutPrefix(w.Variables[name].Invoke.Function, packageName+":")
	made, known := r.schema.functions[function]
	if !ours || !known {
		return nil, fmt.Errorf("%s is no function of this package", w.Variables[name].Invoke.Function)
	}
	inputs, err := r.inputs(title(function), made, w.Variables[name].Invoke.Arguments, name)
	return &declared{name: name, typ: function, call: true, inputs: inputs}, err
}

func (r *reader) inputs(typ string, of made, written yaml.Node, path string) (node, error) {
	value, err := r.value(written, path)
	if err != nil || len(r.pending) > 0 {
		return node{}, err
	}
	properties, is := value.(map[string]any)
	if !is {
		return node{}, errors.New("has no properties")
	}
	return r.schema.object(typ, of.inputs, properties, path)
}

// value is a value as tree takes it, in which expressions are nodes already.
func (r *reader) value(written yaml.Node, path string) (any, error) {
	switch written.Kind {
	case yaml.MappingNode:
		if len(written.Content) == 2 && written.Content[0].Value == "fn::toJSON" {
			return r.json(*written.Content[1], path)
		}
		made := map[string]any{}
		for i := 0; i < len(written.Content); i += 2 {
			name := written.Content[i].Value
			value, err := r.value(*written.Content[i+1], path+"."+name)
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(name, "fn::") {
				return nil, fmt.Errorf("%s: %s is none of what the printer writes", path, name)
			}
			made[name] = value
		}
		return made, nil
	case yaml.SequenceNode:
		made := []any{}
		for i, item := range written.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			value, err := r.value(*item, at)
			if err != nil {
				return nil, err
			}
			if n, is := value.(node); is && n.kind == reference {
				return nil, fmt.Errorf("%s: the printer writes no reference in a list", at)
			}
			made = append(made, value)
		}
		return made, nil
	}
	var plain any
	if err := written.Decode(&plain); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if value, is := plain.(string); is {
		return r.text(value, path)
	}
	return plain, nil
}

// text is a text, or what it stands for if it is an expression.
func (r *reader) text(value, path string) (any, error) {
	inside, expression := strings.CutPrefix(value, "${")
	inside, ends := strings.CutSuffix(inside, "}")
	if !expression {
		if strings.Contains(strings.ReplaceAll(value, "$${", ""), "${") {
			return nil, fmt.Errorf("%s: the printer writes an expression that is the whole text, and %q has one inside",
				path, value)
		}
		return strings.ReplaceAll(value, "$${", "${"), nil
	}
	if !ends || strings.ContainsAny(inside, "${}[]\"") {
		return nil, fmt.Errorf("%s: %q is no expression that the printer writes, such as ${deploy.roleArn}", path,
			value)
	}
	names := strings.Split(inside, ".")
	if len(names) == 1 && slices.Contains(r.config, inside) {
		r.used[inside] = true
		return node{kind: setting, text: inside}, nil
	}
	d, read := r.steps[names[0]]
	if !read {
		r.pending = append(r.pending, names[0])
		return nil, nil
	}
	r.used[names[0]] = true
	n, err := r.schema.reference(d, names[1:])
	if err != nil {
		return nil, fmt.Errorf("%s: %q: %w", path, value, err)
	}
	return n, nil
}

// reference is a property that the schema says there is. Of a list of objects it knows what every object has.
func (s *schema) reference(d *declared, path []string) (node, error) {
	made := s.resources[d.typ]
	if d.call {
		made = s.functions[d.typ]
	}
	if len(path) == 0 {
		return node{}, errors.New("names no property")
	}
	at, of := made.outputs, d.typ
	var found property
	for _, name := range path {
		var known bool
		if found, known = at.of[name]; !known {
			return node{}, fmt.Errorf("%s has no %s", of, name)
		}
		of = strings.TrimPrefix(found.Ref, typePrefix)
		at = s.types[of]
	}
	n := node{kind: reference, of: d, path: path}
	if found.Items != nil && found.Items.Ref != "" {
		element := node{kind: object, typ: strings.TrimPrefix(found.Items.Ref, typePrefix)}
		for _, name := range s.types[element.typ].order {
			element.fields = append(element.fields, field{name: name})
		}
		n.element = &element
	}
	return n, nil
}

// json is the text that fn::toJSON makes. A setting that is JSON is an object in Pulumi YAML, whatever its type, and
// the text that it is in every other language.
func (r *reader) json(written yaml.Node, path string) (node, error) {
	if name := strings.TrimSuffix(strings.TrimPrefix(written.Value, "${"), "}"); slices.Contains(r.config, name) &&
		written.Value == "${"+name+"}" {
		r.used[name] = true
		return node{kind: setting, text: name}, nil
	}
	value, err := jsonOf(written, path)
	return node{kind: asJSON, element: &value}, err
}

// jsonOf is a value of fn::toJSON, which has no type in the schema and no expressions here.
func jsonOf(written yaml.Node, path string) (node, error) {
	switch written.Kind {
	case yaml.MappingNode:
		n := node{kind: dictionary}
		for i := 0; i < len(written.Content); i += 2 {
			name := written.Content[i].Value
			member, err := jsonOf(*written.Content[i+1], path+"."+name)
			if err != nil {
				return node{}, err
			}
			n.fields = append(n.fields, field{name, member})
		}
		return n, nil
	case yaml.SequenceNode:
		n := node{kind: list}
		for i, item := range written.Content {
			member, err := jsonOf(*item, fmt.Sprintf("%s[%d]", path, i))
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, member)
		}
		return n, nil
	}
	n := node{text: written.Value}
	switch written.Tag {
	case "!!str":
		if strings.Contains(n.text, "${") {
			return node{}, fmt.Errorf("%s: the printer writes no expression in fn::toJSON", path)
		}
	case "!!bool":
		n.kind = truth
	case "!!int":
		n.kind = number
	default:
		return node{}, fmt.Errorf("%s: the printer writes no %s in fn::toJSON", path, written.Tag)
	}
	return n, nil
}

func (r *reader) outputs(written yaml.Node) ([]exported, error) {
	r.pending = nil
	var all []exported
	for i := 0; i+1 < len(written.Content); i += 2 {
		name := written.Content[i].Value
		value, err := r.value(*written.Content[i+1], "outputs."+name)
		if err != nil {
			return nil, err
		}
		n, is := value.(node)
		if !is || n.kind != reference {
			return nil, fmt.Errorf("outputs.%s: is no property of a resource or function", name)
		}
		all = append(all, exported{name, n})
	}
	if len(all) == 0 {
		return nil, errors.New("outputs: there are none, so the program shows nothing")
	}
	return all, nil
}

// allUsed refuses what nothing refers to: Go takes no variable that is not used.
func (r *reader) allUsed(s script) error {
	names := slices.Clone(s.config)
	for _, d := range s.steps {
		names = append(names, d.name)
	}
	for _, name := range names {
		if !r.used[name] {
			return fmt.Errorf("%s: nothing refers to it; give it an output", name)
		}
	}
	return nil
}
