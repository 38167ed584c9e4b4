package azuredevops

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const acme = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"

// azureDevOps is a section with the given words.
func azureDevOps(words object) object {
	section := object{"organization": "acme", "organizationId": acme}
	maps.Copy(section, words)
	return object{"azureDevOps": section}
}

// inWebShop names something in the project Web Shop.
func inWebShop(name any) list { return list{object{"project": "Web Shop", "name": name}} }

var suite = citest.Suite{System: System{}, Matrix: []object{
	azureDevOps(object{"serviceConnections": inWebShop("deploy to aws")}),
	azureDevOps(object{"pipelines": inWebShop("acme.web")}),
	azureDevOps(object{
		"serviceConnections": inWebShop("same"),
		"pipelines":          inWebShop("same"),
		"audiences":          list{"a", audience},
	}),
	azureDevOps(object{"organization": "Acme-1", "serviceConnections": list{
		object{"project": "Café", "name": "aws (production) é"}, object{"project": "web", "name": "aws"},
		object{"project": "web", "name": "aws-eu"}}}),
}}

// The two tokens have the claims of those that were printed in public, with made-up names and ids.
// Source: https://github.com/gravitational/teleport/blob/master/rfd/0211-azure-devops-joining.md
func documentedConnection() map[string]any {
	return map[string]any{
		"jti": "5b2f9a61-0c3d-4e8f-9a10-2c720bab67aa", "sub": "sc://acme/web-shop/generic-sc",
		"aud": "api://AzureADTokenExchange", "iss": "https://vstoken.dev.azure.com/" + acme, "nbf": float64(1745851036),
		"exp": float64(1745851936), "iat": float64(1745851636),
	}
}

func documentedPipeline() map[string]any {
	return ci.With(documentedConnection(), map[string]any{
		"sub": "p://acme/web-shop/acme.web", "org_id": acme, "prj_id": "271ef6f7-5a4b-4c3d-8e2f-4b54d9129991",
		"def_id": "7", "rpo_id": "acme/web", "rpo_uri": "https://github.com/acme/web.git",
		"rpo_ver": "c291ea713801eb300054d353d279e7b02331f67a", "rpo_ref": "refs/heads/main", "run_id": "41",
	})
}

func TestTheDocumentedAzureDevOpsTokensGetInAndTheirNeighboursDoNot(t *testing.T) {
	for word, documented := range map[string]map[string]any{
		"serviceConnections": documentedConnection(), "pipelines": documentedPipeline(),
	} {
		sub := ci.TextOf(documented["sub"])
		trusts := suite.MustRead(t, azureDevOps(object{
			word: list{object{"project": "web-shop", "name": sub[strings.LastIndex(sub, "/")+1:]}},
		}), citest.InAWS)
		if !citest.Admitted(trusts, citest.InAWS, documented) {
			t.Errorf("%s: the documented token does not get in", word)
		}
		for claim, value := range trusts[0].Grants[0].Tokens()[0].Claims {
			if documented[claim] != value {
				t.Errorf("%s: the made-up token has %s %v and the documented one %v", word, claim, value,
					documented[claim])
			}
		}
		scheme, path, _ := strings.Cut(sub, "://")
		for _, other := range []string{
			map[string]string{"sc": "p", "p": "sc"}[scheme] + "://" + path,
			scheme + "://mallory" + strings.TrimPrefix(path, "acme"), scheme + "://" + path + "-evil",
			scheme + "://" + path + "/", scheme + "://acme/evil/" + path, scheme + "://acme/web-shop/x/" + path,
			scheme + "://" + strings.ToUpper(path), scheme + ":/" + path,
			strings.Replace(sub, "web-shop", "web shop", 1), "sc://", "",
		} {
			if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": other})) {
				t.Errorf("%s gets in", other)
			}
		}
	}
}

func TestNamesOfAzureDevOpsKeepTheirSpaces(t *testing.T) {
	trusts := suite.MustRead(t, azureDevOps(object{
		"serviceConnections": inWebShop("deploy to aws"),
		"pipelines":          inWebShop("Release (EU)"),
	}), citest.InAWS)
	for sub, want := range map[string]bool{
		"sc://acme/Web Shop/deploy to aws": true, "p://acme/Web Shop/Release (EU)": true,
		"sc://acme/Web Shop/Release (EU)": false, "p://acme/Web Shop/deploy to aws": false,
		"sc://acme/Web%20Shop/deploy%20to%20aws": false, "sc://acme/Web+Shop/deploy+to+aws": false,
		"sc://acme/Web Shop/deploy to aws ": false, "sc://acme/WebShop/deploytoaws": false,
	} {
		if got := citest.Admitted(trusts, citest.InAWS,
			ci.With(documentedConnection(), map[string]any{"sub": sub})); got != want {
			t.Errorf("%s gets in: %v", sub, got)
		}
	}
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		"Azure DevOps: every run of pipeline Release (EU) of project Web Shop in acme",
		"Azure DevOps: service connection deploy to aws of project Web Shop in acme",
	})
}

