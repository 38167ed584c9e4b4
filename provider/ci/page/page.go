// Package page reads page.md, what the folder of a CI system tells people in prose.
package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Page is a page.md: a few words for tables between two lines of ---, then sections with these headings.
type Page struct {
	// Beyond says what else the section is for: "gitlab.com and self-managed". Empty if the title says it all.
	Beyond string `yaml:"beyond"`
	// Names says what a section can restrict by: "repositories; branches, tags".
	Names string `yaml:"names"`
	// Audience is the default audience, and who chooses it.
	Audience string `yaml:"audience"`
	// ParsedOnly says why what is to be pasted is only parsed as YAML: no package has a schema for it. Empty if one
	// has.
	ParsedOnly string `yaml:"parsedOnly"`

	// Subjects are the forms of sub, with identifiers in capitals.
	Subjects string `yaml:"-"`
	// Example is the section as YAML, as it stands under the component's properties.
	Example string `yaml:"-"`
	// SettingUp is what has to be done in the CI system before a job gets a token.
	SettingUp string `yaml:"-"`
	// Pitfalls is what goes wrong, and what lets the wrong people in.
	Pitfalls string `yaml:"-"`
	// Sources are the URLs that the facts come from.
	Sources string `yaml:"-"`
}

// Read reads the page.md of a system's folder. The error names the part that is missing.
func Read(folder string) (*Page, error) {
	path := filepath.Join(folder, "page.md")
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := Parse(document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Of reads the page of a section, whose folder stands in the folder of all systems: provider/ci.
func Of(systems, section string) (*Page, error) {
	return Read(filepath.Join(systems, strings.ToLower(section)))
}

// Parse reads a page.md.
func Parse(document []byte) (*Page, error) {
	head, body, found := bytes.Cut(bytes.TrimPrefix(document, []byte("---\n")), []byte("\n---\n"))
	if !found {
		return nil, fmt.Errorf("must begin with names and audience between two lines of ---")
	}
	p := &Page{}
	decoder := yaml.NewDecoder(bytes.NewReader(head))
	decoder.KnownFields(true)
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("between the lines of ---: %w", err)
	}
	parts := map[string]*string{
		"Subjects": &p.Subjects, "What to write": &p.Example, "Setting up": &p.SettingUp, "Pitfalls": &p.Pitfalls,
		"Sources": &p.Sources,
	}
	for _, part := range strings.Split("\n"+string(body), "\n## ")[1:] {
		heading, text, _ := strings.Cut(part, "\n")
		to, known := parts[heading]
		if !known {
			return nil, fmt.Errorf("has a heading %q; the headings are Subjects, What to write, Setting up, "+
				"Pitfalls and Sources", heading)
		}
		if text = strings.TrimSpace(text); text != "" {
			*to = text + "\n"
		}
	}
	for heading, text := range parts {
		if *text == "" {
			return nil, fmt.Errorf("has no text under ## %s", heading)
		}
	}
	if p.Names == "" || p.Audience == "" {
		return nil, fmt.Errorf("needs names and audience between the lines of ---")
	}
	example, fenced := strings.CutPrefix(p.Example, "```yaml\n")
	example, closed := strings.CutSuffix(example, "```\n")
	if !fenced || !closed {
		return nil, fmt.Errorf("must have the example under ## What to write as one fenced block of YAML")
	}
	p.Example = example
	return p, nil
}
