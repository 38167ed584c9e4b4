package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/blang/semver"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// tool is what the header of every generated file names as its author.
const tool = "sdkgen (make generate)"

// A language is one SDK: its folder below sdk/ and the files that belong there.
type language struct {
	dir      string
	generate func(pkg *schema.Package, rawSchema []byte) (map[string][]byte, error)
}

var languages = []language{
	{"go", generateGo},
	{"nodejs", generateNodeJS},
	{"python", generatePython},
	{"java", generateJava},
	{"dotnet", generateDotNet},
}

// files generates one SDK. Every language binds the schema anew, because the generators write into the bound package.
func (l language) files(rawSchema []byte) (map[string][]byte, error) {
	rawSchema, err := withoutChoosers(rawSchema)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(rawSchema, &spec); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	pkg, diags, err := schema.BindSpec(spec, noForeignSchemas{}, schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if len(diags) > 0 {
		return nil, fmt.Errorf("schema: %w", diags)
	}
	files, err := l.generate(pkg, rawSchema)
	if err != nil {
		return nil, fmt.Errorf("sdk %s: %w", l.dir, err)
	}
	return files, nil
}

// withoutChoosers takes the comments out of descriptions of which the Registry makes a chooser of languages: in an SDK
// there is one language, and most editors would show them.
func withoutChoosers(rawSchema []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(rawSchema))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	comment := regexp.MustCompile(`<!--(Start|End) PulumiCodeChooser -->\n`)
	var clean func(value any) any
	clean = func(value any) any {
		switch value := value.(type) {
		case string:
			return comment.ReplaceAllString(value, "")
		case map[string]any:
			for name, member := range value {
				value[name] = clean(member)
			}
		case []any:
			for i, item := range value {
				value[i] = clean(item)
			}
		}
		return value
	}
	return json.Marshal(clean(document))
}

// The Go SDK is a module of its own: whoever uses it gets Pulumi's SDK, and nothing of what the plugin and the command
// line need. It asks for the oldest version of Pulumi's SDK that it compiles with.
//
//go:embed gomod
var goModule embed.FS

func generateGo(pkg *schema.Package, _ []byte) (map[string][]byte, error) {
	files, err := gogen.GeneratePackage(tool, pkg, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if files[name], err = goModule.ReadFile("gomod/" + name + ".txt"); err != nil {
			return nil, err
		}
	}
	return files, documentOutputForms(pkg, files)
}

// documentOutputForms gives the form of each function that takes outputs the text of the plain one: the generator
// leaves it without any, and it is the one that examples call.
func documentOutputForms(pkg *schema.Package, files map[string][]byte) error {
	for _, function := range pkg.Functions {
		name := lastPart(function.Token)
		file := path.Join(pkg.Name, name+".go")
		file = strings.ReplaceAll(file, "-", "")
		form := strings.ToUpper(name[:1]) + name[1:]
		plain := regexp.MustCompile(`(?m)^((?://.*\n)+)func ` + form + `\(`).FindSubmatch(files[file])
		output := []byte("\nfunc " + form + "Output(")
		if plain == nil || bytes.Count(files[file], output) != 1 {
			return fmt.Errorf("%s: the generator writes %s otherwise now", file, form)
		}
		files[file] = bytes.Replace(files[file], output, slices.Concat([]byte("\n"), plain[1], output[1:]), 1)
	}
	return nil
}

// noForeignSchemas keeps the contract free of references to other packages: their types would drag a second SDK, in
// one pinned major version, into every consumer.
type noForeignSchemas struct{}

func (noForeignSchemas) refuse(name string) error {
	return fmt.Errorf("schema.json refers to package %q: outputs and inputs are plain values here", name)
}

func (n noForeignSchemas) LoadPackage(pkg string, _ *semver.Version) (*schema.Package, error) {
	return nil, n.refuse(pkg)
}

func (n noForeignSchemas) LoadPackageV2(_ context.Context, d *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, n.refuse(d.Name)
}

func (n noForeignSchemas) LoadPackageReference(pkg string, _ *semver.Version) (schema.PackageReference, error) {
	return nil, n.refuse(pkg)
}

func (n noForeignSchemas) LoadPackageReferenceV2(
	_ context.Context, d *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return nil, n.refuse(d.Name)
}
