package teamcity

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const acme = "https://teamcity.example.com"

// teamcity is a section with one build configuration.
func teamcity(words object) object {
	item := object{"project": "project7", "buildType": "bt42"}
	maps.Copy(item, words)
	return object{"teamcity": object{"url": acme, "buildConfigurations": list{item}}}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	teamcity(object{"anyBranch": true}),
	teamcity(object{"anyBranch": true, "triggerTypes": list{"user", "schedulingTrigger"}}),
	teamcity(object{"branches": list{"refs/heads/main", "main", "feature/x"}}),
	teamcity(object{"branches": list{"refs/heads/main", "hotfix"}, "triggerTypes": list{"user", "vcsTrigger"}}),
	teamcity(object{"branches": list{"release/*", "v*", "refs/heads/*"}}), teamcity(object{"branches": list{"*"}}),
	{"teamcity": object{"url": "https://ci.example.com/teamcity", "audiences": list{"a", "b"},
		"buildConfigurations": list{
			object{"project": "_Root", "buildType": "bt1", "branches": list{"refs/heads/main"}},
			object{"project": "project7", "buildType": "bt1", "anyBranch": true}}}},
}, Ours: []citest.Exception{
	{Form: ".* on any branch on .*: a build of a branch (of mallory's|that ends like the trusted " +
		"one, and of no trigger)", Reason: "any branch is trusted"},
}, Harmless: map[string]string{
	"one more character in sub": "what follows release/* or * is never empty: no branch of git ends " +
		"in / or has no name",
}}

// documentedTeamCity are the subject and the claims that the plugin's documentation gives as samples.
// Source: https://github.com/OctopusDeploy/teamcity-oidc-plugin/blob/main/docs/configuration.md
func documentedTeamCity() map[string]any {
	return map[string]any{
		"iss": acme, "aud": "sts.amazonaws.com",
		"sub":                 "project:project7:build_type:bt42:branch:refs/heads/main:trigger_type:user",
		"project_internal_id": "project7", "build_type_internal_id": "bt42", "project_external_id": "MyProject",
		"build_type_external_id": "MyProject_Build", "branch": "refs/heads/main", "trigger_type": "user",
	}
}