func TestAPipelineTokenOfAzureDevOpsIsARiskAndTheIssuerRetires(t *testing.T) {
	citest.SameStrings(t, "a connection",
		citest.FindingIDs(suite.MustRead(t, azureDevOps(object{"serviceConnections": inWebShop("aws")}), citest.InAWS)),
		[]string{"azure-devops-any-branch", "azure-devops-issuer-retires"})
	pipelines := azureDevOps(object{"pipelines": inWebShop("Release")})
	citest.SameStrings(t, "a pipeline", citest.FindingIDs(suite.MustRead(t, pipelines, citest.InAWS)),
		[]string{"azure-devops-any-ref", "azure-devops-issuer-retires"})
	_, lines := suite.Read(pipelines, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0],
		"azureDevOps.pipelines[0]: every run of the pipeline gets the role, whatever its branch") ||
		!strings.HasSuffix(lines[0], "add azure-devops-any-ref to acceptRisks. (pipeline Release)") {
		t.Errorf("%q", lines)
	}
}

func TestARunOfAnyBranchWithAnAzureServiceConnectionIsSaidWithWhereToLimitIt(t *testing.T) {
	findings := ci.Findings(suite.MustRead(t,
		azureDevOps(object{"serviceConnections": append(inWebShop("b"), inWebShop("a")...)}), citest.InAWS))
	if f := findings[0]; f.ID != "azure-devops-any-branch" || f.Severity != ci.Low ||
		f.Detail != "service connection a, service connection b" ||
		!strings.Contains(f.Remediation, "Branch control") {
		t.Errorf("%v", findings)
	}
}

// Two pipelines of one name in two folders may have one subject.
func TestAnAzurePipelineThatIsTrustedByItsNameNeedNotBeOne(t *testing.T) {
	findings := ci.Findings(suite.MustRead(t, azureDevOps(object{"pipelines": inWebShop("Release")}), citest.InAWS))
	if f := findings[0]; f.ID != "azure-devops-any-ref" ||
		!strings.Contains(f.Summary, "names are unique within a folder only") {
		t.Errorf("%v", findings)
	}
}

func TestWhatIsWrongWithAnAzureDevOpsSectionIsSaidInItsWords(t *testing.T) {
	const connection, longest = "azureDevOps.serviceConnections[0].",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"
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
		{section("organization", "https://dev.azure.com/acme"),
			`azureDevOps.organization: is a URL; write the organization's name alone: acme for ` +
				`https://dev.azure.com/acme and https://acme.visualstudio.com (found "https://dev.azure.com/acme")`},
		{section("organization", acme), "azureDevOps.organization: is an id, and stands in organizationId; write the " +
			"organization's name here: acme for https://dev.azure.com/acme " +
			`(found "` + acme + `")`},
		{section("organization", "-acme"), "azureDevOps.organization: " + organization.Rule + ` (found "-acme")`},
		{section("organizationId", "acme"), "azureDevOps.organizationId: " + organizationID.Rule + ` (found "acme")`},
		{section("organizationId", strings.ToUpper(acme)), "azureDevOps.organizationId: has capital letters; write " +
			"it in lower case, as Azure DevOps does: AWS compares letter by letter " +
			`(found "` + strings.ToUpper(acme) + `")`},
		{azureDevOps(nil), "azureDevOps.serviceConnections: is missing, and pipelines too: name the service " +
			"connections whose runs get the role. pipelines trusts the runs of every branch"},
		{item("_web", "aws"), connection + "project: " + project.Rule + ` (found "_web")`},
		{item("web.", "aws"), connection + "project: " + project.Rule + ` (found "web.")`},
		{item("a/b", "aws"), connection + "project: " + project.Rule + ` (found "a/b")`},
		{item(longest+"m", "aws"), connection + "project: " + project.Rule + ` (found "` + longest + `m")`},
		{item("Web%20Shop", "aws"), connection +
			`project: is encoded as in a URL; write the project's name with its spaces (found "Web%20Shop")`},
		{item(acme, "aws"), connection + "project: is an id, and the subject of a token carries names; write the " +
			"name of the project " + `(found "` + acme + `")`},
		{item("web*", "aws"), connection +
			`project: must be one exact project, without *, ? and ${; list each project that is meant (found "web*")`},
		{item("网站", "aws"), connection +
			`project: has a control character or one beyond Latin-1, which IAM does not ` +
			`store in a policy (found "网站")`},
		{item("web", "*"), connection + `name: must be one exact service connection, without *, ? and ${; list each ` +
			`service connection that is meant (found "*")`},
		{item("web", "aws "), connection + "name: " + connectionName.Rule + ` (found "aws ")`},
		{item("web", "a/b"), connection + "name: " + connectionName.Rule + ` (found "a/b")`},
		{item("web", acme), connection + "name: is an id, and the subject of a token carries names; write the name " +
			"of the service connection " + `(found "` + acme + `")`},
		{item("web", "sc://acme/web/aws"),
			connection + `name: is a whole subject; write the name at its end alone (found "sc://acme/web/aws")`},
	} {
		_, lines := suite.Read(c.written, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	suite.MustRead(t, item(longest, "a"), citest.InAWS)
	written := azureDevOps(object{"pipelines": inWebShop(`\Folder\Release`)})
	written["acceptRisks"] = list{"azure-devops-any-ref"}
	_, lines := suite.Read(written, citest.InAWS)
	citest.SameStrings(t, "a folder", lines, []string{`azureDevOps.pipelines[0].name: is a path of folders; write ` +
		`the pipeline's name alone, which a run has in $(Build.DefinitionName) (found "\\Folder\\Release")`})
}

func TestNothingOfAzureDevOpsIsTrustedBeforeItIsKnown(t *testing.T) {
	for what, written := range map[string]object{
		"organization": azureDevOps(object{
			"organization":       citest.Unknown{},
			"serviceConnections": inWebShop("aws"),
		}),
		"organization id": azureDevOps(object{
			"organizationId":     citest.Unknown{},
			"serviceConnections": inWebShop("aws"),
		}),
		"connection": azureDevOps(object{"serviceConnections": inWebShop(citest.Unknown{})}),
		"project": azureDevOps(object{
			"pipelines": list{object{"project": citest.Unknown{}, "name": "Release"}},
		}),
		"item": azureDevOps(object{"serviceConnections": list{citest.Unknown{}}}),
		"list": azureDevOps(object{"serviceConnections": citest.Unknown{}}),
	} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: granted before it is known: %q", what, ci.Sentences(trusts))
		}
		if _, file := suite.Pipeline(t, written, citest.InAWS); citest.At(file, "pool", "vmImage") == nil {
			t.Errorf("%s: %v", what, file)
		}
	}
}

