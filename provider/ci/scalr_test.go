package ci

import (
	"slices"
	"testing"
)

// scalr is a section with one workspace.
func scalr(words object) object {
	workspace := object{"environment": "production", "name": "web"}
	for name, value := range words {
		workspace[name] = value
	}
	return object{"scalr": object{"account": "acme", "workspaces": list{workspace}}}
}

var scalrSuite = suite{system: Scalr{}, matrix: []object{
	scalr(nil),
	scalr(object{"environment": "Environment A", "name": "Web/1"}),
	{"scalr": object{"account": "acme", "audiences": list{"a", "b"}, "workspaces": list{
		object{"environment": "production", "name": "web"}, object{"environment": "production", "name": "web2"}, object{"environment": "staging", "name": "web"}}}},
	{"scalr": object{"account": "mallory", "workspaces": list{object{"environment": "production", "name": "web"}}}},
}}

// The documentation shows no whole token: these are all the claims that it names.
// Source: https://docs.scalr.io/docs/aws
func documentedScalrRun() map[string]any {
	return map[string]any{"iss": "https://scalr.io", "aud": "aws.scalr-run-workload", "sub": "account:acme:environment:production:workspace:web"}
}

func TestTheDocumentedScalrTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := scalrSuite.mustRead(t, scalr(nil), inAWS)
	if !admitted(trusts, inAWS, documentedScalrRun()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedScalrRun() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"account:acme-evil:environment:production:workspace:web", "account:mallory:environment:production:workspace:web", "account:acme:environment:staging:workspace:web",
		"account:acme:environment:production:workspace:web-evil", "account:acme:environment:production", "account:acme", "",
		"account:mallory:account:acme:environment:production:workspace:web", "account:acme:environment:production:workspace:web:workspace:x",
		"account:acme:environment:x:workspace:environment:production:workspace:web", "account:acme:environment:Production:workspace:web",
	} {
		if admitted(trusts, inAWS, with(documentedScalrRun(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
	if admitted(trusts, inAWS, with(documentedScalrRun(), map[string]any{"aud": "sts.amazonaws.com"})) {
		t.Error("a token for another audience gets in")
	}
}

// A stranger chooses the audience in his own account, so that it keeps nobody out.
func TestAScalrStrangerWithTheRightAudienceDoesNotGetIn(t *testing.T) {
	written := scalr(nil)
	written["scalr"].(object)["audiences"] = list{"our-own-secret-audience"}
	trusts := scalrSuite.mustRead(t, written, inAWS)
	for _, account := range []string{"mallory", "acme2", "acm", "Acme", "acme:environment:production:workspace:web:account:mallory"} {
		if admitted(trusts, inAWS, map[string]any{"aud": "our-own-secret-audience", "sub": "account:" + account + ":environment:production:workspace:web"}) {
			t.Errorf("account %s gets in", account)
		}
	}
}

func TestEveryScalrWorkspaceIsAFindingBecauseItsDryRunsGetTheRole(t *testing.T) {
	trusts := scalrSuite.mustRead(t, scalr(nil), inAWS)
	sameStrings(t, "findings", findingIDs(trusts), []string{"scalr-dry-runs"})
	sameStrings(t, "grants", Sentences(trusts), []string{"Scalr: any run of workspace web in environment production of account acme"})
}

func TestWhatIsWrongWithAScalrSectionIsSaidInScalrsWords(t *testing.T) {
	const at = "scalr.workspaces[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "ws-v0oabcdefgh1234"}, at + `name: is an id, and the subject of a token carries names; write the name of the workspace (found "ws-v0oabcdefgh1234")`},
		{object{"environment": "env-svrcabcdefgh123"}, at + `environment: is an id, and the subject of a token carries names; write the name of the environment (found "env-svrcabcdefgh123")`},
		{object{"environment": "production:workspace"}, at + `environment: must be the name of the environment, without : and spaces around it (found "production:workspace")`},
		{object{"name": " web"}, at + `name: must be the name of the workspace, without : and spaces around it (found " web")`},
		{object{"name": "web-*"}, at + `name: must be one exact workspace, without *, ? and ${; list each workspace that is meant (found "web-*")`},
		{object{"name": "w\u0000b"}, at + `name: has a control character or one beyond Latin-1, which IAM does not store in a policy (found "w\x00b")`},
	} {
		_, lines := scalrSuite.read(scalr(c.words), inAWS)
		sameStrings(t, c.want, lines, []string{c.want})
	}
	for account, want := range map[string]string{
		"acme.scalr.io":         `is the host of the account; write its name alone: acme of https://acme.scalr.io (found "acme.scalr.io")`,
		"https://acme.scalr.io": `is the host of the account; write its name alone: acme of https://acme.scalr.io (found "https://acme.scalr.io")`,
		"acc-svrcabcdefgh123":   `is an id, and the subject of a token carries names; write the name of the account (found "acc-svrcabcdefgh123")`,
		"acme:environment":      scalrAccount.rule + ` (found "acme:environment")`,
	} {
		written := scalr(nil)
		written["scalr"].(object)["account"] = account
		_, lines := scalrSuite.read(written, inAWS)
		sameStrings(t, account, lines, []string{"scalr.account: " + want})
	}
	// Names that look a little like ids are names.
	scalrSuite.mustRead(t, scalr(object{"environment": "env-production", "name": "ws-1"}), inAWS)
}

func TestNothingOfScalrIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, part := range []object{
		{"account": unknown{}}, {"workspaces": unknown{}}, {"workspaces": list{unknown{}}}, {"workspaces": list{object{"environment": unknown{}, "name": "web"}}},
		{"workspaces": list{object{"environment": "production", "name": unknown{}}}},
	} {
		trusts := scalrSuite.mustRead(t, object{"scalr": with(scalr(nil)["scalr"].(object), part)}, inAWS)
		if len(trusts[0].Grants)+len(trusts[0].Findings) != 0 {
			t.Errorf("%v: %v", part, Sentences(trusts))
		}
		scalrSuite.pipeline(t, object{"scalr": with(scalr(nil)["scalr"].(object), part)}, inAWS)
	}
}

func TestTheScalrSettingsAskForAnAudienceThatIsTrusted(t *testing.T) {
	for _, c := range []struct {
		audiences any
		want      string
	}{
		{list{"aws.scalr-run-workload"}, "aws.scalr-run-workload"}, {list{"a", "aws.scalr-run-workload"}, "aws.scalr-run-workload"}, {list{"on"}, "on"}, {unknown{}, "aws.scalr-run-workload"},
	} {
		written := scalr(nil)
		written["scalr"].(object)["audiences"] = c.audiences
		text, settings := scalrSuite.pipeline(t, written, inAWS)
		configuration := at(settings, "providerConfiguration")
		if at(configuration, "audience") != c.want || at(configuration, "role_arn") != roleArn || at(configuration, "credentials_type") != "oidc" {
			t.Errorf("%v:\n%s", c.audiences, text)
		}
		if workspace := at(settings, "workspaces", 0); at(workspace, "name") != "web" || at(workspace, "environment") != "production" ||
			at(workspace, "shellVariables", "AWS_REGION") != "eu-west-1" {
			t.Errorf("the workspace is %v", workspace)
		}
	}
}

func TestScalrNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range awkward {
		if _, lines := scalrSuite.read(scalr(object{"environment": text, "name": text}), inAWS); len(lines) > 0 {
			continue // a name that is refused
		}
		_, settings := scalrSuite.pipeline(t, scalr(object{"environment": text, "name": text}), inAWS)
		if workspace := at(settings, "workspaces", 0); at(workspace, "environment") != text || at(workspace, "name") != text {
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
	before, settings := scalrSuite.pipeline(t, written, inAWS)
	slices.Reverse(items)
	if after, _ := scalrSuite.pipeline(t, written, inAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
	if all, _ := settings["workspaces"].([]any); len(all) != 3 {
		t.Errorf("a workspace is named twice:\n%s", before)
	}
}

func TestConformanceOfScalr(t *testing.T) { scalrSuite.conformance(t) }
