package citest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Writings are all texts of a form's fields that give the subject, if people may write anything into a field,
// separators too; a field is empty only where its texts may be. The fields in made hold only what the issuer itself
// writes there: ids, or names whose grammar is documented.
func Writings(f *ci.Form, sub string, made ...string) [][]string {
	var all [][]string
	var read func(i int, template, rest string, texts []string)
	read = func(i int, template, rest string, texts []string) {
		if i == len(f.Fields) {
			if rest == template {
				all = append(all, slices.Clone(texts))
			}
			return
		}
		field := f.Fields[i]
		before, after, _ := strings.Cut(template, "{"+field.Name+"}")
		rest, found := strings.CutPrefix(rest, before)
		if !found {
			return
		}
		for end := 0; end <= len(rest); end++ {
			text := rest[:end]
			if text == "" && !compiled(field.Texts).MatchString(text) {
				continue
			}
			if !slices.Contains(made, field.Name) || compiled(field.Texts).MatchString(text) {
				read(i+1, after, rest[end:], append(texts, text))
			}
		}
	}
	read(0, f.Template, sub, nil)
	return all
}

// Crafted are the names by which a job that no grant means gets the subject of one that is trusted, over all trusts of
// the matrix: "form: texts", each once. None is what a system should have. made are the fields of Writings.
func (s Suite) Crafted(t *testing.T, made ...string) []string {
	t.Helper()
	var crafted []string
	for _, written := range s.Matrix {
		for _, trusted := range s.MustRead(t, written, InAWS) {
			for _, g := range trusted.Grants {
				sub := ci.TextOf(g.Tokens()[0].Claims["sub"])
				meant := 0
				for _, f := range s.System.Forms() {
					for _, texts := range Writings(f, sub, made...) {
						parsed, ok := f.Parse(sub)
						if ok && slices.Equal(parsed, texts) {
							meant++
							continue
						}
						crafted = ci.AddOnce(crafted, fmt.Sprintf("%s: %q", f.Template, texts))
					}
				}
				if meant != 1 {
					t.Errorf("%s is the subject of %d forms", sub, meant)
				}
			}
		}
	}
	return crafted
}
