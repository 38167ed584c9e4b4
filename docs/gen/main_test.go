package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheTableOfSystemsInTheREADMEIsTheOneTheCodeGenerates(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if withSystems(string(readme)) != string(readme) {
		t.Error("the table of systems in the README is not what the code generates; run make generate")
	}
}

func TestGeneratedPagesAreThoseTheCodeGenerates(t *testing.T) {
	for name, page := range pages() {
		written, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(written) != page {
			t.Errorf("docs/%s is not what the code generates; run make generate", name)
		}
	}
}
