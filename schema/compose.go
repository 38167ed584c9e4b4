// Package schema composes schema.json, the contract of the package, from its parts: those of this folder, which belong
// to no CI system, and a fragment for each system in provider/ci/*/schema.json. README.md says what stands where.
//
// It imports nothing of the provider, so that a schema can be composed before the provider compiles.
package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Parts are the files that schema.json is composed from, as a pattern for each kind.
var Parts = []string{"schema/*.json", "provider/ci/*/schema.json"}

// Format writes a part, or schema.json itself, in the one format that all of them have.
func Format(document []byte) ([]byte, error) {
	n, err := parse(document)
	if err != nil {
		return nil, err
	}
	return n.format(), nil
}

// Compose returns schema.json for a checkout, given as a file system. printer writes the examples in every language.
func Compose(checkout fs.FS, printer Printer) ([]byte, error) {
	c := &composer{checkout: checkout, defined: map[string]string{}, referred: map[string]string{}}
	whole, err := c.compose()
	if err != nil {
		return nil, err
	}
	if err := c.addExamples(&whole, printer); err != nil {
		return nil, err
	}
	return whole.format(), nil
}

// A composer gathers the parts.
type composer struct {
	checkout  fs.FS
	prefix    string            // of a type's token: "ci-oidc-trust:index:"
	shape     sections          // what is written once for all sections
	fragments []fragment        // by section
	types     node              // token -> type
	defined   map[string]string // what may stand in one part only -> the part it stands in
	referred  map[string]string // name of a type -> a part that refers to it
}

func (c *composer) compose() (node, error) {
	whole, err := c.read("package")
	if err != nil {
		return node{}, err
	}
	name := whole.get("name")
	c.prefix = name.text + ":index:"
	if c.shape, err = c.readSections(); err != nil {
		return node{}, err
	}
	if c.fragments, err = c.readFragments(); err != nil {
		return node{}, err
	}
	resources, err := c.resources()
	if err != nil {
		return node{}, err
	}
	functions, err := c.functions()
	if err != nil {
		return node{}, err
	}
	if err := c.gatherTypes(); err != nil {
		return node{}, err
	}
	language, err := c.read("language")
	if err != nil {
		return node{}, err
	}
	whole.set("resources", resources)
	whole.set("types", c.types)
	whole.set("functions", functions)
	whole.set("language", language)
	return whole, c.resolve(&whole)
}

// read reads a part of this folder.
func (c *composer) read(part string) (node, error) {
	return c.readFile("schema/" + part + ".json")
}

func (c *composer) readFile(file string) (node, error) {
	document, err := fs.ReadFile(c.checkout, file)
	if err != nil {
		return node{}, err
	}
	n, err := parse(document)
	if err == nil && n.kind != object {
		err = fmt.Errorf("is no JSON object")
	}
	if err != nil {
		return node{}, fmt.Errorf("%s: %w", file, err)
	}
	return n, n.walk(func(at *member) error {
		if at.name == "$ref" {
			c.referred[at.value.text] = file
		}
		return nil
	})
}

// define notes where something stands, and refuses it a second time.
func (c *composer) define(what, file string) error {
	if other, again := c.defined[what]; again {
		return fmt.Errorf("%s: %s stands in %s already; give it another name", file, what, other)
	}
	c.defined[what] = file
	return nil
}

// shared reports that one of the fragments reports the same finding in the same words: several systems have it.
func shared(fragments []fragment, finding Finding) bool {
	return slices.ContainsFunc(fragments, func(f fragment) bool { return slices.Contains(f.findings, finding) })
}

