package citest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A Stack is testdata/stack.yaml in the folder of a system: inputs of CiOidcTrust for the tests that bring stacks up
// (tests/engine). They make each value of each example secret, unknown, null and of another type, in turn.
type Stack struct {
	// Examples have, together, every property of the section and of its types, but for those that all sections have.
	// Each text is made of words of at least six letters or digits that stand nowhere else, so that a secret can be
	// searched for. The first is named like the section, and others begin so: "jenkins, of an issuer of its own".
	Examples map[string]object `yaml:"examples"`
	// InArns are the properties out of which AWS makes an id or an ARN, which cannot be hidden:
	// "SpaceliftTrust.hostname".
	InArns []string `yaml:"inArns"`
	// Risks are inputs that have a high finding, by its id.
	Risks map[string]Risk `yaml:"risks"`
}

// A Risk is an input that has one high finding, and the path that the finding names.
type Risk struct {
	Path   string `yaml:"path"`
	Inputs object `yaml:"inputs"`
}

// ReadStack reads the stack.yaml of a system's folder.
func ReadStack(folder string) (Stack, error) {
	path := filepath.Join(folder, "testdata", "stack.yaml")
	document, err := os.ReadFile(path)
	if err != nil {
		return Stack{}, err
	}
	var s Stack
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil {
		return Stack{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// stack asks for an example, and an input for each finding that is refused.
func (s Suite) stack(missing func(file, what string)) {
	const file = "testdata/stack.yaml"
	written, err := ReadStack(".")
	if err != nil {
		missing(file,
			err.Error()+"; write inputs that have every property of the section under examples, and one for each "+
				"refused finding under risks, as in provider/ci/concourse/"+file)
		return
	}
	section := s.System.Section()
	if written.Examples[section][section] == nil {
		missing(file, "examples has no "+section+": with the section "+section+
			" in it; write every property that the section has")
	}
	var refused []string
	for _, r := range s.System.Rules() {
		if _, given := written.Risks[r.ID]; r.IsRefused() && !given {
			missing(file, "risks lacks "+r.ID+", which is refused; write its path and inputs that have it")
		}
		if r.IsRefused() {
			refused = append(refused, r.ID)
		}
	}
	for id := range written.Risks {
		if !slices.Contains(refused, id) {
			missing(file, "risks has "+id+", which is no finding of the system that is refused; take it out")
		}
	}
}
