package github

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// octoToken is the example token of GitHub's documentation, value by value.
// https://docs.github.com/en/actions/concepts/security/openid-connect#understanding-the-oidc-token
var octoToken = map[string]any{
	"jti": "example-id", "sub": "repo:octo-org/octo-repo:environment:prod", "environment": "prod",
	"aud": "https://github.com/octo-org", "ref": "refs/heads/main", "sha": "example-sha",
	"repository": "octo-org/octo-repo", "repository_owner": "octo-org", "actor_id": "12",
	"repository_visibility": "private", "repository_id": "74", "repository_owner_id": "65",
	"run_id": "example-run-id", "run_number": "10", "run_attempt": "2", "runner_environment": "github-hosted",
	"actor": "octocat", "workflow": "example-workflow", "head_ref": "", "base_ref": "",
	"event_name": "workflow_dispatch", "enterprise": "avocado-corp", "enterprise_id": "2", "ref_type": "branch",
	"job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
	"iss":              "https://token.actions.githubusercontent.com",
	"nbf":              float64(1632492967), "exp": float64(1632493867), "iat": float64(1632493567),
}

func octo(repository string, words object) object {
	section := github(repository, words)
	section["github"].(object)["audiences"] = list{"https://github.com/octo-org"}
	return section
}

func TestTheDocumentedTokenGetsInByAGrantForItsEnvironmentAlone(t *testing.T) {
	prod := object{"environments": list{"prod"}}
	for _, c := range []struct {
		what    string
		written object
		account ci.Account
		admit   bool
	}{
		{"its environment, with ids", octo("octo-org@65/octo-repo@74", prod), citest.InAWS, true},
		{"its environment, without ids", octo("octo-org/octo-repo", prod), citest.InAWS, true},
		{"all environments", octo("octo-org@65/octo-repo@74", object{"environments": list{"*"}}), citest.InAWS, true},
		{"environments that begin alike", octo("octo-org@65/octo-repo@74", object{"environments": list{"pr*"}}),
			citest.InAWS, true},
		{"its environment among other words", octo("octo-org@65/octo-repo@74",
			object{"environments": list{"dev", "prod"}, "branches": list{"x"}}), citest.InAWS, true},
		{"its branch", octo("octo-org@65/octo-repo@74", object{"branches": list{"main"}}), citest.InAWS, false},
		{"any branch", octo("octo-org@65/octo-repo@74", object{"branches": list{"*"}, "tags": list{"*"}}),
			citest.InAWS, false},
		{"pull requests", octo("octo-org@65/octo-repo@74", object{"pullRequests": true}), citest.InAWS, false},
		{"another environment", octo("octo-org@65/octo-repo@74", object{"environments": list{"prod2", "pro"}}),
			citest.InAWS, false},
		{"its environment in capitals", octo("octo-org@65/octo-repo@74", object{"environments": list{"Prod"}}),
			citest.InAWS, false},
		{"another owner id", octo("octo-org@66/octo-repo@74", prod), citest.InAWS, false},
		{"another owner", octo("octo@65/octo-repo@74", prod), citest.InAWS, false},
		{"the repository of the reusable workflow", octo("octo-org@65/octo-automation@75", prod), citest.InAWS, false},
		{"the default audience", github("octo-org@65/octo-repo@74", prod), citest.InAWS, false},
		{"the subject with ids alone, where the owner cannot be pinned", octo("octo-org@65/octo-repo@74", prod),
			citest.InChina, false},
	} {
		trusts := suite.MustRead(t, c.written, c.account)
		if got := citest.Admitted(trusts, c.account, octoToken); got != c.admit {
			t.Errorf("%s: the policy says %v", c.what, got)
		}
		if got := trusts[0].Admits(octoToken); got != c.admit {
			t.Errorf("%s: the grants say %v", c.what, got)
		}
	}
}

func TestTheDocumentedTokenInTheFormWithIDsGetsInEverywhere(t *testing.T) {
	token := ci.With(octoToken, map[string]any{"sub": "repo:octo-org@65/octo-repo@74:environment:prod"})
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
		trusts := suite.MustRead(t, octo("octo-org@65/octo-repo@74", object{"environments": list{"prod"}}), account)
		if !citest.Admitted(trusts, account, token) || !trusts[0].Admits(token) {
			t.Errorf("refused in %+v", account)
		}
	}
	trusts := suite.MustRead(t, octo("octo-org/octo-repo", object{"environments": list{"prod"}}), citest.InAWS)
	if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
		t.Error("admitted by a repository without ids")
	}
}

