package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A fragment is what one CI system adds to the schema.
type fragment struct {
	file       string
	name       string // the section: "hcpTerraform"
	typeName   string // its type: "HcpTerraformTrust"
	isMap      bool   // the section is a map of that type
	texts      words  // to be fitted into the section's descriptions
	properties node   // the section's own
	shared     node   // property -> the words to be fitted into its description, or a description of its own
	required   node
	hasIssuer  bool     // CiOidcProviders makes providers for it
	issuer     []string // the own properties that make the issuer and the default audience
	types      node     // those that the section's properties refer to
	findings   []Finding
	audit      []Finding
}

// words are texts by the name of the placeholder that they are fitted into.
type words map[string]string

func readFragment(file string, n node) (fragment, error) {
	f := fragment{file: file, texts: words{}, types: n.get("types")}
	if err := onlyMembers("the fragment", n, "section", "types", "findings", "auditFindings"); err != nil {
		return f, err
	}
	var err error
	if f.findings, err = readFindings("findings", n.get("findings")); err != nil {
		return f, err
	}
	if f.audit, err = readFindings("auditFindings", n.get("auditFindings")); err != nil {
		return f, err
	}
	section := n.get("section")
	err = onlyMembers("section", section, "name", "type", "map", "what", "presence", "source", "trusted", "description",
		"properties", "provider", "shared", "required")
	if err != nil {
		return f, err
	}
	for _, m := range section.members {
		switch m.name {
		case "name":
			f.name = m.value.text
		case "type":
			f.typeName = m.value.text
		case "map":
			f.isMap = m.value.literal == "true"
		case "properties":
			f.properties = m.value
		case "provider":
			f.hasIssuer = true
			for _, item := range m.value.items {
				f.issuer = append(f.issuer, item.text)
			}
		case "shared":
			f.shared = m.value
		case "required":
			f.required = m.value
		default:
			f.texts[m.name] = m.value.text
		}
	}
	for what, value := range map[string]string{
		"name, the property of the component": f.name, "type, the name of its type": f.typeName,
		"description, of the type": f.texts["description"],
	} {
		if value == "" {
			return f, errors.New("section has no " + what)
		}
	}
	f.texts["section"], f.texts["typename"] = f.name, f.typeName
	if f.hasIssuer != f.shared.has("providerArn") {
		return f, errors.New("section.provider lists the own properties that make the issuer and the default " +
			"audience, " +
			"in CiOidcProviders too; it stands where section.shared has providerArn, and nowhere else")
	}
	return f, onlyMembers("section.properties", objectNode(membersOf(f.issuer)...), f.properties.names()...)
}

func membersOf(names []string) []member {
	members := make([]member, len(names))
	for i, name := range names {
		members[i].name = name
	}
	return members
}

// providerTypeName is the type of the section in CiOidcProviders: "HcpTerraformProvider".
func (f fragment) providerTypeName() string {
	return strings.TrimSuffix(strings.TrimSuffix(f.typeName, "Trust"), "Issuer") + "Provider"
}

// onlyMembers refuses misspelt names: what nothing reads would be lost without a word.
func onlyMembers(what string, n node, known ...string) error {
	for _, name := range n.names() {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s has no %q; it has %s", what, name, strings.Join(known, ", "))
		}
	}
	return nil
}

// sections are what is written once for all sections, in section.json.
type sections struct {
	texts    map[string]string // "CiOidcTrust", ... -> the description of a section there
	shared   node              // property -> its declaration, with placeholders
	defaults words             // of placeholders that most sections fit alike
	// providerDescription is that of the type of a section in CiOidcProviders
	providerDescription string
}

func (c *composer) readSections() (sections, error) {
	n, err := c.read("section")
	if err != nil {
		return sections{}, err
	}
	if err := onlyMembers("schema/section.json", n, "descriptions", "providerType", "shared", "words"); err != nil {
		return sections{}, err
	}
	s := sections{texts: map[string]string{}, shared: n.get("shared"), defaults: words{}}
	descriptions, defaults := n.get("descriptions"), n.get("words")
	for _, m := range descriptions.members {
		s.texts[m.name] = m.value.text
	}
	s.providerDescription = n.get("providerType").text
	for _, m := range defaults.members {
		s.defaults[m.name] = m.value.text
	}
	return s, nil
}

