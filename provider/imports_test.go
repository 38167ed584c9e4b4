package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"

// dependencies are all that the packages of this module depend on, by the package's path inside the module.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
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

// Pulumi's SDK makes a program for the browser four times as large, and the generated SDK would have to exist before the
// provider whose schema it is generated from.
func TestOnlyTheProviderAndItsPluginKnowPulumiAndNothingKnowsTheGeneratedSDK(t *testing.T) {
	all := dependencies(t)
	for _, name := range []string{"check", "input", "ci", "trust", "verb", "cmd/ci-oidc-trust"} {
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
				t.Errorf("%s depends on %s; raw values of provider/input are there for what Pulumi says of a value", name, dependency)
				break
			}
			if strings.HasPrefix(dependency, module+"/sdk/") {
				t.Errorf("%s depends on the generated SDK, %s; its outputs are fields of provider's own", name, dependency)
			}
		}
		if knowsPulumi[name] && !found {
			t.Errorf("%s depends on nothing of Pulumi, so this test looks for the wrong paths", name)
		}
	}
}
