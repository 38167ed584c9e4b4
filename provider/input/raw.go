package input

import "fmt"

// Unknown is a value that another resource will have, and that nobody knows yet. It is found at preview, and at up if
// --target leaves that resource out.
type Unknown struct {
	// Element is Pulumi's example of what is awaited, such as an empty string. It says nothing of the value.
	Element any
}

// Secret is a value that must stand neither in a message nor in clear in the state.
type Secret struct{ Element any }

// Output is a value that comes from other resources.
type Output struct {
	Element      any // the value; if it is not Known, an example like that of Unknown
	Known        bool
	Secret       bool     // as if Element were wrapped in a Secret
	Dependencies []string // the URNs of the resources it comes from
}

// Opaque is a resource, an asset or an archive. No input takes one, so Value matters only to whoever put it there.
type Opaque struct{ Value any }

// Raw makes a raw value of what a decoder of YAML or JSON gives: numbers become float64, and the keys of maps strings.
// A raw value stays as it is: it is what a program or a file wrote, before the schema has given it types, and one of
//
//	nil, bool, float64, string   as JSON has them
//	[]any, map[string]any        of raw values
//	Unknown, Secret, Output      a raw value with what a Pulumi program says of it
//	Opaque                       what no input can be
//
// Files have the first two rows alone. Package provider turns Pulumi's values into all of them and back.
func Raw(decoded any) any {
	switch v := decoded.(type) {
	case nil, bool, float64, string, Opaque:
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = Raw(item)
		}
		return items
	case map[string]any:
		return RawMap(v)
	case map[any]any: // YAML with a key that is no text, such as 2: or true:
		fields := make(map[string]any, len(v))
		for key, field := range v {
			fields[fmt.Sprint(key)] = Raw(field)
		}
		return fields
	case Unknown:
		return Unknown{Raw(v.Element)}
	case Secret:
		return Secret{Raw(v.Element)}
	case Output:
		v.Element = Raw(v.Element)
		return v
	}
	return map[string]any{} // such as the time.Time of a YAML date without quotes: no input takes it, as none takes {}
}

// RawMap is Raw for a map.
func RawMap(decoded map[string]any) map[string]any {
	fields := make(map[string]any, len(decoded))
	for key, field := range decoded {
		fields[key] = Raw(field)
	}
	return fields
}

// ContainsSecret reports that a raw value, or one below it, is secret.
func ContainsSecret(raw any) bool {
	switch v := raw.(type) {
	case Secret:
		return true
	case Output:
		return v.Secret || ContainsSecret(v.Element)
	case Unknown:
		return ContainsSecret(v.Element)
	case []any:
		for _, item := range v {
			if ContainsSecret(item) {
				return true
			}
		}
	case map[string]any:
		for _, field := range v {
			if ContainsSecret(field) {
				return true
			}
		}
	}
	return false
}