func TestTheDocumentedTeamCityTokensGetInByTheWordsForThemAlone(t *testing.T) {
	const plain = "project:project7:build_type:bt42"
	documented := map[string]object{
		plain: teamcity(object{"anyBranch": true}),
		plain + ":trigger_type:user": teamcity(object{
			"anyBranch":    true,
			"triggerTypes": list{"user"},
		}),
		plain + ":branch:refs/heads/main": teamcity(object{"branches": list{"refs/heads/main"}}),
		documentedTeamCity()["sub"].(string): teamcity(object{
			"branches":     list{"refs/heads/main"},
			"triggerTypes": list{"user"},
		}),
		plain + ":branch:feature/x":             teamcity(object{"branches": list{"feature/x"}}),
		"project:MyApp_Backend:build_type:bt42": teamcity(object{"project": "MyApp_Backend", "anyBranch": true}),
		plain + ":trigger_type:snapshotDependency": teamcity(object{
			"anyBranch":    true,
			"triggerTypes": list{"snapshotDependency"},
		}),
		plain + ":branch:main:trigger_type:vcsTrigger": teamcity(object{
			"branches":     list{"main"},
			"triggerTypes": list{"vcsTrigger"},
		}),
	}
	for sub, written := range documented {
		trusts := suite.MustRead(t, written, citest.InAWS)
		if got := trusts[0].Grants[0].Claims["sub"][0]; got != sub {
			t.Errorf("%v: %s, want %s", written, got, sub)
		}
		for other := range documented {
			if citest.Admitted(trusts, citest.InAWS, ci.With(documentedTeamCity(), map[string]any{"sub": other})) !=
				(other == sub) {
				t.Errorf("the trust in %s is wrong about %s", sub, other)
			}
		}
	}
	made := suite.MustRead(t, documented[documentedTeamCity()["sub"].(string)],
		citest.InAWS)[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedTeamCity() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
}

func TestABuildOfAnotherBranchOrConfigurationDoesNotGetInByTheNameOfItsBranch(t *testing.T) {
	trusts := suite.MustRead(t, teamcity(object{"branches": list{"refs/heads/main"}}), citest.InAWS)
	for _, sub := range []string{
		"project:project7:build_type:bt42", "project:project7:build_type:bt42:branch:refs/heads/main-evil",
		"project:project7:build_type:bt42:branch:main",
		"project:project7:build_type:bt42:branch:refs/heads/refs/heads/main",
		"project:project7:build_type:bt42:branch:x/refs/heads/main",
		"project:project7:build_type:bt42:trigger_type:user",
		"project:project7:build_type:bt420:branch:refs/heads/main",
		"project:project77:build_type:bt42:branch:refs/heads/main",
		"project:project66:build_type:bt66:branch:project/project7/build_type/bt42/branch/refs/heads/main",
		"build_type:bt42:branch:refs/heads/main",
		"project:project7:build_type:bt42:branch:refs/heads/main:trigger_type:user", "MyProject_Build", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedTeamCity(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestBranchesThatBeginAlikeAreTakenInWhateverTriggeredTheirBuilds(t *testing.T) {
	trusts := suite.MustRead(t, teamcity(object{"branches": list{"release/*"}}), citest.InAWS)
	for sub, want := range map[string]bool{
		"branch:release/1": true, "branch:release/1/2": true, "branch:release/1:trigger_type:vcsTrigger": true,
		"branch:release": false, "branch:x/release/1": false, "trigger_type:release/1": false,
		"branch:refs/heads/release/1": false,
	} {
		if got := citest.Admitted(trusts, citest.InAWS, ci.With(documentedTeamCity(),
			map[string]any{"sub": "project:project7:build_type:bt42:" + sub})); got != want {
			t.Errorf("%s gets in: %v", sub, got)
		}
	}
}

// Whoever may open a pull request, in a fork too, gets a build of a branch whose name only TeamCity chooses.
// Source: https://www.jetbrains.com/help/teamcity/pull-requests.html
func TestAForksPullRequestDoesNotGetInBehindAnOpenBranchWithoutAHighFinding(t *testing.T) {
	logical := []string{"pull/12", "pull-requests/12", "merge-requests/12", "12", "12/head", "refs/pull/12/head",
		"refs/merge-requests/12/head", "refs/pull-requests/12/from"}
	prefixes := []string{"release/*", "main*", "production/*", "v*", "1.*", "2026-*", "feature/1*", "refs/heads/m*",
		"refs/heads/*", "*",
		"p*", "pull*", "pull/*", "pull/1*", "pull-*", "m*", "merge-requests/*", "1*", "12*", "12/*"}
	for _, branch := range prefixes {
		trusts := suite.MustRead(t, teamcity(object{"branches": list{branch}}), citest.InAWS)
		for _, name := range logical {
			sub := fmt.Sprintf("project:project7:build_type:bt42:branch:%s", name)
			if citest.Admitted(trusts, citest.InAWS, ci.With(documentedTeamCity(), map[string]any{"sub": sub})) &&
				!citest.HasHigh(trusts[0].Findings) {
				t.Errorf("%s lets in %s, and no high finding says so", branch, name)
			}
		}
	}
	for _, branch := range []string{"release/*", "main*", "production/*", "v*", "1.*", "2026-*", "feature/1*",
		"refs/heads/m*", "main", "1.x", "pulled"} {
		if trusts := suite.MustRead(t, teamcity(object{"branches": list{branch}}),
			citest.InAWS); citest.HasHigh(trusts[0].Findings) {
			t.Errorf("%s takes in no pull request, and has %v", branch, trusts[0].Findings)
		}
	}
}

func TestABranchThatIsNamedLikeATriggerDoesNotReachTheTrigger(t *testing.T) {
	for _, words := range []object{
		{"branches": list{"main"}, "triggerTypes": list{"user"}}, {"branches": list{"main"}},
		{"anyBranch": true, "triggerTypes": list{"user"}}, {"anyBranch": true},
	} {
		trusts := suite.MustRead(t, teamcity(words), citest.InAWS)
		for _, branch := range []string{
			"main/trigger_type/user", "main%3Atrigger_type%3Auser", "x/main", "main-trigger_type-user",
			"main:trigger_type:user:trigger_type:vcsTrigger", "x:branch:main", "x:branch:main:trigger_type:user",
			"main:trigger_type:user:",
		} {
			for _, trigger := range []string{"", ":trigger_type:vcsTrigger",
				":trigger_type:user:trigger_type:vcsTrigger"} {
				sub := "project:project7:build_type:bt42:branch:" + branch + trigger
				if citest.Admitted(trusts, citest.InAWS, ci.With(documentedTeamCity(), map[string]any{"sub": sub})) {
					t.Errorf("%v: %s gets in", words, sub)
				}
			}
		}
	}
}

func TestTheGrantsOfTeamCitySayWhoseTokensTheyAre(t *testing.T) {
	const build, on = "TeamCity: build configuration bt42 of project project7 ", " on teamcity.example.com"
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"anyBranch": true}, "on any branch"},
		{object{"anyBranch": true, "triggerTypes": list{"user"}}, "on any branch, triggered by user,"},
		{object{"branches": list{"refs/heads/main"}}, "on branch refs/heads/main"},
		{object{"branches": list{"main"}, "triggerTypes": list{"user"}}, "on branch main, triggered by user,"},
		{object{"branches": list{"release/*"}},
			"on all branches that begin with release/ (also across further slashes)"},
	} {
		citest.SameStrings(t, fmt.Sprint(c.words), ci.Sentences(suite.MustRead(t, teamcity(c.words), citest.InAWS)),
			[]string{build + c.want + on})
	}
}

func TestTeamCityFindings(t *testing.T) {
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"branches": list{"main", "release/*"}}, "ref-prefix"},
		{object{"branches": list{"main*"}}, "ref-name-prefix"},
		{object{"branches": list{"refs/heads/main"}}, "teamcity-branch-name"},
		{object{"branches": list{"refs/heads/m*"}}, "ref-name-prefix teamcity-branch-name"},
		{object{"branches": list{"p*"}}, "teamcity-pull-requests"},
		{object{"branches": list{"pull/12"}}, "teamcity-pull-requests"},
		{object{"branches": list{"*"}}, "teamcity-any-branch"}, {object{"anyBranch": true}, "teamcity-any-branch"},
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, teamcity(c.words), citest.InAWS)), " "); got !=
			c.want {
			t.Errorf("%v: %q, want %q", c.words, got, c.want)
		}
	}
}

