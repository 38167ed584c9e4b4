package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A node is a JSON value whose members keep their order: schema.json is read by people, too, and a map would shuffle
// it.
type node struct {
	kind    kind
	members []member // of an object
	items   []node   // of an array
	text    string   // a string
	literal string   // a number, true, false or null, as written
}

type kind int

const (
	literal kind = iota
	text
	array
	object
)

type member struct {
	name  string
	value node
}

// parse reads one JSON document.
func parse(document []byte) (node, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	n, err := parseValue(decoder)
	if err != nil {
		return node{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("something stands after the end of the document")
	}
	return n, nil
}

func parseValue(decoder *json.Decoder) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch token := token.(type) {
	case string:
		return textNode(token), nil
	case json.Delim:
		if token == '[' {
			return parseArray(decoder)
		}
		return parseObject(decoder)
	case nil:
		return node{literal: "null"}, nil
	}
	return node{literal: fmt.Sprint(token)}, nil
}

func parseArray(decoder *json.Decoder) (node, error) {
	n := node{kind: array}
	for decoder.More() {
		item, err := parseValue(decoder)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := decoder.Token()
	return n, err
}

func parseObject(decoder *json.Decoder) (node, error) {
	n := node{kind: object}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return node{}, err
		}
		name := key.(string) // the decoder has refused anything else
		if n.has(name) {
			return node{}, fmt.Errorf("%q stands twice in one object", name)
		}
		value, err := parseValue(decoder)
		if err != nil {
			return node{}, err
		}
		n.set(name, value)
	}
	_, err := decoder.Token()
	return n, err
}

func textNode(s string) node { return node{kind: text, text: s} }

func objectNode(members ...member) node { return node{kind: object, members: members} }

func (n *node) index(name string) int {
	return slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
}

func (n *node) has(name string) bool { return n.index(name) >= 0 }

// get returns a member, or null.
func (n *node) get(name string) node {
	if i := n.index(name); i >= 0 {
		return n.members[i].value
	}
	return node{literal: "null"}
}

// set changes a member in its place, or adds it at the end.
func (n *node) set(name string, value node) {
	if i := n.index(name); i >= 0 {
		n.members[i].value = value
		return
	}
	n.members = append(n.members, member{name, value})
}

// names are those of the members, in order.
func (n *node) names() []string {
	var names []string
	for _, m := range n.members {
		names = append(names, m.name)
	}
	return names
}

// clone copies a node, so that a text can be fitted without touching the original.
func (n *node) clone() node {
	copied := *n
	copied.members = slices.Clone(n.members)
	for i := range copied.members {
		copied.members[i].value = copied.members[i].value.clone()
	}
	copied.items = slices.Clone(n.items)
	for i := range copied.items {
		copied.items[i] = copied.items[i].clone()
	}
	return copied
}

// format writes a document in the one format that schema.json and its parts have: a line for each value, so that a
// change of one word is a change of one line. Lists of plain values, and objects of one plain value, take one line.
func (n *node) format() []byte {
	var b strings.Builder
	n.write(&b, "\n")
	b.WriteByte('\n')
	return []byte(b.String())
}

func (n *node) plain() bool { return n.kind == literal || n.kind == text }

func (n *node) write(b *strings.Builder, newline string) {
	switch n.kind {
	case literal:
		b.WriteString(n.literal)
	case text:
		b.WriteString(quote(n.text))
	case array:
		n.writeArray(b, newline)
	case object:
		n.writeObject(b, newline)
	}
}

func (n *node) writeArray(b *strings.Builder, newline string) {
	inner := newline + "  "
	separator, begin, end := ","+inner, inner, newline
	if !slices.ContainsFunc(n.items, func(item node) bool { return !item.plain() }) {
		separator, begin, end = ", ", "", ""
	}
	b.WriteString("[" + begin)
	for i := range n.items {
		if i > 0 {
			b.WriteString(separator)
		}
		n.items[i].write(b, inner)
	}
	b.WriteString(end + "]")
}

func (n *node) writeObject(b *strings.Builder, newline string) {
	inner := newline + "  "
	begin, end := inner, newline
	switch {
	case len(n.members) == 0:
		begin, end = "", ""
	case len(n.members) == 1 && n.members[0].value.plain():
		begin, end = " ", " "
	}
	b.WriteString("{" + begin)
	for i := range n.members {
		if i > 0 {
			b.WriteString("," + inner)
		}
		b.WriteString(quote(n.members[i].name) + ": ")
		n.members[i].value.write(b, inner)
	}
	b.WriteString(end + "}")
}

func quote(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// walk shows every member of every object to a function, which may change its value.
func (n *node) walk(visit func(*member) error) error {
	for i := range n.members {
		if err := visit(&n.members[i]); err != nil {
			return err
		}
		if err := n.members[i].value.walk(visit); err != nil {
			return err
		}
	}
	for i := range n.items {
		if err := n.items[i].walk(visit); err != nil {
			return err
		}
	}
	return nil
}
