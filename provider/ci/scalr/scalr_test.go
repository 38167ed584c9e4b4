package scalr

import (
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// scalr is a section with one workspace.
func scalr(words object) object {
	workspace := object{"environment": "production", "name": "web"}
	for name, value := range words {
		workspace[name] = value
	}
	return object{"scalr": object{"account": "acme", "workspaces": list{workspace}}}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	scalr(nil),
	scalr(object{"environment": "Environment A", "name": "Web/1"}),
	{"scalr": object{"account": "acme", "audiences": list{"a", "b"}, "workspaces": list{
		object{"environment": "production", "name": "web"}, object{"environment": "production", "name": "web2"},
		object{"environment": "staging", "name": "web"}}}},
	{"scalr": object{"account": "mallory", "workspaces": list{object{"environment": "production", "name": "web"}}}},
}}

// The documentation shows no whole token: these are all the claims that it names.
// Source: https://docs.scalr.io/docs/aws
func documentedRun() map[string]any {
	return map[string]any{
		"iss": "https://scalr.io",
		"aud": "aws.scalr-run-workload",
		"sub": "account:acme:environment:production:workspace:web",
	}
}

func TestTheDocumentedScalrTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, scalr(nil), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documentedRun()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedRun() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"account:acme-evil:environment:production:workspace:web",
		"account:mallory:environment:production:workspace:web", "account:acme:environment:staging:workspace:web",
		"account:acme:environment:production:workspace:web-evil", "account:acme:environment:production", "account:acme",
		"", "account:mallory:account:acme:environment:production:workspace:web",
		"account:acme:environment:production:workspace:web:workspace:x",
		"account:acme:environment:x:workspace:environment:production:workspace:web",
		"account:acme:environment:Production:workspace:web",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedRun(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
	if citest.Admitted(trusts, citest.InAWS, ci.With(documentedRun(), map[string]any{"aud": "sts.amazonaws.com"})) {
		t.Error("a token for another audience gets in")
	}
}

// A stranger chooses the audience in his own account, so that it keeps nobody out.
func TestAScalrStrangerWithTheRightAudienceDoesNotGetIn(t *testing.T) {
	written := scalr(nil)
	written["scalr"].(object)["audiences"] = list{"our-own-secret-audience"}
	trusts := suite.MustRead(t, written, citest.InAWS)
	for _, account := range []string{"mallory", "acme2", "acm", "Acme",
		"acme:environment:production:workspace:web:account:mallory"} {
		if citest.Admitted(trusts, citest.InAWS, map[string]any{
			"aud": "our-own-secret-audience",
			"sub": "account:" + account + ":environment:production:workspace:web",
		}) {
			t.Errorf("account %s gets in", account)
		}
	}
}

func TestEveryScalrWorkspaceIsAFindingBecauseItsDryRunsGetTheRole(t *testing.T) {
	trusts := suite.MustRead(t, scalr(nil), citest.InAWS)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"scalr-dry-runs"})
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"Scalr: any run of workspace web in environment production of account acme"})
}

func TestWhatIsWrongWithAScalrSectionIsSaidInScalrsWords(t *testing.T) {
	const at = "scalr.workspaces[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "ws-v0oabcdefgh1234"}, at + `name: is an id, and the subject of a token carries names; write ` +
			`the name of the workspace (found "ws-v0oabcdefgh1234")`},
		{object{"environment": "env-svrcabcdefgh123"}, at + `environment: is an id, and the subject of a token ` +
			`carries names; write the name of the environment (found "env-svrcabcdefgh123")`},
		{object{"environment": "production:workspace"}, at + `environment: must be the name of the environment, ` +
			`without : and spaces around it (found "production:workspace")`},
		{object{"name": " web"},
			at + `name: must be the name of the workspace, without : and spaces around it (found " web")`},
		{object{"name": "web-*"}, at + `name: must be one exact workspace, without *, ? and ${; list each workspace ` +
			`that is meant (found "web-*")`},
		{object{"name": "w\u0000b"}, at + `name: has a control character or one beyond Latin-1, which IAM does not ` +
			`store in a policy (found "w\x00b")`},
	} {
		_, lines := suite.Read(scalr(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	for account, want := range map[string]string{
		"acme.scalr.io": `is the host of the account; write its name alone: acme of https://acme.scalr.io ` +
			`(found "acme.scalr.io")`,
		"https://acme.scalr.io": `is the host of the account; write its name alone: acme of https://acme.scalr.io ` +
			`(found "https://acme.scalr.io")`,
		"acc-svrcabcdefgh123": `is an id, and the subject of a token carries names; write the name of the account ` +
			`(found "acc-svrcabcdefgh123")`,
		"acme:environment": accountName.Rule + ` (found "acme:environment")`,
	} {
		written := scalr(nil)
		written["scalr"].(object)["account"] = account
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, account, lines, []string{"scalr.account: " + want})
	}
	// Names that look a little like ids are names.
	suite.MustRead(t, scalr(object{"environment": "env-production", "name": "ws-1"}), citest.InAWS)
}

func TestNothingOfScalrIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, part := range []object{
		{"account": citest.Unknown{}}, {"workspaces": citest.Unknown{}}, {"workspaces": list{citest.Unknown{}}},
		{"workspaces": list{object{"environment": citest.Unknown{}, "name": "web"}}},
		{"workspaces": list{object{"environment": "production", "name": citest.Unknown{}}}},
	} {
		trusts := suite.MustRead(t, object{"scalr": ci.With(scalr(nil)["scalr"].(object), part)}, citest.InAWS)
		if len(trusts[0].Grants)+len(trusts[0].Findings) != 0 {
			t.Errorf("%v: %v", part, ci.Sentences(trusts))
		}
		suite.Pipeline(t, object{"scalr": ci.With(scalr(nil)["scalr"].(object), part)}, citest.InAWS)
	}
}

