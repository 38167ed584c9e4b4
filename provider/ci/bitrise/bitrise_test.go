package bitrise

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const web, api = "13aa9897-3891-4fe7-8cf5-5b2f75638b0e", "0d9f7c1a52b84c0e"

// bitrise is a section with some projects.
func bitrise(projects ...any) object { return object{"bitrise": object{"projects": list(projects)}} }

// of is a project with workflows.
func of(slug string, workflows ...any) object {
	return object{"slug": slug, "workflows": list(workflows)}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	bitrise(of(web, "deploy")),
	bitrise(of(web, "deploy", "deploy-2", "Deploy_2.x")),
	bitrise(of(web, "deploy"), of(api, "deploy", "release")),
	{"bitrise": object{"audiences": list{"a", "b"}, "projects": list{of(api, "primary")}}},
}}

// The documentation prints no whole token. These are the subject that it prints in its trust policy, with the slug that
// it prints elsewhere, its audience, and all further claims that it names.
// Sources: https://docs.bitrise.io/en/bitrise-platform/integrations/oidc-authentication/oidc-for-aws.html,
// https://docs.bitrise.io/en/bitrise-platform/integrations/oidc-authentication/oidc-authentication-overview.html
func documented() map[string]any {
	return map[string]any{
		"iss": "https://token.builds.bitrise.io", "aud": "sts.amazonaws.com",
		"sub": "app:" + web + ":workflow:run-tests",
		"exp": 1700000600, "iat": 1700000000, "nbf": 1700000000, "jti": "1",
		"sha":            "0000000000000000000000000000000000000000",
		"repository_url": "https://github.com/acme/web.git", "repository_owner": "acme", "repository_slug": "web",
		"app_slug": web, "workspace_slug": "2dec5c71bbce73d9", "trigger_by": "webhook", "branch": "main",
		"build_number": "7", "workflow": "run-tests",
	}
}

func TestTheDocumentedBitriseTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, bitrise(of(web, "run-tests")), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token does not get in")
	}
	for claim, value := range trusts[0].Grants[0].Tokens()[0].Claims {
		if documented()[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, value, documented()[claim])
		}
	}
	for _, sub := range []string{
		"app:" + web + ":workflow:run-tests-evil", "app:" + web + ":workflow:Run-Tests",
		"app:" + web + ":workflow:_run-tests",
		"app:" + web + ":workflow:run-tests:branch:main", "app:" + web + ":workflow:", "app:" + web, "",
		"app:" + api + ":workflow:run-tests", "app:" + strings.ToUpper(web) + ":workflow:run-tests",
		"app:" + web + "0:workflow:run-tests", "app:0" + web + ":workflow:run-tests",
		"app:" + api + ":workflow:app:" + web + ":workflow:run-tests", "app/" + web + "/workflow/run-tests",
		"x", web, "run-tests",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// Every customer chooses the audience of the own tokens, and every other claim of a token says nothing to AWS.
func TestABitriseStrangerWithTheRightAudienceAndClaimsDoesNotGetIn(t *testing.T) {
	trusts := suite.MustRead(t, object{"bitrise": object{
		"audiences": list{"our-own-secret-audience"}, "projects": list{of(web, "deploy")},
	}}, citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	for _, sub := range []string{"app:" + api + ":workflow:deploy", "app:mallory:workflow:deploy",
		"app:" + api + ":workflow:" + web, "app::workflow:deploy"} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// A slug of one project with the workflow of the other must not do, in whatever way the statements are merged.
func TestABitriseWorkflowThatIsTrustedInOneProjectDoesNotGetInFromTheOther(t *testing.T) {
	trusts := suite.MustRead(t, bitrise(of(web, "deploy"), of(api, "release")), citest.InAWS)
	for sub, in := range map[string]bool{
		"app:" + web + ":workflow:deploy": true, "app:" + api + ":workflow:release": true,
		"app:" + web + ":workflow:release": false, "app:" + api + ":workflow:deploy": false,
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) != in {
			t.Errorf("%s: got in is %v", sub, !in)
		}
	}
}

// Nobody can be kept out by the branch: the finding says so, and is refused until it is accepted.
func TestABitrisePullRequestHasTheSubjectOfTheTrustedBranchWhichIsAFinding(t *testing.T) {
	trusts := suite.MustRead(t, bitrise(of(web, "deploy")), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{
		"branch": "mallory-1", "branch_dest": "main",
	})) {
		t.Error("the branch decides, which AWS cannot test: take the finding bitrise-any-branch away")
	}
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"bitrise-any-branch"})
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"Bitrise: any build of workflow deploy of project " + web})
	_, lines := suite.Read(bitrise(of(web, "deploy")), citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "bitrise.projects[0].workflows[0]: ") ||
		!strings.Contains(lines[0], "bitrise-any-branch") {
		t.Errorf("%q", lines)
	}
}

