package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	nodegen "github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	pygen "github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/mod/modfile"
)

// A language is what differs between the hosts.
type language struct {
	// flags are the runtime options of Pulumi.yaml that the old host takes, as flags.
	flags []string
	// options are those that a new project gets, with their values.
	options [][2]string
	// generate writes the SDK of a package, by path.
	generate func(*schema.Package, *pulumirpc.GeneratePackageRequest, schema.ReferenceLoader) (map[string][]byte, error)
	// link makes the SDK in the folder sdk a dependency of the program in the folder program, and returns what to write
	// into the program to import it. sdk is relative to program.
	link func(program, sdk string) (imported string, err error)
}

var languages = map[string]language{
	"go": {flags: []string{"binary", "buildTarget"}, generate: generateGo, link: linkGo},
	"nodejs": {
		flags: []string{"typescript", "tsconfig", "nodeargs"}, options: [][2]string{{"packagemanager", "npm"}},
		generate: generateNode, link: linkNode,
	},
	"python": {
		flags: []string{"virtualenv"}, options: [][2]string{{"toolchain", "pip"}, {"virtualenv", "venv"}},
		generate: generatePython, link: linkPython,
	},
}

func generateGo(
	pkg *schema.Package, r *pulumirpc.GeneratePackageRequest, _ schema.ReferenceLoader,
) (map[string][]byte, error) {
	return gogen.GeneratePackage("pulumi-language-go", pkg, r.LocalDependencies)
}

// linkGo replaces the SDK's module by its folder. The requirement comes with `go mod tidy`, once something imports it.
func linkGo(program, sdk string) (string, error) {
	content, err := os.ReadFile(filepath.Join(program, sdk, "go.mod"))
	if err != nil {
		return "", err
	}
	module := modfile.ModulePath(content)
	edit := exec.Command("go", "mod", "edit", "-replace="+module+"=./"+filepath.ToSlash(sdk))
	edit.Dir = program
	if out, err := edit.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return module, nil
}

func generateNode(
	pkg *schema.Package, r *pulumirpc.GeneratePackageRequest, loader schema.ReferenceLoader,
) (map[string][]byte, error) {
	return nodegen.GeneratePackage(
		"pulumi-language-nodejs", pkg, r.ExtraFiles, r.LocalDependencies, r.Local, loader)
}

// linkNode writes the SDK's folder into package.json.
func linkNode(program, sdk string) (string, error) {
	content, err := os.ReadFile(filepath.Join(program, sdk, "package.json"))
	if err != nil {
		return "", err
	}
	var manifest struct{ Name string }
	if err := json.Unmarshal(content, &manifest); err != nil {
		return "", err
	}
	set := exec.Command("npm", "pkg", "set", "dependencies."+manifest.Name+"=file:"+filepath.ToSlash(sdk))
	set.Dir = program
	if out, err := set.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return manifest.Name, nil
}

func generatePython(
	pkg *schema.Package, r *pulumirpc.GeneratePackageRequest, loader schema.ReferenceLoader,
) (map[string][]byte, error) {
	return pygen.GeneratePackage("pulumi-language-python", pkg, r.ExtraFiles, loader)
}

// linkPython writes the SDK's folder into requirements.txt, in place of the line that names the package, if one does.
func linkPython(program, sdk string) (string, error) {
	packages, err := filepath.Glob(filepath.Join(program, sdk, "*", "__init__.py"))
	if err != nil {
		return "", err
	}
	if len(packages) != 1 {
		return "", errors.New("the SDK has not one package")
	}
	name := filepath.Base(filepath.Dir(packages[0]))
	file := filepath.Join(program, "requirements.txt")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\r\n")
		if line != sdk && !strings.HasPrefix(strings.ReplaceAll(line, "-", "_"), name) {
			lines = append(lines, line)
		}
	}
	return name, os.WriteFile(file, []byte(strings.Join(append(lines, sdk), "\n")+"\n"), 0o644)
}
