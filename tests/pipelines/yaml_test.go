package pipelines

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// readYAML reads a text that is one YAML document. What a plain word means is decided here, as YAML 1.2 has it: yaml.v3
// still takes dates, binary numbers and merge keys as YAML 1.1 did. Anchors and tags are refused: no pipeline needs
// one.
func readYAML(text string) (any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, another yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if err := decoder.Decode(&another); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("there is more than one document (%v)", err)
	}
	return valueOf(document.Content[0])
}

func valueOf(node *yaml.Node) (any, error) {
	if node.Anchor != "" || node.Style&yaml.TaggedStyle != 0 {
		return nil, fmt.Errorf("line %d: an anchor or a tag", node.Line)
	}
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Style != 0 {
			return node.Value, nil
		}
		return plain(node.Value), nil
	case yaml.SequenceNode:
		items := []any{}
		for _, item := range node.Content {
			value, err := valueOf(item)
			if err != nil {
				return nil, err
			}
			items = append(items, value)
		}
		return items, nil
	case yaml.MappingNode:
		return fieldsOf(node)
	}
	return nil, fmt.Errorf("line %d: an alias", node.Line)
}

// fieldsOf reads a mapping. Its keys are texts, each there once.
func fieldsOf(node *yaml.Node) (map[string]any, error) {
	fields := map[string]any{}
	for i := 0; i < len(node.Content); i += 2 {
		key, err := valueOf(node.Content[i])
		if err != nil {
			return nil, err
		}
		name, isText := key.(string)
		if _, again := fields[name]; again || !isText {
			return nil, fmt.Errorf("line %d: the key %v is there twice, or is no text", node.Content[i].Line, key)
		}
		if fields[name], err = valueOf(node.Content[i+1]); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// What a plain word is, if it is not text.
// Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution
var (
	isNull    = regexp.MustCompile(`^(null|Null|NULL|~|)$`)
	isTrue    = regexp.MustCompile(`^(true|True|TRUE)$`)
	isFalse   = regexp.MustCompile(`^(false|False|FALSE)$`)
	isBased   = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
	isDecimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	isNoJSON  = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

func plain(word string) any {
	switch {
	case isNull.MatchString(word):
		return nil
	case isTrue.MatchString(word), isFalse.MatchString(word):
		return isTrue.MatchString(word)
	case isBased.MatchString(word):
		number, err := strconv.ParseInt(word, 0, 64)
		if err == nil {
			return float64(number)
		}
	case isDecimal.MatchString(word):
		number, err := strconv.ParseFloat(word, 64)
		if err == nil {
			return number
		}
	case isNoJSON.MatchString(word):
		return math.NaN() // no schema takes it for anything
	}
	return word
}

func TestPipelinesAreReadAsYAML12(t *testing.T) {
	for text, want := range map[string]any{
		"on: push":           map[string]any{"on": "push"},
		"a: [yes, y, OFF]":   map[string]any{"a": []any{"yes", "y", "OFF"}},
		"a: [true, null, ~]": map[string]any{"a": []any{true, nil, nil}},
		"a: 2.1":             map[string]any{"a": 2.1},
		"a: 012":             map[string]any{"a": 12.0},
		"a: 0o17":            map[string]any{"a": 15.0},
		"a: 0x1F":            map[string]any{"a": 31.0},
		"a: 1_0":             map[string]any{"a": "1_0"},
		"a: 0b11":            map[string]any{"a": "0b11"},
		"a: 2026-01-01":      map[string]any{"a": "2026-01-01"},
		"a: '12'":            map[string]any{"a": "12"},
		"a: |\n  12\n":       map[string]any{"a": "12\n"},
		"a:":                 map[string]any{"a": nil},
		"<<: {a: 1}":         map[string]any{"<<": map[string]any{"a": 1.0}},
	} {
		got, err := readYAML(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestWhatIsNotOneYAMLDocumentIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "a: 1\na: 2\n", "a: {b: 1, 'b': 2}", "a: 1\n---\nb: 2\n", "1: a", "? [a]\n: b", "a: &b 1", "a: &b 1\nc: *b",
		"a: !!str 1", "a: [", "a:\n\t- b", "a: b: c", "a: %x", "a: @x", "a: `x`",
	} {
		got, err := readYAML(text)
		require.Error(t, err, "%q is read as %v", text, got)
	}
}
