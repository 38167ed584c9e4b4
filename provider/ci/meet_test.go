package ci

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func like(text string) trust.Value { return trust.Value{Text: text, Pattern: text, Like: true} }

func equal(text string) trust.Value { return trust.Value{Text: text, Pattern: text} }

func ignoringCase(text string) trust.Value { return trust.Value{Text: text, Pattern: text, Fold: true} }

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
		{circle, "org/????????-????-????-????-????????????/vcs-origin/*",
			map[string]Span{"organization": {Kind: Open}}},
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

// holds fails unless texts are those of a subject of the meeting, as the form and the values themselves see it.
func holds(t *testing.T, m *Meeting, texts []string, ok bool) {
	t.Helper()
	if !ok {
		t.Fatal("there is no witness")
	}
	sub := m.form.Build(texts...)
	read, ok := m.form.Parse(sub)
	if !ok || !slices.Equal(read, texts) || !m.sub.Admits(sub) {
		t.Errorf("%q is no witness", texts)
	}
	for i, field := range m.form.Fields {
		if !m.fields[field.Name].Admits(texts[i]) {
			t.Errorf("%s is %q in a witness", field.Name, texts[i])
		}
	}
}

// The subjects that contain "main" have it in one field or another: no field says so, and the meeting does all the
// same.
func TestFieldsAreJointInAMeeting(t *testing.T) {
	m := meet(t, branches, fit(like("repo:*main*")), nil)
	for _, field := range branches.Fields {
		texts, ok := m.Witness(map[string]string{field.Name: "domains"})
		holds(t, m, texts, ok)
	}
	texts, ok := m.Witness(map[string]string{"owner": "acme", "repository": "web"})
	holds(t, m, texts, ok)
	if !strings.Contains(texts[2], "main") {
		t.Errorf("nothing of %q contains main", texts)
	}
	if texts, ok := m.Witness(map[string]string{"owner": "acme", "repository": "web", "branch": "dev"}); ok {
		t.Errorf("%q does not contain main", texts)
	}
	other, ok := m.Other("branch", map[string]string{"owner": "acme", "repository": "web"}, texts[2], "main", "mallory")
	holds(t, m, other, ok)
}

func TestTheTextOfAnExactFieldHasNoOther(t *testing.T) {
	m := meet(t, branches, fit(like("repo:acme/web:ref:refs/heads/main*")), nil)
	if texts, ok := m.Other("owner", nil, "acme"); ok {
		t.Errorf("%q", texts)
	}
	if texts, ok := m.Other("owner", nil); !ok || texts[0] != "acme" {
		t.Errorf("%q, %t", texts, ok)
	}
	if texts, ok := m.Witness(map[string]string{"owner": "mallory"}); ok {
		t.Errorf("%q", texts)
	}
	if texts, ok := m.Witness(map[string]string{"team": "acme"}); ok {
		t.Errorf("a field that the form lacks: %q", texts)
	}
}

