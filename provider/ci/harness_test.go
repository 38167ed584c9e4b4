package ci

import (
	"strings"
	"testing"
)

const harnessAcme = "A1b2C3d4E5f6G7h8J9k0Lm"

// harness is a section.
func harness(words object) object {
	section := object{"accountId": harnessAcme}
	for name, value := range words {
		section[name] = value
	}
	return object{"harness": section}
}

// harnessWeb is the project web, with pipelines where some are given.
func harnessWeb(pipelines ...any) list {
	project := object{"organization": "default", "id": "web"}
	if len(pipelines) > 0 {
		project["pipelines"] = list(pipelines)
	}
	return list{project}
}

var harnessSuite = suite{system: Harness{}, matrix: []object{
	harness(object{"projects": harnessWeb()}),
	harness(object{"projects": harnessWeb("deploy", "release_$2")}),
	harness(object{"organizations": list{"default", "platform"}}),
	harness(object{"accountConnectors": true, "hostname": "app3.harness.io"}),
	harness(object{"wholeAccount": true}),
	harness(object{"projects": append(harnessWeb("deploy"), harnessWeb()...), "organizations": list{"default"}, "accountConnectors": true, "audiences": list{"a", "sts.amazonaws.com"}}),
}}

// Source: https://developer.harness.io/docs/platform/connectors/cloud-providers/ref-cloud-providers/aws-connector-settings-reference
func documentedHarnessConnector() map[string]any {
	return map[string]any{
		"sub": "account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test", "iss": "https://app.harness.io/ng/api/oidc/account/Hue1lBsaSx2APlXjzVEPIg",
		"aud": "sts.amazonaws.com", "exp": 1718132139, "iat": 1718128539, "account_id": "Hue1lBsaSx2APlXjzVEPIg", "organization_id": "default",
		"project_id": "OIDC_Test", "connector_id": "AWS_OIDC", "connector_name": "AWS_OIDC", "context": "CONNECTOR_VALIDATION",
	}
}

func TestTheDocumentedHarnessTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := harness(object{"accountId": "Hue1lBsaSx2APlXjzVEPIg", "projects": list{object{"organization": "default", "id": "OIDC_Test"}}})
	trusts := harnessSuite.mustRead(t, written, inAWS)
	documented := documentedHarnessConnector()
	if !admitted(trusts, inAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		chosen := strings.HasPrefix(claim, "connector_") || claim == "context"
		if _, mine := made[claim]; mine != (claim != "iat" && claim != "exp") || mine && !chosen && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/", "account/Hue1lBsaSx2APlXjzVEPIg:org/:project/", "Hue1lBsaSx2APlXjzVEPIg", "",
		"account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test2", "account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/oidc_test",
		"account/Hue1lBsaSx2APlXjzVEPIg:org/other:project/OIDC_Test", "account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test:pipeline/deploy",
	} {
		if admitted(trusts, inAWS, with(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestEachScopeOfAHarnessConnectorHasItsOwnSubject(t *testing.T) {
	const account = "account/" + harnessAcme
	for want, words := range map[string]object{
		account + ":org/default:project/web":                 {"projects": harnessWeb()},
		account + ":org/default:project/web:pipeline/deploy": {"projects": harnessWeb("deploy")},
		account + ":org/default:project/":                    {"organizations": list{"default"}},
		account + ":org/:project/":                           {"accountConnectors": true},
		harnessAcme:                                          {"wholeAccount": true},
	} {
		trusts, _ := harnessSuite.read(harness(words), inAWS)
		if len(trusts[0].Grants) != 1 || trusts[0].Grants[0].Claims["sub"][0] != want {
			t.Errorf("%v: %v, want %s", words, trusts[0].Grants[0].Claims["sub"], want)
		}
	}
}

// Source: https://developer.harness.io/harness-platform/use-harness-platform/connectors/cloud-providers/ref-cloud-providers/artifactory-connector-settings-reference
func TestTheDocumentedSubjectOfAHarnessPipelineIsRead(t *testing.T) {
	texts, ok := harnessPipeline.parse("account/acc123:org/myOrg:project/myProj:pipeline/myPipe")
	if !ok {
		t.Fatal("it is not read")
	}
	sameStrings(t, "its parts", texts, []string{"acc123", "myOrg", "myProj", "myPipe"})
}

func TestAConnectorThatAllProjectsShareDoesNotPassForOneOfAProject(t *testing.T) {
	trusts := harnessSuite.mustRead(t, harness(object{"projects": harnessWeb()}), inAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	for _, sub := range []string{"account/" + harnessAcme + ":org/default:project/", "account/" + harnessAcme + ":org/:project/", harnessAcme} {
		if admitted(trusts, inAWS, with(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
	shared := harnessSuite.mustRead(t, harness(object{"organizations": list{"default"}}), inAWS)
	for _, sub := range []string{textOf(ours["sub"]), textOf(ours["sub"]) + ":pipeline/deploy", "account/" + harnessAcme + ":org/:project/"} {
		if admitted(shared, inAWS, with(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in by the organization's connectors", sub)
		}
	}
}

func TestTheIssuerOfHarnessIsThatOfAccountAndCluster(t *testing.T) {
	for host, want := range map[any]string{nil: "app.harness.io", "accounts.eu.harness.io": "accounts.eu.harness.io", "harness.example.com": "harness.example.com"} {
		words := object{"projects": harnessWeb()}
		if host != nil {
			words["hostname"] = host
		}
		trusts := harnessSuite.mustRead(t, harness(words), inAWS)
		if trusts[0].Issuer() != "https://"+want+"/ng/api/oidc/account/"+harnessAcme {
			t.Errorf("%v: %s", host, trusts[0].Issuer())
		}
	}
}

func TestHarnessFindings(t *testing.T) {
	for want, words := range map[string]object{
		"harness-chosen-subject harness-subject-flags":                                                   {"projects": harnessWeb("deploy")},
		"harness-shared-connector harness-shared-connector harness-chosen-subject harness-subject-flags": {"organizations": list{"default"}, "accountConnectors": true},
		"harness-whole-account harness-subject-flags":                                                    {"wholeAccount": true},
	} {
		trusts, lines := harnessSuite.read(harness(words), inAWS)
		ids := []string{}
		for _, f := range trusts[0].Findings {
			ids = append(ids, f.ID)
		}
		if got := strings.Join(ids, " "); got != want || (len(lines) == 1) != strings.HasPrefix(want, "harness-whole-account") {
			t.Errorf("%v: %q, want %q; %q", words, got, want, lines)
		}
	}
}

func TestWhatIsWrongWithAHarnessSectionIsSaidInHarnesssWords(t *testing.T) {
	const project = "harness.projects[0]."
	named := func(word, text string) object {
		item := object{"organization": "default", "id": "web"}
		item[word] = text
		return object{"projects": list{item}}
	}
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{}, "harness.projects: is missing, and organizations, accountConnectors and wholeAccount too: name the projects whose connectors get the role"},
		{object{"wholeAccount": false}, "harness.projects: is missing, and organizations, accountConnectors and wholeAccount too: name the projects whose connectors get the role"},
		{object{"projects": harnessWeb(), "accountId": "Acme Inc"}, "harness.accountId: " + harnessAccountID.rule + ` (found "Acme Inc")`},
		{object{"projects": harnessWeb(), "accountId": "https://app.harness.io/ng/account/x"}, `harness.accountId: is a URL; write the account's id alone: what stands behind /account/ in it (found "https://app.harness.io/ng/account/x")`},
		{object{"projects": harnessWeb(), "hostname": "acme.harness.io"}, "harness.hostname: is not the host of a cluster, but perhaps the account's own URL, which the tokens do not have: " +
			`write app.harness.io for Prod1 and Prod2, app3.harness.io for Prod3, accounts.harness.io for Prod0 and Prod4, accounts.eu.harness.io in the EU (found "acme.harness.io")`},
		{object{"projects": harnessWeb(), "hostname": "https://app.harness.io"}, "harness.hostname: must be the host alone, without https://, port and path, such as app.harness.io; " +
			`IAM takes no issuer with a port (found "https://app.harness.io")`},
		{named("id", "My Project"), project + "id: " + harnessProjectID.rule + ` (found "My Project")`},
		{named("id", "web:pipeline/x"), project + "id: " + harnessProjectID.rule + ` (found "web:pipeline/x")`},
		{named("id", "*"), project + `id: must be one exact project, without *, ? and ${; list each project that is meant (found "*")`},
		{named("organization", "1st"), project + "organization: " + harnessOrganizationID.rule + ` (found "1st")`},
		{object{"projects": harnessWeb("a b")}, project + "pipelines[0]: " + harnessPipelineID.rule + ` (found "a b")`},
		{object{"organizations": list{"a/b"}}, "harness.organizations[0]: " + harnessOrganizationID.rule + ` (found "a/b")`},
	} {
		_, lines := harnessSuite.read(harness(c.words), inAWS)
		sameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestAHarnessTrustWaitsForWhatIsNotKnown(t *testing.T) {
	for _, words := range []object{
		{"accountId": unknown{}, "accountConnectors": true}, {"hostname": unknown{}, "wholeAccount": true}, {"projects": unknown{}}, {"projects": list{unknown{}}},
		{"projects": list{object{"organization": unknown{}, "id": "web"}}}, {"projects": list{object{"organization": "default", "id": "web", "pipelines": unknown{}}}},
		{"organizations": list{unknown{}}}, {"accountConnectors": unknown{}}, {"wholeAccount": unknown{}}, {"projects": harnessWeb(unknown{})},
	} {
		trusts, lines := harnessSuite.read(harness(words), inAWS)
		if len(trusts[0].Grants) != 0 || len(lines) != 0 {
			t.Errorf("%v: %v is granted before it is known, %q", words, Sentences(trusts), lines)
		}
	}
}

func TestTheSettingsOfHarnessNameTheScopeOfEachConnectorOnce(t *testing.T) {
	_, settings := harnessSuite.pipeline(t, harness(object{"projects": append(harnessWeb("deploy", "release"), object{"organization": "yes", "id": "web"}),
		"organizations": list{"default"}, "accountConnectors": true}), inAWS)
	connectors, _ := settings["connectors"].([]any)
	if len(connectors) != 4 {
		t.Fatalf("%v", settings)
	}
	for i, want := range [][2]any{{nil, nil}, {"default", nil}, {"default", "web"}, {"yes", "web"}} {
		if at(connectors[i], "organization") != want[0] || at(connectors[i], "project") != want[1] || at(connectors[i], "iamRole") != roleArn || at(connectors[i], "region") != "eu-west-1" {
			t.Errorf("%v, want %v", connectors[i], want)
		}
	}
}

func TestTheFlagsThatDecideTheSubjectOfHarnessAreNamedForEachWord(t *testing.T) {
	const scope, pipelines = "PL_OIDC_ENHANCED_SUBJECT_FIELD", "CDS_ENABLE_PIPELINE_SCOPED_OIDC_SUB"
	for want, words := range map[string]object{
		"pipelines need " + scope + " and " + pipelines + " on":                      {"projects": harnessWeb("deploy", "release")},
		"projects without pipelines need " + scope + " on and " + pipelines + " off": {"projects": harnessWeb()},
		"organizations need " + scope + " on":                                        {"organizations": list{"default"}},
		"accountConnectors needs " + scope + " on":                                   {"accountConnectors": true},
		"wholeAccount needs " + scope + " off":                                       {"wholeAccount": true},
	} {
		written := harness(words)
		written["acceptRisks"] = harnessSuite.allRisks()
		text, _ := harnessSuite.pipeline(t, written, inAWS)
		if strings.Count(text, "#   ") != 1 || !strings.Contains(text, "\n#   "+want+"\n") {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if f := harnessSuite.mustRead(t, harness(object{"projects": harnessWeb()}), inAWS)[0].Findings; !strings.Contains(f[1].Summary, scope) || !strings.Contains(f[1].Summary, pipelines) {
		t.Error(f)
	}
}

func TestAnAudienceThatNoHarnessConnectorHasIsPointedOut(t *testing.T) {
	trusts := harnessSuite.mustRead(t, harness(object{"projects": harnessWeb(), "audiences": list{"a", "sts.amazonaws.com"}}), inAWS)
	f := trusts[0].Findings[len(trusts[0].Findings)-1]
	if f.ID != "harness-other-audience" || f.Path != "harness.audiences[0]" || f.Detail != "a" {
		t.Error(f)
	}
	sameStrings(t, "the default", findingIDs(harnessSuite.mustRead(t, harness(object{"projects": harnessWeb(), "audiences": list{"sts.amazonaws.com"}}), inAWS)),
		[]string{"harness-chosen-subject", "harness-subject-flags"})
}

func TestConformanceOfHarness(t *testing.T) { harnessSuite.conformance(t) }
