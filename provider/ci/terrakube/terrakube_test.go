package terrakube

import (
	"maps"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const host = "terrakube-api.example.com"

// terrakube is a section with one workspace.
func terrakube(words object) object {
	workspace := object{"organization": "acme", "name": "web"}
	maps.Copy(workspace, words)
	return of(object{"workspaces": list{workspace}})
}

// of is a section with some words.
func of(words object) object {
	section := object{"hostname": host}
	maps.Copy(section, words)
	return object{"terrakube": section}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	terrakube(nil),
	terrakube(object{"organization": "Acme 1", "name": "Web_prod-1/x"}),
	of(object{"audiences": list{"a", "b"}, "sessionTags": true, "workspaces": list{
		object{"organization": "acme", "name": "web"}, object{"organization": "acme", "name": "web2"},
		object{"organization": "ops", "name": "web"}}}),
	of(object{"hostname": "terrakube.acme.example", "workspaces": list{
		object{"organization": "mallory", "name": "web"}}}),
}}

// The token that the documentation prints for Google, with its audience; that for Azure differs in the audience and in
// made-up ids, and none is printed for AWS. The issuer is the one that the page's discovery document has, in lower
// case. The names of the workspace and of the organization are claims that the source has and the page does not.
// Sources: https://docs.terrakube.io/user-guide/workspaces/dynamic-provider-credentials,
// https://github.com/terrakube-io/terrakube/blob/main/api/src/main/java/io/terrakube/api/plugin/token/dynamic/DynamicCredentialsService.java
func documented() map[string]any {
	return map[string]any{
		"sub":                       "organization:TERRAKUBE_ORG_NAME:workspace:TERRAKUBE_WORKSPACE_NAME",
		"aud":                       documentedAudience,
		"jti":                       "d4432299-5dad-4b1e-9756-544639e84cec",
		"terrakube_workspace_id":    "d9b58bd3-f3fc-4056-a026-1163297e80a8",
		"terrakube_organization_id": "8abe206b-29a8-4ed8-8a3b-30237e295659",
		"terrakube_job_id":          "1",
		"iat":                       1713915600,
		"iss":                       "https://terrakube.mysuperdomain.com",
		"exp":                       1713917400,
	}
}

const documentedAudience = "https://iam.googleapis.com/projects/xxxxx/locations/global/workloadIdentityPools/xxxxx/" +
	"providers/xxxxx"

func TestTheDocumentedTerrakubeTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := terrakube(object{"organization": "TERRAKUBE_ORG_NAME", "name": "TERRAKUBE_WORKSPACE_NAME"})
	maps.Copy(written["terrakube"].(object), object{
		"hostname": "terrakube.mysuperdomain.com", "audiences": list{documentedAudience},
	})
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented() {
		if !slices.Contains([]string{"jti", "iat", "exp"}, claim) && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"organization:TERRAKUBE_ORG_NAME:workspace:TERRAKUBE_WORKSPACE_NAME-evil",
		"organization:TERRAKUBE_ORG_NAME:workspace:terrakube_workspace_name",
		"organization:TERRAKUBE_ORG_NAME-evil:workspace:TERRAKUBE_WORKSPACE_NAME",
		"organization:mallory:workspace:TERRAKUBE_WORKSPACE_NAME", "organization:TERRAKUBE_ORG_NAME:workspace:",
		"organization:TERRAKUBE_ORG_NAME", "",
		"organization:mallory:organization:TERRAKUBE_ORG_NAME:workspace:TERRAKUBE_WORKSPACE_NAME",
		"organization:TERRAKUBE_ORG_NAME:workspace:TERRAKUBE_WORKSPACE_NAME:workspace:x",
		"organization:TERRAKUBE_ORG_NAME:workspace:x:workspace:TERRAKUBE_WORKSPACE_NAME",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
	if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"aud": "aws.workload.identity"})) {
		t.Error("a token for another audience gets in")
	}
}