func TestAPrefixThatEveryBranchCanHaveByTheParenthesesOfABranchSpecificationIsAnyBranch(t *testing.T) {
	for prefix, want := range map[string]string{
		"r": "teamcity-any-branch", "re": "teamcity-any-branch", "refs": "teamcity-any-branch",
		"refs/heads/": "teamcity-any-branch", "heads/": "teamcity-any-branch",
		"release/": "ref-prefix", "rel": "ref-name-prefix", "hotfix/": "ref-prefix",
		"refs/heads/r": "ref-name-prefix teamcity-branch-name",
	} {
		trusts := suite.MustRead(t, teamcity(object{"branches": list{prefix + "*"}}), citest.InAWS)
		if got := strings.Join(citest.FindingIDs(trusts), " "); got != want {
			t.Errorf("%s*: %q, want %q", prefix, got, want)
		}
	}
	// with +:(refs/heads/*) this is the subject of a branch that anybody may push
	mallory := ci.With(documentedTeamCity(),
		map[string]any{"sub": "project:project7:build_type:bt42:branch:refs/heads/mallory"})
	if !citest.Admitted(suite.MustRead(t, teamcity(object{"branches": list{"refs/heads/*"}}), citest.InAWS),
		citest.InAWS, mallory) {
		t.Error("refs/heads/* does not take in refs/heads/mallory")
	}
}

func TestATeamCityIdOfAnotherFormThanTheDocumentedOnesIsPointedOut(t *testing.T) {
	for want, items := range map[string][]object{
		"": {{}, {"project": "_Root", "buildType": "bt1"}},
		"teamcity-id-form": {
			{"project": "MyApp_Backend"},
			{"project": "MyProject"},
			{"buildType": "Build"},
			{"project": "project"},
			{"buildType": "bt42x"},
		},
	} {
		for _, item := range items {
			item["branches"] = list{"main"}
			if got := strings.Join(citest.FindingIDs(suite.MustRead(t, teamcity(item), citest.InAWS)),
				" "); got != want {
				t.Errorf("%v: %q, want %q", item, got, want)
			}
		}
	}
}

