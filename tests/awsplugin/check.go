package awsplugin

import (
	"fmt"
	"math"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// defaultsKey lists the inputs that were filled in and not written by the program, as pulumi-aws records them: a
// generated name is kept for as long as it is listed, and a name that is not listed is fixed.
const defaultsKey = "__defaults"

// check validates inputs and completes them. It reports every problem at once.
func (t *resourceType) check(
	req *pulumirpc.CheckRequest, olds, news resource.PropertyMap, defaultTags resource.PropertyMap,
) (resource.PropertyMap, []*pulumirpc.CheckFailure) {
	checked := resource.PropertyMap{}
	var failures []*pulumirpc.CheckFailure
	fail := func(name, reason string) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: name, Reason: reason})
	}
	for _, key := range sortedKeys(news) {
		if key == defaultsKey || t.input(key) != nil {
			continue
		}
		fail(string(key), fmt.Sprintf("unexpected property %q: %s has no such input", key, t.token))
	}
	if t.hasTags() {
		news = withDefaultTags(news, defaultTags)
	}
	for i := range t.inputs {
		p := &t.inputs[i]
		value, given := news[resource.PropertyKey(p.name)]
		if !given || reveal(value).IsNull() {
			if p.required {
				fail(p.name, fmt.Sprintf("Missing required argument. "+
					"The argument %q is required, but no definition was found.", p.name))
			}
			continue
		}
		if p.unsupported != "" {
			fail(p.name, fmt.Sprintf("%s is not supported by the stand-in AWS plugin: %s", p.name, p.unsupported))
			continue
		}
		if _, clash := news[resource.PropertyKey(p.conflicts)]; p.conflicts != "" && clash {
			fail(p.name, fmt.Sprintf("Conflicting configuration arguments. %q conflicts with %s", p.name, p.conflicts))
		}
		converted, problem := p.convert(value)
		if problem != "" {
			fail(p.path(value), problem)
			continue
		}
		checked[resource.PropertyKey(p.name)] = converted
	}
	if len(failures) > 0 {
		return nil, failures
	}
	if problem := t.fillDefaults(req, olds, checked); problem != "" {
		fail("name", problem)
		return nil, failures
	}
	return checked, nil
}

// fillDefaults adds defaults and the generated name to checked inputs, and records which ones it added.
func (t *resourceType) fillDefaults(req *pulumirpc.CheckRequest, olds, checked resource.PropertyMap) string {
	defaulted := []resource.PropertyValue{}
	for i := range t.inputs {
		p := &t.inputs[i]
		if _, given := checked[resource.PropertyKey(p.name)]; given || p.fallback == nil {
			continue
		}
		checked[resource.PropertyKey(p.name)] = resource.NewPropertyValue(p.fallback)
		defaulted = append(defaulted, resource.NewProperty(p.name))
	}
	_, named := checked["name"]
	_, prefixed := checked["namePrefix"]
	if t.nameLength > 0 && !named && !prefixed {
		name := textOf(olds, "name")
		if name == "" || !isDefaulted(olds, "name") {
			var err error
			if name, err = generatedName(req, t.nameLength); err != nil {
				return err.Error()
			}
			if problem := validName(t.nameLength)(resource.NewProperty(name)); problem != "" {
				return fmt.Sprintf("the generated name %q is not valid: %s", name, problem)
			}
		}
		checked["name"] = resource.NewProperty(name)
		defaulted = append(defaulted, resource.NewProperty("name"))
	}
	checked[defaultsKey] = resource.NewProperty(defaulted)
	return ""
}

func isDefaulted(inputs resource.PropertyMap, name string) bool {
	list := inputs[defaultsKey]
	if !list.IsArray() {
		return false
	}
	for _, item := range list.ArrayValue() {
		if item.IsString() && item.StringValue() == name {
			return true
		}
	}
	return false
}

// path is where a failure is reported. The engine prints the value it finds there, unless it finds none: that keeps a
// secret out of the error.
func (p *property) path(value resource.PropertyValue) string {
	if value.ContainsSecrets() {
		return p.name + " (secret)"
	}
	return p.name
}

// convert checks a value that may be unknown or secret, wholly or in part, and returns it in the form it is kept in.
func (p *property) convert(value resource.PropertyValue) (resource.PropertyValue, string) {
	plain := reveal(value)
	if problem := p.misshapen(plain); problem != "" {
		return value, problem
	}
	if p.kind == document && !plain.IsString() && !plain.IsComputed() {
		converted := unknown()
		if !plain.ContainsUnknowns() {
			written, err := documentText(plain)
			if err != nil {
				return value, fmt.Sprintf("cannot be turned into JSON: %s", err)
			}
			converted = resource.NewProperty(written)
		}
		plain = converted
		if value.ContainsSecrets() {
			value = resource.MakeSecret(plain)
		} else {
			value = plain
		}
	}
	if p.valid == nil || plain.ContainsUnknowns() {
		return value, ""
	}
	return value, p.valid(plain)
}

// misshapen says how a value differs in shape from the property's kind. An unknown value has any shape.
func (p *property) misshapen(plain resource.PropertyValue) string {
	if plain.IsComputed() {
		return ""
	}
	wrong := fmt.Sprintf("expected %s, got %s", p.kind, article(plain))
	switch p.kind {
	case text:
		if !plain.IsString() {
			return wrong
		}
	case document:
		if !plain.IsString() && !plain.IsObject() {
			return wrong
		}
	case flag:
		if !plain.IsBool() {
			return wrong
		}
	case integer:
		if !plain.IsNumber() {
			return wrong
		}
		if math.Trunc(plain.NumberValue()) != plain.NumberValue() || math.Abs(plain.NumberValue()) > math.MaxInt32 {
			return "expected an integer, got a number that is not one"
		}
	case textList:
		if !plain.IsArray() {
			return wrong
		}
		for i, item := range plain.ArrayValue() {
			if !item.IsString() && !item.IsComputed() {
				return fmt.Sprintf("expected %s, got %s at [%d]", p.kind, article(item), i)
			}
		}
	case textMap:
		if !plain.IsObject() {
			return wrong
		}
		for _, key := range sortedKeys(plain.ObjectValue()) {
			if item := plain.ObjectValue()[key]; !item.IsString() && !item.IsComputed() {
				return fmt.Sprintf("expected %s, got %s at %q", p.kind, article(item), key)
			}
		}
	}
	return ""
}

func article(value resource.PropertyValue) string {
	switch name := value.TypeString(); name {
	case "object", "output<string>":
		return "an " + name
	default:
		return "a " + name
	}
}
