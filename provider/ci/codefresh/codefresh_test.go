package codefresh

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const (
	ours    = "6400000000000000000000aa"
	oursWeb = "6500000000000000000000aa"
	repo    = "https://github.com/acme/web"
)

// codefresh is a section with one pipeline.
func codefresh(words object) object {
	pipeline := object{"id": oursWeb}
	for name, value := range words {
		pipeline[name] = value
	}
	return object{"codefresh": object{"accountId": ours, "pipelines": list{pipeline}}}
}

// pushTo is an item of pushes, with what makes it one of another kind.
func pushTo(more object, refs ...any) list {
	item := object{"repository": repo, "users": list{"octocat"}, "refs": list(refs)}
	for name, value := range more {
		if item[name] = value; value == nil {
			delete(item, name)
		}
	}
	return list{item}
}

func requests() list {
	return pushTo(object{"refs": nil, "sourceBranches": list{"develop"}, "targetBranches": list{"main", "release/1"}})
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	codefresh(object{"cron": true}),
	codefresh(object{"manualRuns": list{object{"initiators": list{"mona", "hubot"}}}}),
	codefresh(object{"pushes": pushTo(object{"users": list{"octocat", "Mona Lisa"}}, "main", "release/1.2")}),
	codefresh(object{"pullRequests": requests()}),
	codefresh(object{"manualRuns": pushTo(object{"initiators": list{"mona"}}, "main")}),
	{"codefresh": object{"accountId": ours, "audiences": list{"https://codefresh.example.com", "sts.amazonaws.com"},
		"pipelines": list{
			object{
				"id":           oursWeb,
				"cron":         true,
				"pushes":       pushTo(nil, "main"),
				"pullRequests": requests(),
				"manualRuns":   list{object{"initiators": list{"mona"}}},
			},
			object{"id": "6500000000000000000000ab", "cron": true}}}},
}}

// Source: https://codefresh.io/docs/docs/integrations/oidc-pipelines/#examples-of-id-token-payload
func documentedPush() map[string]any {
	return map[string]any{
		"sub": "account:5f30ebd30312313ae7008:pipeline:64f0c40800aafd1455566:scm_repo_url:https://github.com/" +
			"codefresh-user/oidc-test:scm_user_name:codefresh-user:scm_ref:codefresh-patch-3",
		"account_id": "5f30ebd30312313ae7008", "account_name": "codefresh-user", "pipeline_id": "64f0c40800aafd1455566",
		"pipeline_name": "oidc/git-run", "workflow_id": "64f447c02199f903000gh20", "scm_user_name": "codefresh-user",
		"scm_repo_url": "https://github.com/codefresh-user/oidc-test", "scm_ref": "codefresh-patch-3",
		"aud": "https://g.codefresh.io", "exp": 1693731108, "iat": 1693730808, "iss": "https://oidc.codefresh.io",
	}
}

func TestTheDocumentedCodefreshTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, object{"codefresh": object{"accountId": "5f30ebd30312313ae7008",
		"pipelines": list{object{"id": "64f0c40800aafd1455566", "pushes": list{
			object{
				"repository": "https://github.com/codefresh-user/oidc-test",
				"users":      list{"codefresh-user"},
				"refs":       list{"codefresh-patch-3"},
			}}}}}},
		citest.InAWS)
	documented := documentedPush()
	if !citest.Admitted(trusts, citest.InAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		_, mine := made[claim]
		chosen := strings.HasSuffix(claim, "_name") && claim != "scm_user_name" || claim == "workflow_id"
		if mine != (claim != "iat" && claim != "exp") || mine && !chosen && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	sub := ci.TextOf(documented["sub"])
	for _, other := range []string{
		sub + ":scm_pull_request_target_branch:main", sub + "4",
		strings.Replace(sub, ":scm_user_name:codefresh-user", ":scm_user_name:mallory", 1),
		strings.Replace(sub, ":scm_repo_url:", ":initiator:codefresh-user:scm_repo_url:", 1),
		strings.Replace(sub, "account:5", "account:6", 1),
		strings.Replace(sub, "codefresh-user/oidc-test", "mallory/oidc-test", 1),
		sub[:strings.Index(sub, ":scm_repo_url")], "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": other})) {
			t.Errorf("%s gets in", other)
		}
	}
}

