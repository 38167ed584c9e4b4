package check

import (
	"maps"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Function holds a function's arguments, raw or as a decoder gives them, against the schema. Nulls count as left out:
// languages write them for arguments that are not given.
func (s *Schema) Function(token string, written map[string]any, problems *input.Problems) input.Value {
	w := walker{schema: s, problems: problems}
	given := input.RawMap(written)
	maps.DeleteFunc(given, func(_ string, raw any) bool { return isNull(raw) })
	tree, _ := w.object("", token[strings.LastIndexByte(token, ':')+1:], s.Functions[token].Inputs, given)
	return tree
}