func TestAnotherRepositoryIDUnderTheSameNameIsRefusedInTheFormWithIDs(t *testing.T) {
	trusts := suite.MustRead(t, octo("octo-org@65/octo-repo@74", object{"environments": list{"prod"}}), citest.InAWS)
	for _, sub := range []string{
		"repo:octo-org@65/octo-repo@75:environment:prod", "repo:octo-org@65/octo-repo@7:environment:prod",
		"repo:octo-org@65/octo-repo@740:environment:prod", "repo:octo-org@6/octo-repo@74:environment:prod",
		"repo:octo-org@65/octo-repo:environment:prod", "repo:octo-org/octo-repo@74:environment:prod",
	} {
		if token := ci.With(octoToken, map[string]any{"sub": sub}); citest.Admitted(trusts, citest.InAWS, token) ||
			trusts[0].Admits(token) {
			t.Errorf("%s is admitted", sub)
		}
	}
}

func TestAnOwnerNameRegisteredAgainGetsNothing(t *testing.T) {
	trusts := suite.MustRead(t, octo("octo-org@65/octo-repo@74", object{"environments": list{"prod"}}), citest.InAWS)
	for _, id := range []any{"66", "650", "6", "", nil, "065", "65 "} {
		if token := ci.With(octoToken, map[string]any{"repository_owner_id": id}); citest.Admitted(trusts, citest.InAWS,
			token) {
			t.Errorf("owner id %v is admitted", id)
		}
	}
}

const remedy = "write OWNER@OWNER_ID/NAME@REPOSITORY_ID, such as acme@1234567/web@89012345; " + printIDs + " prints it"

func TestEveryWrongRepositoryIsRefusedWithItsRemedy(t *testing.T) {
	const wildcard = "has a wildcard; a trust names each repository, because a wildcard takes in those that " +
		"anybody may create later: " + remedy
	for _, c := range []struct{ text, rule string }{
		{"https://github.com/acme/web", "is a URL; " + remedy},
		{"git@github.com:acme/web.git", "is a URL; " + remedy},
		{"github.com/acme/web", "is a URL; " + remedy},
		{"acme/web.git", "ends in .git, which is part of the clone URL and not of the name; " + remedy},
		{"acme/*", wildcard},
		{"*/web", wildcard},
		{"acme/we?", wildcard},
		{"acme@1*/web@2", wildcard},
		{"acme/${x}", "must not contain ${, which IAM would read as a policy variable; " + remedy},
		{"acme", "names no repository; " + remedy},
		{"", "names no repository; " + remedy},
		{"acme/web:x", "names more than a repository: which jobs are trusted is said by branches, tags, " +
			"environments and pullRequests; " + remedy},
		{"repo:acme/web", "names more than a repository: which jobs are trusted is said by branches, tags, " +
			"environments and pullRequests; " + remedy},
		{"acme/web/x", "is not the name of a repository; " + remedy},
		{"acme/", "is not the name of a repository; " + remedy},
		{"/web", "is not the name of a repository; " + remedy},
		{"acme/..", "is not the name of a repository; " + remedy},
		{" acme/web", "is not the name of a repository; " + remedy},
		{"acme/web\n", "is not the name of a repository; " + remedy},
		{"ac.me/web", "is not the name of a repository; " + remedy},
		{"acmé/web", "is not the name of a repository; " + remedy},
		{strings.Repeat("a", 1000) + "/web", "is not the name of a repository; " + remedy},
		{"acme/" + strings.Repeat("a", 101), "is not the name of a repository; " + remedy},
		{"acme@12/web", "has one id of two; " + remedy},
		{"acme/web@12", "has one id of two; " + remedy},
		{"acme@x/web@y", "has an id that is no number; " + remedy},
		{"acme@/web@", "has an id that is no number; " + remedy},
		{"acme@012/web@1", "has an id that is no number; " + remedy},
		{"acme@0/web@1", "has an id that is no number; " + remedy},
		{"acme@1/web@-1", "has an id that is no number; " + remedy},
		{"acme@123456789012345678901/web@1", "has an id that is no number; " + remedy},
	} {
		r, rule := parseRepository(c.text)
		if rule != c.rule || r != (repository{}) {
			t.Errorf("%q: %+v %q\nwant %q", c.text, r, rule, c.rule)
		}
	}
}

