package custom

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// custom is a map with one issuer.
func custom(words object) object {
	issuer := object{
		"issuer":    "https://ci.example.com",
		"audiences": list{"sts.amazonaws.com"},
		"subjects":  list{"repo:acme/web:ref:refs/heads/main"},
	}
	maps.Copy(issuer, words)
	maps.DeleteFunc(issuer, func(_ string, value any) bool { return value == nil })
	return object{"custom": object{"woodpecker": issuer}}
}

// known is a map with one issuer that the audit knows.
func known(host, subject string) object {
	return custom(object{"issuer": "https://" + host, "subjects": list{subject}})
}

var suite = citest.Suite{
	System: System{ci.NewRegistry()},
	Matrix: []object{
		custom(nil), custom(object{"subjects": list{"a:b", "A:B", "a:b:c"}, "audiences": list{"x", "y"}}),
		custom(object{"subjects": list{"repo:acme/web:ref:refs/heads/*"}}),
		custom(object{"subjects": list{"job:?:main"}}),
		custom(object{
			"claims":      object{"email": list{"ci@acme.example", "cd@acme.example"}},
			"sessionTags": true,
			"issuer":      "https://ci.example.com/a/",
		}),
		{"custom": object{
			"a": custom(nil)["custom"].(object)["woodpecker"],
			"b": custom(object{"issuer": "https://ci.example.org"})["custom"].(object)["woodpecker"],
		}},
		known("oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4", "system:serviceaccount:production:web"),
		known("oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4", "system:serviceaccount:production:*"),
		known("oidc-eks.eu-west-1.api.aws/id/A1B2C3D4", "system:serviceaccount:*"),
		known("sts.windows.net/1b7d8e9f-5b8a-4f63-8e2d-0a7c6b3f1d58/", "7c2f6f0e-3d0b-4a53-9c1e-0d8b5a3f2e11"),
		known("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/", "7c2f6f0e-3d0b-4a53-9c1e-0d8b5a3f2e11"),
		known("oidc.modal.com", "modal:workspace_id:ac-1:environment_name:main:*"),
		known("proidc.upbound.io", "mcp:acme/*"),
		known("sandboxes.cloud", "sandbox-1"),
	},
	Mintable: func(sub string) bool { return sub != "" }, // nothing is known of the issuer
}

func TestACustomTrustIsExactInSubjectAudienceAndClaims(t *testing.T) {
	trusts := suite.MustRead(t, custom(object{"claims": object{"email": list{"ci@acme.example"}}}), citest.InAWS)
	good := map[string]any{
		"iss":   "https://ci.example.com",
		"aud":   "sts.amazonaws.com",
		"sub":   "repo:acme/web:ref:refs/heads/main",
		"email": "ci@acme.example",
	}
	if !citest.Admitted(trusts, citest.InAWS, good) {
		t.Error("the trusted job does not get in")
	}
	for _, change := range []map[string]any{
		{"sub": "repo:acme/web:ref:refs/heads/main2"}, {"sub": "repo:acme/web:ref:refs/heads/*"}, {"sub": nil},
		{"aud": "x"}, {"aud": nil}, {"azp": "x"}, {"email": "ci@acme.example.evil"}, {"email": nil}, {"email": []any{}},
		ci.SomeTags,
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(good, change)) {
			t.Errorf("%v gets in", change)
		}
	}
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		"woodpecker, an issuer of its own at https://ci.example.com: subject repo:acme/web:ref:refs/heads/main with " +
			"email ci@acme.example"})
}

func TestACustomWildcardSubjectIsRefusedUntilItIsAccepted(t *testing.T) {
	written := custom(object{"subjects": list{"repo:acme/web:*"}})
	_, lines := suite.Read(written, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "custom.woodpecker.subjects[0]: ") ||
		!strings.Contains(lines[0], "add custom-wildcard-subject to acceptRisks") {
		t.Errorf("%q", lines)
	}
	written["acceptRisks"] = list{"custom-wildcard-subject"}
	suite.MustRead(t, written, citest.InAWS)
}

