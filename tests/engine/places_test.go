package engine

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
)

// A place is somewhere in an example input where the schema has a value: a section, a property, an item or a map's
// value.
type place struct {
	example  string
	path     string // as users see it: "github.repositories[0].branches[1]"
	shown    string // as they see it inside a secret: without the keys of maps, which are secret too
	declared string // what the schema calls it: "GitHubRepository.branches"
	schema   check.Property
	prose    string // the property's description
	kind     string // "section", "item", "value", "property"
	object   string // the type of the object that a section or an item is
	optional bool
	steps    resource.PropertyPath
}

func (p place) String() string { return p.example + " " + p.path }

// top says that the place is a property of the component itself.
func (p place) top() bool { return len(p.steps) == 1 }

// omissible says that a null here means the same as leaving the property out.
func (p place) omissible() bool { return p.top() && p.optional && !p.schema.RefuseNull }

// wantsPlain says that the schema tells users to write this as a plain value. An item of the map custom is a section,
// too.
func (p place) wantsPlain() bool {
	return p.kind == "value" && p.object != "" ||
		strings.Contains(p.prose, "must be known at preview") && (p.top() || p.object == "")
}

var schemaOnce = sync.OnceValues(func() (*check.Schema, error) { return check.ParseSchema(contract.Schema) })

func parsedSchema(t *testing.T) *check.Schema {
	t.Helper()
	schema, err := schemaOnce()
	require.NoError(t, err)
	return schema
}

// places are all places of all examples.
func places(t *testing.T) []place {
	t.Helper()
	schema := parsedSchema(t)
	prose, err := descriptions()
	require.NoError(t, err)
	component := schema.Resources[componentType]
	var all []place
	for name, example := range examples() {
		w := placeWalker{t: t, schema: schema, prose: prose, example: name, keys: map[string]bool{}}
		w.object("CiOidcTrust", check.Type{Properties: component.Inputs, Required: component.RequiredInputs}, nil,
			values(example))
		all = append(all, w.found...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].String() < all[j].String() })
	return all
}

type placeWalker struct {
	t       *testing.T
	schema  *check.Schema
	prose   map[string]string
	example string
	keys    map[string]bool // paths that end in the key of a map
	found   []place
}

// shown is a path without the keys of maps.
func (w *placeWalker) shown(at resource.PropertyPath) string {
	var kept resource.PropertyPath
	for i := range at {
		if !w.keys[at[:i+1].String()] {
			kept = append(kept, at[i])
		}
	}
	return kept.String()
}

func (w *placeWalker) object(name string, t check.Type, at resource.PropertyPath, value resource.PropertyMap) {
	for _, key := range value.StableKeys() {
		property, declared := t.Properties[string(key)]
		require.True(w.t, declared, "the schema has no %s.%s", name, key)
		optional := true
		for _, required := range t.Required {
			optional = optional && required != string(key)
		}
		p := place{kind: "property", declared: name + "." + string(key), optional: optional}
		if len(at) == 0 && property.Ref != "" {
			p.kind = "section"
		}
		w.value(p, property, step(at, string(key)), value[key])
	}
}

func (w *placeWalker) value(p place, property check.Property, at resource.PropertyPath, value resource.PropertyValue) {
	p.example, p.schema, p.steps, p.path, p.shown = w.example, property, at, at.String(), w.shown(at)
	p.prose = w.prose[p.declared]
	if token, isObject := strings.CutPrefix(property.Ref, "#/types/"); isObject {
		p.object = token[strings.LastIndexByte(token, ':')+1:]
	}
	w.found = append(w.found, p)
	switch {
	case p.object != "":
		w.object(p.object, w.schema.Types[strings.TrimPrefix(property.Ref, "#/types/")], at, value.ObjectValue())
	case property.Type == "array":
		for i, item := range value.ArrayValue() {
			w.value(place{kind: "item", declared: p.declared + "[]"}, *property.Items, step(at, i), item)
		}
	case property.AdditionalProperties != nil:
		for _, key := range value.ObjectValue().StableKeys() {
			w.keys[step(at, string(key)).String()] = true
			w.value(place{kind: "value", declared: p.declared + "{}"}, *property.AdditionalProperties,
				step(at, string(key)), value.ObjectValue()[key])
		}
	}
}

func step(at resource.PropertyPath, key any) resource.PropertyPath {
	return append(append(resource.PropertyPath{}, at...), key)
}

