package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// rawInputs are Pulumi's properties as raw values. Nothing is lost: pulumiInputs gives the same properties back.
func rawInputs(properties resource.PropertyMap) map[string]any {
	raw := make(map[string]any, len(properties))
	for key, value := range properties {
		raw[string(key)] = rawInput(value)
	}
	return raw
}

func rawInput(value resource.PropertyValue) any {
	switch v := value.V.(type) {
	case nil, bool, float64, string:
		return v
	case []resource.PropertyValue:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = rawInput(item)
		}
		return items
	case resource.PropertyMap:
		return rawInputs(v)
	case resource.Computed:
		return input.Unknown{Element: rawInput(v.Element)}
	case *resource.Secret:
		return input.Secret{Element: rawInput(v.Element)}
	case resource.Output:
		var dependencies []string
		for _, urn := range v.Dependencies {
			dependencies = append(dependencies, string(urn))
		}
		return input.Output{Element: rawInput(v.Element), Known: v.Known, Secret: v.Secret, Dependencies: dependencies}
	}
	return input.Opaque{Value: value} // a resource, an asset or an archive
}

// pulumiInputs are raw values as Pulumi's properties.
func pulumiInputs(raw map[string]any) resource.PropertyMap {
	properties := make(resource.PropertyMap, len(raw))
	for key, value := range raw {
		properties[resource.PropertyKey(key)] = pulumiInput(value)
	}
	return properties
}

func pulumiInput(raw any) resource.PropertyValue {
	switch v := raw.(type) {
	case []any:
		items := make([]resource.PropertyValue, len(v))
		for i, item := range v {
			items[i] = pulumiInput(item)
		}
		return resource.NewProperty(items)
	case map[string]any:
		return resource.NewProperty(pulumiInputs(v))
	case input.Unknown:
		return resource.MakeComputed(pulumiInput(v.Element))
	case input.Secret:
		return resource.MakeSecret(pulumiInput(v.Element))
	case input.Output:
		var dependencies []resource.URN
		for _, urn := range v.Dependencies {
			dependencies = append(dependencies, resource.URN(urn))
		}
		return resource.NewProperty(resource.Output{
			Element: pulumiInput(v.Element), Known: v.Known, Secret: v.Secret, Dependencies: dependencies,
		})
	case input.Opaque:
		return v.Value.(resource.PropertyValue) // rawInput put it there, and nobody makes another
	}
	return resource.PropertyValue{V: raw} // nil, bool, float64 or string
}
