package account

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	mostYAML = 500_000 // values of a template, those behind aliases counted each time
	deepest  = 100
)

// A yamlReader turns YAML into what JSON would have been, with the functions of CloudFormation written out.
type yamlReader struct {
	left  int
	lines map[string]int // of the members of Resources
}

func (r *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if r.left--; r.left < 0 {
		return nil, fmt.Errorf("line %d: it has more than %d values; split the template", n.Line, mostYAML)
	}
	if depth > deepest {
		return nil, fmt.Errorf("line %d: nested more than %d levels deep; write it with fewer", n.Line, deepest)
	}
	v, err := r.plain(n, depth)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v, err
	}
	name := n.Tag[1:]
	if text, ok := v.(string); ok && name == "GetAtt" {
		resource, attribute, _ := strings.Cut(text, ".")
		v = []any{resource, attribute}
	}
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return map[string]any{name: v}, nil
}

// plain is a value without regard to its tag.
func (r *yamlReader) plain(n *yaml.Node, depth int) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return r.value(n.Content[0], depth)
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		items := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := r.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
		}
		return items, nil
	case yaml.MappingNode:
		return r.mapping(n, depth)
	}
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value), nil
		}
	}
	return n.Value, nil
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (any, error) {
	members := make(map[string]any, len(n.Content)/2)
	var merged []any
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Tag == "!!merge" {
			v, err := r.value(value, depth+1)
			if err != nil {
				return nil, err
			}
			if list, ok := v.([]any); ok {
				merged = append(merged, list...)
			} else {
				merged = append(merged, v)
			}
			continue
		}
		if _, again := members[name.Value]; again {
			return nil, fmt.Errorf("line %d, column %d: a name stands twice in one mapping; leave one of them "+
				"out", name.Line, name.Column)
		}
		v, err := r.value(value, depth+1)
		if err != nil {
			return nil, err
		}
		members[name.Value] = v
		if depth == 1 {
			r.lines[name.Value] = name.Line
		}
	}
	return merge(members, merged), nil
}

// merge adds what mappings have that are merged into one (<<), the first of them first. CloudFormation itself takes no
// merges, but `aws cloudformation package` writes them out.
// Sources: https://yaml.org/type/merge.html and
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
func merge(members map[string]any, from []any) map[string]any {
	for _, one := range from {
		more, _ := one.(map[string]any)
		for name, value := range more {
			if _, has := members[name]; !has {
				members[name] = value
			}
		}
	}
	return members
}