func TestTheAzurePipelineNamesEachServiceConnection(t *testing.T) {
	text, file := suite.Pipeline(t, azureDevOps(object{
		"serviceConnections": append(inWebShop("yes"), inWebShop(`a "quoted": # name`)...),
		"pipelines":          inWebShop("Release"),
	}), citest.InAWS)
	for i, name := range []string{`a "quoted": # name`, "yes"} {
		inputs := citest.At(file, "steps", i, "inputs")
		if citest.At(file, "steps", i, "task") != "AWSShellScript@1" || citest.At(inputs, "awsCredentials") != name ||
			citest.At(inputs, "regionName") != "eu-west-1" ||
			citest.At(file, "steps", i, "env", "AWS_EC2_METADATA_DISABLED") != "true" ||
			citest.At(file, "steps", i, "env", "AWS_ACCESS_KEY_ID") != "" ||
			!strings.Contains(citest.TextAt(inputs, "inlineScript"), "assumed-role/deploy+x=y,z@w/*)") {
			t.Errorf("step %d is %v", i, citest.At(file, "steps", i))
		}
	}
	if citest.At(file, "steps", 2, "env", "SYSTEM_ACCESSTOKEN") != "$(System.AccessToken)" {
		t.Errorf("the script gets %v", citest.At(file, "steps", 2, "env"))
	}
	citest.Exchanges(t, citest.At(file, "steps", 2, "bash"), citest.Asked(
		`curl -sSf -X POST -H 'Content-Type: application/json' --data '' -H @- `+
			`"$SYSTEM_OIDCREQUESTURI?api-version=7.1"`, "oidcToken",
		"Authorization: Bearer $SYSTEM_ACCESSTOKEN"),
		"azure-$SYSTEM_DEFINITIONID-$BUILD_BUILDID-$SYSTEM_JOBID", "eu-west-1")
	if !strings.Contains(text, "# Role to Assume: "+citest.RoleArn+"\n") || citest.At(file, "trigger", 0) != "main" ||
		citest.At(file, "pr") != "none" {
		t.Errorf("%s", text)
	}
}

// Whoever may make a service connection or a pipeline in any project names it.
func TestAnAzureServiceConnectionOrPipelineNamedWithSlashesNeverGetsATrustedSubject(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "organization", "project"), nil)
	trusts := suite.MustRead(t,
		azureDevOps(object{"serviceConnections": inWebShop("deploy"), "pipelines": inWebShop("deploy")}), citest.InAWS)
	for _, sub := range []string{
		connectionForm.Build("acme", "sandbox", "Web Shop/deploy"),
		connectionForm.Build("acme", "Web Shop", "x/deploy"), connectionForm.Build("acme", "Web Shop", "deploy/x"),
		connectionForm.Build("acme", "sandbox", "../Web Shop/deploy"),
		pipelineForm.Build("acme", "sandbox", "sc://acme/Web Shop/deploy"),
		pipelineForm.Build("acme", "Web Shop", `Folder\deploy`),
		pipelineForm.Build("acme", "Web Shop/Folder", "deploy"),
		pipelineForm.Build("mallory", "acme/Web Shop", "deploy"),
	} {
		if token := ci.With(documentedConnection(), map[string]any{"sub": sub}); citest.Admitted(trusts, citest.InAWS,
			token) || trusts[0].Admits(token) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