// property declares a section where the component or a function takes it.
func (s sections) property(f fragment, user, typeName string) (node, error) {
	description, _, err := s.fit(s.texts[user], f.texts)
	if err != nil {
		return node{}, fmt.Errorf("%s: section: %w", f.file, err)
	}
	ref := member{"$ref", textNode(typeName)}
	text := member{"description", textNode(description)}
	if f.isMap {
		return objectNode(member{"type", textNode("object")}, member{"additionalProperties", objectNode(ref)},
			text), nil
	}
	return objectNode(ref, text), nil
}

// sectionType is the type of a section: its own properties, the shared ones that it has, and what it requires.
func (s sections) sectionType(f fragment) (node, error) {
	properties := objectNode(slices.Clone(f.properties.members)...)
	for _, name := range s.shared.names() {
		if !f.shared.has(name) {
			continue
		}
		property, err := s.sharedProperty(name, f.shared.get(name))
		if err != nil {
			return node{}, fmt.Errorf("%s: section.shared.%s: %w", f.file, name, err)
		}
		if properties.has(name) {
			return node{}, fmt.Errorf("%s: %s is in section.properties and in section.shared; take one out",
				f.file, name)
		}
		properties.set(name, property)
	}
	if err := onlyMembers("section.shared", f.shared, s.shared.names()...); err != nil {
		return node{}, fmt.Errorf("%s: %w", f.file, err)
	}
	section := objectNode(member{"description", textNode(f.texts["description"])}, member{"properties", properties})
	if f.required.kind == array {
		section.set("required", f.required)
	}
	return section, nil
}

// ofProviders are the shared properties that a section of CiOidcProviders has.
var ofProviders = []string{"audiences", "existingProvider", "thumbprints"}

// providerType is the type of a section in CiOidcProviders: the properties that make the issuer, and those of the
// provider that is made for it.
func (s sections) providerType(f fragment) (node, error) {
	properties, required := objectNode(), node{kind: array}
	for _, name := range f.issuer {
		own := f.properties.get(name)
		properties.set(name, own.clone())
	}
	for _, name := range ofProviders {
		property, err := s.sharedProperty(name, f.shared.get(name))
		if err != nil {
			return node{}, fmt.Errorf("%s: section.shared.%s: %w", f.file, name, err)
		}
		properties.set(name, property)
	}
	for _, item := range f.required.items {
		if properties.has(item.text) {
			required.items = append(required.items, item)
		}
	}
	description, _, err := s.fit(s.providerDescription, f.texts)
	section := objectNode(member{"description", textNode(description)}, member{"properties", properties})
	if len(required.items) > 0 {
		section.set("required", required)
	}
	return section, err
}

// sharedProperty fits a system's words into a shared property. A description in the place of words is the system's own.
func (s sections) sharedProperty(name string, given node) (node, error) {
	declared := s.shared.get(name)
	property := declared.clone()
	if given.has("description") {
		if len(given.members) > 1 {
			return node{},
				errors.New("has a description of its own, which no words are fitted into; give one or the other")
		}
		property.set("description", given.get("description"))
		return property, nil
	}
	fitting := words{}
	for _, m := range given.members {
		fitting[m.name] = m.value.text
	}
	template := property.get("description")
	description, used, err := s.fit(template.text, fitting)
	if err != nil {
		return node{}, err
	}
	for _, m := range given.members {
		if !used[m.name] {
			return node{}, fmt.Errorf("the text of schema/section.json has no {%s}", m.name)
		}
	}
	property.set("description", textNode(description))
	return property, nil
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// fit puts words into the places of a text. Where a system gives no word, the default is fitted in its turn; what a
// system gives stands as it is, braces included.
func (s sections) fit(text string, given words) (fitted string, used map[string]bool, err error) {
	used = map[string]bool{}
	fitted = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "{}")
		used[name] = true
		word, isGiven := given[name]
		if isGiven {
			return word
		}
		standard, hasDefault := s.defaults[name]
		if !hasDefault {
			err = errors.Join(err, fmt.Errorf("has no %q to fit into: %s", name, text))
			return found
		}
		inner, innerUsed, innerErr := s.fit(standard, given)
		err = errors.Join(err, innerErr)
		for name := range innerUsed {
			used[name] = true
		}
		return inner
	})
	return fitted, used, err
}