func TestTheAuditOfBitriseFindsSubjectsThatNameNoProject(t *testing.T) {
	for sub, want := range map[string]string{
		"app:*:workflow:deploy": "tenant-not-pinned", "app:*": "tenant-not-pinned", "*": "tenant-not-pinned",
		"app:" + web[:8] + "*":            "prefix-collision",
		"*:workflow:deploy":               "tenant-not-pinned",
		"app:" + web + ":workflow:deploy": "bitrise-any-branch", "app:" + web + ":workflow:*": "bitrise-any-branch",
	} {
		document, err := json.Marshal(object{"Version": "2012-10-17", "Statement": list{object{
			"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
			"Principal": object{"Federated": "arn:aws:iam::123456789012:oidc-provider/" + host},
			"Condition": object{
				"StringEquals": object{host + ":aud": audience}, "StringLike": object{host + ":sub": sub},
			},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := citest.Ids(suite.Audit(t, string(document))); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, expected %s", sub, got, want)
		}
	}
}

func TestABitriseWorkflowNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestWhatIsWrongWithABitriseSectionIsSaidInBitrisesWords(t *testing.T) {
	const slug, named = "bitrise.projects[0].slug: ", "bitrise.projects[0].workflows[0]: "
	for _, c := range []struct {
		written object
		want    string
	}{
		{of("https://app.bitrise.io/app/"+web, "deploy"), slug + "is a URL; write the slug of the project alone, the " +
			`hexadecimal number behind /app/ (found "https://app.bitrise.io/app/` + web + `")`},
		{of(strings.ToUpper(web), "deploy"), slug + "has capital letters; write it in lower case, as Bitrise shows " +
			`it: AWS compares letter by letter (found "` + strings.ToUpper(web) + `")`},
		{of("app:"+web+":workflow:deploy", "deploy"), slug + "is a subject; write the slug of the project alone, and " +
			`its workflows apart (found "app:` + web + `:workflow:deploy")`},
		{of("acme-web", "deploy"), slug + project.Rule + ` (found "acme-web")`},
		{of("*", "deploy"),
			slug + `must be one exact project, without *, ? and ${; list each project that is meant (found "*")`},
		{of(web, "_setup"), named + "is a utility workflow, which no build is started with; name the workflow that " +
			`it is chained to (found "_setup")`},
		{of(web, "*"),
			named + `must be one exact workflow, without *, ? and ${; list each workflow that is meant (found "*")`},
		{of(web, "run tests"), named + workflow.Rule + ` (found "run tests")`},
		{of(web, "app:x"), named + workflow.Rule + ` (found "app:x")`},
	} {
		_, lines := suite.Read(bitrise(c.written), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestNothingOfBitriseIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, projects := range []any{
		citest.Unknown{}, list{citest.Unknown{}}, list{object{"slug": citest.Unknown{}, "workflows": list{"deploy"}}},
		list{object{"slug": web, "workflows": citest.Unknown{}}}, list{of(web, citest.Unknown{})},
	} {
		written := object{"bitrise": object{"projects": projects}}
		trusts := suite.MustRead(t, written, citest.InAWS)
		if len(trusts[0].Grants)+len(trusts[0].Findings) != 0 {
			t.Errorf("%v: %v", projects, ci.Sentences(trusts))
		}
		suite.Pipeline(t, written, citest.InAWS)
	}
}

func TestTheStepOfBitriseAsksForAnAudienceThatIsTrusted(t *testing.T) {
	for _, c := range []struct {
		audiences any
		want      string
	}{
		{list{"sts.amazonaws.com"}, "sts.amazonaws.com"}, {list{"a", "sts.amazonaws.com"}, "sts.amazonaws.com"},
		{list{"on"}, "on"}, {citest.Unknown{}, "sts.amazonaws.com"},
	} {
		text, file := suite.Pipeline(t, object{"bitrise": object{
			"audiences": c.audiences, "projects": list{of(web, "deploy")},
		}}, citest.InAWS)
		inputs := citest.At(file, "workflows", "deploy", "steps", 0, "script@1", "inputs", 0)
		if citest.At(inputs, "opts", "is_expand") != false {
			t.Error(text)
		}
		citest.Exchanges(t, citest.At(inputs, "content"), citest.Asked(
			`curl -sSf -H 'Content-Type: application/json' --data '{"aud": "`+c.want+`"}' -H @- `+
				`"$BITRISE_BUILD_URL/id_token.json"`, "id_token",
			"Authorization: $BITRISE_BUILD_API_TOKEN", "BUILD_API_TOKEN: $BITRISE_BUILD_API_TOKEN"),
			"bitrise-$BITRISE_APP_SLUG-$BITRISE_BUILD_NUMBER-$BITRISE_TRIGGERED_WORKFLOW_ID", "eu-west-1")
	}
}

// Each project has a bitrise.yml of its own, and each workflow that is trusted its step.
func TestEveryTrustedWorkflowOfBitriseHasItsStepWhateverTheOrderOfTheInput(t *testing.T) {
	projects := list{of(web, "deploy", "on", "1.0", "deploy"), of(api, "release"), of(web, "a")}
	before, files := suite.Pipeline(t, bitrise(projects...), citest.InAWS)
	slices.Reverse(projects)
	if after, _ := suite.Pipeline(t, bitrise(projects...), citest.InAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
	for slug, workflows := range map[string][]string{web: {"1.0", "a", "deploy", "on"}, api: {"release"}} {
		all, _ := citest.At(files, slug, "workflows").(map[string]any)
		if len(all) != len(workflows) {
			t.Errorf("%s has %d workflows:\n%s", slug, len(all), before)
		}
		for _, workflow := range workflows {
			if citest.At(all, workflow, "steps", 0, "script@1") == nil {
				t.Errorf("%s: %s has no step:\n%s", slug, workflow, before)
			}
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
