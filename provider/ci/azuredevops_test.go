package ci

import (
	"maps"
	"strings"
	"testing"
)

const azureDevOpsAcme = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"

// azureDevOps is a section with the given words.
func azureDevOps(words object) object {
	section := object{"organization": "acme", "organizationId": azureDevOpsAcme}
	maps.Copy(section, words)
	return object{"azureDevOps": section}
}

// inWebShop names something in the project Web Shop.
func inWebShop(name any) list { return list{object{"project": "Web Shop", "name": name}} }

var azuredevopsSuite = suite{system: AzureDevOps{}, matrix: []object{
	azureDevOps(object{"serviceConnections": inWebShop("deploy to aws")}),
	azureDevOps(object{"pipelines": inWebShop("acme.web")}),
	azureDevOps(object{"serviceConnections": inWebShop("same"), "pipelines": inWebShop("same"), "audiences": list{"a", azureDevOpsAudience}}),
	azureDevOps(object{"organization": "Acme-1", "serviceConnections": list{
		object{"project": "Café", "name": "aws (production) é"}, object{"project": "web", "name": "aws"}, object{"project": "web", "name": "aws-eu"}}}),
}}

// The two tokens have the claims of those that were printed in public, with made-up names and ids.
// Source: https://github.com/gravitational/teleport/blob/master/rfd/0211-azure-devops-joining.md
func documentedAzureDevOpsConnection() map[string]any {
	return map[string]any{
		"jti": "5b2f9a61-0c3d-4e8f-9a10-2c720bab67aa", "sub": "sc://acme/web-shop/generic-sc", "aud": "api://AzureADTokenExchange",
		"iss": "https://vstoken.dev.azure.com/" + azureDevOpsAcme, "nbf": float64(1745851036), "exp": float64(1745851936), "iat": float64(1745851636),
	}
}

func documentedAzureDevOpsPipeline() map[string]any {
	return with(documentedAzureDevOpsConnection(), map[string]any{
		"sub": "p://acme/web-shop/acme.web", "org_id": azureDevOpsAcme, "prj_id": "271ef6f7-5a4b-4c3d-8e2f-4b54d9129991", "def_id": "7",
		"rpo_id": "acme/web", "rpo_uri": "https://github.com/acme/web.git", "rpo_ver": "c291ea713801eb300054d353d279e7b02331f67a",
		"rpo_ref": "refs/heads/main", "run_id": "41",
	})
}

func TestTheDocumentedAzureDevOpsTokensGetInAndTheirNeighboursDoNot(t *testing.T) {
	for word, documented := range map[string]map[string]any{
		"serviceConnections": documentedAzureDevOpsConnection(), "pipelines": documentedAzureDevOpsPipeline(),
	} {
		sub := textOf(documented["sub"])
		trusts := azuredevopsSuite.mustRead(t, azureDevOps(object{word: list{object{"project": "web-shop", "name": sub[strings.LastIndex(sub, "/")+1:]}}}), inAWS)
		if !admitted(trusts, inAWS, documented) {
			t.Errorf("%s: the documented token does not get in", word)
		}
		for claim, value := range trusts[0].Grants[0].Tokens()[0].Claims {
			if documented[claim] != value {
				t.Errorf("%s: the made-up token has %s %v and the documented one %v", word, claim, value, documented[claim])
			}
		}
		scheme, path, _ := strings.Cut(sub, "://")
		for _, other := range []string{
			map[string]string{"sc": "p", "p": "sc"}[scheme] + "://" + path, scheme + "://mallory" + strings.TrimPrefix(path, "acme"), scheme + "://" + path + "-evil",
			scheme + "://" + path + "/", scheme + "://acme/evil/" + path, scheme + "://acme/web-shop/x/" + path, scheme + "://" + strings.ToUpper(path), scheme + ":/" + path,
			strings.Replace(sub, "web-shop", "web shop", 1), "sc://", "",
		} {
			if admitted(trusts, inAWS, with(documented, map[string]any{"sub": other})) {
				t.Errorf("%s gets in", other)
			}
		}
	}
}

func TestNamesOfAzureDevOpsKeepTheirSpaces(t *testing.T) {
	trusts := azuredevopsSuite.mustRead(t, azureDevOps(object{"serviceConnections": inWebShop("deploy to aws"), "pipelines": inWebShop("Release (EU)")}), inAWS)
	for sub, want := range map[string]bool{
		"sc://acme/Web Shop/deploy to aws": true, "p://acme/Web Shop/Release (EU)": true, "sc://acme/Web Shop/Release (EU)": false, "p://acme/Web Shop/deploy to aws": false,
		"sc://acme/Web%20Shop/deploy%20to%20aws": false, "sc://acme/Web+Shop/deploy+to+aws": false, "sc://acme/Web Shop/deploy to aws ": false, "sc://acme/WebShop/deploytoaws": false,
	} {
		if got := admitted(trusts, inAWS, with(documentedAzureDevOpsConnection(), map[string]any{"sub": sub})); got != want {
			t.Errorf("%s gets in: %v", sub, got)
		}
	}
	sameStrings(t, "grants", Sentences(trusts), []string{
		"Azure DevOps: every run of pipeline Release (EU) of project Web Shop in acme", "Azure DevOps: service connection deploy to aws of project Web Shop in acme",
	})
}