// replaced is the place's example with another value there.
func (p place) replaced(value resource.PropertyValue) props {
	return props(wrapped(replace(resource.NewProperty(values(examples()[p.example])), p.steps, value).ObjectValue()))
}

// without is the place's example without the property.
func (p place) without() props {
	inputs := resource.NewProperty(values(examples()[p.example]))
	parent, ok := p.steps[:len(p.steps)-1].Get(inputs)
	if len(p.steps) == 1 {
		parent, ok = inputs, true
	}
	if ok && parent.IsObject() {
		delete(parent.ObjectValue(), resource.PropertyKey(p.steps[len(p.steps)-1].(string)))
	}
	return props(wrapped(inputs.ObjectValue()))
}

// value is what stands at the place.
func (p place) value() resource.PropertyValue {
	value, _ := p.steps.Get(resource.NewProperty(values(examples()[p.example])))
	return value
}

func replace(in resource.PropertyValue, at resource.PropertyPath, value resource.PropertyValue) resource.PropertyValue {
	if len(at) == 0 {
		return value
	}
	if index, isItem := at[0].(int); isItem {
		items := append([]resource.PropertyValue{}, in.ArrayValue()...)
		items[index] = replace(items[index], at[1:], value)
		return resource.NewProperty(items)
	}
	key := resource.PropertyKey(at[0].(string))
	object := in.ObjectValue().Copy()
	object[key] = replace(object[key], at[1:], value)
	return resource.NewProperty(object)
}

func wrapped(m resource.PropertyMap) map[string]any {
	values := map[string]any{}
	for key, value := range m {
		values[string(key)] = value
	}
	return values
}

// commonToSections are the properties that all sections have, and that all read alike.
var commonToSections = map[string]bool{
	"audiences":        true,
	"existingProvider": true,
	"providerArn":      true,
	"retainProvider":   true,
	"thumbprints":      true,
	"sessionTags":      true,
}

// TestTheExamplesHaveEveryPropertyOfTheSchema makes the tests that walk the schema cover what is added to it later.
func TestTheExamplesHaveEveryPropertyOfTheSchema(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, p := range places(t) {
		covered[p.declared] = true
	}
	all, err := descriptions()
	require.NoError(t, err)
	for declared := range all {
		if commonToSections[declared[strings.IndexByte(declared, '.')+1:]] {
			continue // one reader for all sections; a test of the schema says that they are declared alike
		}
		require.True(t, covered[declared], "no example has %s", declared)
	}
	for _, declared := range []string{"GitHubTrust.audiences", "CircleCiTrust.providerArn",
		"GitLabTrust.retainProvider", "HcpTerraformTrust.thumbprints"} {
		require.True(t, covered[declared], "no example has %s", declared)
	}
	require.Greater(t, len(covered), 30)
}

// first says that the tests go everywhere in an example. What they test of the others is the same code: how it reads
// one system's words is tested in provider/ci.
func first(example string) bool {
	return slices.Contains([]string{"github", "circleci", "all ways to name a provider"}, example)
}

// sampled says that a test goes to a place of a further example. Each test goes to one in six, another test to others;
// with CI_OIDC_TRUST_SOAK all go everywhere, for which one process may not open enough files: run one test at a time.
func sampled(test, place string) bool {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(test + " " + place))
	return hash.Sum32()%6 == 0 || os.Getenv("CI_OIDC_TRUST_SOAK") != ""
}

// walked says that a test which goes to every place goes to this one, in this process.
func (p place) walked(test string) bool {
	if os.Getenv(furtherExamples) == "" {
		return first(p.example)
	}
	return !first(p.example) && sampled(test, p.String())
}

// eachPlace runs a test at every place of the first examples here, and at some of the further ones in a process of its
// own.
func eachPlace(t *testing.T, test func(t *testing.T, p place)) {
	t.Helper()
	t.Parallel()
	require.Regexp(t, walkingTests, t.Name(), "the second process would leave this test out")
	for _, p := range places(t) {
		if p.walked(t.Name()) {
			t.Run(fmt.Sprint(p), func(t *testing.T) { test(t, p) })
		}
	}
}

// eachProperty runs a test at one place of every property, item and map value that the schema declares.
func eachProperty(t *testing.T, test func(t *testing.T, p place)) {
	t.Helper()
	seen := map[string]bool{}
	eachPlace(t, func(t *testing.T, p place) {
		if !seen[p.declared] {
			seen[p.declared] = true
			test(t, p)
		}
	})
}
