package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

// To record what `render` prints now, after a change that was meant:
//
//	go test ./provider/cmd/ci-oidc-trust -run Recorded -record
//
// and read the difference. A change of a sentence may be one that was meant; a change of a policy, of a grant, of a
// finding's id or severity, or of a property's path breaks somebody's stack.
//
// A section without a recording gets one by that command, of the example of its page.md and of some inputs that are
// wrong. To add a case, write its name, arguments and input into the file of its section, with "json": {} if the JSON
// is to be recorded as well, and record. Most cases are inputs of other tests, and are named after those.
var record = flag.Bool("record", false, "write what render prints into testdata/recorded")

// A recording is one file of testdata/recorded: what render printed for inputs of one section, or for inputs with none
// and with several in mixed.json.
type recording struct {
	Cases []*recordedCase `json:"cases"`
}

type recordedCase struct {
	Name      string          `json:"name"`
	Arguments []string        `json:"arguments"`
	Input     json.RawMessage `json:"input"`
	Exit      int             `json:"exit"`
	Out       []string        `json:"out,omitempty"` // line by line, to be read in a difference
	Err       []string        `json:"err,omitempty"`
	JSON      json.RawMessage `json:"json,omitempty"` // absent where the text says the same
}

// mixed is the recording of what belongs to no single section.
const mixed = "mixed"

func recordingFile(name string) string { return filepath.Join("testdata", "recorded", name+".json") }

func readRecording(t *testing.T, name string) recording {
	t.Helper()
	raw, err := os.ReadFile(recordingFile(name))
	if errors.Is(err, fs.ErrNotExist) && *record {
		return firstRecording(t, name)
	}
	if err != nil {
		t.Fatalf("every section needs a recording of what render prints for it: %v\n"+
			"run go test ./provider/cmd/ci-oidc-trust -run Recorded -record, and read what it wrote", err)
	}
	var all recording
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		t.Fatalf("%s: %v", recordingFile(name), err)
	}
	return all
}

// firstRecording has the cases that a section begins with.
func firstRecording(t *testing.T, section string) recording {
	t.Helper()
	told, err := page.Of("../../ci", section)
	if err != nil {
		t.Fatal(err)
	}
	var sections map[string]any
	if err := yaml.Unmarshal([]byte(told.Example), &sections); err != nil {
		t.Fatal(err)
	}
	example, err := json.Marshal(sections)
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	for _, in := range []struct {
		partition, region string
	}{{"aws", "eu-west-1"}, {"aws-cn", "cn-north-1"}, {"aws-us-gov", "us-gov-west-1"}} {
		r.Cases = append(r.Cases, &recordedCase{
			Name: "the example in " + in.partition, Input: example, JSON: json.RawMessage("{}"),
			Arguments: []string{"--account-id", "123456789012", "--partition", in.partition, "--region", in.region},
		})
	}
	for _, wrong := range []struct{ name, section string }{
		{"an empty section", "{}"}, {"a section that is a text", `"acme"`}, {"a section that is null", "null"},
		{"an unknown property", `{"surprise": 1}`},
	} {
		r.Cases = append(r.Cases, &recordedCase{
			Name: wrong.name, Input: json.RawMessage(`{"` + section + `": ` + wrong.section + `}`),
			Arguments: []string{"--account-id", "123456789012"},
		})
	}
	return r
}

