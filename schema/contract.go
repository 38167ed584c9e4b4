package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Texts are the members of schema.json that no program depends on. A recorded contract is without them.
var texts = []string{
	"description", "displayName", "keywords", "homepage", "repository", "publisher", "license", "logoUrl", "readme",
	"packageDescription",
}

// Contract returns what of a schema.json programs depend on: all but the texts.
func Contract(document []byte) ([]byte, error) {
	n, err := parse(document)
	if err != nil {
		return nil, err
	}
	n.withoutTexts(false)
	return n.format(), nil
}

// withoutTexts takes texts out of an object. Where names are the author's own, a property may be called description.
func (n *node) withoutTexts(named bool) {
	if !named {
		n.members = slices.DeleteFunc(n.members, func(m member) bool { return slices.Contains(texts, m.name) })
	}
	for i := range n.members {
		m := &n.members[i]
		m.value.withoutTexts(!named && (m.name == "properties" || m.name == "inputProperties"))
	}
	for i := range n.items {
		n.items[i].withoutTexts(false)
	}
}

// SameLine reports whether programs written for one version of the package must work with the other: both have the
// same first number, and the same second one as long as the first is 0.
//
// Source: https://semver.org/#spec-item-4
func SameLine(one, other string) bool {
	line := func(version string) string {
		major, rest, _ := strings.Cut(version, ".")
		minor, _, _ := strings.Cut(rest, ".")
		if major == "0" {
			return major + "." + minor
		}
		return major
	}
	return line(one) == line(other)
}

// Breaks returns what a program written for one schema.json, or its contract, can no longer rely on in another, by path
// and sorted: what was removed, renamed, narrowed or is newly demanded. What was added breaks nothing.
func Breaks(before, after []byte) ([]string, error) {
	var old, now contract
	if err := json.Unmarshal(before, &old); err != nil {
		return nil, fmt.Errorf("the schema before: %w", err)
	}
	if err := json.Unmarshal(after, &now); err != nil {
		return nil, fmt.Errorf("the schema after: %w", err)
	}
	c := comparison{old: old, now: now, seen: map[string]bool{}}
	c.packages()
	for _, token := range slices.Sorted(maps.Keys(old.Resources)) {
		c.resource(token)
	}
	for _, token := range slices.Sorted(maps.Keys(old.Functions)) {
		c.function(token)
	}
	slices.Sort(c.broken)
	return c.broken, nil
}

type contract struct {
	Name        string                    `json:"name"`
	DownloadURL string                    `json:"pluginDownloadURL"`
	Language    map[string]map[string]any `json:"language"`
	Resources   map[string]struct {
		Component bool             `json:"isComponent"`
		Inputs    map[string]shape `json:"inputProperties"`
		Demanded  []string         `json:"requiredInputs"`
		Outputs   map[string]shape `json:"properties"`
		Always    []string         `json:"required"`
	} `json:"resources"`
	Functions map[string]struct {
		Inputs  objectShape `json:"inputs"`
		Outputs objectShape `json:"outputs"`
	} `json:"functions"`
	Types map[string]objectShape `json:"types"`
}

type objectShape struct {
	Type       string           `json:"type"`
	Properties map[string]shape `json:"properties"`
	Required   []string         `json:"required"`
	Enum       []struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	} `json:"enum"`
}

// A shape is what a property, an item or an alternative may be.
type shape struct {
	Type        string   `json:"type"`
	Ref         string   `json:"$ref"`
	Items       *shape   `json:"items"`
	Values      *shape   `json:"additionalProperties"`
	OneOf       []shape  `json:"oneOf"`
	Default     any      `json:"default"`
	Const       any      `json:"const"`
	MinItems    *float64 `json:"minItems"`
	MaxItems    *float64 `json:"maxItems"`
	Minimum     *float64 `json:"minimum"`
	Maximum     *float64 `json:"maximum"`
	RefuseNull  bool     `json:"refuseNull"`
	Plain       bool     `json:"plain"`
	Secret      bool     `json:"secret"`
	Replaces    bool     `json:"willReplaceOnChanges"`
	ReplacesAll bool     `json:"replaceOnChanges"`
}

// kind says what a shape is, without what it is made of.
func (s shape) kind() string {
	switch {
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, "#/types/")
	case len(s.OneOf) > 0:
		return "a choice"
	}
	return s.Type
}

// A direction says who writes a value: the program (an input) or the package (an output).
type direction string

const (
	input  direction = "input"
	output direction = "output"
)

type comparison struct {
	old, now contract
	seen     map[string]bool // type and direction
	broken   []string
}

func (c *comparison) say(path, format string, values ...any) {
	c.broken = append(c.broken, path+": "+fmt.Sprintf(format, values...))
}

// names are the members of language.json that are in the programs of users.
var names = []string{"importBasePath", "packageName", "basePackage", "packages", "rootNamespace", "namespaces"}

func (c *comparison) packages() {
	if c.old.Name != c.now.Name {
		c.say("name", "was %q, is %q", c.old.Name, c.now.Name)
	}
	if c.old.DownloadURL != c.now.DownloadURL {
		c.say("pluginDownloadURL", "was %q, is %q: stacks have it in their state", c.old.DownloadURL, c.now.DownloadURL)
	}
	for language, before := range c.old.Language {
		for _, name := range names {
			if was, is := before[name], c.now.Language[language][name]; !reflect.DeepEqual(was, is) {
				c.say("language."+language+"."+name, "was %v, is %v", was, is)
			}
		}
	}
}

