// Command gen composes schema.json, and writes its parts in their one format. `make generate` runs it.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/schema"
)

func main() {
	root := flag.String("root", ".", "the checkout")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "schema/gen:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, err := generate(os.DirFS(root))
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns schema.json and its parts, as they have to be.
func generate(checkout fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, pattern := range schema.Parts {
		parts, err := fs.Glob(checkout, pattern)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			written, err := fs.ReadFile(checkout, part)
			if err != nil {
				return nil, err
			}
			if files[part], err = schema.Format(written); err != nil {
				return nil, fmt.Errorf("%s: %w", part, err)
			}
		}
	}
	composed, err := schema.Compose(checkout, printed)
	if err != nil {
		return nil, err
	}
	files["schema.json"] = composed
	return files, nil
}

// printed writes an example in every language. The printer takes names and types from the schema that it is given, and
// none from the one that is in the binary: that may be older.
func printed(document, source []byte) (schema.Printed, error) {
	var head struct{ Description string }
	if err := yaml.Unmarshal(source, &head); err != nil {
		return schema.Printed{}, err
	}
	p := schema.Printed{Description: head.Description, Programs: map[string]string{}}
	for _, language := range program.Languages {
		text, err := program.Translate(document, source, language)
		if err != nil {
			return schema.Printed{}, err
		}
		p.Programs[string(language)] = text
	}
	return p, nil
}
