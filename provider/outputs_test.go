package provider

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

func TestTheComponentHasTheOutputsThatTheSchemaDeclares(t *testing.T) {
	type property struct {
		Type                 string    `json:"type"`
		Ref                  string    `json:"$ref"`
		Items                *property `json:"items"`
		AdditionalProperties *property `json:"additionalProperties"`
	}
	var schema struct {
		Resources map[string]struct {
			Properties map[string]property `json:"properties"`
		} `json:"resources"`
		Types map[string]struct {
			Type       string              `json:"type"`
			Properties map[string]property `json:"properties"`
		} `json:"types"`
	}
	if err := json.Unmarshal(contract.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	// goType is the type of a value that the schema declares. An object is a map of texts here, so that all of it is
	// text.
	var goType func(p property) reflect.Type
	goType = func(p property) reflect.Type {
		switch text := reflect.TypeFor[string](); {
		case p.Items != nil:
			return reflect.SliceOf(goType(*p.Items))
		case p.AdditionalProperties != nil:
			return reflect.MapOf(text, goType(*p.AdditionalProperties))
		case p.Ref != "" && schema.Types[p.Ref[len("#/types/"):]].Type == "string":
			return text // an enum
		case p.Ref != "":
			for name, field := range schema.Types[p.Ref[len("#/types/"):]].Properties {
				if goType(field) != text {
					t.Errorf("%s of %s is no text", name, p.Ref)
				}
			}
			return reflect.MapOf(text, text)
		case p.Type == "string":
			return text
		}
		t.Fatalf("the test does not know how %+v is in Go", p)
		return nil
	}

	declared := schema.Resources[trustToken].Properties
	registered, found := (&outputs{}).state(), map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[outputs]()) {
		name := field.Tag.Get("pulumi")
		if len(field.Index) > 1 || name == "" {
			continue
		}
		found[name] = true
		output, ok := reflect.Zero(field.Type).Interface().(interface{ ElementType() reflect.Type })
		if !ok || reflect.TypeOf(registered[name]) != field.Type {
			t.Errorf("%s is %v, and %T in the state", name, field.Type, registered[name])
			continue
		}
		if want := goType(declared[name]); output.ElementType() != want {
			t.Errorf("%s is %v, and the schema declares %v", name, output.ElementType(), want)
		}
	}
	want := slices.Sorted(maps.Keys(declared))
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
		t.Errorf("the component has %q, and the schema declares %q", got, want)
	}
	if got := slices.Sorted(maps.Keys(registered)); !slices.Equal(got, want) {
		t.Errorf("the state has %q, and the schema declares %q", got, want)
	}

	fields := slices.Sorted(maps.Keys(schema.Types["ci-oidc-trust:index:Finding"].Properties))
	if got := slices.Sorted(maps.Keys(findingOutput(ci.Finding{}))); !slices.Equal(got, fields) {
		t.Errorf("a finding has %q, and the schema declares %q", got, fields)
	}
}
