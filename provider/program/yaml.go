package program

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlPrinter writes Pulumi YAML. Source: https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/
type yamlPrinter struct{}

func (yamlPrinter) program(s script) string {
	all, outputs := mapping(), mapping()
	for _, d := range s.steps {
		one := mapping()
		put(one, "type", plain(packageName+":"+d.typ))
		put(one, "properties", yamlOf(d.inputs, true))
		put(all, d.name, one)
	}
	for _, o := range s.outputs {
		put(outputs, o.name, plain("${"+o.value.of.name+"."+strings.Join(o.value.path, ".")+"}"))
	}
	root := mapping()
	put(root, "name", plain("ci-trust"))
	put(root, "runtime", plain("yaml"))
	put(root, "resources", all)
	put(root, "outputs", outputs)
	return encode(root)
}

func (yamlPrinter) section(f field) string {
	root := mapping()
	put(root, f.name, yamlOf(f.node, false))
	return encode(root)
}

// yamlOf writes a value. In a program "${" begins an expression, and "$${" is what stands for it.
func yamlOf(n node, expressions bool) *yaml.Node {
	var made *yaml.Node
	switch n.kind {
	case object, dictionary:
		made = mapping()
		for _, f := range n.fields {
			put(made, f.name, yamlOf(f.node, expressions))
		}
	case list:
		made = &yaml.Node{Kind: yaml.SequenceNode}
		if short(n, texts(n)) {
			made.Style = yaml.FlowStyle
		}
		for _, item := range n.items {
			made.Content = append(made.Content, yamlOf(item, expressions))
		}
	case text, word:
		value := n.text
		if expressions {
			value = strings.ReplaceAll(value, "${", "$${")
		}
		made = plain(value)
	default:
		made = &yaml.Node{Kind: yaml.ScalarNode, Value: n.text}
	}
	if n.comment != "" {
		made.LineComment = "# " + oneLine(n.comment)
	}
	return made
}

// texts are the values of a list of plain ones.
func texts(n node) []string {
	values := make([]string, len(n.items))
	for i, item := range n.items {
		values[i] = item.text
	}
	return values
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// plain is a text, quoted where YAML would read something else.
func plain(value string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(value)
	return n
}

func put(to *yaml.Node, name string, value *yaml.Node) {
	to.Content = append(to.Content, plain(name), value)
}

func encode(root *yaml.Node) string {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		panic(err) // a tree of texts, lists and mappings always encodes
	}
	return b.String()
}