func TestAnotherTextIsReadable(t *testing.T) {
	for _, c := range []struct{ text, field, want string }{
		{"repo:acme/web:*", "branch", "acme web mallory"},
		{"repo:acme/web:ref:refs/heads/main*", "branch", "acme web main-mallory"},
		{"repo:acme/web:ref:refs/heads/release/*", "branch", "acme web release/mallory"},
		{"repo:acme/web:ref:refs/heads/*-prod", "branch", "acme web mallory-prod"},
		{"repo:acme/*", "repository", "acme mallory main"},
		{"repo:acme-*", "owner", "acme-mallory web main"},
		{"repo:*/web:*", "owner", "mallory web main"},
		{"*-prod", "owner", "mallory web main-prod"},
	} {
		m := meet(t, branches, fit(like(c.text)), nil)
		texts, ok := m.Other(c.field, nil, "acme", "web", "main")
		holds(t, m, texts, ok)
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestSeveralValuesHaveToFitAtOnce(t *testing.T) {
	m := meet(t, branches, fit(like("repo:acme/*"), like("*:ref:refs/heads/main"), like("*/web:*")), nil)
	for _, field := range branches.Fields {
		if got := m.Field(field.Name); got != (Span{Exact, field.Sample}) {
			t.Errorf("%s: %v", field.Name, got)
		}
	}
	if m := meet(t, branches, fit(like("repo:acme/*"), like("repo:globex/*")), nil); !m.Dead() {
		t.Error("no subject begins in two ways")
	}
}

func TestWhatIsRefusedIsNotMet(t *testing.T) {
	deny := []trust.Value{like("*:ref:refs/heads/main"), like("repo:acme/secret*")}
	m := meet(t, branches, Demand{Fit: []trust.Value{like("repo:acme/*")}, Refuse: deny}, nil)
	texts, ok := m.Witness(map[string]string{"repository": "web"})
	holds(t, m, texts, ok)
	if texts[2] == "main" {
		t.Errorf("%q is refused", texts)
	}
	if texts, ok := m.Witness(map[string]string{"repository": "secrets"}); ok {
		t.Errorf("%q is refused", texts)
	}
	for _, refused := range []trust.Value{like("*"), like("repo:a*"), like("repo:?*"), like("*acme*")} {
		m := meet(t, branches, Demand{Fit: []trust.Value{like("repo:acme/*")}, Refuse: []trust.Value{refused}}, nil)
		if !m.Dead() {
			t.Errorf("%s refuses all", refused.Pattern)
		}
	}
}

func TestAValueThatIgnoresCaseIsMetInAnyCase(t *testing.T) {
	m := meet(t, branches, fit(ignoringCase("Repo:Acme/Web:Ref:Refs/Heads/Main")), nil)
	texts, ok := m.Witness(map[string]string{"owner": "aCME", "branch": "MaIn"})
	holds(t, m, texts, ok)
	if got := m.Field("owner"); got.Kind == Exact {
		t.Error("the owner can be written in several ways")
	}
	if texts, ok := m.Witness(map[string]string{"owner": "acmes"}); ok {
		t.Errorf("%q", texts)
	}
	// The Kelvin sign is a k in lower case, and the long s stays as it is.
	m = meet(t, branches, fit(ignoringCase("repo:acme/web:ref:refs/heads/ks")), nil)
	texts, ok = m.Witness(map[string]string{"branch": "\u212As"})
	holds(t, m, texts, ok)
	if texts, ok := m.Witness(map[string]string{"branch": "k\u017F"}); ok {
		t.Errorf("%q", texts)
	}
	// A sigma at the end of a word has a small letter of its own.
	m = meet(t, branches, fit(ignoringCase("repo:acme/web:ref:refs/heads/Σας")), nil)
	texts, ok = m.Witness(map[string]string{"branch": "ΣΑΣ"})
	holds(t, m, texts, ok)
	// The dotted I becomes two letters.
	m = meet(t, branches, fit(ignoringCase("repo:acme/web:ref:refs/heads/i\u0307")), nil)
	texts, ok = m.Witness(map[string]string{"branch": "\u0130"})
	holds(t, m, texts, ok)
}

func TestAKeyThatRepeatsAFieldNarrowsIt(t *testing.T) {
	id := map[string]Demand{"owner id": fit(equal("1234567")), "project": fit(equal("not of this form"))}
	m := meet(t, numbered, fit(like("repo:*")), id)
	if got := m.Field("owner id"); got != (Span{Exact, "1234567"}) {
		t.Errorf("%v", got)
	}
	if got := m.Field("owner"); got.Kind != Open {
		t.Errorf("%v", got)
	}
	texts, ok := m.Other("owner", nil, "acme")
	holds(t, m, texts, ok)
	if m := meet(t, numbered, fit(like("repo:acme@89*")), id); !m.Dead() {
		t.Error("the key and the subject contradict each other")
	}
	narrowed := map[string]Demand{"owner id": {Fit: []trust.Value{like("12*")}, Refuse: []trust.Value{like("*7")}}}
	m = meet(t, numbered, fit(like("*")), narrowed)
	if got := m.Field("owner id"); got != (Span{Prefix, "12"}) {
		t.Errorf("%v", got)
	}
	if texts, ok := m.Witness(map[string]string{"owner id": "1277"}); ok {
		t.Errorf("%q is refused", texts)
	}
	m = meet(t, protectable, fit(like("*")), map[string]Demand{"rest": fit(equal(""))})
	if got := m.Field("rest"); got != (Span{Exact, ""}) {
		t.Errorf("%v", got)
	}
}

// What a field has is what the form reads there, and not what could be split off elsewhere.
func TestAFieldEndsWhereTheFormSaysThatItDoes(t *testing.T) {
	m := meet(t, circle, fit(like("*")), map[string]Demand{"origin": fit(like("*/vcs-ref/*"))})
	if !m.Dead() {
		t.Error("an origin ends before the first /vcs-ref/")
	}
	m = meet(t, circle, fit(like("org/"+strings.Repeat("?", 36)+"/vcs-origin/x/vcs-ref/y/vcs-ref/*")),
		map[string]Demand{"ref": fit(like("*z"))})
	if got := m.Field("origin"); got != (Span{Exact, "x"}) {
		t.Errorf("%v", got)
	}
	texts, ok := m.Other("ref", nil, "y/vcs-ref/z")
	holds(t, m, texts, ok)
}

// "?" is a UTF-16 unit: a character beyond U+FFFF takes two.
func TestACharacterBeyondTheBasicPlaneIsTwoQuestionMarks(t *testing.T) {
	form := NewForm("b:{branch}", Field{Name: "branch", Texts: `\x{10400}|a`})
	for text, dead := range map[string]bool{"b:?": false, "b:??": false, "b:???": true, "b:\U00010400": false,
		"b:\U00010401": true, "b:*??": false, "b:?*?": false} {
		m := meet(t, form, fit(like(text)), nil)
		if m.Dead() != dead {
			t.Errorf("%s: dead %t", text, m.Dead())
		}
		if texts, ok := m.Witness(nil); !dead {
			holds(t, m, texts, ok)
		}
	}
	if got := meet(t, form, fit(like("b:??")), nil).Field("branch"); got != (Span{Exact, "\U00010400"}) {
		t.Errorf("%v", got)
	}
	// Two characters that share their first unit have no text in common.
	form = NewForm("b:{branch}", Field{Name: "branch", Texts: `[\x{10400}-\x{10402}]x*`})
	if got := meet(t, form, fit(like("*")), nil).Field("branch"); got.Kind != Open {
		t.Errorf("%v", got)
	}
	// A "?" for each half, in a field of any characters.
	m := meet(t, branches, fit(like("repo:acme/web:ref:refs/heads/??")), nil)
	texts, ok := m.Witness(map[string]string{"branch": "\U00010400"})
	holds(t, m, texts, ok)
}

func TestARunOfQuestionMarksHasItsLength(t *testing.T) {
	run := strings.Repeat("?", 36)
	for text, dead := range map[string]bool{
		"org/" + run + "/vcs-origin/*":                                   false,
		"org/?" + run + "/vcs-origin/*":                                  true,
		"org/*" + run + "/vcs-origin/*":                                  false,
		"org/????????-????-????-????-????????????/*":                     false,
		"org/????????-????-????-?????-???????????/*":                     true,
		"org/????????-????-????-????-???????????g/*":                     true,
		strings.Repeat("?", 4+36+len("/vcs-origin/a/vcs-ref/b")):         false,
		strings.Repeat("?", 4+36+len("/vcs-origin/a/vcs-ref/b")-1):       true,
		"*" + strings.Repeat("?", 4+36+len("/vcs-origin/a/vcs-ref/b")):   false,
		"*a" + strings.Repeat("?", 40):                                   false,
		"*a" + strings.Repeat("?", 40) + "*b" + strings.Repeat("?", 40):  false,
		"*/vcs-ref/" + strings.Repeat("?", 40) + "*" + "/vcs-origin/a/*": false,
	} {
		m := meet(t, circle, fit(like(text)), nil)
		if m.Dead() != dead {
			t.Errorf("%s: dead %t", text, m.Dead())
		}
		if texts, ok := m.Witness(nil); !dead {
			holds(t, m, texts, ok)
		}
	}
}

// The bounds are not in the wide automaton: the first witness that it proposes has too many letters.
func TestABoundThatTheWideAutomatonDoesNotCountIsKeptAllTheSame(t *testing.T) {
	form := NewForm("{name}", Field{Name: "name", Texts: `a{3,99}|a{150,151}b`})
	for length, dead := range map[int]bool{2: true, 3: false, 99: false, 100: true, 150: true, 151: false, 152: false,
		153: true} {
		m := meet(t, form, fit(like(strings.Repeat("?", length))), nil)
		if m.Dead() != dead {
			t.Errorf("%d: dead %t", length, m.Dead())
		}
		if texts, ok := m.Witness(nil); !dead {
			holds(t, m, texts, ok)
		}
	}
	m := meet(t, form, fit(like(strings.Repeat("?", 100)+"*")), nil)
	texts, ok := m.Witness(nil)
	holds(t, m, texts, ok)
	m = meet(t, branches, fit(like("repo:*/web:ref:refs/heads/main"), like("*"+strings.Repeat("a*", 100))), nil)
	texts, ok = m.Witness(nil)
	holds(t, m, texts, ok)
	owner := like("repo:" + strings.Repeat("a*", 101) + "/web:ref:refs/heads/main")
	if m := meet(t, branches, fit(owner, like("repo:*/web:ref:refs/heads/main")), nil); !m.Dead() {
		t.Error("no owner has 101 letters")
	}
}

func TestInclusionIsOfTheWholeProduct(t *testing.T) {
	const main = "repo:acme/web:ref:refs/heads/main"
	many := strings.Repeat("a", 150)
	refusing := func(text string) Demand { return Demand{Refuse: []trust.Value{like(text)}} }
	for _, c := range []struct {
		sub    Demand
		wide   []Demand
		within bool
	}{
		{fit(like("repo:acme/web:*")), []Demand{fit(like("repo:acme/*"))}, true},
		{fit(like("repo:acme/*")), []Demand{fit(like("repo:acme/web:*"))}, false},
		{fit(like("repo:acme/*")), []Demand{fit(like("repo:*/*:ref:refs/heads/?*"))}, true},
		{fit(like("*")), []Demand{fit(like("repo:*"))}, true},
		{fit(like("*")), []Demand{refusing("repo:*")}, false},
		{fit(like("*")), nil, false},
		{fit(like("*")), []Demand{{}}, true},
		{fit(like("repo:acme/*")), []Demand{fit(like("*/web:*")), refusing("*/web:*")}, true},
		{fit(like("repo:acme/*")), []Demand{fit(like("*main")), refusing("*/web:*")}, false},
		{fit(like("repo:acme/*"), like("*:ref:refs/heads/main")), []Demand{fit(like("repo:acme/*/main"))}, true},
		{fit(like("*")), []Demand{fit(like("repo:?*/?*:ref:refs/heads/?*"))}, true},
		// Neither an owner nor a repository has 150 letters.
		{fit(like("*" + many + "*")), []Demand{fit(like("*refs/heads/*" + many + "*"))}, true},
		{fit(equal(main)), []Demand{fit(ignoringCase(strings.ToUpper(main)))}, true},
		{fit(ignoringCase(main)), []Demand{fit(equal(main))}, false},
		{fit(like("nothing")), nil, true},
	} {
		within, err := meet(t, branches, c.sub, nil).Within(c.wide...)
		if err != nil || within != c.within {
			t.Errorf("%+v within %+v: %t, %v", c.sub, c.wide, within, err)
		}
	}
}

// Who writes the policy that is audited must not be able to stop the audit.
func TestAValueThatWouldTakeForeverIsTooLarge(t *testing.T) {
	hard := like("*a" + strings.Repeat("?", 60) + "*b" + strings.Repeat("?", 60))
	if _, err := branches.Meet(Demand{Refuse: []trust.Value{hard}}, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	m := meet(t, branches, fit(hard), nil)
	if _, err := m.Within(Demand{Refuse: []trust.Value{hard}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func TestAMeetingIsKeptAndMayBeAskedByManyAtOnce(t *testing.T) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for _, text := range []string{"repo:acme/*", "org/*", "*/vcs-origin/x/vcs-ref/y/vcs-ref/*"} {
				for _, form := range []*Form{branches, circle} {
					m, err := form.Meet(fit(like(text)), nil)
					if err != nil {
						t.Error(err)
						return
					}
					for _, field := range form.Fields {
						m.Field(field.Name)
						m.Other(field.Name, nil, field.Sample)
					}
					if _, err := m.Within(fit(like("repo:*"))); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
	first := meet(t, branches, fit(like("repo:acme/*")), nil)
	if again := meet(t, branches, fit(like("repo:acme/*")), nil); again != first {
		t.Error("the same value is met twice")
	}
	if other := meet(t, branches, fit(equal("repo:acme/*")), nil); other == first {
		t.Error("StringEquals is not StringLike")
	}
}