func TestANameCannotHaveTwoIDs(t *testing.T) {
	two := func(first, second string) []string {
		_, lines := suite.Read(object{"acceptRisks": suite.AllRisks(), "github": object{"repositories": list{
			object{"repository": first, "branches": list{"main"}}, object{"repository": second, "tags": list{"v1"}},
		}}}, citest.InAWS)
		return lines
	}
	at := "github.repositories[1].repository: gives the "
	end := " another id than an item before it does, and a name has one id at a time; " + remedy
	citest.SameStrings(t, "repository", two("acme@1/web@2", "acme@1/web@3"),
		[]string{at + "repository" + end + ` (found "acme@1/web@3")`})
	citest.SameStrings(t, "owner", two("acme@1/web@2", "acme@9/api@3"),
		[]string{at + "owner" + end + ` (found "acme@9/api@3")`})
	for _, fine := range [][2]string{
		{acmeWeb, acmeWeb}, {"acme@1/web@2", "acme@1/api@3"}, {"acme@1/web@2", "acme/web"},
		{"old@1/web@2", "new@1/web@2"},
	} {
		citest.SameStrings(t, fine[0], two(fine[0], fine[1]), []string{})
	}
}

func TestEveryWrongEnvironmentIsRefusedWithItsRemedy(t *testing.T) {
	const wildcard = "an environment may end in one *, and has no other * and no ?: IAM would read them as " +
		"wildcards; list the environments one by one"
	for _, c := range []struct{ text, rule string }{
		{"", "is empty; write the name of an environment"},
		{strings.Repeat("é", 256), "is longer than the 255 characters that an environment's name has at most"},
		{"${x}", "must not contain ${, which IAM would read as a policy variable"},
		{"prod?", wildcard}, {"p*d", wildcard}, {"**", wildcard},
		{"50%", "must not contain %: GitHub writes : as %3A, and whether it encodes a % is not documented, so two " +
			"names could look alike"},
		{"%3A", "must not contain %: GitHub writes : as %3A, and whether it encodes a % is not documented, so two " +
			"names could look alike"},
		{"a\tb", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
		{"🚀", "has a control character or one beyond Latin-1, which IAM does not store in a policy"},
		{" prod", "begins or ends with white space"}, {"prod ", "begins or ends with white space"},
		{" p*", "begins or ends with white space"},
	} {
		_, lines := suite.Read(github(acmeWeb, object{"environments": list{c.text}}), citest.InAWS)
		if len(lines) != 1 ||
			!strings.HasPrefix(lines[0], "github.repositories[0].environments[0]: "+c.rule+" (found ") {
			t.Errorf("%q: %q", c.text, lines)
		}
	}
	for _, text := range []string{"prod", "Production:V1", "a b", "prod-*", "*", "prod *", "é",
		strings.Repeat("é", 255), "a/b", "@", "`x`", `"q"`} {
		citest.Accepted(t, text, "*")
		suite.Proved(t, github(acmeWeb, object{"environments": list{text}}))
	}
}

func TestARepositoryWithoutAWordIsAnErrorThatListsTheChoices(t *testing.T) {
	for _, words := range []object{{}, {"pullRequests": false}} {
		_, lines := suite.Read(github(acmeWeb, words), citest.InAWS)
		citest.SameStrings(t, "problems", lines,
			[]string{"github.repositories[0].branches: is missing, and so are tags, environments, " +
				"mergeQueue and pullRequests: true; give at least one of them, to say which jobs of the repository " +
				"are trusted. Every job, pull requests included, is never meant"})
	}
	for _, words := range []object{
		{"pullRequests": citest.Unknown{}},
		{"branches": citest.Unknown{}},
		{"tags": list{citest.Unknown{}}},
	} {
		trusts, lines := suite.Read(github(acmeWeb, words), citest.InAWS)
		citest.SameStrings(t, "problems of an unknown word", lines, []string{})
		if trusts[0].FullyKnown {
			t.Errorf("%v is taken for known", words)
		}
	}
}

func TestOutsideTheAWSPartitionTheOwnersIDIsNoKeyAndNamesAreNotTrusted(t *testing.T) {
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		trusts := suite.MustRead(t, github(acmeWeb, object{"branches": list{"main"}, "environments": list{"prod"}}),
			account)
		policy := ci.Compile(trusts, account, nil).JSON()
		if strings.Contains(policy, "repository_owner_id") || strings.Contains(policy, "repository_id") ||
			strings.Contains(policy, "repo:acme/web") {
			t.Errorf("%s: %s", account.Partition, policy)
		}
		if !strings.Contains(policy, "arn:"+account.Partition+":iam::123456789012:oidc-provider/"+Host) {
			t.Errorf("%s: %s", account.Partition, policy)
		}
		citest.SameStrings(t, "findings", citest.FindingIDs(trusts),
			[]string{"github-classic-refused", "github-environment-rules", "github-pull-request-target"})
	}
	policy := ci.Compile(suite.MustRead(t, github(acmeWeb, object{"branches": list{"main"}}), citest.InAWS),
		citest.InAWS, nil).JSON()
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",` +
		`"token.actions.githubusercontent.com:repository_id":"89012345",` +
		`"token.actions.githubusercontent.com:repository_owner_id":"1234567",` +
		`"token.actions.githubusercontent.com:sub":` +
		`["repo:acme/web:ref:refs/heads/main","repo:acme@1234567/web@89012345:ref:refs/heads/main"]}}}]}`
	if policy != want {
		t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
	}
}

