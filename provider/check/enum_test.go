package check

import (
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const enums = `{
  "resources": {"pkg:index:Lamp": {"inputProperties": {
    "color": {"$ref": "#/types/pkg:index:Color", "default": "red"},
    "colors": {"type": "array", "items": {"$ref": "#/types/pkg:index:Color"}},
    "byRoom": {"type": "object", "additionalProperties": {"$ref": "#/types/pkg:index:Color"}},
    "bulb": {"$ref": "#/types/pkg:index:Bulb"},
    "anyName": {"type": "string", "oneOf": [{"type": "string"}, {"$ref": "#/types/pkg:index:Color"}]}
  }}},
  "types": {
    "pkg:index:Color": {
      "type": "string", "enum": [{"name": "Red", "value": "red"}, {"value": "green"}, {"value": "blue"}]},
    "pkg:index:Bulb": {"properties": {"socket": {"$ref": "#/types/pkg:index:Socket"}}},
    "pkg:index:Socket": {"type": "string", "enum": [{"value": "E27"}]}
  },
  "functions": {"pkg:index:ask": {"inputs": {"properties": {"color": {"$ref": "#/types/pkg:index:Color"}}}}}
}`

// lit holds a lamp against the schema.
func lit(t *testing.T, written object) (input.Value, []string) {
	t.Helper()
	s, err := ParseSchema([]byte(enums))
	if err != nil {
		t.Fatal(err)
	}
	var problems input.Problems
	tree, _ := s.Component("pkg:index:Lamp", written, &problems)
	var lines []string
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return tree, lines
}

func TestAWordThatAnEnumDoesNotHaveIsReportedWithThoseThatItHasAndTheNearest(t *testing.T) {
	const wanted = "must be red, green or blue"
	for _, c := range []struct {
		written object
		want    []string
	}{
		{object{"color": "green", "colors": []any{"red", "blue"}}, nil},
		{object{"byRoom": object{"hall": "blue"}, "bulb": object{"socket": "E27"}}, nil},
		{object{"anyName": "no color"}, nil},
		{object{"color": "Green"}, []string{"color: " + wanted + ` (found "Green"); did you mean green?`}},
		{object{"color": ""}, []string{"color: " + wanted + ` (found "")`}},
		{object{"color": 1.0}, []string{"color: must be a string, found a number; write red, green or blue"}},
		{object{"color": object{}}, []string{"color: must be a string, found an object; write red, green or blue"}},
		{object{"colors": []any{"red", "grean", "*"}}, []string{
			"colors[1]: " + wanted + ` (found "grean"); did you mean green?`, "colors[2]: " + wanted + ` (found "*")`,
		}},
		{object{"byRoom": object{"hall": "pink"}}, []string{"byRoom.hall: " + wanted + ` (found "pink")`}},
		{object{"bulb": object{"socket": "G9"}}, []string{`bulb.socket: must be E27 (found "G9")`}},
		{object{"color": secret("Green")}, []string{"color (secret): " + wanted}},
	} {
		if _, lines := lit(t, c.written); !slices.Equal(lines, c.want) {
			t.Errorf("%v:\n got %q\nwant %q", c.written, lines, c.want)
		}
	}
}

func TestARefusedWordIsLeftToNobodyToReadAndTheOthersAre(t *testing.T) {
	tree, _ := lit(t, object{"colors": []any{"red", "grean"}})
	colors := tree.Field("colors")
	if texts := colors.Texts(); len(texts) != 1 || texts[0].Text() != "red" {
		t.Errorf("the readable words are %v", texts)
	}
	if wrong := colors.List[1]; wrong.Known || !wrong.Refused || wrong.Text() != "" || !wrong.Present {
		t.Errorf("the wrong word is handed over as %+v", wrong)
	}
	if color := tree.Field("color"); color.Text() != "red" || color.Refused {
		t.Errorf("the default is handed over as %+v", color)
	}
}

func TestAFunctionTakesTheWordsOfAnEnum(t *testing.T) {
	s, err := ParseSchema([]byte(enums))
	if err != nil {
		t.Fatal(err)
	}
	for color, want := range map[string]int{"blue": 0, "pink": 1} {
		var problems input.Problems
		s.Function("pkg:index:ask", object{"color": color}, &problems)
		if problems.Len() != want {
			t.Errorf("%s: %v", color, problems.Sorted())
		}
	}
}