func TestTheScalrSettingsAskForAnAudienceThatIsTrusted(t *testing.T) {
	for _, c := range []struct {
		audiences any
		want      string
	}{
		{list{"aws.scalr-run-workload"}, "aws.scalr-run-workload"},
		{list{"a", "aws.scalr-run-workload"}, "aws.scalr-run-workload"}, {list{"on"}, "on"},
		{citest.Unknown{}, "aws.scalr-run-workload"},
	} {
		written := scalr(nil)
		written["scalr"].(object)["audiences"] = c.audiences
		text, settings := suite.Pipeline(t, written, citest.InAWS)
		configuration := citest.At(settings, "providerConfiguration")
		if citest.At(configuration, "audience") != c.want || citest.At(configuration, "role_arn") != citest.RoleArn ||
			citest.At(configuration, "credentials_type") != "oidc" {
			t.Errorf("%v:\n%s", c.audiences, text)
		}
		if workspace := citest.At(settings, "workspaces", 0); citest.At(workspace, "name") != "web" ||
			citest.At(workspace, "environment") != "production" ||
			citest.At(workspace, "shellVariables", "AWS_REGION") != "eu-west-1" {
			t.Errorf("the workspace is %v", workspace)
		}
	}
}

func TestScalrNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range citest.Awkward {
		if _, lines := suite.Read(scalr(object{"environment": text, "name": text}), citest.InAWS); len(lines) > 0 {
			continue // a name that is refused
		}
		_, settings := suite.Pipeline(t, scalr(object{"environment": text, "name": text}), citest.InAWS)
		if workspace := citest.At(settings, "workspaces", 0); citest.At(workspace, "environment") != text ||
			citest.At(workspace, "name") != text {
			t.Errorf("%q is read as %v", text, workspace)
		}
	}
}

func TestTheScalrSettingsAreTheSameWhateverTheOrderOfTheInput(t *testing.T) {
	items := list{}
	for _, name := range []string{"b", "a", "c", "a"} {
		items = append(items, object{"environment": "production", "name": name})
	}
	written := object{"scalr": object{"account": "acme", "workspaces": items}}
	before, settings := suite.Pipeline(t, written, citest.InAWS)
	slices.Reverse(items)
	if after, _ := suite.Pipeline(t, written, citest.InAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
	if all, _ := settings["workspaces"].([]any); len(all) != 3 {
		t.Errorf("a workspace is named twice:\n%s", before)
	}
}

// No rule for the names of environments and workspaces is documented, so somebody who may create them may be able to
// write any text there. One with a colon gives the subject more colons than a trusted one has.
func TestAScalrEnvironmentWhoseNameHoldsTheWorkspaceDoesNotPassForTheTrustedOne(t *testing.T) {
	trusts := suite.MustRead(t, object{
		"scalr": object{"account": "acme", "workspaces": list{object{"environment": "production", "name": "web"}}},
	}, citest.InAWS)
	trusted := ci.TextOf(trusts[0].Grants[0].Tokens()[0].Claims["sub"])
	names := []string{"production", "web", "x", ":", "production:workspace:web", "production:workspace",
		"workspace:web", ":workspace:web", "production:", ":web",
		"production:workspace:web:workspace:x", trusted, "acme:environment:production:workspace:web"}
	for _, account := range []string{"acme", "mallory", "acme:environment:production:workspace:web",
		"acme:environment:production"} {
		for _, environment := range names {
			for _, workspace := range names {
				sub := "account:" + account + ":environment:" + environment + ":workspace:" + workspace
				own := account == "acme" && environment == "production" && workspace == "web"
				if citest.Admitted(trusts, citest.InAWS,
					map[string]any{"aud": "aws.scalr-run-workload", "sub": sub}) != own {
					t.Errorf("%s: got in is %v", sub, !own)
				}
			}
		}
	}
}

// No rule for names is documented, and none is needed.
func TestAScalrWorkspaceNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