func TestWithoutIDsTheClassicSubjectAloneIsTrustedAndTheRiskMustBeAccepted(t *testing.T) {
	written := github("acme/web", object{"tags": list{"v1"}})
	_, lines := suite.Read(written, citest.InAWS)
	if len(lines) != 1 ||
		!strings.HasPrefix(lines[0], "github.repositories[0].repository: the repository is named without ids, ") ||
		!strings.Contains(lines[0], "Write the repository with its ids, as printed by "+printIDs+
			". To accept the risk, add github-classic-subject to acceptRisks. (acme/web)") {
		t.Errorf("problems: %q", lines)
	}
	written["acceptRisks"] = list{"github-classic-subject"}
	trusts := suite.MustRead(t, written, citest.InAWS)
	citest.SameStrings(t, "subjects", trusts[0].Grants[0].Claims["sub"], []string{"repo:acme/web:ref:refs/tags/v1"})
	if _, pinned := trusts[0].Grants[0].Claims["repository_owner_id"]; pinned {
		t.Error("an owner id is tested that nobody gave")
	}
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"github-classic-subject"})
}

func TestTheAudienceIsTheOneTheActionAsksForUnlessOneIsGiven(t *testing.T) {
	words := object{"tags": list{"v1"}}
	for partition, want := range map[ci.Account]string{
		citest.InAWS:   "sts.amazonaws.com",
		citest.InGov:   "sts.amazonaws.com",
		citest.InChina: "sts.amazonaws.com.cn",
		{}:             "sts.amazonaws.com",
	} {
		citest.SameStrings(t, "audiences", suite.MustRead(t, github(acmeWeb, words), partition)[0].Audiences(),
			[]string{want})
	}
	given := github(acmeWeb, words)
	given["github"].(object)["audiences"] = list{"b", "a", "b"}
	citest.SameStrings(t, "audiences", suite.MustRead(t, given, citest.InChina)[0].Audiences(), []string{"a", "b"})
}

func TestEachRiskyWordIsFoundAndItsNearestHarmlessOneIsNot(t *testing.T) {
	for _, c := range []struct {
		words object
		want  []string
	}{
		{object{"tags": list{"v1"}}, []string{}},
		{object{"tags": list{"v*"}}, []string{"ref-prefix"}},
		{object{"tags": list{"*"}}, []string{"github-any-ref"}},
		{object{"branches": list{"release/*"}}, []string{"github-pull-request-target", "ref-prefix"}},
		{object{"branches": list{"main*"}}, []string{"github-pull-request-target", "ref-name-prefix"}},
		{object{"branches": list{"release/*", "*"}}, []string{"github-any-ref", "github-pull-request-target"}},
		{object{"branches": list{"gh-readonly-queue/main/*"}},
			[]string{"github-merge-queue"}},
		{object{"branches": list{"g*"}},
			[]string{"github-merge-queue", "github-pull-request-target", "ref-name-prefix"}},
		{object{"environments": list{"prod", "p*"}}, []string{"github-environment-wildcard"}},
		{object{"branches": list{"*"}}, []string{"github-any-ref", "github-pull-request-target"}},
		{object{"environments": list{"prod"}}, []string{"github-environment-rules"}},
		{object{"environments": list{"prod-*"}}, []string{"github-environment-wildcard"}},
		{object{"environments": list{"prod"}, "pullRequests": false}, []string{"github-environment-rules"}},
		{object{"pullRequests": true}, []string{"github-pull-requests"}},
	} {
		citest.SameStrings(t, "findings",
			citest.FindingIDs(suite.MustRead(t, github(acmeWeb, c.words), citest.InAWS)), c.want)
	}
	for id, rule := range suite.Registry().Rules() {
		if rule.Summary == "" || rule.Remediation == "" || !strings.HasPrefix(rule.Source, "https://") ||
			rule.ID != id {
			t.Errorf("rule %s is not complete", id)
		}
	}
}

