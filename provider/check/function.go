package check

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Function holds a function's raw arguments against the schema. Nulls count as left out: languages write them for
// arguments that are not given.
func (s *Schema) Function(token string, raw resource.PropertyMap, problems *input.Problems) input.Value {
	w := walker{schema: s, problems: problems}
	given := resource.PropertyMap{}
	for key, value := range raw {
		if bare, _ := unwrap(value); !bare.IsNull() {
			given[key] = value
		}
	}
	tree, _ := w.object("", token[strings.LastIndexByte(token, ':')+1:], s.Functions[token].Inputs, given)
	return tree
}
