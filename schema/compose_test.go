package schema

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// checkout copies the parts of this checkout, so that a test can change one of them.
func checkout(t *testing.T) fstest.MapFS {
	t.Helper()
	tree, parts := os.DirFS(".."), fstest.MapFS{}
	patterns := slices.Clone(Parts)
	for _, e := range Examples {
		patterns = append(patterns, "examples/"+e.File)
	}
	patterns = append(patterns, "examples/"+ExampleFile(providersComponent), "examples/"+ExampleFile("*"))
	for _, pattern := range patterns {
		files, err := fs.Glob(tree, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := fs.ReadFile(tree, file)
			if err != nil {
				t.Fatal(err)
			}
			parts[file] = &fstest.MapFile{Data: content}
		}
	}
	return parts
}

func composed(t *testing.T, parts fs.FS) string {
	t.Helper()
	document, err := Compose(parts, sixTimes)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// sixTimes prints a program as it is, whatever the language.
func sixTimes(_, program []byte) (Printed, error) {
	p := Printed{Description: "What it shows.", Programs: map[string]string{}}
	for _, e := range Examples {
		p.Programs[e.Language] = string(program)
	}
	return p, nil
}

const fictional = `{
  "section": {
    "name": "quarryCi",
    "type": "QuarryCiTrust",
    "what": "The jobs of Quarry that may assume the role.",
    "source": "https://quarry.example/docs",
    "trusted": "The trusted jobs of Quarry",
    "description": "Jobs of one pit.",
    "properties": { "pit": { "type": "string", "description": "The pit. Not {issuer}." } },
    "shared": {
      "audiences": { "text": "Default: {pit}.", "source": "https://quarry.example/audience" },
      "thumbprints": { "public": "quarry.example" }
    },
    "required": ["pit"]
  },
  "findings": {
    "quarry-open-pit": {
      "severity": "high", "summary": "anybody digs",
      "remediation": "Build a fence.", "source": "https://quarry.example/pits"
    }
  },
  "auditFindings": {
    "quarry-no-pit": {
      "severity": "low", "summary": "nobody digs", "remediation": "Name a pit.", "source": "https://quarry.example/pits"
    }
  }
}`

func TestAFragmentAloneAddsASystem(t *testing.T) {
	parts := checkout(t)
	before := composed(t, parts)
	parts["provider/ci/quarryci/schema.json"] = &fstest.MapFile{Data: []byte(fictional)}
	after := composed(t, parts)

	type property struct {
		Ref         string `json:"$ref"`
		Type        string `json:"type"`
		Description string `json:"description"`
	}
	type object struct {
		Properties map[string]property `json:"properties"`
		Required   []string            `json:"required"`
	}
	var schema struct {
		Resources map[string]struct {
			Inputs map[string]property `json:"inputProperties"`
		} `json:"resources"`
		Functions map[string]struct {
			Inputs object `json:"inputs"`
		} `json:"functions"`
		Types map[string]object `json:"types"`
	}
	if err := json.Unmarshal([]byte(after), &schema); err != nil {
		t.Fatal(err)
	}
	section := schema.Types["ci-oidc-trust:index:QuarryCiTrust"]
	for what, pair := range map[string][2]string{
		"the component's property": {schema.Resources["ci-oidc-trust:index:CiOidcTrust"].Inputs["quarryCi"].Ref,
			"#/types/ci-oidc-trust:index:QuarryCiTrust"},
		"renderTrust's property": {
			schema.Functions["ci-oidc-trust:index:renderTrust"].Inputs.Properties["quarryCi"].Description,
			"The trusted jobs of Quarry, as in `CiOidcTrust`."},
		"what the system writes, braces included": {section.Properties["pit"].Description, "The pit. Not {issuer}."},
		"a fitted text": {section.Properties["audiences"].Description,
			"The `aud` values to register with the IAM OIDC " +
				"provider and to require in the token. Default: {pit}.\n\nSource: https://quarry.example/audience"},
		"a type that the fragment need not name": {section.Properties["thumbprints"].Type, "array"},
		"what is required":                       {strings.Join(section.Required, " "), "pit"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if text := section.Properties["thumbprints"].Description; !strings.Contains(text,
		"Only for issuers behind a private CA: for quarry.example AWS trusts public authorities") {
		t.Errorf("the default word is not fitted, or the system's is not fitted into it: %q", text)
	}
	if _, has := section.Properties["providerArn"]; has {
		t.Error("the section has a shared property that the fragment does not list")
	}
	if removed, _ := changed(before, after); len(removed) != 0 {
		t.Errorf("lines of other systems changed: %q", removed)
	}
}

func TestASectionWithAProviderIsOneOfCiOidcProvidersToo(t *testing.T) {
	parts := checkout(t)
	written := strings.Replace(fictional, `"shared": {`, `"provider": ["pit"], "shared": { "existingProvider": {}, `+
		`"providerArn": { "issuer": "Quarry", "host": "quarry.example" },`, 1)
	written = strings.Replace(written, `"properties": {`, `"properties": { "depth": { "type": "string", `+
		`"description": "How deep." },`, 1)
	parts["provider/ci/quarryci/schema.json"] = &fstest.MapFile{Data: []byte(
		strings.Replace(written, `"required": ["pit"]`, `"required": ["depth", "pit"]`, 1))}
	var schema struct {
		Resources map[string]struct {
			Inputs map[string]struct {
				Ref string `json:"$ref"`
			} `json:"inputProperties"`
		} `json:"resources"`
		Types map[string]struct {
			Properties map[string]any `json:"properties"`
			Required   []string       `json:"required"`
		} `json:"types"`
	}
	if err := json.Unmarshal([]byte(composed(t, parts)), &schema); err != nil {
		t.Fatal(err)
	}
	section := schema.Resources["ci-oidc-trust:index:CiOidcProviders"].Inputs["quarryCi"]
	made := schema.Types["ci-oidc-trust:index:QuarryCiProvider"]
	got := slices.Sorted(maps.Keys(made.Properties))
	if section.Ref != "#/types/ci-oidc-trust:index:QuarryCiProvider" || !slices.Equal(made.Required, []string{"pit"}) ||
		!slices.Equal(got, []string{"audiences", "existingProvider", "pit", "thumbprints"}) {
		t.Errorf("%+v %v %+v", section, got, made.Required)
	}
}

func TestAMistakeInAFragmentIsNamedWithItsFileAndItsRemedy(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"a misspelt member": {`"what"`, `"whatt"`, `section has no "whatt"; it has name, type, map, what`},
		"a text that is missing": {`"trusted": "The trusted jobs of Quarry",`, ``,
			`section: has no "trusted" to fit into: {trusted}, as in`},
		"a word that is missing": {`"text": "Default: {pit}.",`, ``,
			`section.shared.audiences: has no "text" to fit into:`},
		"a word that no text has": {`"public"`, `"private": "", "public"`,
			`section.shared.thumbprints: the text of schema/section.json has no {private}`},
		"words beside a description": {`"public"`, `"description": "", "public"`,
			"has a description of its own, which no words are fitted into"},
		"an unknown shared property": {`"thumbprints"`, `"fingerprints"`,
			`section.shared has no "fingerprints"; it has audiences, existingProvider`},
		"a shared property twice": {`"pit":`, `"audiences":`,
			"audiences is in section.properties and in section.shared; take one out"},
		"an issuer without a provider": {`"shared"`, `"provider": ["pit"], "shared"`,
			"section.provider lists the own properties that make the issuer and the default audience"},
		"a provider without its issuer": {`"thumbprints"`, `"providerArn": {}, "thumbprints"`,
			"section.provider lists the own properties that make the issuer and the default audience"},
		"an issuer of a property that is not there": {`"shared": {`,
			`"provider": ["shaft"], "shared": { "providerArn": {},`, `section.properties has no "shaft"; it has pit`},
		"another folder": {`"quarryCi"`, `"quarry"`,
			`the section is "quarry", so its folder must be quarry`},
		"a type without definition": {`"type": "string"`, `"$ref": "Pit"`,
			`refers to the type "Pit", which no part defines`},
		"a type that nothing uses": {`"section"`, `"types": { "Pit": {} }, "section"`,
			"nothing refers to the type Pit; take it out"},
		"a type of another system": {`"QuarryCiTrust"`, `"ScalrTrust"`,
			"the type ScalrTrust stands in provider/ci/quarryci/schema.json already"},
		"a property of the package": {`"quarryCi"`, `"path"`, "its folder must be path"},
		"a member twice":            {`"what"`, `"what": "", "what"`, `"what" stands twice in one object`},
		"a value without description": {`"section": {`,
			`"types": { "Pit": { "type": "string", "enum": [{ "name": "A", "value": "a", "description": "" ` +
				`}] } }, "section": {`,
			"the type Pit: value 1 of the enum has no description"},
		"a finding of another system": {`quarry-open-pit`, `scalr-dry-runs`,
			"the finding scalr-dry-runs stands in provider/ci/quarryci/schema.json already"},
		"a finding of all audits": {`quarry-no-pit`, `any-ref`,
			"schema/findings.json: the finding any-ref stands in provider/ci/quarryci/schema.json already"},
		"an unknown severity": {`"severity": "high"`, `"severity": "dire"`,
			`findings.quarry-open-pit: severity is "dire"; it must be high, medium or low`},
		"a finding without source": {`"remediation": "Name a pit.", "source": "https://quarry.example/pits"`,
			`"remediation": "Name a pit."`, "auditFindings.quarry-no-pit: source must be the URL"},
		"a summary with a full stop": {`nobody digs`, `nobody digs.`,
			"auditFindings.quarry-no-pit: summary must say"},
		"a finding without remediation": {`"Build a fence."`, `""`,
			"findings.quarry-open-pit: remediation must say what to do"},
		"two findings of one name": {`"findings": {`,
			`"findings": { "quarry-Open-pit": { "severity": "low", "summary": "a", "remediation": "b", ` +
				`"source": "https://c" },`,
			"the findings quarry-Open-pit and quarry-open-pit have one name in the SDKs, QuarryOpenPit"},
		"no name": {`"name": "quarryCi",`, ``, "section has no name, the property of the component"},
	} {
		t.Run(name, func(t *testing.T) {
			parts := checkout(t)
			fragment := strings.Replace(fictional, test.old, test.new, 1)
			if fragment == fictional {
				t.Fatal("the test changes nothing")
			}
			parts["provider/ci/quarryci/schema.json"] = &fstest.MapFile{Data: []byte(fragment)}
			_, err := Compose(parts, sixTimes)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want ...%s...", err, test.want)
			}
			if !strings.Contains(err.Error(), ".json: ") {
				t.Errorf("the file is not named: %v", err)
			}
		})
	}
}

func TestOnlyFindingsOfTheComponentCanBeAccepted(t *testing.T) {
	parts := checkout(t)
	parts["provider/ci/quarryci/schema.json"] = &fstest.MapFile{Data: []byte(fictional)}
	var schema struct {
		Types map[string]struct {
			Enum []struct{ Name, Value, Description string } `json:"enum"`
		} `json:"types"`
	}
	if err := json.Unmarshal([]byte(composed(t, parts)), &schema); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, id := range schema.Types["ci-oidc-trust:index:FindingId"].Enum {
		found[id.Value] = id.Name + ", " + id.Description
	}
	if got, want := found["quarry-open-pit"], "QuarryOpenPit, High: anybody digs."; got != want {
		t.Errorf("quarry-open-pit is %q, want %q", got, want)
	}
	for _, id := range []string{"quarry-no-pit", "any-ref", "github-name-based-subject"} {
		if _, has := found[id]; has {
			t.Errorf("%s, which audits alone report, can be accepted", id)
		}
	}
}

func TestASectionCannotTakeTheNameOfAnotherInput(t *testing.T) {
	parts := checkout(t)
	fragment := strings.Replace(fictional, "quarryCi", "path", 1)
	parts["provider/ci/path/schema.json"] = &fstest.MapFile{Data: []byte(fragment)}
	want := "schema/component.json: CiOidcTrust.inputProperties.path is a section, too"
	if _, err := Compose(parts, sixTimes); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAChangeOfOneWordIsAChangeOfOneLine(t *testing.T) {
	parts := checkout(t)
	before := composed(t, parts)
	for file, change := range map[string][2]string{
		"provider/ci/scalr/schema.json": {"One workspace, every", "A workspace, every"},
		"schema/component.json":         {"One AWS IAM role that", "An AWS IAM role that"},
		"schema/types.json":             {"What one statement of", "What a statement of"},
	} {
		old := parts[file]
		content := strings.Replace(string(old.Data), change[0], change[1], 1)
		parts[file] = &fstest.MapFile{Data: []byte(content)}
		if removed, added := changed(before, composed(t, parts)); len(removed) != 1 || len(added) != 1 {
			t.Errorf("%s: %d lines went, %d came", file, len(removed), len(added))
		}
		parts[file] = old
	}
}

// changed lists the lines that only one of two documents has.
func changed(before, after string) (removed, added []string) {
	count := map[string]int{}
	for _, line := range strings.Split(before, "\n") {
		count[line]++
	}
	for _, line := range strings.Split(after, "\n") {
		if count[line]--; count[line] < 0 {
			added = append(added, line)
		}
	}
	for line, n := range count {
		for ; n > 0; n-- {
			removed = append(removed, line)
		}
	}
	return removed, added
}
