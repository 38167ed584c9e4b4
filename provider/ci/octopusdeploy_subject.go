package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// octopusSlug is what can stand for a slug in a subject. Which characters one has is not documented; a ":" would end it.
var octopusSlug = newExpression(`^[^:/ ]+$`)

// octopusName is the kind of name of one key.
func octopusName(noun, page string) nameKind {
	return nameKind{noun, octopusSlug, "must be the slug of the " + noun + ", as " + page + " shows it, such as deploy-web-app for Deploy Web App",
		[]mistaken{{newExpression(`^[A-Z][A-Za-z]+-[0-9]+$`), "is an id; write the slug of the " + noun + ", as " + page + " shows it"}}}
}

// An octopusKey is a part of a subject: which word says it, and what it may be.
type octopusKey struct {
	key, word string
	several   bool // the word is a list
	name      nameKind
	choices   []string
}

func (k octopusKey) field() field {
	return field{name: k.key, sample: k.key + "-of-acme", choices: k.choices}
}

var (
	octopusSpace   = octopusKey{key: "space", word: "space", name: octopusName("space", "its settings page")}
	octopusAccount = octopusKey{key: "account", word: "account", name: octopusName("account", "its page under Deploy > Manage > Accounts")}
)

// octopusExecution are the keys of a deployment or runbook run in the order of Octopus. Of project-group it is known that it
// stands behind the space and before the runbook, but not on which side of the project: a subject has one of the two.
// Sources: octopusDocs, octopusGroups.
var octopusExecution = []octopusKey{
	octopusSpace,
	{key: "project-group", word: "projectGroup", name: octopusName("project group", "its settings page")},
	{key: "project", word: "project", name: octopusName("project", "its settings page")},
	{key: "runbook", word: "runbook", name: octopusName("runbook", "its settings page")},
	{key: "tenant", word: "tenants", several: true, name: octopusName("tenant", "its settings page")},
	{key: "environment", word: "environments", several: true, name: octopusName("environment", "its page under Infrastructure > Environments")},
	octopusAccount,
	{key: "type", word: "types", several: true, choices: []string{"deployment", "runbook"}},
}

// The keys of the subjects of other uses. Source: octopusDocs.
var (
	octopusHealth = []octopusKey{
		octopusSpace, {key: "target", word: "targets", several: true, name: octopusName("target", "its settings page")}, octopusAccount,
		{key: "type", word: "types", several: true, choices: []string{"health"}},
	}
	octopusTest = []octopusKey{octopusSpace, {key: "account", word: "accounts", several: true, name: octopusAccount.name}}
	octopusFeed = []octopusKey{octopusSpace, {key: "feed", word: "feeds", several: true, name: octopusName("feed", "its page under Deploy > Manage > External Feeds")}}
)

// An octopusUse is what a token is for.
type octopusUse struct {
	word, what string
	keys       []octopusKey
	needed     []string // words
}

var octopusUses = []octopusUse{
	{"executions", "deployments and runbook runs", octopusExecution, []string{"space"}},
	{"healthChecks", "health checks", octopusHealth, []string{"space", "targets"}},
	{"accountTests", "account tests", octopusTest, []string{"space", "accounts"}},
	{"feeds", "feeds", octopusFeed, []string{"space", "feeds"}},
}

// octopusForms are the subjects of every selection of keys that can be trusted, by these keys.
var octopusForms = func() map[string]*form {
	forms := map[string]*form{}
	for _, use := range octopusUses {
		for chosen := range 1 << len(use.keys) {
			var keys []octopusKey
			for i, k := range use.keys {
				if chosen&(1<<i) != 0 {
					keys = append(keys, k)
				}
			}
			has := func(key string) bool {
				return slices.ContainsFunc(keys, func(k octopusKey) bool { return k.key == key })
			}
			if !slices.ContainsFunc(use.keys[1:], func(k octopusKey) bool { return has(k.key) && k.key != "type" }) || !has("space") ||
				use.word == "executions" && has("project") == has("project-group") || use.word == "healthChecks" && !has("target") {
				continue
			}
			forms[use.word+" "+octopusTemplate(keys)] = octopusForm(keys)
		}
	}
	return forms
}()

func octopusTemplate(keys []octopusKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.key + ":{" + k.key + "}"
	}
	return strings.Join(parts, ":")
}

func octopusForm(keys []octopusKey) *form {
	fields := make([]field, len(keys))
	for i, k := range keys {
		fields[i] = k.field()
	}
	return newForm(octopusTemplate(keys), fields...)
}

// An octopusPart is a key of a subject with its value.
type octopusPart struct {
	key  octopusKey
	text string
}