func TestAPullRequestThatNamesAnUnprotectedEnvironmentIsThoughtOf(t *testing.T) {
	trusts := suite.MustRead(t, github(acmeWeb, object{"environments": list{"prod", "staging"}}), citest.InAWS)
	for i, want := range []string{"acme/web in environment prod", "acme/web in environment staging"} {
		f := trusts[0].Findings[i]
		if f.ID != "github-environment-rules" || f.Severity != ci.Low ||
			f.Path != "github.repositories[0].environments" || f.Detail != want {
			t.Errorf("%+v, want %s", f, want)
		}
	}
	for _, event := range []string{"push", "pull_request"} {
		if !citest.Admitted(trusts, citest.InAWS, ci.With(trusts[0].Grants[0].Tokens()[0].Claims,
			map[string]any{"event_name": event, "ref": "refs/heads/mallory"})) {
			t.Errorf("%s: the policy would be stricter than the finding says", event)
		}
	}
}

func TestAFindingAboutARepositoryThatCannotBeReadDoesNotInventAName(t *testing.T) {
	for _, repository := range []any{citest.Unknown{}, "acme"} {
		written := github("", object{"branches": list{"*"}})
		written["github"].(object)["repositories"].(list)[0].(object)["repository"] = repository
		_, lines := suite.Read(written, citest.InAWS)
		if all := strings.Join(lines, "\n"); !strings.Contains(all, "(the repository on any branch)") {
			t.Errorf("problems: %s", all)
		}
	}
}

func TestGrantsReadAsSentences(t *testing.T) {
	written := github(acmeWeb, object{
		"branches": list{"main", "release/*", "*"}, "tags": list{"v1", "v*", "*"},
		"environments": list{"Production:V1", "prod-*", "*"}, "pullRequests": true,
	})
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t, written, citest.InAWS)), []string{
		"GitHub Actions: acme/web in all environments that begin with prod- (also across further slashes)",
		"GitHub Actions: acme/web in any environment",
		"GitHub Actions: acme/web in environment Production:V1",
		"GitHub Actions: acme/web on all branches that begin with release/ (also across further slashes)",
		"GitHub Actions: acme/web on all tags that begin with v (also across further slashes)",
		"GitHub Actions: acme/web on any branch",
		"GitHub Actions: acme/web on any tag",
		"GitHub Actions: acme/web on branch main",
		"GitHub Actions: acme/web on pull requests",
		"GitHub Actions: acme/web on tag v1",
	})
}

