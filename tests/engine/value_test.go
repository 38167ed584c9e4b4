package engine

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// props is how tests write properties; a list is []any. A resource.PropertyValue may stand anywhere.
type props = map[string]any

func values(m props) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

func secret(value any) resource.PropertyValue {
	return resource.MakeSecret(resource.NewPropertyValue(value))
}

// null is a null that survives the conversion of a map.
func null() resource.PropertyValue { return resource.NewNullProperty() }

func unknown() resource.PropertyValue { return resource.MakeComputed(resource.NewProperty("")) }
