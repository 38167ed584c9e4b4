package flyio

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// flyio is a section with apps.
func flyio(apps ...any) object {
	return object{"flyio": object{"organization": "acme", "apps": list(apps)}}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	flyio(object{"name": "web"}),
	flyio(object{"name": "web"}, object{"name": "we"}, object{"name": "web2"}),
	flyio(object{"name": "web", "machines": list{"red-bush-1234", "a:b c"}}),
	flyio(object{"name": "web", "machines": list{"red-bush-1234"}}, object{"name": "api"}),
	{"flyio": object{"organization": "acme-2", "audiences": list{"a", "b"}, "apps": list{object{"name": "web"}}}},
}, Ours: []citest.Exception{
	{
		Form:   "Fly.io: any machine of .*: a stranger's job whose first name is the whole trusted subject",
		Reason: "no organization has a colon: it is a machine of the app with colons in its name",
	},
}, Harmless: map[string]string{
	"one more character in sub": "behind a * that stands for all names: a name is never empty",
}}

// The documentation spells the organization otherwise in iss and aud than in sub; here it is that of sub.
// Source: https://fly.io/docs/security/openid-connect/
func documentedMachine() map[string]any {
	return map[string]any{
		"app_id": "11111111", "app_name": "example-app", "aud": "https://fly.io/example-org",
		"exp": float64(1712099653), "iat": float64(1712099053), "image": "docker-hub-mirror.fly.io/you/image:latest",
		"iss": "https://oidc.fly.io/example-org", "jti": "93ca09e1-70e0-477b-a260-1d8fcd4ef4f4",
		"machine_id": "148e21ea7e46e8", "machine_name": "example-machine",
		"machine_version": "01HTGGC1TZ2JHK83J4AC0R3VET", "nbf": float64(1712099053), "org_id": "11111111",
		"org_name": "example-org", "region": "sea", "sub": "example-org:example-app:example-machine",
	}
}

func TestTheDocumentedMachineGetsInAndItsNeighboursDoNot(t *testing.T) {
	for _, words := range []object{
		{"name": "example-app"},
		{"name": "example-app", "machines": list{"example-machine"}},
	} {
		written := flyio(words)
		written["flyio"].(object)["organization"], written["flyio"].(object)["audiences"] = "example-org",
			list{"https://fly.io/example-org"}
		trusts := suite.MustRead(t, written, citest.InAWS)
		if !citest.Admitted(trusts, citest.InAWS, documentedMachine()) {
			t.Errorf("%v: the documented token does not get in", words)
		}
		made := trusts[0].Grants[0].Tokens()[0].Claims
		for claim, value := range made {
			if documented := documentedMachine()[claim]; documented != value &&
				(words["machines"] != nil || claim != "sub" && claim != "machine_name") {
				t.Errorf("the made-up token has %s %v and the documented one %v", claim, value, documented)
			}
		}
		for _, sub := range []string{
			"example-org:example-app-evil:example-machine", "example-org:example-ap:example-machine",
			"evil:example-app:example-machine", "example-org2:example-app:example-machine",
			"example-org:evil:example-org:example-app:example-machine", "x:example-org:example-app:example-machine",
			"example-org:example-app", "Example-org:example-app:example-machine", "",
		} {
			if citest.Admitted(trusts, citest.InAWS, ci.With(documentedMachine(), map[string]any{"sub": sub})) {
				t.Errorf("%v: %s gets in", words, sub)
			}
		}
	}
}

// Whoever creates a machine chooses its name, which may hold the separator: it must not reach another app.
func TestAMachineNamedAfterAnotherAppStaysInItsOwn(t *testing.T) {
	trusts := suite.MustRead(t, flyio(object{"name": "web", "machines": list{"red-bush-1234"}}, object{"name": "api"}),
		citest.InAWS)
	for sub, want := range map[string]bool{
		"acme:web:red-bush-1234": true, "acme:web:red-bush-12345": false, "acme:web:api:red-bush-1234": false,
		"acme:tools:api:x": false, "acme:tools:acme:web:red-bush-1234": false, "acme:api:web:x": true,
		"acme:api:*": true, "acme:api": false,
	} {
		if got := citest.Admitted(trusts, citest.InAWS,
			map[string]any{"aud": "sts.amazonaws.com", "sub": sub}); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
}

func TestFlyioGrantsAndFindings(t *testing.T) {
	trusts := suite.MustRead(t, flyio(object{"name": "web", "machines": list{"red-bush-1234"}}, object{"name": "api"}),
		citest.InAWS)
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		"Fly.io: any machine of app api in organization acme",
		"Fly.io: machine red-bush-1234 of app web in organization acme",
	})
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"flyio-any-machine", "flyio-machine-names"})
	citest.SameStrings(t, "of all machines",
		citest.FindingIDs(suite.MustRead(t, flyio(object{"name": "web"}), citest.InAWS)), []string{"flyio-any-machine"})
}