func TestWhatIsWrongWithACustomIssuerIsSaidWithItsRemedy(t *testing.T) {
	at := "custom.woodpecker."
	help := "; " + issuerURL.Help
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"issuer": "http://ci.example.com"}, at + `issuer: must begin with https://, as AWS ` +
			`takes no other issuer` + help + ` (found "http://ci.example.com")`},
		{object{"issuer": "https://ci.example.com:8443"}, at + `issuer: has a port or a password; IAM takes ` +
			`no issuer with a port` + help + ` (found "https://ci.example.com:8443")`},
		{object{"subjects": list{"*"}}, at + `subjects[0]: admits everybody with a token of the issuer; write the ` +
			`sub of the trusted jobs' tokens (found "*")`},
		{object{"subjects": list{":*?/"}}, at + `subjects[0]: admits everybody with a token of the issuer; write the ` +
			`sub of the trusted jobs' tokens (found ":*?/")`},
		{object{"subjects": list{"repo:acme*"}},
			at + `subjects[0]: has a wildcard that does not stand behind a separator, so it also fits longer names; ` +
				`end the fixed part in :, / or another separator, or list the exact subjects (found "repo:acme*")`},
		{object{"subjects": list{"*:main"}},
			at + `subjects[0]: has a wildcard that does not stand behind a separator, so it also fits longer names; ` +
				`end the fixed part in :, / or another separator, or list the exact subjects (found "*:main")`},
		{object{"subjects": list{"a${b}"}},
			at + `subjects[0]: must not contain ${, which IAM would read as a policy variable (found "a${b}")`},
		{object{"subjects": list{""}},
			at + `subjects[0]: is empty; write the sub of the trusted jobs' tokens (found "")`},
		{object{"issuer": "https://oidc.cirrus-ci.com", "subjects": list{"repo/*"}}, at + `subjects[0]: has a ` +
			`wildcard before it names your organization, and customers of Cirrus CI share the issuer (found "repo/*")`},
		{object{"claims": object{"repository": list{"x"}}},
			at +
				"claims.repository: is a claim that AWS does not give to trust policies for this issuer: a condition " +
				"on it never holds. It gives amr or email; have the issuer write it into the subject, if it can"},
		{object{"claims": object{"sub": list{"x"}}}, at + "claims.sub: is written as subjects"},
		{object{"claims": object{"email": list{"*@acme.example"}}}, at + `claims.email[0]: must be one exact value ` +
			`of 1 to 255 characters, without *, ?, ${ and control characters (found "*@acme.example")`},
	} {
		written := custom(c.words)
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	for name, want := range map[string]string{
		"custom": "is called like a section; choose another name, or write that section",
		"a b": "has a name that cannot be: at most 32 letters, digits and hyphens, the first a " +
			"letter, such as woodpecker",
	} {
		_, lines := suite.Read(object{"custom": object{name: custom(nil)["custom"].(object)["woodpecker"]}},
			citest.InAWS)
		citest.SameStrings(t, name, lines, []string{"custom." + name + ": " + want})
	}
	_, lines := suite.Read(object{"custom": object{}}, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "custom: is empty; ") {
		t.Errorf("%q", lines)
	}
}

func TestACustomIssuerThatIsNotKnownYetGrantsNothing(t *testing.T) {
	for _, words := range []object{
		{"issuer": citest.Unknown{}}, {"subjects": citest.Unknown{}}, {"subjects": list{citest.Unknown{}}},
		{"claims": citest.Unknown{}}, {"claims": object{"email": list{citest.Unknown{}}}},
	} {
		if trusts := suite.MustRead(t, custom(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v is granted before it is known", words, ci.Sentences(trusts))
		}
	}
	suite.MustRead(t, custom(object{"audiences": citest.Unknown{}}), citest.InAWS)
	_, lines := suite.Read(object{"custom": object{"woodpecker": citest.Unknown{}}}, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "custom.woodpecker: is not known at preview; ") {
		t.Errorf("%q", lines)
	}
}

func TestEveryIssuerOfTheMapHasAProviderAndSettingsOfItsOwn(t *testing.T) {
	trusts := suite.MustRead(t, suite.Matrix[5], citest.InAWS)
	if len(trusts) != 2 || trusts[0].Section != "a" || trusts[1].Section != "b" || trusts[0].Property != "custom" ||
		trusts[0].Host() == trusts[1].Host() {
		t.Errorf("%+v", trusts)
	}
	_, settings := suite.Pipeline(t, custom(nil), citest.InAWS)
	citest.Exchanges(t, citest.At(settings, "script"), ci.PrintVariable("ID_TOKEN"), "ci-$(hostname)-$(date +%s)",
		"eu-west-1")
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