// Whoever may edit the variables of any workspace of the installation chooses the audience there.
func TestATerrakubeWorkspaceThatAsksForTheRightAudienceDoesNotGetInByIt(t *testing.T) {
	written := terrakube(nil)
	written["terrakube"].(object)["audiences"] = list{"our-own-secret-audience"}
	trusts := suite.MustRead(t, written, citest.InAWS)
	for _, sub := range []string{
		"organization:acme:workspace:sandbox", "organization:mallory:workspace:web", "organization:acme2:workspace:web",
		"organization:acm:workspace:web", "organization:Acme:workspace:web", "organization:acme:workspace:web2",
	} {
		token := map[string]any{"iss": "https://" + host, "aud": "our-own-secret-audience", "sub": sub}
		if citest.Admitted(trusts, citest.InAWS, token) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// The claims carry the ids, and AWS fills no key with them: a workspace that was made again under the trusted name has
// another id and gets in all the same, which the page says. A token with the trusted ids under another name does not.
func TestATerrakubeWorkspaceIsKnownByItsNameAloneWhateverIdItsTokenCarries(t *testing.T) {
	trusts := suite.MustRead(t, terrakube(nil), citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	if !citest.Admitted(trusts, citest.InAWS, ci.With(ours, map[string]any{
		"terrakube_workspace_id": "00000000-0000-4000-8000-000000000bad",
	})) {
		t.Error("the id decides, which AWS cannot test")
	}
	if citest.Admitted(trusts, citest.InAWS, ci.With(ours, map[string]any{
		"sub": "organization:acme:workspace:renamed",
	})) {
		t.Error("the trusted id gets in under another name")
	}
}

// The API of Terrakube takes any text for a name, so that whoever may make organizations or workspaces chooses it.
// Source:
// https://github.com/terrakube-io/terrakube/blob/main/api/src/main/java/io/terrakube/api/rs/workspace/Workspace.java
func TestATerrakubeOrganizationWhoseNameHoldsTheWorkspaceDoesNotPassForTheTrustedOne(t *testing.T) {
	trusts := suite.MustRead(t, terrakube(nil), citest.InAWS)
	names := []string{"acme", "web", "x", ":", "acme:workspace:web", "acme:workspace", "workspace:web",
		":workspace:web", "acme:", ":web", "web:workspace:x", "organization:acme:workspace:web"}
	for _, organization := range names {
		for _, workspace := range names {
			sub := "organization:" + organization + ":workspace:" + workspace
			own := organization == "acme" && workspace == "web"
			token := map[string]any{"iss": "https://" + host, "aud": "aws.workload.identity", "sub": sub}
			if citest.Admitted(trusts, citest.InAWS, token) != own {
				t.Errorf("%s: got in is %v", sub, !own)
			}
		}
	}
}

func TestATerrakubeWorkspaceNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

// Source: https://github.com/terrakube-io/terrakube/tree/main/dynamic-credential-setup/aws
func TestSessionTagsOfTerrakubeNeedTheirWord(t *testing.T) {
	tags := map[string]any{
		"principal_tags": map[string]any{
			"terrakube:org": []any{"acme"}, "terrakube:workspace": []any{"web"}, "terrakube:project": []any{"shop"},
		},
		"transitive_tag_keys": []any{"terrakube:org", "terrakube:workspace", "terrakube:project"},
	}
	for _, allowed := range []bool{true, false} {
		written := terrakube(nil)
		written["terrakube"].(object)["sessionTags"] = allowed
		trusts := suite.MustRead(t, written, citest.InAWS)
		tagged := ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{ci.TagsClaim: tags})
		if got := citest.Admitted(trusts, citest.InAWS, tagged); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
		if citest.Admitted(trusts, citest.InAWS, ci.With(tagged, map[string]any{
			"sub": "organization:acme:workspace:sandbox",
		})) {
			t.Errorf("sessionTags %v: another workspace gets in by the tags of the trusted one", allowed)
		}
		_, settings := suite.Pipeline(t, written, citest.InAWS)
		if asks := citest.At(settings, "variables", "ENABLE_AWS_SESSION_TAGS") == "true"; asks != allowed {
			t.Errorf("sessionTags %v: the settings ask for tags: %v", allowed, asks)
		}
	}
}

func TestEveryTerrakubeWorkspaceIsAFindingBecauseItsPlansGetTheRole(t *testing.T) {
	trusts := suite.MustRead(t, terrakube(nil), citest.InAWS)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"terrakube-plans"})
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"Terrakube: any job of workspace web of organization acme on " + host})
}

