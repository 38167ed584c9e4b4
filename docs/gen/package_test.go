package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/schema"
)

func TestThePagesOfTheRegistryHaveAnExampleInEveryLanguageThatThereIsOneFor(t *testing.T) {
	generated, err := packagePages(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{"providers": true} // a second example in YAML
	for _, e := range schema.Examples {
		folder, _, _ := strings.Cut(e.File, "/")
		shown[folder] = true
		begin := "{{% choosable language " + e.Language + " %}}\n\n```" + e.Language + "\n"
		if !strings.Contains(generated["_index.md"], begin) {
			t.Errorf("there is no example in %s", e.Name)
		}
	}
	for _, folder := range folders {
		if !shown[folder.Name()] {
			t.Errorf("examples/%s is on no page: add it to schema.Examples", folder.Name())
		}
	}
	for _, name := range []string{"_index.md", "installation-configuration.md"} {
		page := generated[name]
		if !strings.HasPrefix(page, "---\ntitle: \"CI OIDC Trust") ||
			!strings.Contains(page, "\nlayout: package\n---\n") {
			t.Errorf("%s does not begin as the Registry wants it", name)
		}
	}
}

func TestEveryFileThatAPageOfThePackageNamesIsInTheCheckout(t *testing.T) {
	root := filepath.Join("..", "..")
	generated, err := packagePages(root)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/pulumi-ci-oidc-trust/(?:(?:blob|tree)/)?main/([^)\s"]+)`)
	for name, page := range generated {
		links := link.FindAllStringSubmatch(page, -1)
		if len(links) < 4 {
			t.Errorf("%s names %d files", name, len(links))
		}
		for _, found := range links {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestAMissingExampleIsAnError(t *testing.T) {
	if _, err := packagePages(t.TempDir()); err == nil {
		t.Error("nothing is said")
	}
}