// trust turns an item into grants: one for each combination of what its lists name.
func (u octopusUse) trust(t *Trust, v input.Value, host string, words *octopusWords, problems *input.Problems) {
	group, project, runbook := v.Field("projectGroup"), v.Field("project"), v.Field("runbook")
	if u.word == "executions" && group.Present == project.Present {
		reason := "is missing, and projectGroup too: name the project whose deployments and runbook runs get the role"
		if group.Present {
			reason = "stands beside projectGroup; write one of them, and select that key alone: which of the two Octopus writes first is not documented"
		}
		problems.Add(project, reason)
		return
	}
	for _, v := range v.Field("types").Texts() {
		if v.Text() == "deployment" && runbook.Present {
			problems.Add(v, "is beside runbook, and a deployment has none; write [runbook], or another item for deployments")
		}
	}
	subjects := [][]octopusPart{nil}
	for _, k := range u.keys {
		word := v.Field(k.word)
		if !word.Present {
			continue // the key is not selected; the schema says which words are needed
		}
		var longer [][]octopusPart
		for _, text := range k.read(word, problems) {
			if text != strings.ToLower(text) {
				t.Findings = append(t.Findings, Finding{Rule: octopusSlugCase, Path: word.Path, Detail: k.name.noun + " " + text})
			}
			for _, s := range subjects {
				longer = append(longer, append(slices.Clone(s), octopusPart{k, text}))
			}
		}
		subjects = longer // none while the word is not known
	}
	for _, word := range u.needed {
		if !v.Field(word).Present {
			return
		}
	}
	for _, parts := range subjects {
		if t.Issuer() == "" {
			return
		}
		s := octopusSubject(u, parts)
		words.add(u, parts)
		t.trust(v.Path, "Octopus Deploy: "+octopusPhrase(u, parts)+" on "+host, s)
		if u.word == "accountTests" {
			t.Findings = append(t.Findings, Finding{Rule: octopusAccountTest, Path: v.Path, Detail: fmt.Sprintf("account %s in space %s", parts[1].text, parts[0].text)})
		}
	}
	if u.word == "executions" && !v.Field("environments").Present {
		t.Findings = append(t.Findings, Finding{Rule: octopusAnyEnvironment, Path: v.Path, Detail: v.Field("project").Text() + v.Field("projectGroup").Text()})
	}
}

// read reads the values of a key.
func (k octopusKey) read(word input.Value, problems *input.Problems) []string {
	switch {
	case len(k.choices) > 0:
		return readChoices(word, k.choices, problems)
	case k.several:
		return k.name.readAll(word, problems)
	}
	if text := k.name.read(word, problems); text != "" {
		return []string{text}
	}
	return nil
}

// octopusSubject is the subject of some keys with their values.
func octopusSubject(u octopusUse, parts []octopusPart) subject {
	keys, texts := make([]octopusKey, len(parts)), make([]string, len(parts))
	for i, p := range parts {
		keys[i], texts[i] = p.key, p.text
	}
	form := octopusForms[u.word+" "+octopusTemplate(keys)]
	space := texts[0]
	return subject{
		form: form, terms: exactlyAll(texts...),
		job: func(texts []string) map[string]any {
			claims := map[string]any{"jti": "00000000000000000000000000000001", octopusClaim + "space": texts[0]}
			for i, k := range keys {
				if k.key == "project" {
					claims[octopusClaim+"project"] = texts[i]
				}
			}
			return claims
		},
		others: map[string]string{
			"a health check of the space":              fmt.Sprintf("space:%s:target:mallory", space),
			"a test of another account of the space":   fmt.Sprintf("space:%s:account:mallory", space),
			"another feed of the space":                fmt.Sprintf("space:%s:feed:mallory", space),
			"a subject of the space alone":             "space:" + space,
			"a subject with another key behind it":     form.build(texts...) + ":type:mallory",
			"a subject with the trusted one as tenant": fmt.Sprintf("space:%s:project:mallory:tenant:%s", space, form.build(texts...)),
		},
	}
}

// octopusClaim is the beginning of the names of the claims that hold one value each. Source: octopusTokens.
const octopusClaim = "https://octopus.com/claims/"

// octopusPhrase says in words whose subject it is.
func octopusPhrase(u octopusUse, parts []octopusPart) string {
	value := map[string]string{}
	for _, p := range parts {
		value[p.key.key] = p.text
	}
	add := func(text *string, before, key string) {
		if value[key] != "" {
			*text += before + value[key]
		}
	}
	phrase := u.what
	switch {
	case value["runbook"] != "":
		phrase = "runs of runbook " + value["runbook"]
	case value["feed"] != "":
		phrase = "feed " + value["feed"]
	case value["type"] == "runbook":
		phrase = "runbook runs"
	case value["type"] == "deployment":
		phrase = "deployments"
	}
	for _, p := range [][2]string{{" of project ", "project"}, {" of project group ", "project-group"}, {" of target ", "target"}} {
		add(&phrase, p[0], p[1])
	}
	if u.word == "accountTests" {
		return phrase + " of account " + value["account"] + " in space " + value["space"] + ", and other uses of it whose subject names these alone,"
	}
	phrase += " in space " + value["space"]
	add(&phrase, " for tenant ", "tenant")
	add(&phrase, " to environment ", "environment")
	add(&phrase, " by account ", "account")
	if u.word == "executions" && value["tenant"] == "" {
		phrase += ", without a tenant,"
	}
	return phrase
}
