package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// generateBy runs a generator that is a module of its own, because it needs other versions than the CLI does: the
// folder of that name beside this one. It reads the schema and writes a JSON object of contents by path.
func generateBy(folder string, rawSchema []byte) (map[string][]byte, error) {
	generator := exec.Command("go", "run", ".")
	generator.Dir = folder
	generator.Stdin = bytes.NewReader(rawSchema)
	var out, problems bytes.Buffer
	generator.Stdout, generator.Stderr = &out, &problems
	if err := generator.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, problems.Bytes())
	}
	files := map[string][]byte{}
	err := json.Unmarshal(out.Bytes(), &files)
	return files, err
}

func generateDotNet(_ *schema.Package, rawSchema []byte) (map[string][]byte, error) {
	return generateBy("dotnet", rawSchema)
}
