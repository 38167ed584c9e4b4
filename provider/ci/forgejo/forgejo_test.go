package forgejo

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// forgejo is a section with one repository, whose subjects carry ids.
func forgejo(words object) object {
	repository := object{"repository": "acme/web", "ownerId": "7", "repositoryId": "12"}
	for name, value := range words {
		repository[name] = value
	}
	return object{"forgejo": object{"url": "https://git.example.com", "repositories": list{citest.Prune(repository)}}}
}

// names is one whose subjects carry none.
func names(words object) object {
	changed := object{"ownerId": nil, "repositoryId": nil}
	for name, value := range words {
		changed[name] = value
	}
	return forgejo(changed)
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	forgejo(object{"branches": list{"main"}}),
	forgejo(object{"branches": list{"release/*", "m", "mai"}, "tags": list{"v*", "main"}, "pullRequests": true}),
	forgejo(object{"tags": list{"*"}, "repository": "a-1/b-2.c_d"}),
	forgejo(object{"pullRequests": true}),
	names(object{"branches": list{"main", "*"}, "pullRequests": true}),
	names(object{"tags": list{"v1.0"}, "repository": "Acme-1/Web"}),
	{"forgejo": object{"url": "https://example.org/git", "audiences": list{"a", "b"}, "repositories": list{
		object{"repository": "acme/web", "ownerId": "7", "repositoryId": "12", "branches": list{"main"}},
		object{"repository": "acme/web2", "branches": list{"main"}},
	}}},
}, Harmless: map[string]string{
	"one more character in sub": "behind a * that stands for all names: a name is never empty",
}}

// https://forgejo.org/docs/next/user/actions/security-openid-connect
func documented() map[string]any {
	return map[string]any{
		"actor": "user1", "aud": "exampleAudience", "event_name": "push", "exp": float64(1767217099),
		"iat": float64(1767213499), "iss": "https://example.com/api/actions", "nbf": float64(1767213499),
		"ref": "refs/heads/master", "ref_protected": "false", "ref_type": "branch", "repository": "user1/testing",
		"repository_owner": "user1", "run_attempt": "1", "run_id": "43", "run_number": "43",
		"sha": "76cb2978acb72029ac23277a6192eea1707c6a2c", "sub": "repo:user1/testing:ref:refs/heads/master",
		"workflow": "test.yml", "workflow_ref": "user1/testing/.forgejo/workflows/test.yml@refs/heads/master",
	}
}

func TestTheDocumentedForgejoTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := object{"forgejo": object{"url": "https://example.com", "audiences": list{"exampleAudience"},
		"repositories": list{object{"repository": "user1/testing", "branches": list{"master"}}}}}
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented() {
		if own := strings.Contains("actor exp iat nbf sha workflow workflow_ref", claim); !own && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"repo:user1/testing:pull_request", "repo:user1/testing:ref:refs/tags/master",
		"repo:user1/testing:ref:refs/heads/master2", "repo:user2/testing:ref:refs/heads/master",
		"repo:user1-7/testing-12:ref:refs/heads/master", "repo:User1/testing:ref:refs/heads/master",
		"repo:user1/testing:ref:refs/pull/1/head", "repo:user1/testing:ref:<nil>", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// The subjects are those of Forgejo's own tests of both formats.
// Source: https://codeberg.org/forgejo/forgejo/pulls/12355
func TestWithIDsOnlySubjectsWithTheseIDsGetIn(t *testing.T) {
	trusts := suite.MustRead(t, forgejo(object{
		"repository":   "mpminardi/testing",
		"ownerId":      "789",
		"repositoryId": "456",
		"branches":     list{"master"},
		"pullRequests": true,
	}), citest.InAWS)
	for sub, want := range map[string]bool{
		"repo:mpminardi-789/testing-456:ref:refs/heads/master":              true,
		"repo:mpminardi-789/testing-456:pull_request":                       true,
		"repo:mpminardi/testing:ref:refs/heads/master":                      false,
		"repo:mpminardi/testing:pull_request":                               false,
		"repo:mpminardi-78/testing-456:ref:refs/heads/master":               false,
		"repo:mpminardi-789/testing-4567:ref:refs/heads/master":             false,
		"repo:mpminardi-789/testing-456:pull_request_target":                false,
		"repo:mpminardi-789/testing-456:ref:refs/heads/master:pull_request": false,
	} {
		if got := citest.Admitted(trusts, citest.InAWS,
			map[string]any{"aud": "sts.amazonaws.com", "sub": sub}); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
}

// What an outsider may write: the names of a fork's owner and repository, a pull request, and the branches of the fork.
// None of them reaches the open end of a prefix, because git allows no ":" in a branch.
func TestAForkAPullRequestOrACraftedNameDoesNotGetInByAPrefixOfBranches(t *testing.T) {
	for _, c := range []struct {
		written object
		path    string
	}{
		{forgejo(object{"branches": list{"main*"}, "tags": list{"v*"}}), "acme-7/web-12"},
		{names(object{"branches": list{"main*"}, "tags": list{"v*"}}), "acme/web"},
	} {
		trusts := suite.MustRead(t, c.written, citest.InAWS)
		for _, sub := range []string{
			"repo:mallory/web:ref:refs/heads/main-1", "repo:mallory-8/web-13:ref:refs/heads/main-1",
			"repo:" + c.path + "x:ref:refs/heads/main-1",
			"repo:mallory/" + strings.ReplaceAll(c.path, "/", "-") + ":ref:refs/heads/main-1",
			"repo:" + c.path + ":pull_request", "repo:" + c.path + ":ref:refs/pull/1/head",
			"repo:" + c.path + ":ref:refs/for/main/x", "repo:" + c.path + ":ref:refs/heads/mallory/main-1",
			"repo:" + c.path + ":ref:refs/heads/mai",
			"repo:mallory/web:ref:refs/heads/repo:" + c.path + ":ref:refs/heads/main-1",
		} {
			token := map[string]any{"aud": audience, "sub": sub}
			if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
				t.Errorf("%s gets in", sub)
			}
		}
		for _, sub := range []string{"repo:" + c.path + ":ref:refs/heads/mainhacker:evil",
			"repo:" + c.path + ":ref:refs/heads/main:pull_request"} {
			if trusts[0].Admits(map[string]any{"aud": audience, "sub": sub}) {
				t.Errorf("the words of the grant go beyond the separator: %s", sub)
			}
		}
	}
}

// The subject of pull_request_target is that of the base branch: that is said, because it cannot be told apart.
func TestARunOfPullRequestTargetThatAStrangerStartsIsAFinding(t *testing.T) {
	trusts := suite.MustRead(t, forgejo(object{"branches": list{"main"}}), citest.InAWS)
	run := map[string]any{
		"aud":        audience,
		"sub":        "repo:acme-7/web-12:ref:refs/heads/main",
		"event_name": "pull_request_target",
	}
	if !citest.Admitted(trusts, citest.InAWS, run) ||
		!strings.Contains(strings.Join(citest.FindingIDs(trusts), " "), "forgejo-pull-request-target") {
		t.Errorf("admitted, or a finding too much: %v", citest.FindingIDs(trusts))
	}
}

const codebergPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
	"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/codeberg.org/api/actions"},
	"Condition":{"StringEquals":{"codeberg.org/api/actions:aud":"sts.amazonaws.com"},
"StringLike":{"codeberg.org/api/actions:sub":"SUB"}}}]}`

// The subject cannot tell a renamed repository without ids from the trusted one: that is said, and refused where
// strangers have accounts.
func TestARepositoryRenamedToReadLikeTheTrustedOneIsAFinding(t *testing.T) {
	trusts := suite.MustRead(t, forgejo(object{"branches": list{"main"}}), citest.InAWS)
	renamed := ci.Subject{Form: subjects["branch"].withoutIDs}.Token(trusts[0].Issuer(), audience,
		[]string{"acme-7", "web-12", "main"})
	if !citest.Admitted(trusts, citest.InAWS, renamed) {
		t.Error("the lookalike is refused; the finding says that it is not")
	}
	for instance, want := range map[string]string{
		"https://git.example.com": "forgejo-lookalike",
		"https://codeberg.org":    "forgejo-open-instance",
	} {
		written := forgejo(object{"tags": list{"v1"}})
		written["forgejo"].(object)["url"] = instance
		findings := ci.Findings(suite.MustRead(t, written, citest.InAWS))
		if len(findings) != 1 || findings[0].ID != want || findings[0].Detail != "acme-7/web-12 for acme/web" {
			t.Errorf("%s: %v", instance, findings)
		}
	}
	_, lines := suite.Read(names(object{"repository": "acme-7/web-12", "tags": list{"v1"}}), citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "repository, ownerId and repositoryId") {
		t.Errorf("the lookalike may be trusted by its names: %q", lines)
	}
}

// Leaving the ids out must not turn the refusal on Codeberg into a mere warning: names can be taken there by anybody.
func TestLeavingTheIDsOutIsNoWayAroundTheRefusalOnCodeberg(t *testing.T) {
	for path, written := range map[string]object{
		"forgejo.repositories[0]":            forgejo(object{"tags": list{"v1"}}),
		"forgejo.repositories[0].repository": names(object{"tags": list{"v1"}}),
	} {
		written["forgejo"].(object)["url"] = "https://codeberg.org"
		citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)),
			[]string{"forgejo-open-instance"})
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], path+": everybody may have an account on this instance") {
			t.Errorf("%q", lines)
		}
	}
}

func TestAnAuditWantsTheOwnerOfACodebergRepository(t *testing.T) {
	for policy, want := range map[string]string{
		"repo:acme-7/*":                  "forgejo-any-ref",
		"repo:acme*":                     "prefix-collision",
		"repo:*/web:ref:refs/heads/main": "tenant-not-pinned",
	} {
		found := suite.Audit(t, strings.NewReplacer("SUB", policy).Replace(codebergPolicy))
		if citest.Ids(found)[0] != want {
			t.Errorf("the audit of %s: %v", policy, citest.Ids(found))
		}
	}
}

func TestForgejoFindings(t *testing.T) {
	for want, written := range map[string]object{
		"forgejo-lookalike":                             forgejo(object{"tags": list{"v1"}}),
		"forgejo-lookalike ref-prefix":                  forgejo(object{"tags": list{"v*"}}),
		"forgejo-lookalike forgejo-pull-request-target": forgejo(object{"branches": list{"main"}}),
		"forgejo-lookalike forgejo-pull-requests":       forgejo(object{"pullRequests": true}),
		"forgejo-any-ref forgejo-lookalike":             forgejo(object{"tags": list{"*"}}),
		"forgejo-name-subject":                          names(object{"tags": list{"v1"}}),
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)), " "); got != want {
			t.Errorf("%v: %q, want %q", written, got, want)
		}
	}
}

func TestForgejoGrantsSayWhichJobsOfWhichRepository(t *testing.T) {
	citest.SameStrings(t, "grants",
		ci.Sentences(suite.MustRead(t, forgejo(object{
			"branches":     list{"main", "release/*"},
			"tags":         list{"v1"},
			"pullRequests": true,
		}), citest.InAWS)), []string{
			"Forgejo Actions at git.example.com: acme/web (owner 7, repository 12) in pull requests " +
				"that are not from forks",
			"Forgejo Actions at git.example.com: acme/web (owner 7, repository 12) on all branches that begin with " +
				"release/ (also across further slashes)",
			"Forgejo Actions at git.example.com: acme/web (owner 7, repository 12) on branch main",
			"Forgejo Actions at git.example.com: acme/web (owner 7, repository 12) on tag v1",
		})
}

func TestWhatIsWrongWithAForgejoRepositoryIsSaidInForgejosWords(t *testing.T) {
	const repository, main = "forgejo.repositories[0].", "main"
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{}, "branches: is missing, and so are tags and pullRequests: true; give at least one of them, to say " +
			"which jobs of the repository are trusted"},
		{object{"pullRequests": false}, "branches: is missing, and so are tags and pullRequests: true; give at least " +
			"one of them, to say which jobs of the repository are trusted"},
		{object{"branches": list{main}, "repository": "https://git.example.com/acme/web"}, `repository: is a URL; ` +
			`write the repository's owner and name alone, such as acme/web (found "https://git.example.com/acme/web")`},
		{object{"branches": list{main}, "repository": "git@git.example.com:acme/web.git"}, `repository: is a URL; ` +
			`write the repository's owner and name alone, such as acme/web (found "git@git.example.com:acme/web.git")`},
		{object{"branches": list{main}, "repository": "acme/web:ref"},
			"repository: " + name.Not[1].Reason + ` (found "acme/web:ref")`},
		{object{"branches": list{main}, "repository": "acme"}, "repository: " + name.Rule + ` (found "acme")`},
		{object{"branches": list{main}, "repository": "acme/*"}, `repository: must be one exact repository, without ` +
			`*, ? and ${; list each repository that is meant (found "acme/*")`},
		{object{"branches": list{main}, "ownerId": nil}, "ownerId: is missing, and the other id is there; write " +
			"both, for a repository whose subjects carry ids, or none" + idHelp},
		{object{"branches": list{main}, "repositoryId": nil}, "repositoryId: is missing, and the other id is there; " +
			"write both, for a repository whose subjects carry ids, or none" + idHelp},
		{object{"branches": list{main}, "ownerId": "acme"}, "ownerId: " + ownerID.Rule + ` (found "acme")`},
		{object{"branches": list{main}, "repositoryId": "012"},
			"repositoryId: " + repositoryID.Rule + ` (found "012")`},
		{object{"branches": list{"refs/heads/main"}}, `branches[0]: write the branch's name without refs/heads/, ` +
			`such as main for refs/heads/main (found "refs/heads/main")`},
	} {
		trusts, lines := suite.Read(forgejo(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{repository + c.want})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", c.want)
		}
	}
	for url, want := range map[string]string{
		"git.example.com":                     "must begin with https://, as AWS takes no other issuer",
		"https://git.example.com/":            "ends in a slash, which Forgejo does not write into iss",
		"https://git.example.com:3000":        "has a port or a password; IAM takes no issuer with a port",
		"https://git.example.com/api/actions": "is the issuer",
	} {
		written := forgejo(object{"tags": list{"v1"}})
		written["forgejo"].(object)["url"] = url
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, url, lines,
			[]string{"forgejo.url: " + want + "; " + issuerURL.Help + ` (found "` + url + `")`})
	}
}

func TestNothingOfForgejoIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, words := range []object{
		{"branches": list{citest.Unknown{}}}, {"branches": citest.Unknown{}}, {"pullRequests": citest.Unknown{}},
		{"repository": citest.Unknown{}, "branches": list{"main"}},
		{"ownerId": citest.Unknown{}, "branches": list{"main"}},
		{"repositoryId": citest.Unknown{}, "branches": list{"main"}},
		{
			"ownerId":      citest.Unknown{},
			"repositoryId": citest.Unknown{},
			"repository":   "acme-7/web-12",
			"branches":     list{"main"},
		},
	} {
		if trusts := suite.MustRead(t, forgejo(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted", words)
		}
	}
	written := forgejo(object{"branches": list{"main"}})
	written["forgejo"].(object)["url"] = citest.Unknown{}
	if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
		t.Error("something is granted on an instance that is not known")
	}
}

func TestTheForgejoWorkflowAsksForATokenAndExchangesIt(t *testing.T) {
	text, workflow := suite.Pipeline(t, forgejo(object{"branches": list{"main", "release/*"}, "tags": list{"v1+2"}}),
		citest.InAWS)
	if citest.At(workflow, "enable-openid-connect") != true || citest.At(workflow, "permissions") != nil ||
		citest.At(workflow, "on", "pull_request") != nil || strings.Contains(text, "pull_request") {
		t.Error(text)
	}
	citest.SameStrings(t, "branches", citest.Texts(citest.At(workflow, "on", "push", "branches")),
		[]string{"main", "release/**"})
	citest.SameStrings(t, "tags", citest.Texts(citest.At(workflow, "on", "push", "tags")), []string{`v1\+2`})
	job := citest.At(workflow, "jobs", "deploy")
	citest.Exchanges(t, citest.At(job, "steps", 0, "run"), citest.Asked(
		`curl -sSf -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com"`, "value",
		"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
		"forgejo-$GITHUB_REPOSITORY-$GITHUB_RUN_ID-$GITHUB_JOB", "eu-west-1")
	written := forgejo(object{"pullRequests": true})
	written["forgejo"].(object)["audiences"] = list{`it's"$a&b`}
	text, workflow = suite.Pipeline(t, written, citest.InAWS)
	if events, _ := citest.At(workflow, "on").(object); citest.At(events, "push") != nil ||
		!strings.Contains(text, "  pull_request:\n") ||
		!strings.Contains(text, `&audience=it%27s%22%24a%26b"`) {
		t.Error(text)
	}
}

// A workflow that starts by what another repository is trusted for is refused by the role.
func TestTheForgejoWorkflowOfARepositoryHasNoEventOfAnother(t *testing.T) {
	written := object{"forgejo": object{"url": "https://git.example.com", "repositories": list{
		object{"repository": "acme/web", "ownerId": "7", "repositoryId": "12", "tags": list{"v*"}},
		object{"repository": "acme/api", "ownerId": "7", "repositoryId": "13", "branches": list{"main"}},
		object{"repository": "acme/api", "ownerId": "7", "repositoryId": "13", "pullRequests": true},
	}}}
	text, workflow := suite.Pipeline(t, written, citest.InAWS)
	if citest.At(workflow, "on", "push", "tags") != nil || citest.At(workflow, "on", "push", "branches", 0) != "main" ||
		!strings.HasPrefix(text, "# .forgejo/workflows/deploy.yml in acme/api\n") {
		t.Error(text)
	}
	if !strings.Contains(text, "  pull_request:\n  workflow_dispatch:\n# In acme/web these events take its place:\n# "+
		"on:\n#   push:\n#     tags: [\"v**\"]\nenable-openid-connect: true") {
		t.Error(text)
	}
}

func TestARunByHandIsOfferedOnlyWhereForgejoBranchesAreTrusted(t *testing.T) {
	for want, words := range map[bool]object{
		true:  {"branches": list{"main"}, "tags": list{"v1"}},
		false: {"tags": list{"v1"}, "pullRequests": true},
	} {
		if text, _ := suite.Pipeline(t, forgejo(words), citest.InAWS); strings.Contains(text,
			"workflow_dispatch") != want {
			t.Error(text)
		}
	}
	if _, workflow := suite.Pipeline(t, forgejo(object{"branches": citest.Unknown{}}),
		citest.InAWS); citest.At(workflow, "jobs", "deploy") == nil {
		t.Errorf("%v", workflow)
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
