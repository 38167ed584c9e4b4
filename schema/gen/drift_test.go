package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const root = "../.."

func TestTheSchemaInTheTreeIsComposedOfItsPartsAndAllHaveTheOneFormat(t *testing.T) {
	files, err := generate(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what its parts give; run `make generate` and commit the result", name)
		}
	}
}
