package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// adviseForm compares a subject with those that are trusted, field by field, and says in which it differs from the
// nearest.
func (r *Registry) adviseForm(host string, wanted []string, seen string) string {
	for _, f := range r.formsOf(host) {
		texts, ok := f.Parse(seen)
		if !ok {
			continue
		}
		var nearest []string // field by field, what is trusted; "" where it fits
		for _, pattern := range wanted {
			if differing, ok := f.Differing(pattern, texts); ok &&
				(nearest == nil || given(differing) < given(nearest)) {
				nearest = differing
			}
		}
		var said []string
		for i, trusted := range nearest {
			if trusted != "" {
				said = append(said,
					fmt.Sprintf("the token's %s is %s where %s is trusted", f.Fields[i].Name, texts[i], trusted))
			}
		}
		if len(said) > 0 && len(said) < len(texts) {
			return strings.Join(said, ", ")
		}
	}
	return ""
}

// formsOf are the forms that subjects of an issuer may have: those of its system. On a host of somebody's own it may be
// any system's; only a form that begins with a name, and so fits the subjects of others too, must be of one that has no
// hosts of its own.
func (r *Registry) formsOf(host string) []*Form {
	of, _ := r.Owner(host)
	var forms []*Form
	for _, s := range r.systems {
		for _, f := range s.Forms() {
			if of == nil && (f.between[0] != "" || len(s.Issuer().Hosts) == 0) ||
				of != nil && of.Section() == s.Section() {
				forms = append(forms, f)
			}
		}
	}
	return forms
}

// Differing are the texts of a pattern, where it is of the form, that do not fit those of a subject.
func (f *Form) Differing(pattern string, texts []string) ([]string, bool) {
	parts, ok := f.split(pattern)
	if !ok {
		return nil, false
	}
	for i, part := range parts {
		if trust.Match(part, texts[i]) {
			parts[i] = ""
		}
	}
	return parts, true
}

// split reads the texts out of a pattern, in which fields may be left open.
func (f *Form) split(pattern string) ([]string, bool) {
	filled := pattern
	for _, field := range f.Fields {
		if field.Length > 0 {
			filled = strings.Replace(filled, strings.Repeat("?", field.Length), field.Sample, 1)
		}
	}
	parts, ok := f.Parse(filled)
	if !ok {
		return nil, false
	}
	for i, part := range parts {
		if field := f.Fields[i]; field.Length > 0 && part == field.Sample && !strings.Contains(pattern, part) {
			parts[i] = strings.Repeat("?", field.Length)
		}
	}
	return parts, true
}

// given counts the texts that are not empty.
func given(texts []string) int {
	return len(slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "" }))
}