// The forms of subjects are those of the documentation's table; that a run by hand has a ":" in front of the initiator,
// which the table leaves out in one line, shows in decoded tokens.
// Source: https://github.com/sigstore/fulcio/blob/main/pkg/identity/codefresh/principal_test.go
func TestEachKindOfCodefreshBuildHasItsOwnSubject(t *testing.T) {
	const pipeline, git = "account:" + ours + ":pipeline:" + oursWeb,
		":scm_repo_url:" + repo + ":scm_user_name:octocat:scm_ref:"
	for want, words := range map[string]object{
		pipeline:                     {"cron": true},
		pipeline + ":initiator:mona": {"manualRuns": list{object{"initiators": list{"mona"}}}},
		pipeline + git + "v1.0":      {"pushes": pushTo(nil, "v1.0")},
		pipeline + ":initiator:mona" + git + "feat/x": {
			"manualRuns": pushTo(object{"initiators": list{"mona"}}, "feat/x"),
		},
		pipeline + git + "feat/codefresh-issuer:scm_pull_request_target_branch:main": {"pullRequests": pushTo(object{
			"refs":           nil,
			"sourceBranches": list{"feat/codefresh-issuer"},
			"targetBranches": list{"main"},
		})},
	} {
		trusts := suite.MustRead(t, codefresh(words), citest.InAWS)
		if len(trusts[0].Grants) != 1 || trusts[0].Grants[0].Claims["sub"][0] != want {
			t.Errorf("%v: %v, want %s", words, trusts[0].Grants[0].Claims["sub"], want)
		}
		if got := trusts[0].Grants[0].Tokens()[0].Claims["sub"]; got != want {
			t.Errorf("%v: the job has %v", words, got)
		}
	}
}

