package engine

import (
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

const componentType = "ci-oidc-trust:index:CiOidcTrust"

// A program is what a user writes, without a language: it registers resources with the engine, in any form that a value
// can have on the wire.
type program func(p *running) error

// running is a program while it runs.
type running struct {
	monitor *deploytest.ResourceMonitor
	run     *run
}

func (p program) language(r *run) deploytest.ProgramFunc {
	return func(_ plugin.RunInfo, monitor *deploytest.ResourceMonitor) error {
		if p == nil {
			return nil
		}
		return p(&running{monitor, r})
	}
}

// trust is a program of one CiOidcTrust called deploy.
func trust(inputs props) program {
	return func(p *running) error {
		_, err := p.component("deploy", inputs, deploytest.ResourceOptions{})
		return err
	}
}

// component registers a CiOidcTrust.
func (p *running) component(
	name string, inputs props, options deploytest.ResourceOptions,
) (*deploytest.RegisterResourceResponse, error) {
	return p.register(componentType, name, inputs, options)
}

// register registers a component of this package.
func (p *running) register(
	token, name string, inputs props, options deploytest.ResourceOptions,
) (*deploytest.RegisterResourceResponse, error) {
	given := values(inputs)
	options.Remote, options.Inputs, options.AliasSpecs = true, resource.FromResourcePropertyMap(given), true
	options.PropertyDeps = map[resource.PropertyKey][]resource.URN{}
	for key, value := range given {
		options.PropertyDeps[key] = dependencies(value)
	}
	registered, err := p.monitor.RegisterResource(tokens.Type(token), name, false, options)
	if err == nil {
		p.run.seen[name] = registered
	}
	return registered, err
}

// dependencies are the resources that a value comes from, as every SDK lists them beside the value.
func dependencies(v resource.PropertyValue) []resource.URN {
	var found []resource.URN
	switch {
	case v.IsOutput():
		found = append(dependencies(v.OutputValue().Element), v.OutputValue().Dependencies...)
	case v.IsSecret():
		found = dependencies(v.SecretValue().Element)
	case v.IsArray():
		for _, item := range v.ArrayValue() {
			found = append(found, dependencies(item)...)
		}
	case v.IsObject():
		for _, key := range v.ObjectValue().StableKeys() {
			found = append(found, dependencies(v.ObjectValue()[key])...)
		}
	}
	return found
}

// upstream registers another resource, which has a value as its output; until the resource exists the output is
// unknown.
func (p *running) upstream(name string, value resource.PropertyValue) (resource.PropertyValue, error) {
	registered, err := p.monitor.RegisterResource("upstream:index:Source", name, true,
		deploytest.ResourceOptions{Inputs: resource.FromResourcePropertyMap(resource.PropertyMap{"value": value})})
	if err != nil {
		return resource.PropertyValue{}, err
	}
	output := resource.Output{Dependencies: []resource.URN{registered.URN}}
	output.Element, output.Known = resource.ToResourcePropertyValue(registered.Outputs.Get("value")), true
	if output.Element.IsComputed() || registered.Unknown { // SDKs take what was left out as unknown
		output.Element, output.Known = resource.NewProperty(""), false
	}
	if output.Element.IsSecret() {
		output.Element, output.Secret = output.Element.SecretValue().Element, true
	}
	return resource.NewProperty(output), nil
}

// element is one value of an output that is a map, as an SDK hands it on.
func element(
	from *deploytest.RegisterResourceResponse, output string, name resource.PropertyKey,
) resource.PropertyValue {
	handed := resource.Output{Element: resource.NewProperty(""), Dependencies: []resource.URN{from.URN}}
	value := resource.ToResourcePropertyValue(from.Outputs.Get(output))
	if value.IsSecret() {
		handed.Secret, value = true, value.SecretValue().Element
	}
	if value.IsObject() && !value.ObjectValue()[name].IsComputed() {
		handed.Known, handed.Element = true, value.ObjectValue()[name]
	}
	return resource.NewProperty(handed)
}
