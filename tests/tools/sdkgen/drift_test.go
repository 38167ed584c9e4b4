package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const root = "../.."

// Whoever runs the generator is in the folder of its module, where that of the one for Java lies.
func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func readSchema(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestSDKsInTheTreeAreWhatTheSchemaGenerates(t *testing.T) {
	raw := readSchema(t)
	for _, lang := range languages {
		t.Run(lang.dir, func(t *testing.T) {
			want, err := lang.files(raw)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tree(filepath.Join(root, "sdk", lang.dir))
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range compare(want, got) {
				t.Error(difference)
			}
			if t.Failed() {
				t.Log("run `make generate` and commit the result")
			}
		})
	}
}

func TestGeneratingTwiceGivesTheSameBytes(t *testing.T) {
	raw := readSchema(t)
	for _, lang := range languages {
		first, err := lang.files(raw)
		if err != nil {
			t.Fatal(err)
		}
		second, err := lang.files(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, difference := range compare(first, second) {
			t.Errorf("%s: %s", lang.dir, difference)
		}
	}
}

// A default inside an object type makes every SDK wrap the whole object in an output, so that one leaf that is unknown
// at preview makes its whole section unknown, and with it the answer to which resources exist.
func TestNoObjectTypeHasADefault(t *testing.T) {
	var spec schema.PackageSpec
	if err := json.Unmarshal(readSchema(t), &spec); err != nil {
		t.Fatal(err)
	}
	for token, object := range spec.Types {
		for name, property := range object.Properties {
			if property.Default != nil || property.DefaultInfo != nil {
				t.Errorf("%s.%s has a default: say it in the description and apply it in the provider", token, name)
			}
		}
	}
}

func TestStaleFilesAreRemovedAndBuildFoldersAreKept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"old.ts", "types/old.ts", "node_modules/dep/index.js", "bin/index.js"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{"index.ts": []byte("new"), "types/input.ts": []byte("new")}
	stale, err := write(dir, files)
	if err != nil {
		t.Fatal(err)
	}
	if stale != 2 {
		t.Errorf("removed %d stale files, want 2", stale)
	}
	got, err := tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range compare(files, got) {
		t.Error(difference)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules/dep/index.js")); err != nil {
		t.Error("an installed dependency was removed:", err)
	}
}

// compare lists, sorted, in what got is not want.
func compare(want, got map[string][]byte) []string {
	var differences []string
	for name, content := range want {
		if have, ok := got[name]; !ok {
			differences = append(differences, name+": missing")
		} else if !bytes.Equal(have, content) {
			differences = append(differences, name+": differs")
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			differences = append(differences, name+": nothing generates it")
		}
	}
	sort.Strings(differences)
	return differences
}
