package ci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func like(text string) trust.Value { return trust.Value{Text: text, Pattern: text, Like: true} }

func fit(values ...trust.Value) Demand { return Demand{Fit: values} }

const uuidTexts = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// Forms with what is difficult in those of the systems.
var (
	branches = NewForm("repo:{owner}/{repository}:ref:refs/heads/{branch}",
		Field{Name: "owner", Texts: `[A-Za-z0-9][A-Za-z0-9_-]{0,99}`, Sample: "acme"},
		Field{Name: "repository", Texts: `[A-Za-z0-9._-]{1,100}`, Sample: "web"},
		Field{Name: "branch", Sample: "main"})
	numbered = NewForm("repo:{owner}@{owner id}/{repository}",
		Field{Name: "owner", Texts: `[A-Za-z0-9_-]{1,100}`, Sample: "acme"},
		Field{Name: "owner id", Texts: `[1-9][0-9]{0,19}`, Sample: "1234567", Other: "666", Key: "repository_owner_id"},
		Field{Name: "repository", Texts: `[A-Za-z0-9._-]{1,100}`, Sample: "web"})
	circle = NewForm("org/{organization}/vcs-origin/{origin}/vcs-ref/{ref}",
		Field{Name: "organization", Texts: uuidTexts, Sample: "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
			Other: "bad0bad0-bad0-4bad-8bad-bad0bad0bad0", Length: 36},
		Field{Name: "origin", Texts: `[^/](?s:.*?)`, Sample: "github.com/acme/web", Other: "github.com/mallory/web"},
		Field{Name: "ref", Texts: `(?s:.+)`, Sample: "refs/heads/main"})
	protectable = NewForm("project_path:{project}:ref_type:{ref type}:ref:{ref}{rest}",
		Field{Name: "project", Texts: `[^\s:/]+(?:/[^\s:/]+)+`, Sample: "acme/web", Other: "mallory/web"},
		Field{Name: "ref type", Choices: []string{"branch", "tag"}, Sample: "branch"},
		Field{Name: "ref", Sample: "main"},
		Field{Name: "rest", Texts: `(?::(?:ref_protected|deployment_tier):[a-z]*)*`, Other: ":ref_protected:true"})
)

func meet(t testing.TB, f *Form, sub Demand, fields map[string]Demand) *Meeting {
	t.Helper()
	m, err := f.Meet(sub, fields)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAMeetingSaysWhatAValueDemandsOfEachField(t *testing.T) {
	for _, c := range []struct {
		form *Form
		text string
		want map[string]Span // empty: dead
	}{
		{branches, "repo:acme/web:ref:refs/heads/main",
			map[string]Span{"owner": {Exact, "acme"}, "repository": {Exact, "web"}, "branch": {Exact, "main"}}},
		{branches, "repo:acme/*",
			map[string]Span{"owner": {Exact, "acme"}, "repository": {Kind: Open}, "branch": {Kind: Open}}},
		{branches, "repo:acme/web:ref:refs/heads/release/*", map[string]Span{"branch": {Prefix, "release/"}}},
		{branches, "repo:acme/web:*main", map[string]Span{"branch": {Kind: Open}}},
		{branches, "repo:*main*", map[string]Span{"owner": {Kind: Open}, "branch": {Kind: Open}}},
		{branches, "*", map[string]Span{"owner": {Kind: Open}, "branch": {Kind: Open}}},
		{branches, "*-prod", map[string]Span{"branch": {Kind: Open}}},
		{branches, "repo:acme/???:ref:refs/heads/main", map[string]Span{"repository": {Kind: Open}}},
		{branches, "repo:acme/web:ref:main", nil},
		{branches, "acme/*", nil},
		{branches, "repo:acme{,@1}/web:*", nil},
		{branches, "repo:acme/" + strings.Repeat("?", 101) + ":ref:refs/heads/main", nil},
		{numbered, "repo:acme@*/web", map[string]Span{"owner": {Exact, "acme"}, "owner id": {Kind: Open}}},
		{circle, "org/????????-????-????-????-????????????/vcs-origin/*", map[string]Span{"organization": {Kind: Open}}},
		{circle, "org/" + strings.Repeat("?", 35) + "/vcs-origin/*", nil},
		{circle, "org/" + strings.Repeat("?", 36) + "/vcs-origin/x/vcs-ref/y/vcs-ref/*",
			map[string]Span{"origin": {Exact, "x"}, "ref": {Prefix, "y/vcs-ref/"}}},
		{protectable, "project_path:acme/*:ref_type:mr:ref:*", nil},
		{protectable, "project_path:acme/*:ref_type:t*", map[string]Span{"ref type": {Exact, "tag"}}},
	} {
		m := meet(t, c.form, fit(like(c.text)), nil)
		if m.Dead() != (c.want == nil) {
			t.Errorf("%s met %s: dead %t", c.form.Template, c.text, m.Dead())
			continue
		}
		for name, want := range c.want {
			if got := m.Field(name); got != want {
				t.Errorf("%s met %s: %s is %v, want %v", c.form.Template, c.text, name, got, want)
			}
		}
	}
}
