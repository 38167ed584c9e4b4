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
	shown := map[string]bool{"providers": true, "functions": true} // those of the schema, and of llms.txt
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
	// Source: https://www.pulumi.com/docs/iac/guides/building-extending/packages/publishing-packages/
	titles := map[string]string{
		"_index.md": "CI OIDC Trust", "installation-configuration.md": "CI OIDC Trust Installation & Configuration",
	}
	for name := range titles {
		page := generated[name]
		if !strings.HasPrefix(page, "---\ntitle: \""+titles[name]+"\"\n") ||
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

// Whoever reads llms.txt instead of the pages has to find what there is to call, and a program for each.
func TestTheIndexNamesEveryResourceAndEveryFunctionWithItsProgram(t *testing.T) {
	generated, err := packagePages(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	p, err := packageOf()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Resources) < 2 || len(p.Functions) < 5 {
		t.Fatalf("there are %d resources and %d functions", len(p.Resources), len(p.Functions))
	}
	for _, part := range []map[string]described{p.Resources, p.Functions} {
		for token := range part {
			name := strings.TrimPrefix(token, "ci-oidc-trust:index:")
			line := regexp.MustCompile(`(?m)^- \[` + name +
				`\]\(https://raw\S+/main/(examples/\S+\.yaml)\): [A-Z].+\.$`).
				FindStringSubmatch(generated["../llms.txt"])
			if line == nil {
				t.Errorf("llms.txt says nothing of %s", name)
				continue
			}
			text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(line[1])))
			if err != nil || !strings.Contains(string(text), "ci-oidc-trust:"+name+"\n") {
				t.Errorf("%s does not show %s: %v", line[1], name, err)
			}
		}
	}
}

func TestAMissingExampleIsAnError(t *testing.T) {
	if _, err := packagePages(t.TempDir()); err == nil {
		t.Error("nothing is said")
	}
}