func TestAPipelineTokenOfAzureDevOpsIsARiskAndTheIssuerRetires(t *testing.T) {
	sameStrings(t, "a connection", findingIDs(azuredevopsSuite.mustRead(t, azureDevOps(object{"serviceConnections": inWebShop("aws")}), inAWS)), []string{"azure-devops-any-branch", "azure-devops-issuer-retires"})
	pipelines := azureDevOps(object{"pipelines": inWebShop("Release")})
	sameStrings(t, "a pipeline", findingIDs(azuredevopsSuite.mustRead(t, pipelines, inAWS)), []string{"azure-devops-any-ref", "azure-devops-issuer-retires"})
	_, lines := azuredevopsSuite.read(pipelines, inAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "azureDevOps.pipelines[0]: every run of the pipeline gets the role, whatever its branch") ||
		!strings.HasSuffix(lines[0], "add azure-devops-any-ref to acceptRisks. (pipeline Release)") {
		t.Errorf("%q", lines)
	}
}

func TestARunOfAnyBranchWithAnAzureServiceConnectionIsSaidWithWhereToLimitIt(t *testing.T) {
	findings := Findings(azuredevopsSuite.mustRead(t, azureDevOps(object{"serviceConnections": append(inWebShop("b"), inWebShop("a")...)}), inAWS))
	if f := findings[0]; f.ID != "azure-devops-any-branch" || f.Severity != Low || f.Detail != "service connection a, service connection b" ||
		!strings.Contains(f.Remediation, "Branch control") {
		t.Errorf("%v", findings)
	}
}

// Two pipelines of one name in two folders may have one subject.
func TestAnAzurePipelineThatIsTrustedByItsNameNeedNotBeOne(t *testing.T) {
	findings := Findings(azuredevopsSuite.mustRead(t, azureDevOps(object{"pipelines": inWebShop("Release")}), inAWS))
	if f := findings[0]; f.ID != "azure-devops-any-ref" || !strings.Contains(f.Summary, "names are unique within a folder only") {
		t.Errorf("%v", findings)
	}
}

func TestWhatIsWrongWithAnAzureDevOpsSectionIsSaidInItsWords(t *testing.T) {
	const connection, longest = "azureDevOps.serviceConnections[0].", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"
	section := func(name string, value any) object {
		return azureDevOps(object{"serviceConnections": inWebShop("aws"), name: value})
	}
	item := func(project, name string) object {
		return azureDevOps(object{"serviceConnections": list{object{"project": project, "name": name}}})
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{section("organization", "https://dev.azure.com/acme"), `azureDevOps.organization: is a URL; write the organization's name alone: acme for https://dev.azure.com/acme and https://acme.visualstudio.com (found "https://dev.azure.com/acme")`},
		{section("organization", azureDevOpsAcme), "azureDevOps.organization: is an id, and stands in organizationId; write the organization's name here: acme for https://dev.azure.com/acme " +
			`(found "` + azureDevOpsAcme + `")`},
		{section("organization", "-acme"), "azureDevOps.organization: " + azureDevOpsOrganization.rule + ` (found "-acme")`},
		{section("organizationId", "acme"), "azureDevOps.organizationId: " + azureDevOpsOrganizationID.rule + ` (found "acme")`},
		{section("organizationId", strings.ToUpper(azureDevOpsAcme)), "azureDevOps.organizationId: has capital letters; write it in lower case, as Azure DevOps does: AWS compares letter by letter " +
			`(found "` + strings.ToUpper(azureDevOpsAcme) + `")`},
		{azureDevOps(nil), "azureDevOps.serviceConnections: is missing, and pipelines too: name the service connections whose runs get the role. pipelines trusts the runs of every branch"},
		{item("_web", "aws"), connection + "project: " + azureDevOpsProject.rule + ` (found "_web")`},
		{item("web.", "aws"), connection + "project: " + azureDevOpsProject.rule + ` (found "web.")`},
		{item("a/b", "aws"), connection + "project: " + azureDevOpsProject.rule + ` (found "a/b")`},
		{item(longest+"m", "aws"), connection + "project: " + azureDevOpsProject.rule + ` (found "` + longest + `m")`},
		{item("Web%20Shop", "aws"), connection + `project: is encoded as in a URL; write the project's name with its spaces (found "Web%20Shop")`},
		{item(azureDevOpsAcme, "aws"), connection + "project: is an id, and the subject of a token carries names; write the name of the project " + `(found "` + azureDevOpsAcme + `")`},
		{item("web*", "aws"), connection + `project: must be one exact project, without *, ? and ${; list each project that is meant (found "web*")`},
		{item("网站", "aws"), connection + `project: has a control character or one beyond Latin-1, which IAM does not store in a policy (found "网站")`},
		{item("web", "*"), connection + `name: must be one exact service connection, without *, ? and ${; list each service connection that is meant (found "*")`},
		{item("web", "aws "), connection + "name: " + azureDevOpsConnection.rule + ` (found "aws ")`},
		{item("web", "a/b"), connection + "name: " + azureDevOpsConnection.rule + ` (found "a/b")`},
		{item("web", azureDevOpsAcme), connection + "name: is an id, and the subject of a token carries names; write the name of the service connection " + `(found "` + azureDevOpsAcme + `")`},
		{item("web", "sc://acme/web/aws"), connection + `name: is a whole subject; write the name at its end alone (found "sc://acme/web/aws")`},
	} {
		_, lines := azuredevopsSuite.read(c.written, inAWS)
		sameStrings(t, c.want, lines, []string{c.want})
	}
	azuredevopsSuite.mustRead(t, item(longest, "a"), inAWS)
	written := azureDevOps(object{"pipelines": inWebShop(`\Folder\Release`)})
	written["acceptRisks"] = list{"azure-devops-any-ref"}
	_, lines := azuredevopsSuite.read(written, inAWS)
	sameStrings(t, "a folder", lines, []string{`azureDevOps.pipelines[0].name: is a path of folders; write the pipeline's name alone, which a run has in $(Build.DefinitionName) (found "\\Folder\\Release")`})
}