func (c *composer) readFragments() ([]fragment, error) {
	files, err := fs.Glob(c.checkout, Parts[1])
	if err != nil {
		return nil, err
	}
	var fragments []fragment
	for _, file := range files {
		n, err := c.readFile(file)
		if err != nil {
			return nil, err
		}
		f, err := readFragment(file, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if folder := path.Base(path.Dir(file)); folder != strings.ToLower(f.name) {
			return nil, fmt.Errorf("%s: the section is %q, so its folder must be %s", file, f.name,
				strings.ToLower(f.name))
		}
		for _, finding := range slices.Concat(f.findings, f.audit) {
			if shared(fragments, finding) {
				continue
			}
			if err := c.define("the finding "+finding.ID, file); err != nil {
				return nil, err
			}
		}
		fragments = append(fragments, f)
	}
	slices.SortFunc(fragments, func(a, b fragment) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
	return fragments, nil
}

const (
	trustComponent     = "CiOidcTrust"
	providersComponent = "CiOidcProviders" // the sections whose provider AWS needs, with what makes their issuer
)

// resources are the components, with a property for each section before its own.
func (c *composer) resources() (node, error) {
	resources, err := c.read("component")
	if err != nil {
		return node{}, err
	}
	for _, component := range []string{trustComponent, providersComponent} {
		if err := c.addSections(&resources, "component.json", component, "inputProperties"); err != nil {
			return node{}, err
		}
	}
	return c.tokens(resources), nil
}

// functions are those of the package; renderTrust takes the sections, too.
func (c *composer) functions() (node, error) {
	functions, err := c.read("functions")
	if err != nil {
		return node{}, err
	}
	if err := c.addSections(&functions, "functions.json", "renderTrust", "inputs", "properties"); err != nil {
		return node{}, err
	}
	return c.tokens(functions), nil
}

// addSections puts a property for each section before those that stand at a place in a part. The first name of the
// place says whose text the properties have.
func (c *composer) addSections(part *node, file string, place ...string) error {
	at := part
	for _, name := range place {
		i := at.index(name)
		if i < 0 {
			return fmt.Errorf("schema/%s: %s is missing; the sections stand there", file, strings.Join(place, "."))
		}
		at = &at.members[i].value
	}
	own := *at
	*at = objectNode()
	for _, f := range c.fragments {
		typeName := f.typeName
		if place[0] == providersComponent {
			if !f.hasIssuer {
				continue
			}
			typeName = f.providerTypeName()
		}
		property, err := c.shape.property(f, place[0], typeName)
		if err != nil {
			return err
		}
		at.set(f.name, property)
	}
	for _, m := range own.members {
		if at.has(m.name) {
			return fmt.Errorf("schema/%s: %s.%s is a section, too", file, strings.Join(place, "."), m.name)
		}
		at.set(m.name, m.value)
	}
	return nil
}

// gatherTypes puts the types of all systems and those of this folder together.
func (c *composer) gatherTypes() error {
	add := func(file string, types node) error {
		for _, m := range types.members {
			if err := c.define("the type "+m.name, file); err != nil {
				return err
			}
			if err := checkEnum(m.value.get("enum")); err != nil {
				return fmt.Errorf("%s: the type %s: %w", file, m.name, err)
			}
			c.types.set(c.prefix+m.name, objectType(m.value))
		}
		return nil
	}
	c.types = objectNode()
	for _, f := range c.fragments {
		section, err := c.shape.sectionType(f)
		if err != nil {
			return err
		}
		if err := add(f.file, objectNode(member{f.typeName, section})); err != nil {
			return err
		}
		if f.hasIssuer {
			provider, err := c.shape.providerType(f)
			if err != nil {
				return err
			}
			if err := add(f.file, objectNode(member{f.providerTypeName(), provider})); err != nil {
				return err
			}
		}
		if err := add(f.file, f.types); err != nil {
			return err
		}
	}
	common, err := c.read("types")
	if err != nil {
		return err
	}
	if err := c.fillFindingID(&common); err != nil {
		return err
	}
	return add("schema/types.json", common)
}

// fillFindingID gives the enum of findings its values, and refuses general findings that a system has, too.
func (c *composer) fillFindingID(types *node) error {
	i := types.index("FindingId")
	if i < 0 {
		return errors.New("schema/types.json: FindingId is missing; the ids of findings stand there")
	}
	const file = "schema/findings.json"
	n, err := c.readFile(file)
	if err != nil {
		return err
	}
	if err := onlyMembers("the part", n, "findings", "auditFindings"); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	general, err := readFindings("findings", n.get("findings"))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	audit, err := readFindings("auditFindings", n.get("auditFindings"))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, finding := range slices.Concat(general, audit) {
		if err := c.define("the finding "+finding.ID, file); err != nil {
			return err
		}
	}
	ids, err := c.findingIDs(fragment{file: file, findings: general})
	if err != nil {
		return err
	}
	types.members[i].value.set("enum", ids)
	return nil
}

// checkEnum refuses values of an enum without a name or a description: an editor would have nothing to show.
func checkEnum(values node) error {
	for i := range values.items {
		value := &values.items[i]
		if err := onlyMembers("an enum's value", *value, "name", "value", "description"); err != nil {
			return err
		}
		for _, needed := range []string{"name", "value", "description"} {
			if value.get(needed).text == "" {
				return fmt.Errorf("value %d of the enum has no %s", i+1, needed)
			}
		}
	}
	return nil
}

// objectType says of a type that it is one of objects, as nearly all are, unless it says otherwise.
func objectType(n node) node {
	if n.has("type") {
		return n
	}
	return objectNode(append([]member{{"type", textNode("object")}}, n.members...)...)
}

// tokens puts the package's name before the names of the members.
func (c *composer) tokens(n node) node {
	named := objectNode()
	for _, m := range n.members {
		named.set(c.prefix+m.name, m.value)
	}
	return named
}

const refPrefix = "#/types/"

// resolve writes out references, which the parts make by the type's name alone, and refuses those to nothing and types
// that nothing refers to.
func (c *composer) resolve(whole *node) error {
	for _, f := range c.fragments {
		c.referred[f.typeName] = f.file
		if f.hasIssuer {
			c.referred[f.providerTypeName()] = f.file
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.referred)) {
		if !c.types.has(c.prefix + name) {
			return fmt.Errorf("%s: refers to the type %q, which no part defines", c.referred[name], name)
		}
	}
	for _, token := range c.types.names() {
		name := strings.TrimPrefix(token, c.prefix)
		if _, used := c.referred[name]; !used {
			return fmt.Errorf("%s: nothing refers to the type %s; take it out", c.defined["the type "+name], name)
		}
	}
	return whole.walk(func(at *member) error {
		if at.name == "$ref" {
			at.value = textNode(refPrefix + c.prefix + at.value.text)
		}
		return nil
	})
}
