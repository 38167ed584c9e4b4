package octopusdeploy

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// slug is what can stand for a slug in a subject. Which characters one has is not documented; a ":" would end it.
var slug = ci.NewExpression(`^[^:/ ]+$`)

// name is the kind of name of one key.
func name(noun, page string) ci.NameKind {
	return ci.NameKind{Noun: noun, Form: slug, Rule: "must be the slug of the " + noun + ", as " + page +
		" shows it, such as deploy-web-app for Deploy Web App",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`^[A-Z][A-Za-z]+-[0-9]+$`),
			Reason: "is an id; write the slug of the " + noun + ", as " + page + " shows it",
		}}}
}

// A subjectKey is a key that a subject can have: the word for it, and what its value may be.
type subjectKey struct {
	key, word string
	several   bool // the word is a list
	name      ci.NameKind
	choices   []string
	decides   ci.Decision
}

func (k subjectKey) field() ci.Field {
	return ci.Field{Name: k.key, Sample: k.key + "-of-acme", Choices: k.choices, Decides: k.decides}
}

var (
	space   = subjectKey{key: "space", word: "space", decides: ci.Project, name: name("space", "its settings page")}
	account = subjectKey{
		key:     "account",
		word:    "account",
		decides: ci.Event,
		name:    name("account", "its page under Deploy > Manage > Accounts"),
	}
)

// execution are the keys of a deployment or runbook run in the order of Octopus. Of project-group it is known that it
// stands behind the space and before the runbook, but not on which side of the project: a subject has one of the two.
// Sources: docs, groups.
var execution = []subjectKey{
	space,
	{key: "project-group", word: "projectGroup", decides: ci.Project, name: name("project group", "its settings page")},
	{key: "project", word: "project", decides: ci.Project, name: name("project", "its settings page")},
	{key: "runbook", word: "runbook", decides: ci.Project, name: name("runbook", "its settings page")},
	{key: "tenant", word: "tenants", several: true, decides: ci.Event, name: name("tenant", "its settings page")},
	{
		key:     "environment",
		word:    "environments",
		several: true,
		decides: ci.Event,
		name:    name("environment", "its page under Infrastructure > Environments"),
	},
	account,
	{key: "type", word: "types", several: true, decides: ci.Event, choices: []string{"deployment", "runbook"}},
}

// The keys of the subjects of other uses. Source: docs.
var (
	health = []subjectKey{
		space,
		{key: "target", word: "targets", several: true, decides: ci.Project, name: name("target", "its settings page")},
		account, {key: "type", word: "types", several: true, decides: ci.Event, choices: []string{"health"}},
	}
	test = []subjectKey{space,
		{key: "account", word: "accounts", several: true, decides: ci.Project, name: account.name}}
	feed = []subjectKey{space, {
		key:     "feed",
		word:    "feeds",
		several: true,
		decides: ci.Project,
		name:    name("feed", "its page under Deploy > Manage > External Feeds"),
	}}
)

// A use is what a token is for.
type use struct {
	word, what string
	keys       []subjectKey
	needed     []string // words
}

var uses = []use{
	{"executions", "deployments and runbook runs", execution, []string{"space"}},
	{"healthChecks", "health checks", health, []string{"space", "targets"}},
	{"accountTests", "account tests", test, []string{"space", "accounts"}},
	{"feeds", "feeds", feed, []string{"space", "feeds"}},
}

// formsByKeys are the subjects of every selection of keys that can be trusted, by these keys. They are some hundreds,
// which are made when they are first asked for.
var formsByKeys = sync.OnceValue(func() map[string]*ci.Form {
	forms := map[string]*ci.Form{}
	for _, use := range uses {
		for chosen := range 1 << len(use.keys) {
			var keys []subjectKey
			for i, k := range use.keys {
				if chosen&(1<<i) != 0 {
					keys = append(keys, k)
				}
			}
			has := func(key string) bool {
				return slices.ContainsFunc(keys, func(k subjectKey) bool { return k.key == key })
			}
			if !slices.ContainsFunc(use.keys[1:], func(k subjectKey) bool {
				return has(k.key) && k.key != "type"
			}) || !has("space") ||
				use.word == "executions" && has("project") == has("project-group") ||
				use.word == "healthChecks" && !has("target") {
				continue
			}
			forms[use.word+" "+template(keys)] = form(keys)
		}
	}
	return forms
})

func template(keys []subjectKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.key + ":{" + k.key + "}"
	}
	return strings.Join(parts, ":")
}