func TestNothingOfAzureDevOpsIsTrustedBeforeItIsKnown(t *testing.T) {
	for what, written := range map[string]object{
		"organization":    azureDevOps(object{"organization": unknown{}, "serviceConnections": inWebShop("aws")}),
		"organization id": azureDevOps(object{"organizationId": unknown{}, "serviceConnections": inWebShop("aws")}),
		"connection":      azureDevOps(object{"serviceConnections": inWebShop(unknown{})}),
		"project":         azureDevOps(object{"pipelines": list{object{"project": unknown{}, "name": "Release"}}}),
		"item":            azureDevOps(object{"serviceConnections": list{unknown{}}}),
		"list":            azureDevOps(object{"serviceConnections": unknown{}}),
	} {
		trusts := azuredevopsSuite.mustRead(t, written, inAWS)
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: granted before it is known: %q", what, Sentences(trusts))
		}
		if _, file := azuredevopsSuite.pipeline(t, written, inAWS); at(file, "pool", "vmImage") == nil {
			t.Errorf("%s: %v", what, file)
		}
	}
}

func TestTheAzurePipelineNamesEachServiceConnection(t *testing.T) {
	text, file := azuredevopsSuite.pipeline(t, azureDevOps(object{
		"serviceConnections": append(inWebShop("yes"), inWebShop(`a "quoted": # name`)...), "pipelines": inWebShop("Release"),
	}), inAWS)
	for i, name := range []string{`a "quoted": # name`, "yes"} {
		inputs := at(file, "steps", i, "inputs")
		if at(file, "steps", i, "task") != "AWSShellScript@1" || at(inputs, "awsCredentials") != name || at(inputs, "regionName") != "eu-west-1" {
			t.Errorf("step %d is %v", i, at(file, "steps", i))
		}
	}
	env := at(file, "steps", 2, "env")
	if at(env, "AWS_ROLE_ARN") != roleArn || at(env, "AWS_REGION") != "eu-west-1" || at(env, "SYSTEM_ACCESSTOKEN") != "$(System.AccessToken)" ||
		at(env, "AWS_WEB_IDENTITY_TOKEN_FILE") != "$(Agent.TempDirectory)/web-identity-token" {
		t.Errorf("the script gets %v", env)
	}
	script, _ := at(file, "steps", 2, "bash").(string)
	if !strings.Contains(script, `"$SYSTEM_OIDCREQUESTURI?api-version=7.1" | jq -r .oidcToken > "$AWS_WEB_IDENTITY_TOKEN_FILE"`) {
		t.Errorf("the script is %s", script)
	}
	if !strings.Contains(text, "# Role to Assume: "+roleArn+"\n") || at(file, "trigger", 0) != "main" || at(file, "pr") != "none" {
		t.Errorf("%s", text)
	}
}

func TestConformanceOfAzureDevOps(t *testing.T) { azuredevopsSuite.conformance(t) }
