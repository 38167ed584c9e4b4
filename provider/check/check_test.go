package check

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// shapes is a schema with every shape that a Pulumi schema gives an input.
const shapes = `{
  "resources": {"pkg:index:Thing": {
    "inputProperties": {
      "text": {"type": "string"}, "must": {"type": "string"},
		"count": {"type": "integer", "minimum": 2, "maximum": 43200},
      "ratio": {"type": "number"}, "flag": {"type": "boolean"}, "boundary": {"type": "string", "refuseNull": true},
      "names": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
      "pairs": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}},
      "part": {"$ref": "#/types/pkg:index:Part"},
		"parts": {"type": "array", "items": {"$ref": "#/types/pkg:index:Part"}},
      "size": {"type": "integer", "default": 3600}, "path": {"type": "string", "default": "/"},
		"open": {"type": "boolean", "default": false}
    },
    "requiredInputs": ["must"]
  }},
  "types": {"pkg:index:Part": {
    "properties": {
      "id": {"type": "string"}, "weight": {"type": "integer", "maximum": 9},
		"tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
      "notes": {"type": "object", "additionalProperties": {"type": "integer"}},
		"depth": {"type": "integer", "default": 1}
    },
    "required": ["id", "tags"]
  }},
  "functions": {"pkg:index:ask": {"inputs": {"properties": {"what": {"type": "string"}}, "required": ["what"]}}}
}`

