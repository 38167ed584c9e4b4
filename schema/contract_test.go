package schema

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "record the contract of the version in package.json")

func version(t *testing.T, document []byte) string {
	t.Helper()
	var of struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(document, &of); err != nil || of.Version == "" {
		t.Fatalf("no version: %v", err)
	}
	return of.Version
}

func TestNothingAProgramReliesOnIsRemovedOrNarrowedWithoutAMajorVersion(t *testing.T) {
	current := []byte(composed(t, os.DirFS("..")))
	recorded := filepath.Join("testdata", "contract-"+version(t, current)+".json")
	if *record {
		contract, err := Contract(current)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(recorded, contract, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "contract-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(files, recorded) {
		t.Errorf("there is no %s: run `go test ./schema -run Major -record`", recorded)
	}
	for _, file := range files {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !SameLine(version(t, before), version(t, current)) {
			continue
		}
		broken, err := Breaks(before, current)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range broken {
			t.Errorf("since %s: %s. Bring it back, or raise the version in schema/package.json: docs/versions.md",
				version(t, before), what)
		}
	}
}

func TestVersionsOfOneLineWorkForTheSamePrograms(t *testing.T) {
	for _, pair := range []struct {
		one, other string
		same       bool
	}{
		{"0.1.0", "0.1.9", true},
		{"0.1.0", "0.1.1-rc.1", true},
		{"0.1.0", "0.2.0", false},
		{"0.1.0", "0.10.0", false},
		{"0.9.0", "1.0.0", false},
		{"1.0.0", "1.7.3", true},
		{"1.0.0", "10.0.0", false},
	} {
		if SameLine(pair.one, pair.other) != pair.same || SameLine(pair.other, pair.one) != pair.same {
			t.Errorf("%s and %s: want %v", pair.one, pair.other, pair.same)
		}
	}
}

// small is a schema with each kind of thing that a program can rely on.
const small = `{
  "name": "quarry", "version": "0.1.0", "description": "Pits.", "pluginDownloadURL": "github://api.github.com/q/q",
  "language": { "nodejs": { "packageName": "quarry", "readme": "Dig." },
    "go": { "importBasePath": "quarry.example/go" } },
  "resources": { "q:index:Pit": {
    "isComponent": true,
    "inputProperties": {
      "description": { "type": "string", "description": "Any text." },
      "depth": { "type": "integer", "default": 3, "minimum": 1, "maximum": 9 },
      "diggers": { "type": "array", "items": { "$ref": "#/types/q:index:Digger" }, "maxItems": 5 },
      "risks": { "oneOf": [{ "type": "string" }, { "$ref": "#/types/q:index:Risk" }] },
      "labels": { "type": "object", "additionalProperties": { "type": "string" } }
    },
    "properties": { "key": { "type": "string", "secret": true }, "found": { "$ref": "#/types/q:index:Find" } },
    "required": ["key"]
  } },
  "functions": { "q:index:weigh": {
    "inputs": { "type": "object", "properties": { "stone": { "type": "string" } } },
    "outputs": { "type": "object", "properties": { "weight": { "type": "number" } }, "required": ["weight"] }
  } },
  "types": {
    "q:index:Digger": { "type": "object",
      "properties": { "name": { "type": "string" }, "age": { "type": "integer" } }, "required": ["name"] },
    "q:index:Find": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] },
    "q:index:Risk": { "type": "string",
      "enum": [{ "name": "Rain", "value": "rain" }, { "name": "Dust", "value": "dust" }] }
  }
}`

func TestWhatBreaksAProgramIsNamed(t *testing.T) {
	for _, change := range []struct{ was, is, want string }{
		{`"labels": {`, `"tags": {`, "q:index:Pit.labels: the input is gone"},
		{`"depth": { "type": "integer"`, `"depth": { "type": "string"`, "Pit.depth: the input was integer, is string"},
		{`"default": 3`, `"default": 4`, "Pit.depth: the default was 3, is 4"},
		{`"default": 3, `, ``, "Pit.depth: the default was 3, is <nil>"},
		{`"minimum": 1`, `"minimum": 2`, "Pit.depth: minimum was 1, is 2"},
		{`"maximum": 9`, `"maximum": 8`, "Pit.depth: maximum was 9, is 8"},
		{`"maxItems": 5`, `"maxItems": 4`, "Pit.diggers: maxItems was 5, is 4"},
		{`"maxItems": 5`, `"maxItems": 5, "minItems": 1`, "Pit.diggers: minItems was none, is 1"},
		{`"default": 3`, `"default": 3, "refuseNull": true`, "Pit.depth: refuseNull is new"},
		{`"default": 3`, `"default": 3, "const": 3`, "Pit.depth: the only value was <nil>, is 3"},
		{`"default": 3`, `"default": 3, "plain": true`, "Pit.depth: plain was false, is true"},
		{`"default": 3`, `"default": 3, "willReplaceOnChanges": true`, "Pit.depth: willReplaceOnChanges is new"},
		{`{ "$ref": "#/types/q:index:Digger" }`, `{ "type": "string" }`,
			"Pit.diggers[]: the input was q:index:Digger, is string"},
		{`"additionalProperties": { "type": "string" }`, `"additionalProperties": { "type": "number" }`,
			"Pit.labels{}: the input was string, is number"},
		{`, "additionalProperties": { "type": "string" }`, ``, "Pit.labels{}: the input has another shape"},
		{`"oneOf": [{ "type": "string" }, `, `"oneOf": [`, "Pit.risks: the input can no longer be string"},
		{`"required": ["key"]`, `"required": ["key"], "requiredInputs": ["depth"]`,
			"Pit.depth: the input is required, and was not"},
		{`"required": ["key"]`, `"required": []`, "Pit.key: the output was always there, and no longer is"},
		{`"secret": true`, `"secret": false`, "Pit.key: the output was secret, and no longer is"},
		{`"isComponent": true,`, ``, "q:index:Pit: is another kind of resource"},
		{`"q:index:Pit": {`, `"q:index:Mine": {`, "q:index:Pit: is gone"},
		{`"q:index:weigh": {`, `"q:index:measure": {`, "q:index:weigh: is gone"},
		{`"weight": { "type": "number" }`, `"mass": { "type": "number" }`, "weigh.weight: the output is gone"},
		{`{ "stone": { "type": "string" } }`, `{ "stone": { "type": "string" } }, "required": ["stone"]`,
			"weigh.stone: the input is required"},
		{`, "age": { "type": "integer" }`, ``, "Digger.age: the input is gone"},
		{`{ "type": "integer" } }, "required": ["name"]`, `{ "type": "integer" } }, "required": ["name", "age"]`,
			"Digger.age: the input is required, and was not"},
		{`"q:index:Find": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] }`,
			`"q:index:Find": { "type": "object", "properties": { "name": { "type": "string" } } }`,
			"Find.name: the output was always there"},
		{`, { "name": "Dust", "value": "dust" }`, ``, `Risk: the value dust, called "Dust", is gone`},
		{`"name": "Dust"`, `"name": "Sand"`, `Risk: the value dust, called "Dust", is gone`},
		{`"name": "quarry"`, `"name": "mine"`, `name: was "quarry", is "mine"`},
		{`github://api.github.com/q/q`, `github://api.github.com/q/r`, "pluginDownloadURL: was"},
		{`"packageName": "quarry"`, `"packageName": "mine"`, "language.nodejs.packageName: was quarry, is mine"},
		{` },
    "go": { "importBasePath": "quarry.example/go" }`, ` }`, "language.go.importBasePath: was"},
	} {
		after := strings.Replace(small, change.was, change.is, 1)
		if after == small {
			t.Errorf("%s stands nowhere", change.was)
		}
		broken, err := Breaks([]byte(small), []byte(after))
		if err != nil {
			t.Fatal(err)
		}
		if len(broken) != 1 || !strings.Contains(broken[0], change.want) {
			t.Errorf("%s -> %s:\n got %q\nwant %q", change.was, change.is, broken, change.want)
		}
	}
}

func TestWhatIsAddedOrWidenedBreaksNoProgram(t *testing.T) {
	for _, change := range [][2]string{
		{`"labels": {`, `"width": { "type": "integer" }, "labels": {`},
		{`"minimum": 1`, `"minimum": 0`},
		{`, "maximum": 9`, ``},
		{`"oneOf": [`, `"oneOf": [{ "type": "number" }, `},
		{`"required": ["key"]`, `"required": ["key", "found"]`},
		{`"required": ["name"] },`, `"required": [] },`},
		{`"enum": [`, `"enum": [{ "name": "Snow", "value": "snow" }, `},
		{`"description": "Pits."`, `"description": "Mines."`},
		{`"description": "Any text."`, `"description": "A text."`},
		{`"readme": "Dig."`, `"readme": "Dig deep."`},
	} {
		after := strings.Replace(small, change[0], change[1], 1)
		if after == small {
			t.Errorf("%s stands nowhere", change[0])
		}
		if broken, err := Breaks([]byte(small), []byte(after)); err != nil || len(broken) > 0 {
			t.Errorf("%s -> %s: %q %v", change[0], change[1], broken, err)
		}
	}
}

func TestAContractIsTheSchemaWithoutItsTexts(t *testing.T) {
	contract, err := Contract([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Any text.", "Pits.", "Dig."} {
		if strings.Contains(string(contract), text) {
			t.Errorf("the text %q is in it", text)
		}
	}
	for _, pair := range [][2][]byte{{[]byte(small), contract}, {contract, []byte(small)}} {
		if broken, err := Breaks(pair[0], pair[1]); err != nil || len(broken) > 0 {
			t.Errorf("%q %v", broken, err)
		}
	}
	if !strings.Contains(string(contract), `"description": { "type": "string" }`) {
		t.Errorf("the property description is not in it:\n%s", contract)
	}
}

func TestASchemaThatIsNotJSONIsAnError(t *testing.T) {
	for _, pair := range [][2]string{{"{", small}, {small, "{"}} {
		if _, err := Breaks([]byte(pair[0]), []byte(pair[1])); err == nil {
			t.Errorf("%.10q and %.10q: nothing is said", pair[0], pair[1])
		}
	}
	if _, err := Contract([]byte("{")); err == nil {
		t.Error("nothing is said")
	}
}
