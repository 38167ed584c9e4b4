package harness

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const acme = "A1b2C3d4E5f6G7h8J9k0Lm"

// harness is a section.
func harness(words object) object {
	section := object{"accountId": acme}
	for name, value := range words {
		section[name] = value
	}
	return object{"harness": section}
}

// web is the project web, with pipelines where some are given.
func web(pipelines ...any) list {
	project := object{"organization": "default", "id": "web"}
	if len(pipelines) > 0 {
		project["pipelines"] = list(pipelines)
	}
	return list{project}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	harness(object{"projects": web()}),
	harness(object{"projects": web("deploy", "release_$2")}),
	harness(object{"organizations": list{"default", "platform"}}),
	harness(object{"accountConnectors": true, "hostname": "app3.harness.io"}),
	harness(object{"projects": web(), "gratis": true}),
	harness(object{"wholeAccount": true}),
	harness(object{
		"projects":          append(web("deploy"), web()...),
		"organizations":     list{"default"},
		"accountConnectors": true,
		"audiences":         list{"a", "sts.amazonaws.com"},
	}),
}}

// Source:
// https://developer.harness.io/docs/platform/connectors/cloud-providers/ref-cloud-providers/aws-connector-settings-reference
func documentedConnector() map[string]any {
	return map[string]any{
		"sub": "account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test",
		"iss": "https://app.harness.io/ng/api/oidc/account/Hue1lBsaSx2APlXjzVEPIg", "aud": "sts.amazonaws.com",
		"exp": 1718132139, "iat": 1718128539, "account_id": "Hue1lBsaSx2APlXjzVEPIg", "organization_id": "default",
		"project_id": "OIDC_Test", "connector_id": "AWS_OIDC", "connector_name": "AWS_OIDC",
		"context": "CONNECTOR_VALIDATION",
	}
}

func TestTheDocumentedHarnessTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := harness(object{
		"accountId": "Hue1lBsaSx2APlXjzVEPIg",
		"projects":  list{object{"organization": "default", "id": "OIDC_Test"}},
	})
	trusts := suite.MustRead(t, written, citest.InAWS)
	documented := documentedConnector()
	if !citest.Admitted(trusts, citest.InAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		chosen := strings.HasPrefix(claim, "connector_") || claim == "context"
		if _, mine := made[claim]; mine != (claim != "iat" && claim != "exp") ||
			mine && !chosen && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/", "account/Hue1lBsaSx2APlXjzVEPIg:org/:project/",
		"Hue1lBsaSx2APlXjzVEPIg", "", "account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test2",
		"account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/oidc_test",
		"account/Hue1lBsaSx2APlXjzVEPIg:org/other:project/OIDC_Test",
		"account/Hue1lBsaSx2APlXjzVEPIg:org/default:project/OIDC_Test:pipeline/deploy",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestEachScopeOfAHarnessConnectorHasItsOwnSubject(t *testing.T) {
	const account = "account/" + acme
	for want, words := range map[string]object{
		account + ":org/default:project/web":                 {"projects": web()},
		account + ":org/default:project/web:pipeline/deploy": {"projects": web("deploy")},
		account + ":org/default:project/":                    {"organizations": list{"default"}},
		account + ":org/:project/":                           {"accountConnectors": true},
		acme:                                                 {"wholeAccount": true},
	} {
		trusts, _ := suite.Read(harness(words), citest.InAWS)
		if len(trusts[0].Grants) != 1 || trusts[0].Grants[0].Claims["sub"][0] != want {
			t.Errorf("%v: %v, want %s", words, trusts[0].Grants[0].Claims["sub"], want)
		}
	}
}

// Source:
// https://developer.harness.io/harness-platform/use-harness-platform/connectors/cloud-providers/ref-cloud-providers/artifactory-connector-settings-reference
func TestTheDocumentedSubjectOfAHarnessPipelineIsRead(t *testing.T) {
	texts, ok := pipelineForm.Parse("account/acc123:org/myOrg:project/myProj:pipeline/myPipe")
	if !ok {
		t.Fatal("it is not read")
	}
	citest.SameStrings(t, "its parts", texts, []string{"acc123", "myOrg", "myProj", "myPipe"})
}

func TestAConnectorThatAllProjectsShareDoesNotPassForOneOfAProject(t *testing.T) {
	trusts := suite.MustRead(t, harness(object{"projects": web()}), citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	for _, sub := range []string{"account/" + acme + ":org/default:project/",
		"account/" + acme + ":org/:project/", acme} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
	shared := suite.MustRead(t, harness(object{"organizations": list{"default"}}), citest.InAWS)
	for _, sub := range []string{ci.TextOf(ours["sub"]), ci.TextOf(ours["sub"]) + ":pipeline/deploy",
		"account/" + acme + ":org/:project/"} {
		if citest.Admitted(shared, citest.InAWS, ci.With(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in by the organization's connectors", sub)
		}
	}
}

func TestTheIssuerOfHarnessIsThatOfAccountAndCluster(t *testing.T) {
	for host, want := range map[any]string{
		nil:                      "app.harness.io",
		"accounts.eu.harness.io": "accounts.eu.harness.io",
		"harness.example.com":    "harness.example.com",
	} {
		words := object{"projects": web()}
		if host != nil {
			words["hostname"] = host
		}
		trusts := suite.MustRead(t, harness(words), citest.InAWS)
		if trusts[0].Issuer() != "https://"+want+"/ng/api/oidc/account/"+acme {
			t.Errorf("%v: %s", host, trusts[0].Issuer())
		}
	}
}

// Source:
// https://developer.harness.io/database-devops/use-db-devops/database-authentication-and-security/oidc-authentication
func TestAFreeAccountOfHarnessMayHaveAnIssuerBelowGratis(t *testing.T) {
	const issuer = "https://app.harness.io/gratis/ng/api/oidc/account/" + acme
	for _, words := range []object{{"gratis": true}, {"gratis": true, "hostname": "app.harness.io"}} {
		words["projects"] = web()
		trusts := suite.MustRead(t, harness(words), citest.InAWS)
		if token := trusts[0].Grants[0].Tokens()[0].Claims; trusts[0].Issuer() != issuer || token["iss"] != issuer ||
			!citest.Admitted(trusts, citest.InAWS, token) {
			t.Errorf("%v: %s", words, trusts[0].Issuer())
		}
	}
	if trusts := suite.MustRead(t, harness(object{"gratis": false, "projects": web()}),
		citest.InAWS); strings.Contains(trusts[0].Issuer(), "gratis") {
		t.Error(trusts[0].Issuer())
	}
	for _, host := range []string{"app3.harness.io", "harness.example.com"} {
		trusts, lines := suite.Read(harness(object{"gratis": true, "hostname": host, "projects": web()}), citest.InAWS)
		citest.SameStrings(t, host, lines, []string{"harness.gratis: has no meaning for this hostname: only the " +
			"issuers of app.harness.io can have the path /gratis; leave one of the two out"})
		if trusts[0].Issuer() != "" {
			t.Error(trusts[0].Issuer())
		}
	}
}

func TestHarnessFindings(t *testing.T) {
	for want, words := range map[string]object{
		"harness-chosen-subject harness-subject-flags": {
			"projects": web("deploy"),
		},
		"harness-shared-connector harness-shared-connector harness-chosen-subject harness-subject-flags": {
			"organizations":     list{"default"},
			"accountConnectors": true,
		},
		"harness-whole-account harness-subject-flags": {
			"wholeAccount": true,
		},
	} {
		trusts, lines := suite.Read(harness(words), citest.InAWS)
		ids := []string{}
		for _, f := range trusts[0].Findings {
			ids = append(ids, f.ID)
		}
		if got := strings.Join(ids, " "); got != want ||
			(len(lines) == 1) != strings.HasPrefix(want, "harness-whole-account") {
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
		{object{}, "harness.projects: is missing, and organizations, accountConnectors and wholeAccount too: name " +
			"the projects whose connectors get the role"},
		{object{"wholeAccount": false}, "harness.projects: is missing, and organizations, accountConnectors and " +
			"wholeAccount too: name the projects whose connectors get the role"},
		{object{"projects": web(), "accountId": "Acme Inc"},
			"harness.accountId: " + accountID.Rule + ` (found "Acme Inc")`},
		{object{"projects": web(), "accountId": "https://app.harness.io/ng/account/x"},
			`harness.accountId: is a URL; write the account's id alone: what stands behind /account/ in it (found ` +
				`"https://app.harness.io/ng/account/x")`},
		{object{"projects": web(), "hostname": "acme.harness.io"}, "harness.hostname: is not the host of a cluster, " +
			"but perhaps the account's own URL, which the tokens do not have: " +
			`write app.harness.io for Prod1 and Prod2, app3.harness.io for Prod3, accounts.harness.io for Prod0 and ` +
			`Prod4, accounts.eu.harness.io in the EU (found "acme.harness.io")`},
		{object{"projects": web(), "hostname": "https://app.harness.io"},
			"harness.hostname: must be the host alone, without https://, port and path, such as app.harness.io; " +
				`IAM takes no issuer with a port (found "https://app.harness.io")`},
		{named("id", "My Project"), project + "id: " + projectID.Rule + ` (found "My Project")`},
		{named("id", "web:pipeline/x"), project + "id: " + projectID.Rule + ` (found "web:pipeline/x")`},
		{named("id", "*"), project +
			`id: must be one exact project, without *, ? and ${; list each project that is meant (found "*")`},
		{named("organization", "1st"), project + "organization: " + organizationID.Rule + ` (found "1st")`},
		{object{"projects": web("a b")}, project + "pipelines[0]: " + pipelineID.Rule + ` (found "a b")`},
		{object{"organizations": list{"a/b"}}, "harness.organizations[0]: " + organizationID.Rule + ` (found "a/b")`},
	} {
		_, lines := suite.Read(harness(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestAHarnessTrustWaitsForWhatIsNotKnown(t *testing.T) {
	for _, words := range []object{
		{"accountId": citest.Unknown{}, "accountConnectors": true}, {"gratis": citest.Unknown{}, "wholeAccount": true},
		{"hostname": citest.Unknown{}, "wholeAccount": true}, {"projects": citest.Unknown{}},
		{"projects": list{citest.Unknown{}}}, {"projects": list{object{"organization": citest.Unknown{}, "id": "web"}}},
		{"projects": list{object{"organization": "default", "id": "web", "pipelines": citest.Unknown{}}}},
		{"organizations": list{citest.Unknown{}}}, {"accountConnectors": citest.Unknown{}},
		{"wholeAccount": citest.Unknown{}}, {"projects": web(citest.Unknown{})},
	} {
		trusts, lines := suite.Read(harness(words), citest.InAWS)
		if len(trusts[0].Grants) != 0 || len(lines) != 0 {
			t.Errorf("%v: %v is granted before it is known, %q", words, ci.Sentences(trusts), lines)
		}
	}
}

func TestTheSettingsOfHarnessNameTheScopeOfEachConnectorOnce(t *testing.T) {
	_, settings := suite.Pipeline(t,
		harness(object{"projects": append(web("deploy", "release"), object{"organization": "yes", "id": "web"}),
			"organizations": list{"default"}, "accountConnectors": true}), citest.InAWS)
	connectors, _ := settings["connectors"].([]any)
	if len(connectors) != 4 {
		t.Fatalf("%v", settings)
	}
	for i, want := range [][2]any{{nil, nil}, {"default", nil}, {"default", "web"}, {"yes", "web"}} {
		if citest.At(connectors[i], "organization") != want[0] || citest.At(connectors[i], "project") != want[1] ||
			citest.At(connectors[i], "iamRole") != citest.RoleArn || citest.At(connectors[i], "region") != "eu-west-1" {
			t.Errorf("%v, want %v", connectors[i], want)
		}
	}
}

func TestTheFlagsThatDecideTheSubjectOfHarnessAreNamedForEachWord(t *testing.T) {
	const scope, pipelines = "PL_OIDC_ENHANCED_SUBJECT_FIELD", "CDS_ENABLE_PIPELINE_SCOPED_OIDC_SUB"
	for want, words := range map[string]object{
		"pipelines need " + scope + " and " + pipelines + " on": {
			"projects": web("deploy", "release"),
		},
		"projects without pipelines need " + scope + " on and " + pipelines + " off": {"projects": web()},
		"organizations need " + scope + " on": {
			"organizations": list{"default"},
		},
		"accountConnectors needs " + scope + " on": {"accountConnectors": true},
		"wholeAccount needs " + scope + " off":     {"wholeAccount": true},
	} {
		written := harness(words)
		written["acceptRisks"] = suite.AllRisks()
		text, _ := suite.Pipeline(t, written, citest.InAWS)
		if strings.Count(text, "#   ") != 1 || !strings.Contains(text, "\n#   "+want+"\n") {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if f := suite.MustRead(t, harness(object{"projects": web()}), citest.InAWS)[0].Findings; !strings.Contains(
		f[1].Summary, scope,
	) || !strings.Contains(f[1].Summary, pipelines) {
		t.Error(f)
	}
}

func TestAnAudienceThatNoHarnessConnectorHasIsPointedOut(t *testing.T) {
	trusts := suite.MustRead(t, harness(object{"projects": web(), "audiences": list{"a", "sts.amazonaws.com"}}),
		citest.InAWS)
	f := trusts[0].Findings[len(trusts[0].Findings)-1]
	if f.ID != "harness-other-audience" || f.Path != "harness.audiences[0]" || f.Detail != "a" {
		t.Error(f)
	}
	citest.SameStrings(t, "the default", citest.FindingIDs(suite.MustRead(t,
		harness(object{"projects": web(), "audiences": list{"sts.amazonaws.com"}}), citest.InAWS)),
		[]string{"harness-chosen-subject", "harness-subject-flags"})
}

// Harness allows no identifier with a colon or a slash.
// Source: https://developer.harness.io/docs/platform/references/entity-identifier-reference
func TestAConnectorOfAHarnessProjectNamedLikeATrustedOneDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "account", "organization", "project", "pipeline"), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
