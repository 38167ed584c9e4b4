package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Printer is what prints a document, in words that go on "expected a string ...".
type Printer string

// The programs whose documents are read.
const (
	IAM       Printer = "as IAM answers"
	Terraform Printer = "as terraform show -json prints it"
	template  Printer = "as CloudFormation takes it"
)

// A typeError says which part of a document has another type than whoever prints it gives it. The value itself is not
// quoted.
type typeError struct {
	kind     *json.UnmarshalTypeError
	document []byte // in which the offset of kind counts
	path     string // of what document is a part of
	printer  Printer
}

func (e *typeError) Error() string {
	path := strings.Trim(e.path+"."+e.kind.Field, ".")
	if path == "" {
		path = "the document"
	}
	return fmt.Sprintf("%s: expected %s %s, found a JSON %s; give it as it was printed", path, jsonType(e.kind.Type),
		e.printer, e.kind.Value)
}

// WrongType says which part of a document has a wrong type, if that is what an error of encoding/json says. within is
// the path of the document in the one that it is a part of. The line and column are for Placed to find.
func WrongType(document []byte, err error, within string, printer Printer) error {
	var inner *typeError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &inner):
		return inner
	case errors.As(err, &kind):
		return &typeError{kind, slices.Clone(document), within, printer}
	case within == "":
		return err
	}
	return fmt.Errorf("%s: %w", within, err)
}

// Placed says of a value of the wrong type on which line and in which column of a text it is. A part of a document is
// looked for by its text: if it stands there twice, the first is as wrong as the other. One that is not there, because
// it was inside a string, stays without a place.
func Placed(text []byte, err error) error {
	var wrong *typeError
	if !errors.As(err, &wrong) {
		return err
	}
	at := bytes.Index(text, wrong.document)
	if at < 0 {
		return err
	}
	return trust.Place(text, int64(at+beginning(wrong.document, int(wrong.kind.Offset))), err.Error())
}

// beginning is where the value begins that encoding/json refused: it counts up to the end of a text, number or word,
// and up to the bracket of anything else.
func beginning(document []byte, end int) int {
	end = min(end, len(document))
	at := end - 1
	if at < 0 {
		return 0
	}
	switch document[at] {
	case '{', '[':
		return at
	case '"':
		for at--; at > 0; at-- {
			if document[at] == '"' && escapes(document[:at])%2 == 0 {
				return at
			}
		}
		return at
	}
	for at > 0 && bytes.IndexByte([]byte(" \t\r\n:,[{"), document[at-1]) < 0 {
		at--
	}
	return at
}

// escapes counts the backslashes at the end of a text.
func escapes(text []byte) int { return len(text) - len(bytes.TrimRight(text, `\`)) }

// jsonType is the type of JSON that a type of Go is read from.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonType(t.Elem())
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Bool:
		return "a boolean"
	case reflect.String:
		return "a string"
	}
	return "a number"
}
