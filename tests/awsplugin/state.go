package awsplugin

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"
)

// known returns the inputs as plain values, without what only Check needs.
func known(inputs resource.PropertyMap) resource.PropertyMap {
	plain := revealAll(inputs)
	delete(plain, defaultsKey)
	return plain
}

// overlay returns the state as an update with these inputs would leave it if AWS took every value as it is written.
func overlay(state, inputs resource.PropertyMap) resource.PropertyMap {
	next := state.Copy()
	for key, value := range inputs {
		next[key] = value
	}
	return next
}

// stored completes a state with the inputs that AWS knows nothing of (forceDetachPolicies, namePrefix), and marks
// secrets.
func (t *resourceType) stored(
	state, inputs resource.PropertyMap, secrets map[resource.PropertyKey]bool,
) (*structpb.Struct, error) {
	complete := state.Copy()
	for _, local := range []resource.PropertyKey{"forceDetachPolicies", "namePrefix"} {
		if value, ok := inputs[local]; ok {
			complete[local] = value
		}
	}
	if t.input("forceDetachPolicies") != nil && complete["forceDetachPolicies"].IsNull() {
		complete["forceDetachPolicies"] = resource.NewProperty(false)
	}
	return encode(conceal(complete, secrets))
}

// planned is the state that a preview expects: inputs as given, outputs as they were, and unknown where only AWS can
// tell.
func (t *resourceType) planned(state, inputs resource.PropertyMap) resource.PropertyMap {
	next := inputs.Copy()
	delete(next, defaultsKey)
	for i := range t.inputs {
		p := &t.inputs[i]
		key := resource.PropertyKey(p.name)
		if _, given := next[key]; given || !p.computed {
			continue
		}
		next[key] = unknown()
		if value, had := state[key]; had {
			next[key] = value
		}
	}
	for _, output := range t.outputs {
		key := resource.PropertyKey(output)
		next[key] = unknown()
		if value, had := state[key]; had && !slices.Contains(t.volatile, output) {
			next[key] = value
		}
	}
	if t.hasTags() {
		next["tagsAll"] = resource.NewProperty(resource.PropertyMap{})
		if tags, tagged := next["tags"]; tagged {
			next["tagsAll"] = tags
		}
	}
	return next
}

// label names a resource in an error message before it has an id.
func (t *resourceType) label(inputs resource.PropertyMap, urn string) string {
	for _, key := range []resource.PropertyKey{"name", "url"} {
		if value := inputs[key]; value.IsString() && t.input(key) != nil {
			return value.StringValue()
		}
	}
	return resource.URN(urn).Name()
}

// inputsFrom derives inputs from what AWS reports. On refresh these are the inputs the program wrote, with the values
// that drifted replaced; on import they are everything a program has to write to get the resource as it is.
func (t *resourceType) inputsFrom(state, oldInputs resource.PropertyMap) resource.PropertyMap {
	inputs := resource.PropertyMap{}
	for i := range t.inputs {
		p := &t.inputs[i]
		key := resource.PropertyKey(p.name)
		reported := p.written(state[key])
		old, was := oldInputs[key]
		plain := reveal(old)
		switch {
		case was && isLocal(p.name), was && !reported.IsNull() && p.equal(plain, reported):
			inputs[key] = plain
		case was && !isEmpty(reported):
			inputs[key] = reported
		case was && isEmpty(plain):
			inputs[key] = plain
		case len(oldInputs) == 0 && !isEmpty(reported) && !p.isFallback(reported):
			inputs[key] = reported
		}
	}
	inputs[defaultsKey] = resource.NewProperty([]resource.PropertyValue{})
	if defaulted, had := oldInputs[defaultsKey]; had {
		inputs[defaultsKey] = defaulted
	}
	return inputs
}

// isLocal tells whether an input is a setting of the plugin, and nothing AWS could report.
func isLocal(name string) bool { return name == "forceDetachPolicies" || name == "namePrefix" }

func (p *property) isFallback(value resource.PropertyValue) bool {
	return p.fallback != nil && resource.NewPropertyValue(p.fallback).DeepEquals(value)
}

// written is a reported value in the form a program writes.
func (p *property) written(value resource.PropertyValue) resource.PropertyValue {
	if p.asInput != nil && value.IsString() {
		return resource.NewProperty(p.asInput(value.StringValue()))
	}
	return value
}
