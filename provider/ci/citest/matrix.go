package citest

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
)

// A fragment is the schema.json of a system's folder, as far as it says which properties there are.
type fragment struct {
	Section struct {
		Type       string
		Map        bool // the section is a map of the type
		Properties map[string]declared
		Shared     map[string]any
	}
	Types map[string]struct{ Properties map[string]declared }
}

// declared is a property, or what a list or map of it holds.
type declared struct {
	Ref                  string `json:"$ref"` // the name of a type
	Items                *declared
	AdditionalProperties *declared
}

// matrix asks that the trusts of Matrix have, together, every property that decides who gets in: of a property that
// stands in no trust nothing is proved.
func (s Suite) matrix(missing func(file, what string)) {
	document, err := os.ReadFile("schema.json")
	if err != nil {
		return // which declared says
	}
	var f fragment
	if err := json.Unmarshal(document, &f); err != nil {
		missing("schema.json", err.Error())
		return
	}
	unwritten := map[string]bool{}
	for property := range f.Section.Properties {
		unwritten[f.Section.Type+"."+property] = true
	}
	for _, property := range []string{"audiences", "sessionTags"} {
		if _, takes := f.Section.Shared[property]; takes {
			unwritten[f.Section.Type+"."+property] = true
		}
	}
	for name, t := range f.Types {
		for property := range t.Properties {
			unwritten[name+"."+property] = true
		}
	}
	for _, written := range slices.Concat(s.Matrix, s.Elsewhere) {
		sections := []any{written[s.System.Section()]}
		if items, isMap := sections[0].(object); isMap && f.Section.Map {
			sections = slices.Collect(maps.Values(items))
		}
		for _, section := range sections {
			f.strike(unwritten, f.Section.Type, f.Section.Properties, section)
		}
	}
	for _, property := range slices.Sorted(maps.Keys(unwritten)) {
		missing(strings.ToLower(s.System.Section())+"_test.go",
			"no trust of Matrix has "+property+", so nothing of it is proved; write one that has it")
	}
}

// strike takes the properties out that stand in a value of a type, and in what is inside.
func (f fragment) strike(unwritten map[string]bool, name string, properties map[string]declared, value any) {
	fields, _ := value.(object)
	for property, inside := range fields {
		delete(unwritten, name+"."+property)
		f.strikeIn(unwritten, properties[property], inside)
	}
}

// strikeIn does so for the value of a property, whatever it is.
func (f fragment) strikeIn(unwritten map[string]bool, d declared, value any) {
	switch {
	case d.Ref != "":
		f.strike(unwritten, d.Ref, f.Types[d.Ref].Properties, value)
	case d.Items != nil:
		items, _ := value.(list)
		for _, item := range items {
			f.strikeIn(unwritten, *d.Items, item)
		}
	case d.AdditionalProperties != nil:
		items, _ := value.(object)
		for _, item := range items {
			f.strikeIn(unwritten, *d.AdditionalProperties, item)
		}
	}
}