func TestWhatIsWrongWithATerrakubeSectionIsSaidInTerrakubesWords(t *testing.T) {
	const at, id = "terrakube.workspaces[0].", "d9b58bd3-f3fc-4056-a026-1163297e80a8"
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": id}, at + `name: is an id, and the subject of a token carries names; write the name of the ` +
			`workspace (found "` + id + `")`},
		{object{"organization": id}, at + `organization: is an id, and the subject of a token carries names; write ` +
			`the name of the organization (found "` + id + `")`},
		{object{"organization": "organization:acme:workspace:web"}, at + `organization: is a subject; write the ` +
			`names of organization and workspace apart (found "organization:acme:workspace:web")`},
		{object{"organization": "acme:web"}, at + `organization: ` + organization.Rule + ` (found "acme:web")`},
		{object{"name": " web"}, at + `name: ` + workspace.Rule + ` (found " web")`},
		{object{"name": "web-*"}, at + `name: must be one exact workspace, without *, ? and ${; list each workspace ` +
			`that is meant (found "web-*")`},
		{object{"organization": "*"}, at + `organization: must be one exact organization, without *, ? and ${; list ` +
			`each organization that is meant (found "*")`},
	} {
		_, lines := suite.Read(terrakube(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	for hostname, want := range map[string]string{
		"https://" + host: "must be the host alone, without https://, port and path, such as terrakube-api.example." +
			"com; IAM takes no issuer with a port",
		host + ":8080": "must be the host alone, without https://, port and path, such as terrakube-api.example.com; " +
			"IAM takes no issuer with a port",
		"Terrakube-API.example.com": "has capital letters; write it in lower case, as the issuer of the tokens",
		"terrakube": "must be the name of a host: that of Terrakube's API, or DynamicCredentialHostname if that is " +
			"set, such as terrakube-api.example.com",
	} {
		_, lines := suite.Read(of(object{"hostname": hostname,
			"workspaces": list{object{"organization": "acme", "name": "web"}}}), citest.InAWS)
		citest.SameStrings(t, hostname, lines, []string{"terrakube.hostname: " + want + ` (found "` + hostname + `")`})
	}
}

func TestNothingOfTerrakubeIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, part := range []object{
		{"hostname": citest.Unknown{}}, {"workspaces": citest.Unknown{}}, {"workspaces": list{citest.Unknown{}}},
		{"workspaces": list{object{"organization": citest.Unknown{}, "name": "web"}}},
		{"workspaces": list{object{"organization": "acme", "name": citest.Unknown{}}}},
	} {
		written := object{"terrakube": ci.With(terrakube(nil)["terrakube"].(object), part)}
		trusts := suite.MustRead(t, written, citest.InAWS)
		if len(trusts[0].Grants)+len(trusts[0].Findings) != 0 {
			t.Errorf("%v: %v", part, ci.Sentences(trusts))
		}
		suite.Pipeline(t, written, citest.InAWS)
	}
}

func TestTheTerrakubeSettingsAskForAnAudienceThatIsTrusted(t *testing.T) {
	for _, c := range []struct {
		audiences any
		want      string
	}{
		{list{"aws.workload.identity"}, "aws.workload.identity"}, {list{"on"}, "on"},
		{list{"a", "aws.workload.identity"}, "aws.workload.identity"}, {citest.Unknown{}, "aws.workload.identity"},
	} {
		written := terrakube(nil)
		written["terrakube"].(object)["audiences"] = c.audiences
		text, settings := suite.Pipeline(t, written, citest.InAWS)
		variables := citest.At(settings, "variables")
		if citest.At(variables, "WORKLOAD_IDENTITY_AUDIENCE_AWS") != c.want ||
			citest.At(variables, "WORKLOAD_IDENTITY_ROLE_AWS") != citest.RoleArn ||
			citest.At(variables, "ENABLE_DYNAMIC_CREDENTIALS_AWS") != "true" ||
			citest.At(variables, "AWS_REGION") != "eu-west-1" {
			t.Errorf("%v:\n%s", c.audiences, text)
		}
	}
}

func TestTerrakubeNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range citest.Awkward {
		written := terrakube(object{"organization": text, "name": text})
		if _, lines := suite.Read(written, citest.InAWS); len(lines) > 0 {
			continue // a name that is refused
		}
		_, settings := suite.Pipeline(t, written, citest.InAWS)
		if workspace := citest.At(settings, "workspaces", 0); citest.At(workspace, "organization") != text ||
			citest.At(workspace, "name") != text {
			t.Errorf("%q is read as %v", text, workspace)
		}
	}
}

func TestTheTerrakubeSettingsAreTheSameWhateverTheOrderOfTheInput(t *testing.T) {
	items := list{}
	for _, name := range []string{"b", "a", "c", "a"} {
		items = append(items, object{"organization": "acme", "name": name})
	}
	written := of(object{"workspaces": items})
	before, settings := suite.Pipeline(t, written, citest.InAWS)
	slices.Reverse(items)
	if after, _ := suite.Pipeline(t, written, citest.InAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
	if all, _ := settings["workspaces"].([]any); len(all) != 3 {
		t.Errorf("a workspace is named twice:\n%s", before)
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
