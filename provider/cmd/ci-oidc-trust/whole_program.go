package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A whole program in Pulumi YAML is read, and not only told what it is: it is what adopt prints, and what people have.
// With one CiOidcTrust in it there is no doubt about what is meant; with several there is, and none is guessed. What
// only Pulumi knows is refused value by value, and what says nothing of the trust is named, so that nobody takes the
// answer for one about all of the program.

const trustToken, renderToken = "ci-oidc-trust:index:CiOidcTrust", "ci-oidc-trust:index:renderTrust"

// ofComponent puts the inputs of the one CiOidcTrust in the place of a program that has it. It returns the names of
// inputs that say nothing of the trust.
func (w *writtenInput) ofComponent(schema *check.Schema) (unread []string, err error) {
	body := map[string]any(nil)
	at := w.root.Content[0]
	switch resources, isProgram := w.values["resources"].(map[string]any); {
	case isProgram:
		var names []string
		for _, name := range slices.Sorted(maps.Keys(resources)) {
			if resource, ok := resources[name].(map[string]any); ok && isTrust(resource["type"]) {
				names, body = append(names, name), resource
			}
		}
		switch len(names) {
		case 0:
			return nil, fmt.Errorf("%s is a whole program, and has no CiOidcTrust; write its properties, such as "+
				"github, at the top of the file", w.name)
		case 1:
			at = member(member(at, "resources"), names[0])
		default:
			return nil, fmt.Errorf("%s is a whole program with %d of CiOidcTrust (%s); write the properties of one "+
				"into a file by themselves, at its top", w.name, len(names), strings.Join(names, ", "))
		}
	case w.values["properties"] != nil:
		if given, ok := w.values["type"]; ok && !isTrust(given) {
			return nil, fmt.Errorf("%s: the type must be ci-oidc-trust:CiOidcTrust; write the properties of one at "+
				"the top of the file", w.name)
		}
		body = w.values
	default:
		return nil, nil
	}
	properties, ok := body["properties"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: the CiOidcTrust has no properties; write a section such as github", w.name)
	}
	w.root, w.values = member(at, "properties"), map[string]any{}
	function := schema.Functions[renderToken].Inputs.Properties
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		_, taken := function[name]
		if _, known := schema.Resources[trustToken].Inputs[name]; known && !taken {
			unread = append(unread, name)
			continue
		}
		w.values[name] = withoutExpressions(properties[name])
	}
	if role, ok := w.values["roleName"].(string); ok {
		if path, ok := properties["path"].(string); ok {
			w.values["roleName"] = strings.TrimLeft(strings.Trim(path, "/")+"/"+role, "/") // as the ARN has it
			unread = slices.DeleteFunc(unread, func(name string) bool { return name == "path" })
		}
	}
	return unread, nil
}

func isTrust(token any) bool { return token == trustToken || token == "ci-oidc-trust:CiOidcTrust" }

// member is what a mapping has under a name; the mapping itself if it has no such name, as of one that is merged.
func member(n *yaml.Node, name string) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return n
}

// withoutExpressions takes what Pulumi computes for not known.
// Source: https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/
func withoutExpressions(v any) any {
	switch v := v.(type) {
	case string:
		if strings.Contains(strings.ReplaceAll(v, "$${", ""), "${") {
			return input.Unknown{Element: ""}
		}
		return strings.ReplaceAll(v, "$${", "${")
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = withoutExpressions(item)
		}
		return items
	case map[string]any:
		members := make(map[string]any, len(v))
		for name, value := range v {
			if strings.HasPrefix(strings.ToLower(name), "fn::") {
				return input.Unknown{Element: ""}
			}
			members[name] = withoutExpressions(value)
		}
		return members
	}
	return v
}