func TestAStrangersForkThatCallsItsBranchLikeOursGetsNothing(t *testing.T) {
	trusts := suite.MustRead(t, codefresh(object{"pushes": pushTo(nil, "main")}), citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	trusted := ci.TextOf(ours["sub"])
	for _, sub := range []string{
		trusted + ":scm_pull_request_target_branch:main", strings.Replace(trusted, "octocat", "mallory", 1),
		strings.Replace(trusted, "octocat", "mallory:scm_ref:main:scm_user_name:octocat", 1),
		strings.Replace(trusted, "acme/web", "mallory/web", 1),
		"account:6600000000000000000000bb:pipeline:" + oursWeb + trusted[strings.Index(trusted, ":scm_repo_url"):],
		"account:6600000000000000000000bb:pipeline:6500000000000000000000bb:initiator:" + trusted,
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(ours, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestCodefreshSentencesNameWhatStartsABuild(t *testing.T) {
	words := object{"cron": true, "pushes": pushTo(nil, "main"), "pullRequests": requests(),
		"manualRuns": append(pushTo(object{"initiators": list{"mona"}}, "v1"), object{"initiators": list{"mona"}})}
	const pipeline = "Codefresh: pipeline " + oursWeb + " of account " + ours + ": "
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t, codefresh(words), citest.InAWS)), []string{
		pipeline + "branch or tag main of " + repo + " by Git user octocat",
		pipeline + "branch or tag v1 of " + repo + " by Git user octocat, run by hand by mona",
		pipeline + "cron triggers",
		pipeline + "pull requests to main from source branch develop of " + repo + " by Git user octocat",
		pipeline + "pull requests to release/1 from source branch develop of " + repo + " by Git user octocat",
		pipeline + "runs by hand by mona",
	})
}

func TestCodefreshFindings(t *testing.T) {
	for want, words := range map[string]object{
		"codefresh-cron-any-branch at codefresh.pipelines[0].cron: pipeline " + oursWeb + ": cron triggers": {
			"cron": true,
		},
		"": {"pushes": pushTo(nil, "main")},
		"codefresh-crafted-initiator at codefresh.pipelines[0].manualRuns[0]: pipeline " + oursWeb +
			": runs by hand of a Git trigger by mona": {
			"manualRuns": pushTo(object{"initiators": list{"mona"}}, "main")},
		"codefresh-pull-requests at codefresh.pipelines[0].pullRequests[0]: pipeline " + oursWeb +
			": pull requests of " + repo: {"pullRequests": requests()},
		"codefresh-manual-runs at codefresh.pipelines[0].manualRuns[0]: pipeline " + oursWeb +
			": runs by hand by mona": {"manualRuns": list{object{"initiators": list{"mona"}}}},
	} {
		got := ""
		for _, f := range ci.Findings(suite.MustRead(t, codefresh(words), citest.InAWS)) {
			got += f.ID + " at " + f.Path + ": " + f.Detail
		}
		if got != want {
			t.Errorf("%v: %q, want %q", words, got, want)
		}
	}
}

func TestWhatIsWrongWithACodefreshPipelineIsSaidInCodefreshsWords(t *testing.T) {
	const pipeline, push = "codefresh.pipelines[0].", "codefresh.pipelines[0].pushes[0]."
	const wildcard = ", without *, which would also cover what the subject says behind it, such as a pull request's " +
		"target; list each one"
	pushes := func(words object) object { return object{"pushes": pushTo(words, "main")} }
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{}, pipeline + "pushes: is missing, and pullRequests, manualRuns and cron: true too: say which builds " +
			"of the pipeline get the role"},
		{object{"cron": false}, pipeline + "pushes: is missing, and pullRequests, manualRuns and cron: true too: say " +
			"which builds of the pipeline get the role"},
		{object{"id": "web/deploy", "cron": true}, pipeline + "id: " + pipelineID.Rule + ` (found "web/deploy")`},
		{object{"id": "6500000000000000000000*", "cron": true}, pipeline + `id: must be one exact pipeline, without ` +
			`*, ? and ${; list each pipeline that is meant (found "6500000000000000000000*")`},
		{pushes(object{"repository": "git@github.com:acme/web.git"}),
			push + "repository: " + repository.Rule + ` (found "git@github.com:acme/web.git")`},
		{pushes(object{"repository": "https://github.com/acme/web.git"}),
			push + "repository: ends in .git or a slash, which no documented token has; write it without, such as " +
				`https://github.com/acme/web (found "https://github.com/acme/web.git")`},
		{pushes(object{"repository": "https://gitlab.com/acme/web/"}),
			push + "repository: ends in .git or a slash, which no documented token has; write it without, such as " +
				`https://github.com/acme/web (found "https://gitlab.com/acme/web/")`},
		{pushes(object{"repository": "https://github.com/acme/*"}), push + `repository: must be one exact ` +
			`repository, without *, ? and ${; list each repository that is meant (found "https://github.com/acme/*")`},
		{pushes(object{"users": list{"*"}}),
			push + `users[0]: must be one exact user, without *, ? and ${; list each user that is meant (found "*")`},
		{pushes(object{"users": list{"a:scm_ref:main"}}),
			push + "users[0]: " + person.Rule + ` (found "a:scm_ref:main")`},
		{pushes(object{"refs": list{"main*"}}),
			push + "refs[0]: must be one exact branch or tag" + wildcard + ` (found "main*")`},
		{pushes(object{"refs": list{"refs/heads/main"}}), push + `refs[0]: write the branch or tag's name without ` +
			`refs/heads/, such as main for refs/heads/main (found "refs/heads/main")`},
		{pushes(object{"refs": list{"main:scm_pull_request_target_branch:main"}}),
			push + "refs[0]: git allows no space and none of ~ ^ : ? [ \\ in the name of a branch or tag " +
				`(found "main:scm_pull_request_target_branch:main")`},
		{object{
			"pullRequests": pushTo(object{"refs": nil, "sourceBranches": list{"dev"}, "targetBranches": list{"*"}}),
		}, pipeline + "pullRequests[0].targetBranches[0]: must be one exact target branch" +
			wildcard + ` (found "*")`},
		{object{"manualRuns": list{object{"initiators": list{"mona"}, "refs": list{"main"}}}},
			pipeline + "manualRuns[0]: must have repository, users and refs, for runs of a Git trigger, or none of " +
				"them, for runs without one"},
	} {
		_, lines := suite.Read(codefresh(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	_, lines := suite.Read(object{
		"codefresh": object{"accountId": "acme", "pipelines": list{object{"id": oursWeb, "cron": true}}},
	}, citest.InAWS)
	citest.SameStrings(t, "account", lines, []string{"codefresh.accountId: " + accountID.Rule + ` (found "acme")`})
}

func TestACodefreshTrustWaitsForWhatIsNotKnown(t *testing.T) {
	for _, words := range []object{
		{"id": citest.Unknown{}, "cron": true}, {"cron": citest.Unknown{}}, {"pushes": citest.Unknown{}},
		{"pushes": list{citest.Unknown{}}}, {"pushes": pushTo(object{"users": citest.Unknown{}}, "main")},
		{"pushes": pushTo(nil, citest.Unknown{})}, {"pushes": pushTo(object{"repository": citest.Unknown{}}, "main")},
		{"pullRequests": pushTo(object{
			"refs":           nil,
			"sourceBranches": list{"dev"},
			"targetBranches": citest.Unknown{},
		})},
		{"manualRuns": list{object{"initiators": list{citest.Unknown{}}}}},
		{"manualRuns": pushTo(object{"initiators": list{"mona"}, "users": citest.Unknown{}}, "main")},
	} {
		if trusts := suite.MustRead(t, codefresh(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v is granted before it is known", words, ci.Sentences(trusts))
		}
	}
	if trusts := suite.MustRead(t, object{
		"codefresh": object{"accountId": citest.Unknown{}, "pipelines": list{object{"id": oursWeb, "cron": true}}},
	}, citest.InAWS); len(trusts[0].Grants) != 0 {
		t.Error("a pipeline is trusted in any account")
	}
}

func TestThePipelineOfCodefreshAsksForATokenAndExchangesIt(t *testing.T) {
	token := func(address string) string {
		return citest.Asked(`curl -sSf -H @- "`+address+`"`, "id_token", "Authorization: $CF_OIDC_REQUEST_TOKEN")
	}
	for _, c := range []struct {
		audiences any
		want      string
	}{
		{list{"sts.amazonaws.com"}, "?audience=sts.amazonaws.com"},
		{list{"no&x"}, "?audience=no%26x"},
		{list{"a", "https://g.codefresh.io"}, ""},
		{list{citest.Unknown{}}, ""},
	} {
		written := codefresh(object{"cron": true})
		written["codefresh"].(object)["audiences"] = c.audiences
		text, file := suite.Pipeline(t, written, citest.InAWS)
		deploy := citest.At(file, "steps", "deploy")
		if citest.At(file, "version") != "1.0" || citest.At(deploy, "environment", 0) != "AWS_REGION=eu-west-1" {
			t.Error(text)
		}
		citest.Exchanges(t, citest.At(deploy, "commands", 0), token("$CF_OIDC_REQUEST_URL"+c.want),
			"codefresh-$CF_REPO_NAME-$CF_BUILD_ID", "eu-west-1")
	}
}

// Git and Codefresh have users choose their names; git allows no colon in a ref, and ids and URLs are not chosen.
func TestAGitUserNamedLikeTheRestOfACodefreshSubjectNeverGetsIt(t *testing.T) {
	made := []string{"account", "pipeline", "repository", "ref", "target branch"}
	citest.SameStrings(t, "crafted names", suite.Crafted(t, append(made, "initiator")...), nil)
	trusts := suite.MustRead(t, codefresh(object{"pushes": pushTo(nil, "main"), "pullRequests": requests()}),
		citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	for _, user := range []string{"octocat:scm_ref:main", "octocat:scm_ref:develop:scm_pull_request_target_branch:main",
		"x:scm_user_name:octocat", "octocat:scm_ref:develop:scm_user_name:octocat"} {
		for _, ref := range []string{"main", "develop", "of-mallory"} {
			for _, sub := range []string{
				pushForm.Build(ours["account_id"].(string), oursWeb, repo, user, ref),
				pullRequestForm.Build(ours["account_id"].(string), oursWeb, repo, user, ref, "main"),
			} {
				if token := ci.With(ours, map[string]any{"sub": sub}); citest.Admitted(trusts, citest.InAWS, token) ||
					trusts[0].Admits(token) {
					t.Errorf("%s gets in", sub)
				}
			}
		}
	}
}

// No policy can tell the two apart: the subjects are the same, and AWS fills no other key for this issuer. So it is a
// finding, and the only one of its kind.
func TestAnInitiatorNamedLikeTheRestOfACodefreshSubjectGetsItWhichIsAFinding(t *testing.T) {
	citest.SameStrings(t, "crafted names",
		suite.Crafted(t, "account", "pipeline", "repository", "ref", "target branch"), []string{
			`account:{account}:pipeline:{pipeline}:initiator:{initiator}: ["` + ours + `" "` + oursWeb +
				`" "mona:scm_repo_url:` + repo + `:scm_user_name:octocat:scm_ref:main"]`})
	trusts := suite.MustRead(t, codefresh(object{"manualRuns": pushTo(object{"initiators": list{"mona"}}, "main")}),
		citest.InAWS)
	run := manualForm.Build(ours, oursWeb, "mona:scm_repo_url:"+repo+":scm_user_name:octocat:scm_ref:main")
	if !citest.Admitted(trusts, citest.InAWS,
		ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{"sub": run})) {
		t.Error("the crafted run does not get in, so that the finding is wrong")
	}
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"codefresh-crafted-initiator"})
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
