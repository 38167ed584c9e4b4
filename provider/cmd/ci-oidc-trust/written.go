package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A writtenInput is what somebody wrote into a file of YAML or JSON, and where.
type writtenInput struct {
	name   string // of the file, for messages
	values map[string]any
	root   *yaml.Node
	flags  map[string]bool // the properties that flags say
}

// set takes what a flag says, unless it is "".
func (w *writtenInput) set(property, value string) {
	if value != "" {
		w.values[property], w.flags[property] = value, true
	}
}

// seemsJSON is how JSON begins that holds something, and hardly any YAML that somebody wrote as YAML.
var seemsJSON = regexp.MustCompile(`^\s*\{\s*"`)

// readYAML reads a file of one YAML document, a map that is not empty.
func readYAML(cmd *cobra.Command, file, expected string) (*writtenInput, error) {
	raw, err := read(cmd, file, maxDocument)
	if err != nil {
		return nil, err
	}
	written := writtenInput{name: file, root: &yaml.Node{}, flags: map[string]bool{}}
	if file == "-" {
		written.name = "standard input"
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	err = decoder.Decode(written.root)
	if err == nil {
		if top := written.root.Content[0]; top.Kind != yaml.MappingNode && top.ShortTag() != "!!null" {
			return nil, fmt.Errorf("%s: line %d, column %d: expected %s, found something else", written.name, top.Line,
				top.Column, expected)
		}
		datesAreTexts(written.root)
		err = written.root.Decode(&written.values)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if seemsJSON.Match(raw) && !json.Valid(raw) {
			err = trust.Syntax(raw, err)
		}
		return nil, fmt.Errorf("%s: expected %s: %w", written.name, expected, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s has several YAML documents; write everything into one, without a line of ---",
			written.name)
	}
	if len(written.values) == 0 {
		return nil, fmt.Errorf("%s is empty; expected %s", written.name, expected)
	}
	return &written, nil
}

// datesAreTexts keeps what looks like a date as it is written: a branch or a tag may be called like one, and nothing
// that is read here is a date.
func datesAreTexts(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, content := range n.Content {
		datesAreTexts(content)
	}
}

// places are where each property and each item stands, by its path as problems have it: "github.repositories[0]". What
// an alias stands for is where the alias is.
func places(n *yaml.Node, path string, found map[string]*yaml.Node) {
	switch n.Kind {
	case yaml.DocumentNode:
		for _, content := range n.Content {
			places(content, path, found)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			found[at] = item
			places(item, at, found)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			at := n.Content[i].Value
			if path != "" {
				at = path + "." + at
			}
			found[at] = n.Content[i]
			places(n.Content[i+1], at, found)
		}
	}
}

// flagOf are the flags that say what is a property elsewhere.
var flagOf = map[string]string{
	"accountId": "--account-id", "partition": "--partition", "region": "--region", "roleName": "--role-name",
}

// refused is an input with what is wrong with it, line by line: the first problems, and how many there are. What is
// missing is placed at what should have it. What a flag says has no place.
func (w *writtenInput) refused(what string, problems *input.Problems) *refusedInput {
	shown, all := problems.Shown()
	r := &refusedInput{name: w.name, what: what, all: all}
	found := map[string]*yaml.Node{}
	places(w.root, "", found)
	for _, p := range shown {
		line := p.Path + ": " + p.Reason
		at := p.Path
		if property, _, _ := strings.Cut(at, "."); w.flags[property] {
			line, at = cmp.Or(flagOf[property], property)+": "+p.Reason, ""
		}
		for ; at != ""; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
			if n := found[at]; n != nil {
				line = fmt.Sprintf("line %d, column %d: %s", n.Line, n.Column, line)
				break
			}
		}
		r.lines = append(r.lines, line)
	}
	return r
}

// A refusedInput is an input with what is wrong with it.
type refusedInput struct {
	name, what string
	lines      []string
	all        int
}

func (r *refusedInput) Error() string { return r.name + ": " + r.what + " is refused" }