func parsed(t testing.TB) *Schema {
	t.Helper()
	s, err := ParseSchema([]byte(shapes))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type object = map[string]any

func secret(v any) input.Secret { return input.Secret{Element: v} }

const urn = "urn:pulumi:s::p::t::n"

func output(v any) input.Output {
	return input.Output{Element: v, Known: true, Dependencies: []string{urn}}
}

func secretOutput(v any) input.Output { return input.Output{Element: v, Known: true, Secret: true} }

func unknown() input.Unknown { return input.Unknown{Element: ""} }

// check holds what was written, with the required property, against the shapes.
func check(t testing.TB, written object) (input.Value, object, []string) {
	t.Helper()
	if _, given := written["must"]; !given {
		written["must"] = "x"
	}
	var problems input.Problems
	tree, clean := parsed(t).Component("pkg:index:Thing", written, &problems)
	lines := []string{}
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return tree, clean, lines
}

func part(more object) object {
	p := object{"id": "a", "tags": []any{"b"}}
	for name, v := range more {
		p[name] = v
	}
	return p
}

const (
	thingHas = "Thing has boundary, count, flag, labels, must, names, open, pairs, part, parts, path, ratio, size, text"
	partHas  = "Part has depth, id, notes, tags, weight"
)

func TestEachShapeOfTheSchemaIsCheckedWithPathAndRemedy(t *testing.T) {
	for _, c := range []struct {
		written object
		want    []string
	}{
		{object{
			"text":   "x",
			"count":  2.0,
			"ratio":  0.5,
			"flag":   true,
			"names":  []any{"a"},
			"labels": object{"a": "b"},
			"part":   part(nil),
		}, nil},
		{object{"names": []any{"a", "b", "c"}, "labels": object{}, "parts": []any{}, "pairs": []any{1.0, 2.0}}, nil},
		{object{"__internal": 1.0, "part": part(object{"__defaults": []any{}})}, nil},
		{object{"txet": 1.0}, []string{"txet: unknown property; " + thingHas + "; did you mean text?"}},
		{object{"part": part(object{"ids": 1.0})},
			[]string{"part.ids: unknown property; " + partHas + "; did you mean id?"}},
		{
			object{"parts": []any{part(nil), part(object{"a.b": 1.0})}},
			[]string{"parts[1].a.b: unknown property; " + partHas},
		},
		{
			object{"part": object{}},
			[]string{"part.id: is missing; Part needs it", "part.tags: is missing; Part needs it"},
		},
		{object{"text": 1.0}, []string{"text: must be a string, found a number; put it in quotation marks"}},
		{object{"text": true}, []string{"text: must be a string, found a boolean; put it in quotation marks"}},
		{object{"text": []any{}}, []string{
			"text: must be a string, found a list; write one string, without a list around it",
		}},
		{object{"text": object{}}, []string{
			"text: must be a string, found an object; write a string; of a JSON document, its text",
		}},
		{object{"count": "3"}, []string{
			"count: must be an integer, found a string; write a whole number from 2 to 43200, without quotation marks",
		}},
		{object{"flag": "true"}, []string{
			"flag: must be a boolean, found a string; write true or false, without quotation marks",
		}},
		{object{"ratio": false}, []string{"ratio: must be a number, found a boolean; write a number"}},
		{object{"names": "a"}, []string{`names: must be a list, found a string; write a list of one (["a"])`}},
		{object{"names": secret("a")}, []string{"names (secret): must be a list, found a string; write a list of one"}},
		{object{"names": 1.0}, []string{"names: must be a list, found a number; write a list of strings"}},
		{object{"pairs": 1.0}, []string{"pairs: must be a list, found a number; write a list of one"}},
		{object{"parts": "a"}, []string{"parts: must be a list, found a string; write a list of objects with id " +
			"and tags"}},
		{object{"parts": part(nil)}, []string{"parts: must be a list, found an object; write a list of one"}},
		{object{"part": []any{part(nil)}}, []string{
			"part: must be an object of type Part, found a list; write the object itself, without a list around it",
		}},
		{object{"labels": []any{}}, []string{
			"labels: must be a map, found a list; write names of your own with strings as their values",
		}},
		{object{"part": "a"}, []string{
			"part: must be an object of type Part, found a string; write an object with id and tags",
		}},
		{object{"parts": []any{"a"}}, []string{
			"parts[0]: must be an object of type Part, found a string; write an object with id and tags",
		}},
		{object{"text": input.Opaque{}}, []string{"text: must be a string, found a resource, an asset or an archive; " +
			"write one of its outputs that is a string"}},
		{object{"count": 3.5}, []string{"count: must be a whole number (found 3.5)"}},
		{object{"count": 1.0}, []string{"count: must be at least 2 (found 1)"}},
		{object{"count": 43201.0}, []string{"count: must be at most 43200 (found 43201)"}},
		{object{"count": 1e21}, []string{"count: must be at most 43200 (found 1000000000000000000000)"}},
		{object{"part": part(object{"weight": 10.0})}, []string{"part.weight: must be at most 9 (found 10)"}},
		{object{"names": []any{}}, []string{"names: is empty; give at least one, or leave it out"}},
		{object{"part": part(object{"tags": []any{}})}, []string{"part.tags: is empty; give at least one"}},
		{object{"names": []any{"a", "b", "c", "d"}}, []string{"names: has 4 items; write at most 3"}},
		{object{"pairs": []any{1.0}}, []string{"pairs: has 1 item; write at least 2"}},
		{object{"names": []any{"a", 1.0, "c", true}}, []string{"names: has 4 items; write at most 3",
			"names[1]: must be a string, found a number; put it in quotation marks",
			"names[3]: must be a string, found a boolean; put it in quotation marks"}},
		{object{"labels": object{"a.b": 1.0, "c[0]": 1.0, `d"e`: 1.0, "": 1.0, "plain": 1.0}}, []string{
			`labels.plain: must be a string, found a number; put it in quotation marks`, `labels[""]: must be a ` +
				`string, found a number; put it in quotation marks`,
			`labels["a.b"]: must be a string, found a number; put it in quotation marks`, `labels["c[0]"]: must be ` +
				`a string, found a number; put it in quotation marks`,
			`labels["d\"e"]: must be a string, found a number; put it in quotation marks`,
		}},
		{
			object{"part": part(object{"notes": object{"x.y": "z"}})},
			[]string{`part.notes["x.y"]: must be an integer, found a string; write a whole number, without ` +
				`quotation marks`},
		},
	} {
		_, _, lines := check(t, c.written)
		if !slices.Equal(lines, append([]string{}, c.want...)) {
			t.Errorf("%v:\n got %q\nwant %q", c.written, lines, c.want)
		}
	}
}

func TestANullIsLeftOutAtTheTopAndAnErrorWhereItWouldLoosenTheRole(t *testing.T) {
	for _, null := range []any{nil, secret(nil), output(nil)} {
		_, clean, lines := check(t, object{"text": null, "size": null, "part": null})
		if _, given := clean["text"]; len(lines) > 0 || given || clean["size"] != 3600.0 {
			t.Errorf("%v: %q, %v", null, lines, clean)
		}
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{object{"boundary": nil}, "boundary: is null; give it a value, or leave it out"},
		{object{"must": nil}, "must: is missing; Thing needs it"},
		{object{"part": part(object{"weight": nil})}, "part.weight: is null; give it a value, or leave it out"},
		{object{"part": part(object{"id": nil})}, "part.id: is null; give it a value"},
		{object{"names": []any{"a", nil}}, "names[1]: is null; give it a value, or leave it out"},
		{object{"labels": object{"a": nil}}, "labels.a: is null; give it a value, or leave it out"},
		{object{"parts": []any{output(nil)}}, "parts[0]: is null; give it a value, or leave it out"},
		{object{"boundary": secret(nil)}, "boundary (secret): is null; give it a value, or leave it out"},
	} {
		if _, _, lines := check(t, c.written); !slices.Equal(lines, []string{c.want}) {
			t.Errorf("%v: %q", c.written, lines)
		}
	}
}

func TestAFunctionTakesItsArgumentsFromTheSchemaAndNullsAsLeftOut(t *testing.T) {
	for _, c := range []struct {
		written object
		want    []input.Problem
	}{
		{object{"what": "x"}, nil},
		{object{"what": nil}, []input.Problem{{Path: "what", Reason: "is missing; ask needs it"}}},
		{object{"what": 1.0}, []input.Problem{{Path: "what", Reason: "must be a string, found a number; put it in " +
			"quotation marks"}}},
		{object{"what": "x", "who": "y"}, []input.Problem{{Path: "who", Reason: "unknown property; ask has what"}}},
	} {
		var problems input.Problems
		parsed(t).Function("pkg:index:ask", c.written, &problems)
		if got := problems.Sorted(); !slices.Equal(got, append([]input.Problem{}, c.want...)) {
			t.Errorf("%v: %v", c.written, got)
		}
	}
}

func TestWhatADecoderOfYAMLGivesIsTakenAsItIs(t *testing.T) {
	tree, clean, lines := check(t, object{
		"count": 7, "pairs": []any{1, uint64(2)}, "labels": map[any]any{"a": "b", 2: "c"},
	})
	labels := object{"a": "b", "2": "c"}
	if len(lines) > 0 || clean["count"] != 7.0 || !reflect.DeepEqual(clean["labels"], labels) {
		t.Errorf("%q, %v", lines, clean)
	}
	if got := tree.Field("pairs").List; got[0].Scalar != 1.0 || got[1].Scalar != 2.0 {
		t.Errorf("%v", got)
	}
	// A key that is no text, such as 1: or true:, once ended the command line with a panic.
	_, _, lines = check(t, object{"part": map[any]any{"id": "a", "tags": []any{"b"}, 1: 2}})
	if want := []string{"part.1: unknown property; " + partHas}; !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

func TestDefaultsAreFilledInAtEveryLevelAndNeverOverAGivenValue(t *testing.T) {
	tree, clean, _ := check(t, object{"part": part(nil), "open": true})
	if clean["size"] != 3600.0 || clean["path"] != "/" || clean["open"] != true ||
		clean["part"].(object)["depth"] != 1.0 {
		t.Errorf("clean inputs: %v", clean)
	}
	if f := tree.Field("size"); !f.Present || !f.Known || f.Scalar != 3600.0 || f.Path != "size" {
		t.Errorf("size: %+v", f)
	}
	if f := tree.Field("part").Field("depth"); f.Scalar != 1.0 || f.Path != "part.depth" {
		t.Errorf("depth: %+v", f)
	}
	if _, given := clean["text"]; given {
		t.Error("a property without default appeared")
	}
}

func TestWhatStandsAroundAValueSurvivesAndTheTreeHoldsTheBareValue(t *testing.T) {
	written := object{
		"text": secret("hush"), "names": output([]any{"a", secret("b"), unknown()}),
		"part": secretOutput(part(object{"weight": unknown()})), "labels": object{"x": secretOutput("y")},
		"flag": unknown(),
	}
	tree, clean, lines := check(t, written)
	if len(lines) > 0 {
		t.Fatalf("problems: %q", lines)
	}
	for path, v := range map[string]struct {
		got           input.Value
		scalar        any
		known, secret bool
	}{
		"text":     {tree.Field("text"), "hush", true, true},
		"flag":     {tree.Field("flag"), nil, false, false},
		"names[0]": {tree.Field("names").List[0], "a", true, false},
		"names[1]": {tree.Field("names").List[1], "b", true, true},
		"names[2]": {tree.Field("names").List[2], nil, false, false},
		"part.id":  {tree.Field("part").Field("id"), "a", true, true},
		"labels.x": {tree.Field("labels").Field("x"), "y", true, true},
	} {
		if v.got.Path != path || v.got.Scalar != v.scalar || v.got.Known != v.known || v.got.Secret != v.secret ||
			!v.got.Present {
			t.Errorf("%s: %+v", path, v.got)
		}
	}
	for property, want := range map[string]any{
		"text":  secret("hush"),
		"names": output([]any{"a", secret("b"), input.Output{Element: ""}}),
		"part": secretOutput(object{
			"id":     "a",
			"tags":   []any{"b"},
			"weight": input.Output{Element: ""},
			"depth":  1.0,
		}),
		"labels": object{"x": secretOutput("y")},
		"flag":   input.Output{Element: ""},
	} {
		if !reflect.DeepEqual(clean[property], want) {
			t.Errorf("%s is handed on as %#v, want %#v", property, clean[property], want)
		}
	}
	if !tree.HasSecret() || tree.FullyKnown() {
		t.Error("the tree forgot a secret or an unknown")
	}
}

func TestASchemaThatIsNoJSONIsAnError(t *testing.T) {
	if _, err := ParseSchema([]byte("{")); err == nil || !strings.HasPrefix(err.Error(), "schema.json: ") {
		t.Errorf("the error is %v", err)
	}
}

// Pulumi's Python SDK hands the dictionaries in a function's arguments over as they are: run_phases for runPhases.
func TestAPythonDictionaryGivenToAFunctionIsToldWhatToPassInstead(t *testing.T) {
	workspace := Type{Properties: map[string]Property{"runPhases": {}, "name": {}}}
	for key, want := range map[string]string{
		"run_phases": "unknown property; Workspace has name, runPhases; write runPhases, or in Python pass " +
			"WorkspaceArgs in the place of a dictionary",
		"na_me":     "unknown property; Workspace has name, runPhases; did you mean name?",
		"_":         "unknown property; Workspace has name, runPhases",
		"runphases": "unknown property; Workspace has name, runPhases; did you mean runPhases?",
	} {
		if got := unknownProperty(key, "Workspace", workspace, true); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if got := unknownProperty("run_phases", "ask", workspace, false); got != "unknown property; ask has name, "+
		"runPhases; write runPhases" {
		t.Errorf("at the top: %q", got)
	}
}

func TestAMisspeltPropertyIsToldWhichOneIsMeant(t *testing.T) {
	parsed, err := Package()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"permissionBoundary": "permissionsBoundary", "gitHub": "github", "roleNames": "roleName",
		"circleCI": "circleci", "policyArn": "policyArns", "travis": "",
	} {
		var problems input.Problems
		parsed.Component("ci-oidc-trust:index:CiOidcTrust", object{path: "x"}, &problems)
		found := false
		for _, p := range problems.Sorted() {
			if p.Path == path {
				found = true
				if got := strings.HasSuffix(p.Reason, "; did you mean "+want+"?"); got != (want != "") {
					t.Errorf("%s: %s", path, p.Reason)
				}
			}
		}
		if !found {
			t.Errorf("%s: %v", path, problems.Sorted())
		}
	}
}