// indented writes a value as the recordings and render --json have it.
func indented(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// replay is the case with what render prints now.
func (c *recordedCase) replay(t *testing.T) *recordedCase {
	t.Helper()
	arguments := append([]string{"render", "--input", "-"}, c.Arguments...)
	input := string(c.Input) // JSON is YAML
	text := cli(t, input, arguments...)
	now := &recordedCase{
		Name: c.Name, Arguments: c.Arguments, Input: c.Input,
		Exit: text.code, Out: lines(text.out), Err: lines(placed.ReplaceAllString(text.err, "${1}")),
	}
	if c.JSON == nil {
		return now
	}
	switch asJSON := cli(t, input, append(arguments, "--json")...); {
	case asJSON.code != text.code || asJSON.err != text.err:
		t.Errorf("%s: with --json %+v, without %+v", c.Name, asJSON, text)
	case asJSON.out == "":
	case asJSON.out != indented(t, json.RawMessage(asJSON.out)):
		t.Errorf("%s: --json is not indented as it always was:\n%s", c.Name, asJSON.out)
	default:
		now.JSON = json.RawMessage(asJSON.out)
	}
	return now
}

// placed is where a problem stands, in front of it. The inputs here have no layout of their own: written_test.go is
// about places.
var placed = regexp.MustCompile(`(?m)^(ci-oidc-trust: |  )(?:standard input: |line [0-9]+, column [0-9]+: )`)

// lines keeps every byte: joined by line feeds they are the text.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// declaredSections are the properties of renderTrust that hold a section, or a map of them: each is an object of the
// schema.
func declaredSections(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../../../schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type reference struct {
		Ref string `json:"$ref"`
	}
	var schema struct {
		Types     map[string]struct{ Type string }
		Functions map[string]struct {
			Inputs struct {
				Properties map[string]struct {
					reference
					AdditionalProperties reference
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, property := range schema.Functions["ci-oidc-trust:index:renderTrust"].Inputs.Properties {
		ref := property.Ref + property.AdditionalProperties.Ref
		if schema.Types[strings.TrimPrefix(ref, "#/types/")].Type == "object" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestRenderPrintsWhatIsRecordedByteForByte(t *testing.T) {
	sections := declaredSections(t)
	if len(sections) < 20 {
		t.Fatalf("schema.json has only the sections %v", sections)
	}
	for _, name := range append(sections, mixed) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := readRecording(t, name)
			var now recording
			for _, c := range all.Cases {
				replayed := c.replay(t)
				now.Cases = append(now.Cases, replayed)
				if was, is := indented(t, c), indented(t, replayed); was != is && !*record {
					t.Errorf("%s\n%s", c.Name, difference(was, is))
				}
			}
			if !*record {
				return
			}
			if err := os.WriteFile(recordingFile(name), []byte(indented(t, now)), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// difference is the first line in which two texts differ.
func difference(was, is string) string {
	recorded, now := strings.Split(was, "\n"), strings.Split(is, "\n")
	i := 0
	for i < len(recorded)-1 && i < len(now)-1 && recorded[i] == now[i] {
		i++
	}
	return "recorded: " + strings.TrimSpace(recorded[i]) + "\nnow:      " + strings.TrimSpace(now[i])
}

// What is not recorded can change unseen, such as what a new section prints.
func TestTheRecordedCasesOfEverySectionHaveAPolicyAndARefusal(t *testing.T) {
	sections := declaredSections(t)
	for _, name := range sections {
		policies, refusals := 0, 0
		for _, c := range readRecording(t, name).Cases {
			var input map[string]any
			if err := json.Unmarshal(c.Input, &input); err != nil {
				t.Errorf("%s: %s: %v", name, c.Name, err)
			}
			if _, given := input[name]; !given {
				t.Errorf("%s: %s has the sections %v; it belongs to %s.json", name, c.Name,
					slices.Sorted(maps.Keys(input)), mixed)
			}
			switch {
			case c.Exit == exitBadInput:
				refusals++
			case c.JSON != nil:
				policies++
			}
		}
		if policies == 0 || refusals == 0 {
			t.Errorf("%s: %d policies are recorded as text and JSON, and %d refusals", name, policies, refusals)
		}
	}
	files, err := filepath.Glob(recordingFile("*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if _, declared := slices.BinarySearch(sections, name); !declared && name != mixed {
			t.Errorf("%s is the recording of no section of schema.json", file)
		}
	}
}