func form(keys []subjectKey) *ci.Form {
	fields := make([]ci.Field, len(keys))
	for i, k := range keys {
		fields[i] = k.field()
	}
	return ci.NewForm(template(keys), fields...)
}

// A part is a key of a subject with its value.
type part struct {
	key  subjectKey
	text string
}

// trust turns an item into grants: one for each combination of what its lists name.
func (u use) trust(t *ci.Trust, v input.Value, host string, w *words, problems *input.Problems) {
	group, project, runbook := v.Field("projectGroup"), v.Field("project"), v.Field("runbook")
	if u.word == "executions" && group.Present == project.Present {
		reason := "is missing, and projectGroup too: name the project whose deployments and runbook runs get the role"
		if group.Present {
			reason = "stands beside projectGroup; write one of them, and select that key alone: which of the two " +
				"Octopus writes first is not documented"
		}
		problems.Add(project, reason)
		return
	}
	for _, v := range v.Field("types").Texts() {
		if v.Text() == "deployment" && runbook.Present {
			problems.Add(v,
				"is beside runbook, and a deployment has none; write [runbook], or another item for deployments")
		}
	}
	subjects := [][]part{nil}
	for _, k := range u.keys {
		word := v.Field(k.word)
		if !word.Present {
			continue // the key is not selected; the schema says which words are needed
		}
		var longer [][]part
		for _, text := range k.read(word, problems) {
			if text != strings.ToLower(text) {
				t.Findings = append(t.Findings,
					ci.Finding{Rule: slugCase, Path: word.Path, Detail: k.name.Noun + " " + text})
			}
			for _, s := range subjects {
				longer = append(longer, append(slices.Clone(s), part{k, text}))
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
		s := subject(u, parts)
		w.add(u, parts)
		t.Allow(v.Path, "Octopus Deploy: "+phrase(u, parts)+" on "+host, s)
		if u.word == "accountTests" {
			t.Findings = append(t.Findings, ci.Finding{
				Rule:   accountTest,
				Path:   v.Path,
				Detail: fmt.Sprintf("account %s in space %s", parts[1].text, parts[0].text),
			})
		}
	}
	if u.word == "executions" && !v.Field("environments").Present {
		t.Findings = append(t.Findings, ci.Finding{
			Rule:   anyEnvironment,
			Path:   v.Path,
			Detail: v.Field("project").Text() + v.Field("projectGroup").Text(),
		})
	}
}

// read reads the values of a key.
func (k subjectKey) read(word input.Value, problems *input.Problems) []string {
	switch {
	case len(k.choices) > 0:
		return ci.ReadChoices(word, k.choices, problems)
	case k.several:
		return k.name.ReadAll(word, problems)
	}
	if text := k.name.Read(word, problems); text != "" {
		return []string{text}
	}
	return nil
}

// subject is the subject of some keys with their values.
func subject(u use, parts []part) ci.Subject {
	keys, texts := make([]subjectKey, len(parts)), make([]string, len(parts))
	for i, p := range parts {
		keys[i], texts[i] = p.key, p.text
	}
	f := formsByKeys()[u.word+" "+template(keys)]
	space := texts[0]
	return ci.Subject{
		Form: f, Terms: ci.ExactlyAll(texts...),
		Job: func(texts []string) map[string]any {
			claims := map[string]any{"jti": "00000000000000000000000000000001", claim + "space": texts[0]}
			for i, k := range keys {
				if k.key == "project" {
					claims[claim+"project"] = texts[i]
				}
			}
			return claims
		},
		Others: map[string]string{
			"a health check of the space":            fmt.Sprintf("space:%s:target:mallory", space),
			"a test of another account of the space": fmt.Sprintf("space:%s:account:mallory", space),
			"another feed of the space":              fmt.Sprintf("space:%s:feed:mallory", space),
			"a subject of the space alone":           "space:" + space,
			"a subject with another key behind it":   f.Build(texts...) + ":type:mallory",
			"a subject with the trusted one as tenant": fmt.Sprintf("space:%s:project:mallory:tenant:%s", space,
				f.Build(texts...)),
		},
	}
}

// claim is the beginning of the names of the claims that hold one value each. Source: tokens.
const claim = "https://octopus.com/claims/"

// phrase says in words whose subject it is.
func phrase(u use, parts []part) string {
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
	for _, p := range [][2]string{
		{" of project ", "project"},
		{" of project group ", "project-group"},
		{" of target ", "target"},
	} {
		add(&phrase, p[0], p[1])
	}
	if u.word == "accountTests" {
		return phrase + " of account " + value["account"] + " in space " + value["space"] +
			", and other uses of it whose subject names these alone,"
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