var suite = citest.Suite{
	System:    System{},
	Matrix:    append(matrix(), furtherMatrix()...),
	Elsewhere: openMatrix(),
	Unseen: map[string]string{
		"github-classic-refused": "it is about tokens that are refused, and a policy may mean to",
		"github-narrowing-void":  "nobody gets in but whom the wider statement names, and it may be meant",
		"github-compact-form":    "it is about how the component writes the policy, and not about who gets in",
	},
	Mintable: func(sub string) bool { // a context never ends in nothing
		return !strings.HasSuffix(sub, ":environment:") && !strings.Contains(sub, ":environment::") &&
			!strings.HasSuffix(sub, ":ref:"+ci.Branches.Namespace) &&
			!strings.HasSuffix(sub, ":ref:"+ci.Tags.Namespace) &&
			!strings.Contains(sub, ":ref:"+ci.Branches.Namespace+":") &&
			!strings.Contains(sub, ":ref:"+ci.Tags.Namespace+":")
	},
	Ours: []citest.Exception{
		{
			Form:   `with ids .*: the id of .* under the trusted name`,
			Reason: "the same is said of both repositories: a listed id under a listed name is one trust",
		},
		{
			Form:   `without ids .*: the repository's name, taken again after a deletion`,
			Reason: "names alone are trusted: finding github-classic-subject",
		},
		{
			Form:   `without ids .*: the owner's name, registered again by somebody else`,
			Reason: "names alone are trusted: finding github-classic-subject",
		},
		{
			Form:   `without ids .*: another owner's repository of the same names, .*`,
			Reason: "names alone are trusted: finding github-classic-subject",
		},
		{Form: `.* on all branches that begin with ma .*: another branch`, Reason: "mallory/patch-1 begins with ma"},
		{Form: `.* on any branch: another branch`, Reason: "every branch is trusted: finding any-ref"},
		{Form: `.* on any tag: a tag`, Reason: "every tag is trusted: finding any-ref"},
		{
			Form:   `.* in any environment: an environment of one's own`,
			Reason: "every environment is trusted: finding github-environment-wildcard",
		},
		{
			Form:   `.* in any environment: a customised subject with environment:x before .*`,
			Reason: "the job is in environment x, and every environment is trusted",
		},
		{
			Form:   `.* on pull requests.*: a pull request`,
			Reason: "pull requests are trusted: finding github-pull-requests",
		},
		{
			Form:   `by id alone .*: the repository's name in another letter case`,
			Reason: "the id says which repository it is, whatever its name",
		},
		{
			Form:   `(by id alone|with the id in sub) .*: another owner's repository of the same names, .*`,
			Reason: "it has the repository's id, which no two repositories have",
		},
	},
	Phrase: func(g ci.Grant) string {
		return identity(g.Claims, strings.Join(g.Claims["sub"], " ")) + citest.ContextOf(g)
	},
	Harmless: map[string]string{
		"IgnoreCase repository_owner_id": "digits have no letter case",
		"IgnoreCase repository_id":       "digits have no letter case",
		"IgnoreCase actor_id":            "digits have no letter case",
		"one more character in sub": "behind a * that stands for all names, and for those behind a slash: a name is " +
			"never empty and never ends in a slash",
	},
}

// matrix are trusts with and without ids, several repositories whose names begin alike, and several audiences.
func matrix() []object {
	var all []object
	words := []object{
		{"branches": list{"main"}}, {"branches": list{"release/*"}}, {"branches": list{"*"}},
		{"branches": list{"ma*", "main", "m"}}, {"tags": list{"v1.0"}}, {"tags": list{"v*"}}, {"tags": list{"*"}},
		{"pullRequests": true},
		{"environments": list{"prod"}}, {"environments": list{"a:b", "a"}}, {"environments": list{"prod*"}},
		{"environments": list{"a:*"}}, {"environments": list{"*"}},
		{"branches": list{"main", "v1"}, "tags": list{"main"}, "environments": list{"main"}, "pullRequests": true},
		{"branches": list{"pull_request"}, "environments": list{"pull_request"}},
	}
	for _, w := range words {
		all = append(all, github(acmeWeb, w), github("acme/web", w))
	}
	item := func(repository string, w object) object {
		w = maps.Clone(w)
		w["repository"] = repository
		return w
	}
	all = append(all,
		object{"github": object{"repositories": list{
			item(acmeWeb, words[0]),
			item("acme@1234567/web2@4", words[1]),
			item("acme@1234567/we@5", words[8]),
		}}},
		object{"github": object{"repositories": list{
			item(acmeWeb, words[13]),
			item("acme@1234567/web2@4", words[0]),
			item("acme@1234567/we@5", words[13]),
		}}},
		object{"github": object{"repositories": list{
			item(acmeWeb, words[8]),
			item("acme@1234567/web2@4", words[8]),
			item("acme@1234567/web2@4", words[0]),
			item("acme@1234567/we@5", words[10]),
		}}},
		object{"github": object{"repositories": list{
			item(acmeWeb, words[0]),
			item("acme2@12345678/web@4", words[0]),
			item("acme2/web", words[4]),
		}}},
		object{"github": object{"repositories": list{item(acmeWeb, words[0]), item("mallory@666/web@667", words[0])}}},
		object{"github": object{
			"repositories": list{item(acmeWeb, words[13])},
			"audiences":    list{"sts.amazonaws.com", "sts.amazonaws.com.evil.example", "x"},
		}},
	)
	return all
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
