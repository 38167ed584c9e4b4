package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// maxDocument bounds what is read at all. IAM's own quota for a trust policy is 8192 characters at most, white
	// space not counted; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
	maxDocument = 1 << 20
	// maxDepth bounds nesting; a trust policy needs six levels.
	maxDepth = 32
)

// A node is a JSON value that remembers where it stands, so that an error can name line and column.
type node struct {
	offset  int64
	scalar  any // nil, bool, string or json.Number, when neither list nor members is used
	list    []node
	members []member
	kind    string // "object", "array", "string", "number", "boolean", "null"
}

type member struct {
	name   string
	offset int64
	value  node
}

// A DocumentError says what a document was expected to hold and what was found where.
type DocumentError struct {
	Line, Column int // counted from 1, in characters
	Reason       string
	// Duplicate says that the document is refused only because a name stands twice in one object.
	Duplicate bool
}

func (e *DocumentError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// at makes a DocumentError for a byte offset.
func at(document []byte, offset int64, format string, args ...any) error {
	line, column := lineAndColumn(document, offset)
	return &DocumentError{Line: line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

// Place is an error at a byte offset of a document, for whoever reads more of a document than its policy.
func Place(document []byte, offset int64, reason string) error {
	return at(document, offset, "%s", reason)
}

// lineAndColumn are those of a byte offset, counted from 1, in characters.
func lineAndColumn(document []byte, offset int64) (line, column int) {
	before := document[:min(int(offset), len(document))]
	return bytes.Count(before, []byte("\n")) + 1,
		utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

func twice(document []byte, offset int64, name string) error {
	err := at(document, offset, "%q stands twice in one object; which of the two counts differs between readers",
		name).(*DocumentError)
	err.Duplicate = true
	return err
}

// readJSON reads one JSON value. Unlike encoding/json it refuses a name that stands twice in one object: which of the
// two counts differs between readers, so what a reviewer sees is not what is in force. Where lastWins is set the last
// counts.
func readJSON(document []byte, lastWins bool) (node, error) {
	switch {
	case len(document) > maxDocument:
		return node{}, fmt.Errorf("expected a JSON object of at most %d bytes, found %d bytes", maxDocument,
			len(document))
	case len(bytes.TrimSpace(document)) == 0:
		return node{}, errors.New("the document is empty; expected a JSON object")
	case bytes.HasPrefix(document, []byte("\uFEFF")):
		return node{}, at(document, 0, "the document begins with a byte order mark; save it as UTF-8 without one")
	case !utf8.Valid(document):
		return node{}, at(document, firstInvalid(document), "the document is not UTF-8 text from here on")
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	n, err := parseNode(document, d, 0, lastWins)
	if err != nil {
		return node{}, err
	}
	if rest := bytes.TrimLeft(document[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return node{}, at(document, int64(len(document)-len(rest)), "expected nothing after the JSON value")
	}
	return n, nil
}

// start is the offset of the next token: the decoder's offset, less the white space and separators before it.
func start(document []byte, d *json.Decoder) int64 {
	offset := int(d.InputOffset())
	for offset < len(document) && strings.IndexByte(" \t\r\n,:", document[offset]) >= 0 {
		offset++
	}
	return int64(offset)
}

func parseNode(document []byte, d *json.Decoder, depth int, lastWins bool) (node, error) {
	n := node{offset: start(document, d)}
	if depth > maxDepth {
		return n, at(document, n.offset, "nested more than %d levels deep", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return n, Syntax(document, err)
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			n.kind = "array"
			for d.More() {
				item, err := parseNode(document, d, depth+1, lastWins)
				if err != nil {
					return n, err
				}
				n.list = append(n.list, item)
			}
		} else {
			n.kind = "object"
			seen := map[string]int{}
			for d.More() {
				offset := start(document, d)
				name, err := d.Token()
				if err != nil {
					return n, Syntax(document, err)
				}
				m := member{name: name.(string), offset: offset}
				earlier, again := seen[m.name]
				if again && !lastWins {
					return n, twice(document, offset, m.name)
				}
				if m.value, err = parseNode(document, d, depth+1, lastWins); err != nil {
					return n, err
				}
				if again {
					n.members[earlier] = m
					continue
				}
				seen[m.name] = len(n.members)
				n.members = append(n.members, m)
			}
		}
		if _, err := d.Token(); err != nil {
			return n, Syntax(document, err)
		}
	case string:
		n.kind, n.scalar = "string", t
	case json.Number:
		n.kind, n.scalar = "number", t
	case bool:
		n.kind, n.scalar = "boolean", t
	default:
		n.kind = "null"
	}
	return n, nil
}

// Syntax says what is wrong with a document that encoding/json refuses, with line and column.
func Syntax(document []byte, err error) error { return SyntaxBehind(document, 0, err) }

// SyntaxBehind is Syntax for one of several documents that stand one after the other in a text: the one that begins at
// an offset, in bytes. A json.Decoder counts the offsets of errors in more than one way, so the place is looked up by
// reading the document again.
func SyntaxBehind(text []byte, offset int64, err error) error {
	document := text[offset:]
	var s *json.SyntaxError
	switch {
	case !errors.As(json.Unmarshal(document, new(json.RawMessage)), &s):
		return fmt.Errorf("expected JSON: %w", err)
	case int(s.Offset) == len(document) && strings.HasPrefix(s.Error(), "unexpected end"):
		return at(text, offset+s.Offset, "expected more JSON, the document ends here")
	}
	return at(text, offset+max(s.Offset-1, 0), "expected JSON: %s", s.Error())
}

func firstInvalid(document []byte) int64 {
	offset := 0
	for {
		r, size := utf8.DecodeRune(document[offset:])
		if r == utf8.RuneError && size < 2 {
			return int64(offset)
		}
		offset += size
	}
}
