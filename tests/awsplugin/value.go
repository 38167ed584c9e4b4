package awsplugin

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

func decode(fields *structpb.Struct) (resource.PropertyMap, error) {
	values, err := plugin.UnmarshalProperties(fields, wire)
	if err != nil {
		return nil, fmt.Errorf("malformed properties: %w", err)
	}
	return values, nil
}

func encode(values resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(values, wire)
}

// reveal removes secret markers at every level.
func reveal(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return reveal(value.SecretValue().Element)
	case value.IsOutput():
		if !value.OutputValue().Known {
			return unknown()
		}
		return reveal(value.OutputValue().Element)
	case value.IsArray():
		items := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, item := range value.ArrayValue() {
			items = append(items, reveal(item))
		}
		return resource.NewProperty(items)
	case value.IsObject():
		return resource.NewProperty(revealAll(value.ObjectValue()))
	default:
		return value
	}
}

func revealAll(values resource.PropertyMap) resource.PropertyMap {
	plain := resource.PropertyMap{}
	for key, value := range values {
		plain[key] = reveal(value)
	}
	return plain
}

// secretsOf names the values that are secret, wholly or in part.
func secretsOf(bags ...resource.PropertyMap) map[resource.PropertyKey]bool {
	secrets := map[resource.PropertyKey]bool{}
	for _, bag := range bags {
		for key, value := range bag {
			if value.ContainsSecrets() {
				secrets[key] = true
			}
		}
	}
	if secrets["tags"] {
		secrets["tagsAll"] = true
	}
	return secrets
}

// conceal marks again what was secret. The engine leaves this to providers that accept secrets.
func conceal(values resource.PropertyMap, secrets map[resource.PropertyKey]bool) resource.PropertyMap {
	for key := range secrets {
		if value, ok := values[key]; ok && !value.IsSecret() {
			values[key] = resource.MakeSecret(value)
		}
	}
	return values
}

func unknown() resource.PropertyValue {
	return resource.MakeComputed(resource.NewProperty(""))
}

func textOf(values resource.PropertyMap, key resource.PropertyKey) string {
	if value := values[key]; value.IsString() {
		return value.StringValue()
	}
	return ""
}

// optionalText is nil for a text that is absent or empty, as the AWS API wants it.
func optionalText(values resource.PropertyMap, key resource.PropertyKey) *string {
	if written := textOf(values, key); written != "" {
		return &written
	}
	return nil
}

func textsOf(values resource.PropertyMap, key resource.PropertyKey) []string {
	texts := []string{}
	if value := values[key]; value.IsArray() {
		for _, item := range value.ArrayValue() {
			texts = append(texts, item.StringValue())
		}
	}
	return texts
}

func integerOf(values resource.PropertyMap, key resource.PropertyKey) int32 {
	if value := values[key]; value.IsNumber() {
		return int32(value.NumberValue())
	}
	return 0
}

func flagOf(values resource.PropertyMap, key resource.PropertyKey) bool {
	value := values[key]
	return value.IsBool() && value.BoolValue()
}

func textsValue(texts []string) resource.PropertyValue {
	items := make([]resource.PropertyValue, 0, len(texts))
	for _, item := range texts {
		items = append(items, resource.NewProperty(item))
	}
	return resource.NewProperty(items)
}

// put stores a text that is not empty.
func put(values resource.PropertyMap, key resource.PropertyKey, written *string) {
	if written != nil && *written != "" {
		values[key] = resource.NewProperty(*written)
	}
}
