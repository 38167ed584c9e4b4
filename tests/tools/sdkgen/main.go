// Command sdkgen writes the SDKs that users install, from schema.json alone. It must never import the provider: the
// provider decodes into the Go SDK, so the SDK has to exist before the provider compiles.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	schemaFile := flag.String("schema", "schema.json", "the package schema")
	out := flag.String("out", "sdk", "the folder that holds one folder per language")
	flag.Parse()
	if err := run(*schemaFile, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

func run(schemaFile, out string) error {
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		return err
	}
	for _, lang := range languages {
		files, err := lang.files(raw)
		if err != nil {
			return err
		}
		dir := filepath.Join(out, lang.dir)
		stale, err := write(dir, files)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d files, %d stale ones removed\n", dir, len(files), stale)
	}
	return nil
}
