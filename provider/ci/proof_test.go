package ci

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Attack: a role whose proof passes because nobody asks what the policy has to refuse.
func TestAProofFailsForEveryPolicyThatIsWiderThanTheTrust(t *testing.T) {
	account := Account{ID: "123456789012", Partition: "aws"}
	trusts := []Trust{*projects(2)}
	trusts[0].Section, trusts[0].Property = "example", "example"
	document := Compile(trusts, account, nil).JSON()
	prove := func(document string) error {
		p, err := trust.ParsePolicy([]byte(document))
		if err != nil {
			t.Fatal(err, document)
		}
		return Prove(p, trusts, account)
	}
	if err := prove(document); err != nil {
		t.Fatal(err)
	}
	provider := `"arn:aws:iam::123456789012:oidc-provider/ci.example.com"`
	for name, change := range map[string][2]string{
		"any provider":            {provider, `"*"`},
		"another provider, too":   {provider, "[" + provider + "," + strings.TrimSuffix(provider, `"`) + `-evil"]`},
		"any audience":            {`"ci.example.com:aud":"a"`, `"ci.example.com:aud":["a","aa","a0","0a","0","A"]`},
		"no audience":             {`"StringEquals":{"ci.example.com:aud":"a"},`, ""},
		"what begins alike":       {`:ref:main"`, `:ref:main*"`},
		"any project":             {"p1", "p*"},
		"another organization":    {"org:acme", "org:*"},
		"a token without subject": {`"StringLike"`, `"StringLikeIfExists"`},
	} {
		changed := strings.Replace(document, change[0], change[1], -1)
		if changed == document {
			t.Fatalf("%s: %s does not stand in %s", name, change[0], document)
		}
		if prove(changed) == nil {
			t.Errorf("the proof does not see that %s gets in: %s", name, changed)
		}
	}
}

func TestEveryTestedClaimIsTriedMissingAndALittleDifferent(t *testing.T) {
	texts := func(token Token, tested []string) map[string][]any {
		tried := map[string][]any{}
		for _, d := range distortions(token, tested) {
			for _, claim := range []string{"aud", "azp", "sub"} {
				if d.Claims[claim] != token.Claims[claim] {
					tried[claim] = append(tried[claim], d.Claims[claim])
				}
			}
			if d.Admit {
				t.Errorf("%s must get in", d.Name)
			}
		}
		return tried
	}
	tried := texts(Token{Claims: map[string]any{"aud": "sts", "sub": "a:b", "other": "x"}}, []string{"aud", "sub"})
	for claim, wanted := range map[string][]any{
		"aud": {nil, "sts0", "0sts", "STS", "0ts", "st0"}, "sub": {nil, "a:b0", "a:0", "0:b", "a0:b", "A:B"},
	} {
		for _, text := range wanted {
			if !slices.Contains(tried[claim], text) {
				t.Errorf("%s is not tried as %v: %v", claim, text, tried[claim])
			}
		}
	}
	// Of a token with azp STS compares that as aud, and aud as oaud.
	tried = texts(Token{Claims: map[string]any{"azp": "p", "aud": "sts", "sub": "a"}}, []string{"aud", "oaud", "sub"})
	for claim, other := range map[string]any{"azp": "p0", "aud": "sts0", "sub": "a0"} {
		if !slices.Contains(tried[claim], nil) || !slices.Contains(tried[claim], other) {
			t.Errorf("%s is tried as %v alone", claim, tried[claim])
		}
	}
	trusted := projects(1)
	if tested := trusted.tested(&trusted.Grants[0]); !slices.Equal(tested, []string{"aud", "sub"}) {
		t.Errorf("tested are %v", tested)
	}
}

func TestWhatOneGrantRefusesForTheRoleAndTagsThatNobodyAllowsExcuseNoToken(t *testing.T) {
	trusted := projects(2)
	claims := map[string]any{"aud": "a", "sub": "org:acme:project:p1:ref:main"}
	admits := func(claims map[string]any) bool {
		admitted := trusted.Admits(claims)
		if indexed := newExcuses(trusted).admits(claims); indexed != admitted {
			t.Errorf("%v: %v by the index, %v by all grants", claims, indexed, admitted)
		}
		return admitted
	}
	if !admits(claims) {
		t.Fatal("a grant names it")
	}
	tagged := With(claims, SomeTags)
	if admits(tagged) {
		t.Error("a token with session tags, and the trust allows none")
	}
	trusted.sessionTags = true
	if !admits(tagged) {
		t.Error("a token with session tags, and the trust allows them")
	}
	trusted.Grants[0].Refuse = map[string][]string{"sub": {"*p1*"}}
	trusted.Grants[0].Refuses = func(claims map[string]any) bool {
		return strings.Contains(TextOf(claims["sub"]), "p1")
	}
	if admits(claims) {
		t.Error("another grant refuses it for the whole role")
	}
}

func TestAProofOfAGrantWithoutAudienceOrNearMissIsVoid(t *testing.T) {
	in, out := Token{Admit: true}, Token{}
	for name, c := range map[string]struct {
		audiences []string
		tokens    []Token
		void      bool
	}{
		"both, and an audience": {[]string{"a"}, []Token{in, out}, false},
		"no audience":           {nil, []Token{in, out}, true},
		"no near miss":          {[]string{"a"}, []Token{in}, true},
		"nobody gets in":        {[]string{"a"}, []Token{out}, true},
	} {
		g := Grant{Claims: map[string][]string{"aud": c.audiences}}
		if err := g.provable(c.tokens); (err != nil) != c.void {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Attack: the id of one project beside the name of another, in a context for which only the name is trusted.
func TestAnIdUnderAnotherNameIsAdmittedOnlyWhereItIsTrustedItself(t *testing.T) {
	a := NewAlikeness([]Said{
		{ID: "1", Way: "by push", Contexts: []string{"main"}},
		{ID: "2", Way: "by push", Contexts: []string{"main"}},
		{ID: "2", Way: "by a workflow", Contexts: []string{"dev"}},
		{ID: "3", Way: "by push", Contexts: []string{"main", "dev"}},
	})
	for _, c := range []struct {
		id      string
		at      int
		context string
		want    bool
	}{
		{"1", 0, "main", true}, {"2", 0, "main", true}, // the same is said of both
		{"2", 0, "dev", false}, // which is trusted by a workflow alone
		{"3", 0, "main", false}, {"1", 3, "dev", false}, {"9", 0, "main", false},
	} {
		if got := a.Admits(c.id, c.at, c.context); got != c.want {
			t.Errorf("id %s under the name of %d, %s: %v", c.id, c.at, c.context, got)
		}
	}
	if a.Trusts("2", 0, "dev") || !a.Trusts("2", 2, "dev") {
		t.Error("what is trusted in one way counts for another")
	}
}