func TestWhatIsWrongWithAFlyAppIsSaidInFlysWords(t *testing.T) {
	const app = "flyio.apps[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "web.fly.dev"},
			app + `name: is the app's host; write its name alone, such as web for web.fly.dev (found "web.fly.dev")`},
		{object{"name": "Web"}, app + "name: " + appName.Rule + ` (found "Web")`},
		{object{"name": "web:x"}, app + "name: " + appName.Rule + ` (found "web:x")`},
		{object{"name": "web*"},
			app + `name: must be one exact app, without *, ? and ${; list each app that is meant (found "web*")`},
		{object{"name": ""}, app + "name: " + appName.Rule + ` (found "")`},
		{object{"name": "web", "machines": list{"148e21ea7e46e8"}}, app + `machines[0]: is an id, and the subject of ` +
			`a token carries names; write the name of the machine (found "148e21ea7e46e8")`},
		{object{"name": "web", "machines": list{"worker-*"}}, app + `machines[0]: must be one exact machine, without ` +
			`*, ? and ${; list each machine that is meant (found "worker-*")`},
		{object{"name": "web", "machines": list{""}}, app + "machines[0]: " + machine.Rule + ` (found "")`},
	} {
		trusts, lines := suite.Read(flyio(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", c.want)
		}
	}
	for organization, want := range map[string]string{
		"personal": organization.Not[0].Reason, "https://fly.io/dashboard/acme": organization.Not[1].Reason,
		"Acme Inc": organization.Rule,
	} {
		_, lines := suite.Read(object{
			"flyio": object{"organization": organization, "apps": list{object{"name": "web"}}},
		}, citest.InAWS)
		citest.SameStrings(t, organization, lines,
			[]string{"flyio.organization: " + want + ` (found "` + organization + `")`})
	}
}

func TestNothingOfFlyioIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, written := range []object{
		flyio(citest.Unknown{}), flyio(object{"name": citest.Unknown{}}),
		flyio(object{"name": "web", "machines": citest.Unknown{}}),
		flyio(object{"name": "web", "machines": list{citest.Unknown{}}}),
		{"flyio": object{"organization": citest.Unknown{}, "apps": list{object{"name": "web"}}}},
		{"flyio": object{"organization": "acme", "apps": citest.Unknown{}}},
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted", written)
		}
	}
}

func TestTheAppsConfigurationSetsTheRole(t *testing.T) {
	text, config := suite.Pipeline(t, flyio(object{"name": "on"}, object{"name": "web"}), citest.InAWS)
	if citest.At(config, "app") != "on" || citest.At(config, "env", "AWS_ROLE_ARN") != citest.RoleArn ||
		citest.At(config, "env", "AWS_REGION") != "eu-west-1" || !strings.Contains(text, "# The same for web.\n") {
		t.Error(text)
	}
	written := flyio(object{"name": "web"})
	written["flyio"].(object)["audiences"] = list{`it's"one"`}
	text, config = suite.Pipeline(t, written, citest.InAWS)
	if citest.At(config, "app") != "web" || citest.At(config, "env", "AWS_ROLE_ARN") != nil ||
		!strings.Contains(text, "\nenv:\n  AWS_REGION: eu-west-1\n  AWS_DEFAULT_REGION: eu-west-1\n") {
		t.Error(text)
	}
	citest.Exchanges(t, strings.ReplaceAll(text, "#   ", ""), "curl -sSf --unix-socket /.fly/api "+
		`-H 'Content-Type: application/json' --data '{"aud": "it'\''s\"one\""}' "http://localhost/v1/tokens/oidc"`,
		"fly-$FLY_APP_NAME-$FLY_MACHINE_ID", "eu-west-1")
}

func TestAMachineNamedLikeATrustedAppDoesNotGetIn(t *testing.T) {
	suite.OpenEnds(t)
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "organization", "app"), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
