package citest

import (
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// RoleArn is the role that pipelines are rendered for.
const RoleArn = "arn:aws:iam::123456789012:role/ci/deploy+x=y,z@w"

// Role is the role that pipelines are rendered for, in a region.
func Role(region string) ci.Role { return ci.Role{ARN: RoleArn, Region: region} }

// Pipeline renders the YAML of the only section and reads it back.
func (s Suite) Pipeline(t *testing.T, written object, account ci.Account) (string, map[string]any) {
	t.Helper()
	text := s.MustRead(t, written, account)[0].Pipeline(Role(account.Region))
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("the pipeline is no YAML: %v\n%s", err, text)
	}
	return text, document
}

// At follows a path of keys and indices into a YAML document.
func At(document any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			fields, _ := document.(map[string]any)
			document = fields[s]
		case int:
			items, _ := document.([]any)
			if s >= len(items) {
				return nil
			}
			document = items[s]
		}
	}
	return document
}

// TextAt is the text at a path, "" for what is none.
func TextAt(document any, path ...any) string {
	text, _ := At(document, path...).(string)
	return text
}

// Texts are the texts of a list, "" for what is none.
func Texts(items any) []string {
	var texts []string
	list, _ := items.([]any)
	for _, item := range list {
		text, _ := item.(string)
		texts = append(texts, text)
	}
	return texts
}

// Awkward are names that YAML 1.1 or 1.2 would read as something else when they are written bare.
var Awkward = []string{
	"yes", "No", "on", "OFF", "y", "n", "true", "False", "null", "NULL", "1.0", "1e3", "0x1f", "12", "#x", "a#b",
	"!tag", "c++", "a]b", "a,b", "&a", "%x", "'q'", `"q"`, "`x`", "a=b", "-", "é", "{a}", "2026-01-01", "12_3", ".5",
	"=", "<<", "a\u00a0b", "a\u00adb",
}

// oneOrOther is what YAML 1.1 reads as a boolean or null: https://yaml.org/type/bool.html
var oneOrOther = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|~)$`)

// SameText reports that every scalar of the sequence is text in YAML 1.1 as in 1.2.
func SameText(t *testing.T, document string, path ...string) []string {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	node := root.Content[0]
	for _, step := range path {
		i := slices.IndexFunc(node.Content, func(key *yaml.Node) bool { return key.Value == step })
		if i < 0 {
			return nil
		}
		node = node.Content[i+1]
	}
	var texts []string
	for _, item := range node.Content {
		if item.Tag != "!!str" || item.Style&yaml.DoubleQuotedStyle == 0 && oneOrOther.MatchString(item.Value) {
			t.Errorf("%q would not be read as text", item.Value)
		}
		texts = append(texts, item.Value)
	}
	return texts
}

// YamlOf reads a YAML document.
func YamlOf(t *testing.T, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}
