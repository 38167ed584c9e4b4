package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A wrong guess would show names that nobody can write, so that what is not certain counts as not known.
func TestOnlyAProjectInPythonThatAsksIsAnsweredInPythonsNames(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "src", "infrastructure")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, project, folder, asks string
		want                        string
	}{
		{"Python", "name: web\nruntime: python\n", root, "web", "role_name"},
		{"options", "name: web\nruntime: {name: python, options: {toolchain: uv}}\n", root, "web", "role_name"},
		{"main below the project", "name: web\nruntime: python\nmain: src\n", below, "web", "role_name"},
		{"an engine that says no name", "name: web\nruntime: python\n", root, "", "role_name"},
		{"another project", "name: web\nruntime: python\n", root, "shop", "roleName"},
		{"YAML", "name: web\nruntime: yaml\n", root, "web", "roleName"},
		{"no project", "", root, "web", "roleName"},
		{"what is no project", "[", root, "web", "roleName"},
	} {
		file := filepath.Join(root, "Pulumi.yaml")
		if err := os.WriteFile(file, []byte(c.project), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.project == "" {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		t.Chdir(c.folder)
		if got := callerOf(c.asks).says(trustToken, input.Problem{Path: "roleName"}); got.Path != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Path, c.want)
		}
	}
}

// Pulumi's SDK for Python raises the first failure of a function and drops the others.
func TestAProgramInPythonIsToldEveryProblemOfAFunction(t *testing.T) {
	folder := t.TempDir()
	project := []byte("name: web\nruntime: python\n")
	if err := os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), project, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	t.Setenv("PULUMI_PROJECT", "web")
	wrong := args{"clientId": text("x"), "trustPolicy": resource.NewNumberProperty(1)}
	_, failures, err := invoke(t, evaluateToken, wrong)
	if err != nil || len(failures) != 1 {
		t.Fatalf("%v, %v", failures, err)
	}
	const want = "2 problems\n  clientId: unknown property; evaluateTrust has claims, client_ids, ignore_expiry, " +
		"partial, role_arn, token, trust_policy; did you mean client_ids?\n  must be a string, found a number; put " +
		"it in quotation marks"
	if failures[0].GetReason() != want || failures[0].GetProperty() != "trust_policy" {
		t.Errorf("got  %q (%s)\nwant %q", failures[0].GetReason(), failures[0].GetProperty(), want)
	}
	t.Setenv("PULUMI_PROJECT", "shop")
	_, failures, err = invoke(t, evaluateToken, wrong)
	if err != nil || len(failures) != 2 || failures[1].GetProperty() != "trustPolicy" {
		t.Errorf("%v, %v", failures, err)
	}
}

// The engine quotes the value that stands at the path of a problem, and nothing stands at a path in Python's names.
func TestTheValueOfAPropertyIsShownWhereTheEngineCannotFindIt(t *testing.T) {
	secret := resource.MakeSecret(text("hush"))
	c := component{given: args{
		"roleName": text("a b"), "maxSessionDuration": resource.NewNumberProperty(1), "path": secret,
		"policyArns": resource.NewArrayProperty([]resource.PropertyValue{text("x")}),
		"tags":       resource.NewObjectProperty(args{"long": text(strings.Repeat("x", 2000))}),
	}}
	for path, want := range map[string]string{
		"roleName": ` (value "a b")`, "maxSessionDuration": " (value 1)", "policyArns[0]": ` (value "x")`,
		"path": "", "path (secret)": "", "policyArns": "", "none": "", "tags.long": "", "[": "",
	} {
		if got := c.found(input.Problem{Path: path, Reason: "is wrong"}); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := c.found(input.Problem{Path: "roleName", Reason: `is wrong (found "a b")`}); got != "" {
		t.Errorf("the value is shown twice: %q", got)
	}
}
