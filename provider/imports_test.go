package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"

// lookAtSources makes the go command run this test again when a Go file has changed. It keeps the result of a test as
// long as the files that the test itself looked at are the same, and does not see what a process it started reads.
// Source: https://pkg.go.dev/cmd/go#hdr-Test_packages
func lookAtSources(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"provider", "docs"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".go" {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// dependencies are all that the packages of this module depend on, by the package's path inside the module.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	lookAtSources(t)
	list := exec.Command("go", "list", "-json=ImportPath,Deps", "./...")
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOPROXY=off") // what this test was built from is all there
	var problems bytes.Buffer
	list.Stderr = &problems
	listed, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &problems)
	}
	found := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct {
			ImportPath string
			Deps       []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimPrefix(p.ImportPath, module+"/")] = p.Deps
	}
}

// Pulumi's SDK makes a program for the browser four times as large. The generated SDK would have to exist before the
// provider that serves the schema it is generated from.
func TestOnlyTheProviderAndItsPluginKnowPulumiAndNothingKnowsTheGeneratedSDK(t *testing.T) {
	all := dependencies(t)
	for _, name := range []string{"check", "input", "ci", "trust", "advice", "verb", "cmd/ci-oidc-trust"} {
		if _, listed := all["provider/"+name]; !listed {
			t.Errorf("go list does not list provider/%s, so nothing is known of what it depends on", name)
		}
	}
	knowsPulumi := map[string]bool{"provider": true, "provider/cmd/pulumi-resource-ci-oidc-trust": true}
	for name, dependsOn := range all {
		if strings.HasPrefix(name, "sdk/") {
			continue
		}
		found := false
		for _, dependency := range dependsOn {
			pulumi := strings.HasPrefix(dependency, "github.com/pulumi/")
			found = found || pulumi
			if pulumi && !knowsPulumi[name] {
				t.Errorf("%s depends on %s; what Pulumi says of a value is said by the types in "+
					"provider/input/raw.go", name,
					dependency)
				break
			}
			if strings.HasPrefix(dependency, module+"/sdk/") {
				t.Errorf("%s depends on the generated SDK, %s; its outputs are fields of provider's own", name,
					dependency)
			}
		}
		if knowsPulumi[name] && !found {
			t.Errorf("%s depends on nothing of Pulumi, so this test looks for the wrong paths", name)
		}
	}
}

// What one system took from another, or the core from a system, would have to be known to whoever changes either.
func TestNoSystemImportsAnotherAndTheCoreImportsNone(t *testing.T) {
	all := dependencies(t)
	folders := map[string]bool{}
	parts, err := filepath.Glob(filepath.Join("ci", "*", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		folder := "provider/" + filepath.ToSlash(filepath.Dir(part))
		folders[folder] = true
		if _, listed := all[folder]; !listed {
			t.Errorf("%s has a schema.json and no Go", folder)
		}
	}
	if len(folders) < 24 {
		t.Errorf("only %d folders have a schema.json, so this test looks in the wrong place", len(folders))
	}
	core := []string{"adopt", "advice", "audit", "ci", "ci/citest", "ci/page", "ci/workflow", "check", "input", "trust"}
	for name, dependsOn := range all {
		inCore := slices.Contains(core, strings.TrimPrefix(name, "provider/"))
		for _, dependency := range dependsOn {
			system := strings.TrimPrefix(dependency, module+"/")
			if folders[system] && (folders[name] || inCore) {
				t.Errorf("%s depends on the CI system %s; what both need belongs into provider/ci, and a system that "+
					"asks about others is handed a ci.Registry by ci/all", name, system)
			}
		}
	}
	for folder := range folders {
		if !slices.Contains(all["provider/ci/all"], module+"/"+folder) {
			t.Errorf("provider/ci/all does not import %s; add its import and its System to "+
				"provider/ci/all/registry.go", folder)
		}
	}
}