func TestWhatIsWrongWithATeamCityBuildIsSaidInTeamCitysWords(t *testing.T) {
	const item = "teamcity.buildConfigurations[0]."
	const missing = "branches: is missing: list the branches that get the role, and tick Branch under Subject " +
		"scoping in the build feature. anyBranch: true is for builds whose subject names no branch, and lets in " +
		"those of every branch"
	for _, c := range []struct {
		words object
		want  string
	}{
		{nil, missing}, {object{"anyBranch": false}, missing}, {object{"anyBranch": true, "branches": list{"main"}},
			"anyBranch: stands beside branches; write one of them"},
		{object{"anyBranch": citest.Unknown{}, "branches": list{"main"}},
			"anyBranch: stands beside branches; write one of them"},
		{object{"branches": list{"<default>"}}, `branches[0]: is how TeamCity displays a branch; write the default ` +
			`branch as the VCS root has it, such as refs/heads/main (found "<default>")`},
		{object{"branches": list{"a*b"}}, `branches[0]: a branch may end in one *, and has none elsewhere: what ` +
			`stands behind it would not be checked; write release/*, or list the names (found "a*b")`},
		{object{"branches": list{"refs/tags/v1"}}, `branches[0]: write the branch's name without refs/tags/, such as ` +
			`main for refs/heads/main (found "refs/tags/v1")`},
		{object{"branches": list{"refs/heads/"}},
			`branches[0]: is empty; write the name of a branch (found "refs/heads/")`},
		{object{"branches": list{"a:b"}},
			`branches[0]: git allows no space and none of ~ ^ : ? [ \ in the name of a branch (found "a:b")`},
		{object{"branches": list{"release/*"}, "triggerTypes": list{"user"}}, `branches[0]: ends in *, which would ` +
			`leave open what stands behind the branch, and so triggerTypes; list the branches (found "release/*")`},
		{object{"anyBranch": true, "buildType": "MyProject_Build"}, `buildType: is an external id; write the ` +
			`internal one, such as bt42` + preview + ` (found "MyProject_Build")`},
		{object{"anyBranch": true, "buildType": "bt*"}, `buildType: must be one exact build type, without *, ? and ` +
			`${; list each build type that is meant (found "bt*")`},
		{object{"anyBranch": true, "project": "My Project"}, "project: " + project.Rule + ` (found "My Project")`},
		{object{"anyBranch": true, "triggerTypes": list{"unknown"}}, `triggerTypes[0]: is what the plugin writes ` +
			`where it knows no trigger, which says nothing of who started the build (found "unknown")`},
		{object{"anyBranch": true, "triggerTypes": list{"a:b"}}, "triggerTypes[0]: " + trigger.Rule + ` (found "a:b")`},
	} {
		written := teamcity(c.words)
		written["acceptRisks"] = suite.AllRisks()
		trusts, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.words), lines, []string{item + c.want})
		if len(trusts[0].Grants) > 0 {
			t.Errorf("%v is granted", c.words)
		}
	}
	for url, reason := range map[string]string{
		acme + "/":     "ends in a slash, which TeamCity does not write into iss",
		acme + ":8111": "has a port or a password; IAM takes no issuer with a port",
	} {
		written := teamcity(object{"branches": list{"main"}})
		written["teamcity"].(object)["url"] = url
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, url, lines,
			[]string{"teamcity.url: " + reason + "; " + issuer.Help + fmt.Sprintf(" (found %q)", url)})
	}
}

func TestNothingOfTeamCityIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, words := range []object{
		{"branches": citest.Unknown{}}, {"branches": list{citest.Unknown{}}}, {"anyBranch": citest.Unknown{}},
		{"anyBranch": true, "project": citest.Unknown{}}, {"anyBranch": true, "buildType": citest.Unknown{}},
		{"anyBranch": true, "triggerTypes": citest.Unknown{}},
		{"branches": list{"main"}, "triggerTypes": list{citest.Unknown{}}},
	} {
		if trusts := suite.MustRead(t, teamcity(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v", words, ci.Sentences(trusts))
		}
	}
	written := teamcity(object{"branches": list{"main"}})
	written["teamcity"].(object)["url"] = citest.Unknown{}
	if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
		t.Error("something is granted before the issuer is known")
	}
}

func TestTheSettingsOfTeamCityTickWhatTheSubjectMustName(t *testing.T) {
	written := teamcity(object{"branches": list{"main", "hotfix"}})
	section := written["teamcity"].(object)
	section["audiences"] = list{"a"}
	section["buildConfigurations"] = append(section["buildConfigurations"].(list),
		object{"project": "_Root", "buildType": "bt1", "anyBranch": true},
		object{"project": "project7", "buildType": "bt43", "branches": list{"main"}, "triggerTypes": list{"user"}})
	text, settings := suite.Pipeline(t, written, citest.InAWS)
	builds, _ := settings["buildConfigurations"].([]any)
	var got []string
	for _, build := range builds {
		got = append(got, fmt.Sprint(citest.At(build, "project"), " ", citest.At(build, "buildType"), " ",
			citest.Texts(citest.At(build, "subjectScoping"))))
	}
	citest.SameStrings(t, "builds", got,
		[]string{"_Root bt1 []", "project7 bt42 [branch]", "project7 bt43 [branch trigger_type]"})
	if citest.At(settings, "buildFeature", "audience") != "a" ||
		citest.At(settings, "parameters", "env.AWS_ID_TOKEN") != "%jwt.token%" || strings.Contains(
		citest.TextAt(settings, "script"), "jwt.token") {
		t.Error(text)
	}
	citest.Exchanges(t, strings.ReplaceAll(citest.TextAt(settings, "script"), "%%", "%"),
		ci.PrintVariable("AWS_ID_TOKEN"), "$AWS_ROLE_SESSION_NAME", "eu-west-1")
}

func TestATeamCityBranchNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	suite.OpenEnds(t)
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "project", "build type", "branch", "trigger type"), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
