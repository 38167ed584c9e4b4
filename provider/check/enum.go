package check

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
)

// An EnumValue is one of the values of an enum.
type EnumValue struct {
	Value string `json:"value"`
}

func (s *Schema) spellOutAll(properties map[string]Property) {
	for name, p := range properties {
		s.spellOut(&p)
		properties[name] = p
	}
}

// spellOut puts the words of an enum in the place of a reference to it, so that all references left are to objects.
func (s *Schema) spellOut(p *Property) {
	if p == nil {
		return
	}
	if t := s.Types[strings.TrimPrefix(p.Ref, "#/types/")]; len(t.Enum) > 0 {
		p.Ref, p.Type = "", t.Type
		for _, value := range t.Enum {
			p.Words = append(p.Words, value.Value)
		}
	}
	s.spellOut(p.Items)
	s.spellOut(p.AdditionalProperties)
}

// word reports a string that is none of the words that the property takes. The value counts as not known from then on,
// so that whoever reads it does not say so a second time.
func (w *walker) word(v input.Value, p Property) input.Value {
	text, isText := v.Scalar.(string)
	if len(p.Words) == 0 || !isText || slices.Contains(p.Words, text) {
		return v
	}
	w.problems.Add(v, "must be "+either(p.Words), input.Got(v)+spelling.Guess(text, p.Words))
	v.Known, v.Refused, v.Scalar = false, true, nil
	return v
}