func (c *comparison) resource(token string) {
	was := c.old.Resources[token]
	is, has := c.now.Resources[token]
	if !has {
		c.say(token, "is gone")
		return
	}
	if was.Component != is.Component {
		c.say(token, "is another kind of resource: engines replace what they have")
	}
	c.properties(token, input, was.Inputs, is.Inputs, was.Demanded, is.Demanded)
	c.properties(token, output, was.Outputs, is.Outputs, was.Always, is.Always)
}

func (c *comparison) function(token string) {
	was := c.old.Functions[token]
	is, has := c.now.Functions[token]
	if !has {
		c.say(token, "is gone")
		return
	}
	c.properties(token, input, was.Inputs.Properties, is.Inputs.Properties, was.Inputs.Required, is.Inputs.Required)
	c.properties(token, output, was.Outputs.Properties, is.Outputs.Properties, was.Outputs.Required,
		is.Outputs.Required)
}

func (c *comparison) properties(path string, d direction, was, is map[string]shape, demanded, demands []string) {
	for name, before := range was {
		at := path + "." + name
		after, has := is[name]
		if !has {
			c.say(at, "the %s is gone", d)
			continue
		}
		if d == output && slices.Contains(demanded, name) && !slices.Contains(demands, name) {
			c.say(at, "the output was always there, and no longer is")
		}
		c.shape(at, d, before, after)
	}
	if d == input {
		for _, name := range demands {
			if !slices.Contains(demanded, name) {
				c.say(path+"."+name, "the input is required, and was not")
			}
		}
	}
}

func (c *comparison) shape(path string, d direction, was, is shape) {
	if was.kind() != is.kind() {
		c.say(path, "the %s was %s, is %s", d, was.kind(), is.kind())
		return
	}
	c.bounds(path, d, was, is)
	if was.Plain != is.Plain {
		c.say(path, "plain was %v, is %v: programs of typed languages no longer compile", was.Plain, is.Plain)
	}
	if d == output && was.Secret && !is.Secret {
		c.say(path, "the output was secret, and no longer is")
	}
	for _, part := range []struct {
		name    string
		was, is *shape
	}{{"[]", was.Items, is.Items}, {"{}", was.Values, is.Values}} {
		switch {
		case part.was != nil && part.is != nil:
			c.shape(path+part.name, d, *part.was, *part.is)
		case part.was != part.is:
			c.say(path+part.name, "the %s has another shape", d)
		}
	}
	c.choice(path, d, was.OneOf, is.OneOf)
	if was.Ref != "" {
		c.object(strings.TrimPrefix(was.Ref, "#/types/"), d)
	}
}

// bounds compares what an input may be, and what it is if it is not written.
func (c *comparison) bounds(path string, d direction, was, is shape) {
	if d == output {
		return
	}
	for _, bound := range []struct {
		name     string
		was, is  *float64
		narrower func(is, was float64) bool
	}{
		{"minItems", was.MinItems, is.MinItems, greater},
		{"maxItems", was.MaxItems, is.MaxItems, less},
		{"minimum", was.Minimum, is.Minimum, greater},
		{"maximum", was.Maximum, is.Maximum, less},
	} {
		if bound.is != nil && (bound.was == nil || bound.narrower(*bound.is, *bound.was)) {
			c.say(path, "%s was %s, is %s", bound.name, number(bound.was), number(bound.is))
		}
	}
	for _, rule := range []struct {
		name    string
		was, is bool
	}{
		{"refuseNull", was.RefuseNull, is.RefuseNull},
		{"willReplaceOnChanges", was.Replaces, is.Replaces},
		{"replaceOnChanges", was.ReplacesAll, is.ReplacesAll},
	} {
		if rule.is && !rule.was {
			c.say(path, "%s is new", rule.name)
		}
	}
	if !reflect.DeepEqual(was.Default, is.Default) {
		c.say(path, "the default was %v, is %v", was.Default, is.Default)
	}
	if is.Const != nil && !reflect.DeepEqual(was.Const, is.Const) {
		c.say(path, "the only value was %v, is %v", was.Const, is.Const)
	}
}

func greater(is, was float64) bool { return is > was }

func less(is, was float64) bool { return is < was }

func number(n *float64) string {
	if n == nil {
		return "none"
	}
	return strconv.FormatFloat(*n, 'g', -1, 64)
}

// choice compares alternatives. A program may write any of the old ones; it expects no other of an output.
func (c *comparison) choice(path string, d direction, was, is []shape) {
	find := func(among []shape, kind string) int {
		return slices.IndexFunc(among, func(s shape) bool { return s.kind() == kind })
	}
	for _, before := range was {
		i := find(is, before.kind())
		if i < 0 {
			c.say(path, "the %s can no longer be %s", d, before.kind())
			continue
		}
		c.shape(path, d, before, is[i])
	}
	for _, after := range is {
		if d == output && find(was, after.kind()) < 0 {
			c.say(path, "the output can be %s, and could not", after.kind())
		}
	}
}

// object compares a type, once for each direction in which it is used.
func (c *comparison) object(token string, d direction) {
	key := token + " " + string(d)
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	was := c.old.Types[token]
	is, has := c.now.Types[token]
	if !has {
		return // Pulumi's own, such as pulumi.json#/Any; a type of this package that is gone is referred to by nothing
	}
	if was.Type != is.Type {
		c.say(token, "was %s, is %s", was.Type, is.Type)
	}
	c.properties(token, d, was.Properties, is.Properties, was.Required, is.Required)
	for _, before := range was.Enum {
		if !slices.Contains(is.Enum, before) {
			c.say(token, "the value %v, called %q, is gone", before.Value, before.Name)
		}
	}
}
