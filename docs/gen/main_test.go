package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableOfSystemsInTheREADMEIsTheOneTheCodeGenerates(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	generated, err := withSystems(string(readme), systemsFolder)
	if err != nil {
		t.Fatal(err)
	}
	if generated != string(readme) {
		t.Error("the table of systems in the README is not what the code generates; run make generate")
	}
}

func TestGeneratedPagesAreThoseTheCodeGenerates(t *testing.T) {
	generated, err := pages(systemsFolder)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range generated {
		written, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(written) != page {
			t.Errorf("docs/%s is not what the code generates; run make generate", name)
		}
	}
}

func TestNoPageIsLeftOfWhatTheCodeNoLongerGenerates(t *testing.T) {
	generated, err := pages(systemsFolder)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := stale("..", generated); err != nil || len(left) > 0 {
		t.Errorf("%v %v; run make generate", left, err)
	}
}

func TestAREADMEWithoutAPlaceForTheTableIsAnError(t *testing.T) {
	if _, err := withSystems("# readme", systemsFolder); err == nil {
		t.Error("nothing is said")
	}
}

func TestTheTableOfClaimsInTheREADMEIsTheOneTheCodeGenerates(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	generated, err := withClaims(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	if generated != string(readme) {
		t.Error("the table of claims in the README is not what the code generates; run make generate")
	}
	for _, row := range strings.Split(generated[strings.Index(generated, claimsBegin):], "\n") {
		if strings.HasPrefix(row, "| [") && strings.Contains(row, "|  |  |") {
			t.Errorf("this row says nothing of where the claims are: %s", row)
		}
	}
	if _, err := withClaims("# readme"); err == nil {
		t.Error("a README without a place for the table is no error")
	}
}
