package gitlab

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const (
	instance = "https://gitlab.example.com"
	web      = "org/repo"
	main     = "project_path:org/repo:ref_type:branch:ref:main"
)

// gitlab is a section with one project.
func gitlab(words object) object {
	return object{"gitlab": object{"projects": list{words}}}
}

// onInstance puts the section on another instance.
func onInstance(written object, url any) object {
	section := maps.Clone(written["gitlab"].(object))
	section["url"] = url
	return object{"gitlab": section}
}

// matrix are trusts of GitLab of every shape, for the tests that hold the policy against the grants.
func matrix() []object {
	const path, id = "acme/platform/web", "4657335"
	projects := []object{
		{"path": path, "id": id, "branches": list{"main"}}, {"path": path, "branches": list{"main"}},
		{"id": id, "branches": list{"main"}},
		{"path": path, "id": id, "branches": list{"release/*", "m", "ma*", "mai"}, "tags": list{"v*", "main"}},
		{"path": "acme/tools", "branches": list{"*"}}, {"id": id, "tags": list{"*"}},
		{"path": "acme/platform/we", "id": "46573350", "tags": list{"v1.0", "*"}},
		{"path": "acme/platform/web2", "id": "46573351", "branches": list{"main"}},
		{"path": "acme/web", "id": "465733", "branches": list{"ma*"}},
	}
	var all []object
	for i, p := range projects {
		all = append(all, gitlab(p), onInstance(gitlab(p), instance+"/git"))
		pair := gitlab(p)["gitlab"].(object)
		pair["projects"] = list{p, projects[(i+4)%len(projects)]}
		pair["audiences"] = list{issuer, "x"}
		all = append(all, object{"gitlab": pair})
	}
	all = append(all, gitlab(object{"path": path, "id": id, "branches": list{"ma*"}, "protectedRefs": true}))
	return append(all, wordsMatrix()...)
}

// documented is a job's claims, of which the values are those of an example.
// https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload, https://docs.ezoidc.dev/issuers/gitlab
func documented() map[string]any {
	return map[string]any{
		"iss": "https://gitlab.com", "aud": "https://gitlab.com", "sub": main, "iat": float64(1790000000),
		"exp": float64(1790003600), "ci_config_ref_uri": "gitlab.com/org/repo//.gitlab-ci.yml@refs/heads/main",
		"ci_config_sha": "8fe1b322a576d59fe6257052a4107df7dc1b8c78", "groups_direct": []any{"org", "org/subgroup"},
		"job_id": "8222997048", "namespace_id": "68413579", "namespace_path": "org", "pipeline_id": "1519139981",
		"pipeline_source": "push", "project_id": "46573356", "project_path": "org/repo",
		"project_visibility": "private", "ref": "main", "ref_path": "refs/heads/main", "ref_protected": "true",
		"ref_type": "branch", "runner_environment": "gitlab-hosted", "runner_id": float64(12270835),
		"sha": "8fe1b322a576d59fe6257052a4107df7dc1b8c78", "user_access_level": "owner", "user_id": "184239",
		"user_login": "user", "user_email": "user@example.com",
	}
}

func TestTheDocumentedGitLabTokenGetsInByGrantsForItAlone(t *testing.T) {
	const id = "46573356"
	for _, c := range []struct {
		what         string
		words        object
		byPath, byID bool // what its two subjects get in the aws partition
		elsewhere    bool // where AWS does not see project_id
	}{
		{"its branch, by path and id", object{"path": web, "id": id, "branches": list{"main"}}, true, true, true},
		{"its branch, by path", object{"path": web, "branches": list{"main"}}, true, false, true},
		{"its branch, by id", object{"id": id, "branches": list{"main"}}, false, true, false},
		{"branches that begin alike", object{"path": web, "id": id, "branches": list{"ma*"}}, true, true, true},
		{"any branch", object{"path": web, "id": id, "branches": list{"*"}}, true, true, true},
		{"another branch", object{"path": web, "id": id, "branches": list{"mai", "main2", "Main", "x*"}}, false,
			false, false},
		{"tags", object{"path": web, "id": id, "tags": list{"main", "*"}}, false, false, false},
		{"another project of the group", object{"path": "org/repo2", "id": "465733567", "branches": list{"main"}},
			false, false, false},
		{"the path of another id", object{"path": web, "id": "46573357", "branches": list{"main"}}, false, false, true},
		{"a subgroup", object{"path": "org/repo/repo", "branches": list{"main"}}, false, false, false},
		{"letter case", object{"path": "Org/repo", "branches": list{"main"}}, false, false, false},
	} {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
			keyed := account.Partition == "aws" || account.Partition == ""
			byPath := c.byPath
			if !keyed {
				byPath = c.elsewhere
			}
			trusts := suite.MustRead(t, gitlab(c.words), account)
			for sub, want := range map[string]bool{
				main: byPath,
				"project_id:46573356:ref_type:branch:ref:main": c.byID,
			} {
				token := ci.With(documented(), map[string]any{"sub": sub})
				if citest.Admitted(trusts, account, token) != want || trusts[0].Admits(token) != want {
					t.Errorf("%s in %q: %s must get %v", c.what, account.Partition, sub, want)
				}
			}
		}
	}
	trusts := suite.MustRead(t, gitlab(object{"path": web, "id": id, "branches": list{"main"}}), citest.InAWS)
	for _, change := range []map[string]any{
		{"aud": "sts.amazonaws.com"},
		{"aud": nil},
		{"project_id": "46573357"},
		{"project_id": nil},
		{"sub": nil},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), change)) {
			t.Errorf("%v is admitted", change)
		}
	}
}

func TestGitLabsKeyIsTestedOnGitLabComInThePartitionWhereAWSFillsItAndNowhereElse(t *testing.T) {
	words := object{"path": web, "id": "46573356", "branches": list{"main"}}
	for _, c := range []struct {
		written object
		account ci.Account
		keyed   bool
	}{
		{gitlab(words), citest.InAWS, true}, {gitlab(words), ci.Account{}, true},
		{gitlab(words), citest.InChina, false}, {gitlab(words), citest.InGov, false},
		{onInstance(gitlab(words), issuer), citest.InAWS, true},
		{onInstance(gitlab(words), instance), citest.InAWS, false},
		{gitlab(object{"path": web, "branches": list{"main"}}), citest.InAWS, false},
	} {
		trusts := suite.MustRead(t, c.written, c.account)
		policy := ci.Compile(trusts, c.account, nil).JSON()
		if strings.Contains(policy, ":project_id\"") != c.keyed {
			t.Errorf("%v in %s: %s", c.written, c.account.Partition, policy)
		}
		if strings.ContainsAny(policy, "*?") || strings.Contains(policy, "StringLike") {
			t.Errorf("a wildcard that nobody wrote: %s", policy)
		}
		for _, claim := range []string{"namespace_id", "ref_protected", "user_login", "project_path\"",
			"environment\""} {
			if strings.Contains(policy, ":"+claim) {
				t.Errorf("%s is tested: %s", claim, policy)
			}
		}
	}
}

func TestAProjectThatIsSomebodyElsesIsRefusedWhateverItsPathAndBranchAreCalled(t *testing.T) {
	for _, words := range []object{
		{"path": web, "id": "46573356", "branches": list{"main"}}, {"path": web, "branches": list{"main", "release/*"}},
		{"id": "46573356", "branches": list{"ma*"}, "tags": list{"v*"}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), instance)} {
			trusts := suite.MustRead(t, written, citest.InAWS)
			for _, sub := range []string{
				"project_path:org/repo-evil:ref_type:branch:ref:main",
				"project_path:org/repo/evil:ref_type:branch:ref:main",
				"project_path:mallory/org/repo:ref_type:branch:ref:main",
				"project_path:mallory/repo:ref_type:branch:ref:project_path/org/repo/ref_type/branch/ref/main",
				"project_path:xorg/repo:ref_type:branch:ref:main", "project_path:ORG/repo:ref_type:branch:ref:main",
				"project_path:org:ref_type:branch:ref:main", "project_path:org/repo:ref_type:tag:ref:main",
				"project_path:org/repo:ref_type:branch:ref:mallory/main", "project_path:org/repo:ref:main",
				"project_path:org/repo:ref_type:branch", "project_path:org/repo",
				"project_path:46573356:ref_type:branch:ref:main", "project_id:465733560:ref_type:branch:ref:main",
				"project_id:4657335:ref_type:branch:ref:main", "project_id:org/repo:ref_type:branch:ref:main",
				"project_id:46573356:ref:main", "project_id:1:project_id:46573356:ref_type:branch:ref:main",
				"namespace_id:1:" + main, main + ":ref_protected:true", " " + main, main + "\n",
			} {
				token := ci.With(documented(),
					map[string]any{"sub": sub, "iss": trusts[0].Issuer(), "aud": trusts[0].Issuer()})
				if in := citest.Admitted(trusts, citest.InAWS, token); in || trusts[0].Admits(token) {
					t.Errorf("%v admits %q", words, sub)
				}
			}
		}
	}
}

// What an outsider may write: the path and the branches of a fork, and merge requests of it, whose pipelines have the
// fork's path. None of it reaches the open end of a prefix, because git allows no ":" in a ref, and a path has none.
// Sources: https://gitlab.com/gitlab-org/gitlab/-/issues/548165,
// https://docs.gitlab.com/ci/secrets/id_token_authentication/
func TestAForkOrItsMergeRequestDoesNotGetInByAPrefixOfBranches(t *testing.T) {
	for _, written := range []object{
		gitlab(object{"path": web, "id": "46573356", "branches": list{"main*"}}),
		onInstance(gitlab(object{"path": web, "branches": list{"main*"}}), instance),
		gitlab(object{"id": "46573356", "branches": list{"main*"}}),
	} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		token := func(sub string) map[string]any {
			return ci.With(documented(), map[string]any{
				"sub":             sub,
				"iss":             trusts[0].Issuer(),
				"aud":             trusts[0].Issuer(),
				"pipeline_source": "merge_request_event",
			})
		}
		for _, sub := range []string{
			"project_path:mallory/repo:ref_type:branch:ref:main-1",
			"project_path:mallory/org/repo:ref_type:branch:ref:main", "project_id:86660001:ref_type:branch:ref:main",
			"project_path:org/repo:ref_type:branch:ref:refs/merge-requests/1/head",
			"project_path:org/repo:ref_type:branch:ref:mallory/main", "project_path:org/repo:ref_type:tag:ref:main-1",
			"job_project_path:org/repo:ref_type:branch:ref:main",
			"source_project_path:org/repo:ref_type:branch:ref:main",
			"project_path:mallory/repo:job_project_path:org/repo:ref_type:branch:ref:main",
			"project_id:86660001:project_path:org/repo:ref_type:branch:ref:main",
		} {
			if citest.Admitted(trusts, citest.InAWS, token(sub)) || trusts[0].Admits(token(sub)) {
				t.Errorf("%v admits %s", written, sub)
			}
		}
		for _, begin := range []string{"project_path:org/repo", "project_id:46573356"} {
			for _, ref := range []string{"mainhacker:evil", "main:mallory/repo:ref_type:branch:ref:main",
				"main:job_project_path:mallory/repo"} {
				if sub := begin + ":ref_type:branch:ref:" + ref; trusts[0].Admits(token(sub)) {
					t.Errorf("the words of the grant go beyond the separator: %s", sub)
				}
			}
		}
	}
}

func TestWhatIsWrongWithAGitLabInstanceOrProjectIsSaidWithItsRemedy(t *testing.T) {
	const (
		https = "must begin with https://, as AWS takes no other issuer"
		slash = "ends in a slash, which GitLab does not write into iss"
		port  = "has a port or a password; IAM takes no issuer with a port"
		form  = "is not a URL that AWS could reach: full domain and path alone, without wildcard, query and " +
			"fragment, at most 255 characters"
		own     = "is not the issuer of gitlab.com, which is https://gitlab.com"
		pathURL = "is a URL; " + pathHelp
		wild    = "has a wildcard; a trust names each project, because a wildcard takes in those that " +
			"anybody may create later: " + pathHelp
		more    = "names more than a project: which refs are trusted is said by branches and tags; " + pathHelp
		noGroup = "names no project of a group or user; " + pathHelp
		noPath  = "is not the path of a project; " + pathHelp
		noID    = `must be the number that the project's page shows as Project ID, such as "46573356"`
	)
	good := object{"path": web, "id": "46573356", "branches": list{"main"}}
	for _, c := range []struct{ word, text, rule string }{
		{"url", "http://gitlab.example.com", https}, {"url", "gitlab.example.com", https}, {"url", "", https},
		{"url", "HTTPS://gitlab.example.com", https}, {"url", "https://gitlab.com/", slash},
		{"url", "https://gitlab.example.com/git/", slash},
		{"url", "https://gitlab.example.com:8443", port}, {"url", "https://root:x@gitlab.example.com", port},
		{"url", "https://*.example.com", form}, {"url", "https://gitlab.example.com?x=1", form},
		{"url", "https://gitlab.example.com#x", form}, {"url", "https://${x}.example.com", form},
		{"url", "https://", slash}, {"url", "https://gitlab.example.com//git", form}, {"url", "https://gitlab", form},
		{"url", "https://gitlab.example.com/a/../b", form}, {"url", "https://gitlab.example.com\n", form},
		{"url", "https://x" + strings.Repeat("y", 250), form}, {"url", "https://GitLab.com", own},
		{"url", "https://www.gitlab.com", own}, {"url", "https://gitlab.com/acme", own},
		{"path", "https://gitlab.com/acme/web", pathURL}, {"path", "git@gitlab.com:acme/web", pathURL},
		{"path", "acme/web.git", pathURL}, {"path", "acme/*", wild}, {"path", "acme/we?", wild},
		{"path", "acme/${x}", "must not contain ${, which IAM would read as a policy variable; " + pathHelp},
		{"path", "acme/web:ref_type:branch:ref:main", more}, {"path", "project_path:acme/web", more},
		{"path", "web", noGroup}, {"path", "", noGroup}, {"path", "/acme/web", noPath}, {"path", "acme/web/", noPath},
		{"path", "acme//web", noPath}, {"path", "acme/we b", noPath}, {"path", "acme/日本", noPath},
		{"path", "acme/web\n", noPath}, {"path", "acme/w\x00b", noPath},
		{"id", "", noID}, {"id", "web", noID}, {"id", "0", noID}, {"id", "046", noID}, {"id", "-1", noID},
		{"id", "46573356\n", noID}, {"id", "4657*", noID}, {"id", "4.6e7", noID}, {"id", strings.Repeat("9", 20), noID},
	} {
		words, at := maps.Clone(good), "gitlab.projects[0]."+c.word
		words[c.word] = c.text
		written := gitlab(words)
		if c.word == "url" {
			written, at = onInstance(gitlab(good), c.text), "gitlab.url"
			c.rule += "; " + issuerURL.Help
		}
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, c.text, lines,
			[]string{at + ": " + c.rule + " " + input.Got(input.Value{Scalar: c.text})})
	}
	for _, url := range []string{issuer, instance, instance + "/git/lab", "https://gitlab.com.example",
		"https://notgitlab.com"} {
		suite.Proved(t, onInstance(gitlab(good), url))
	}
	for _, path := range []string{"a/b", "acme/platform/team/web", "_x/.y", "a-b.c/d_e--f", "acme/web.github.io",
		"é/b"} {
		citest.Accepted(t, path, "")
		suite.Proved(t, gitlab(object{"path": path, "branches": list{"main"}}))
	}
}

func TestAGitLabProjectNeedsItsNameAndTheRefsThatDeploy(t *testing.T) {
	_, lines := suite.Read(gitlab(object{}), citest.InAWS)
	citest.SameStrings(t, "nothing", lines, []string{
		"gitlab.projects[0].branches: is missing, and so are tags and mergeRequests: true; give at least one of " +
			"them, to say which jobs of the project are trusted: a branch does not cover the pipelines of tags, " +
			"and a tag not those of branches",
		"gitlab.projects[0].path: is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com " +
			"also id. id alone trusts projects whose ci_id_token_sub_claim_components begins with project_id",
	})
	for _, words := range []object{
		{"path": citest.Unknown{}, "branches": list{"main"}},
		{"path": web, "id": citest.Unknown{}, "branches": list{"main"}},
		{"path": web, "id": "1", "branches": citest.Unknown{}},
		{"id": citest.Unknown{}, "tags": list{citest.Unknown{}}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), citest.Unknown{})} {
			if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) > 0 {
				t.Errorf("%v: something is granted before it is known: %v", written, ci.Sentences(trusts))
			}
		}
	}
	trusts := suite.MustRead(t, onInstance(gitlab(object{"path": web, "branches": list{"main"}}), citest.Unknown{}),
		citest.InAWS)
	if trusts[0].Issuer() != "" || len(trusts[0].Grants) > 0 || len(trusts[0].Audiences()) > 0 {
		t.Errorf("an instance that is not known yet is taken for %q", trusts[0].Issuer())
	}
}

func TestAProjectThatIsNamedTwiceIsNotLooserForTheSecondTime(t *testing.T) {
	const again = `gitlab.projects[1].path: is the path of an item before it, which gives another id or none; write ` +
		`the same id in both, or one item (found "org/repo")`
	for _, c := range []struct {
		first, second any
		want          []string
	}{
		{"7", "7", []string{}}, {nil, nil, []string{}}, {"7", citest.Unknown{}, []string{}},
		{citest.Unknown{}, "7", []string{}}, {"7", nil, []string{again}}, {nil, "7", []string{again}},
		{"7", "8", []string{again}},
	} {
		var items list
		for i, id := range []any{c.first, c.second} {
			item := object{"path": web, "branches": list{fmt.Sprint("b", i)}}
			if id != nil {
				item["id"] = id
			}
			items = append(items, item)
		}
		_, lines := suite.Read(object{"gitlab": object{"projects": items}, "acceptRisks": list{"gitlab-path-subject"}},
			citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.first, c.second), lines, c.want)
	}
}

func TestTheFindingsOfGitLabAreAnyRefAndAPathThatNothingPins(t *testing.T) {
	withID := object{"path": web, "id": "46573356", "branches": list{"main"}}
	pathOnly := object{"path": web, "tags": list{"v1"}}
	idOnly := object{"id": "46573356", "tags": list{"v1"}}
	const refused = "refused until it is accepted"
	for _, c := range []struct {
		written object
		account ci.Account
		want    []string
	}{
		{gitlab(withID), citest.InAWS, []string{}}, {gitlab(withID), ci.Account{}, []string{}},
		{gitlab(withID), citest.InChina, []string{"gitlab-path-subject"}},
		{gitlab(withID), citest.InGov, []string{"gitlab-path-subject"}},
		{onInstance(gitlab(withID), instance), citest.InAWS, []string{"gitlab-path-subject"}},
		{gitlab(pathOnly), citest.InAWS, []string{"gitlab-path-subject", refused}},
		{onInstance(gitlab(pathOnly), instance), citest.InAWS, []string{"gitlab-path-subject"}},
		{gitlab(idOnly), citest.InAWS, []string{}},
		{gitlab(idOnly), citest.InChina, []string{}}, {onInstance(gitlab(idOnly), instance), citest.InAWS, []string{}},
		{gitlab(object{"path": web, "id": citest.Unknown{}, "tags": list{"v1"}}), citest.InAWS, []string{}},
		{gitlab(object{"id": "1", "branches": list{"*"}}), citest.InAWS, []string{"gitlab-any-ref", refused}},
		{gitlab(object{"id": "1", "branches": list{"a"}, "tags": list{"*"}}), citest.InAWS,
			[]string{"gitlab-any-ref", refused}},
		{gitlab(object{"id": "1", "branches": list{"main*"}}), citest.InAWS, []string{"ref-name-prefix"}},
		{gitlab(object{"id": "1", "tags": list{"v*"}}), citest.InAWS, []string{"ref-prefix"}},
	} {
		want := slices.DeleteFunc(slices.Clone(c.want), func(id string) bool { return id == refused })
		citest.SameStrings(t, fmt.Sprint(c.written), citest.FindingIDs(suite.MustRead(t, c.written, c.account)), want)
		if _, lines := suite.Read(c.written, c.account); (len(lines) > 0) != slices.Contains(c.want, refused) {
			t.Errorf("%v: %q", c.written, lines)
		}
	}
}

func TestASentenceNamesTheInstanceWhereItIsNotGitLabCom(t *testing.T) {
	for want, written := range map[string]object{
		"GitLab CI/CD: org/repo (project 7) on branch main, merge requests from there included": gitlab(object{
			"path":     web,
			"id":       "7",
			"branches": list{"main"},
		}),
		"GitLab CI/CD: project 7 on any tag": gitlab(object{
			"id":   "7",
			"tags": list{"*"},
		}),
		"GitLab CI/CD at gitlab.example.com: org/repo on all tags that begin with v (also " +
			"across further slashes)": onInstance(gitlab(object{"path": web, "tags": list{"v*"}}), instance),
	} {
		citest.SameStrings(t, "sentences", ci.Sentences(suite.MustRead(t, written, citest.InAWS)), []string{want})
	}
}

func TestTheGitLabConfigurationPutsTheTokenWhereTheCLIReadsIt(t *testing.T) {
	words := object{
		"path":     web,
		"id":       "7",
		"branches": list{"main", "release/1.*", "c++", "a'b", `q"`, "on"},
		"tags":     list{"v*"},
	}
	_, config := suite.Pipeline(t, gitlab(words), citest.InAWS)
	job := citest.At(config, "deploy")
	if citest.At(job, "variables", "AWS_ROLE_ARN") != citest.RoleArn || citest.At(job, "variables", "AWS_REGION") !=
		"eu-west-1" || citest.At(job, "id_tokens", "AWS_ID_TOKEN", "aud") != issuer {
		t.Errorf("the job has %v", job)
	}
	file, _ := citest.At(job, "variables", "AWS_WEB_IDENTITY_TOKEN_FILE").(string)
	citest.SameStrings(t, "script", citest.Texts(citest.At(job, "script")),
		[]string{`printf '%s' "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"`, "aws sts get-caller-identity"})
	if !strings.HasPrefix(file, "/") {
		t.Errorf("the token goes to %q", file)
	}
	var rules []string
	for i := range 7 {
		rule, _ := citest.At(job, "rules", i, "if").(string)
		rules = append(rules, rule)
	}
	citest.SameStrings(t, "rules", rules, []string{
		`$CI_COMMIT_BRANCH == "c++"`, `$CI_COMMIT_BRANCH == "main"`, `$CI_COMMIT_BRANCH == "on"`,
		`$CI_COMMIT_BRANCH =~ /^a'b$/`, `$CI_COMMIT_BRANCH =~ /^q"$/`, `$CI_COMMIT_BRANCH =~ /^release\/1\./`,
		"$CI_COMMIT_TAG =~ /^v/",
	})
	for _, c := range []struct{ url, audiences, want any }{
		{instance, nil, instance}, {instance, list{"x"}, "x"}, {instance, list{"a", instance}, instance},
		{issuer, list{"no"}, "no"}, {citest.Unknown{}, nil, issuer}, {instance, citest.Unknown{}, instance},
	} {
		written := onInstance(gitlab(object{"path": web, "branches": list{"*"}}), c.url)
		if c.audiences != nil {
			written["gitlab"].(object)["audiences"] = c.audiences
		}
		_, config := suite.Pipeline(t, written, citest.InAWS)
		if got := citest.At(config, "deploy", "id_tokens", "AWS_ID_TOKEN", "aud"); got != c.want {
			t.Errorf("%v: the audience is %v", c, got)
		}
		if got := citest.At(config, "deploy", "rules", 0, "if"); got != "$CI_COMMIT_BRANCH" {
			t.Errorf("the rule is %v", got)
		}
	}
}

func TestACustomisedGitLabSubjectIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 20000 {
		form, project := byID, fmt.Sprint(1+r.IntN(1e9))
		if r.IntN(2) == 0 {
			form = byPath
			project = citest.RandomText(r, citest.RepositoryLetters, 10) +
				strings.Repeat("/"+citest.RandomText(r, citest.RepositoryLetters, 10), 1+r.IntN(3))
		}
		further := ""
		for range r.IntN(3) {
			further += []string{":ref_protected:true", ":environment_protected:false", ":deployment_tier:production",
				":deployment_tier:"}[r.IntN(4)]
		}
		want := []string{project, []string{"branch", "tag"}[r.IntN(2)], citest.RandomText(r, citest.RefLetters, 30),
			further}
		sub := form.Build(want...)
		if got, ok := form.Parse(sub); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q was read as %q (%v), want %q", sub, got, ok, want)
		}
	}
}

func TestNoPathOrRefGivesAJobTheSubjectOfAnotherProject(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "project", "project id", "ref type", "ref", "rest"), nil)
}

func FuzzGitLabSubject(f *testing.F) {
	for _, seed := range []string{
		main, "project_id:46573356:ref_type:tag:ref:v1.0", main + ":ref_protected:true:deployment_tier:production",
		"project_path:a/b:ref_type:branch:ref:x:y", "project_id:a/b:ref_type:branch:ref:x",
		"project_path::ref_type:branch:ref:", "project_path:a:ref:b:ref_type:tag",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sub string) {
		for _, form := range (System{}).Forms() {
			texts, ok := form.Parse(sub)
			if ok && form.Build(texts...) != sub {
				t.Fatalf("%q is built back as %q", sub, form.Build(texts...))
			}
			if ok && strings.Contains(texts[0]+texts[1]+texts[2], ":") {
				t.Fatalf("%q is read as %q", sub, texts)
			}
		}
	})
}

var suite = citest.Suite{
	System: System{},
	Matrix: matrix(),
	Ours: []citest.Exception{
		{
			Form:   `gitlab by path alone .*: the trusted path, taken by somebody else's`,
			Reason: "the path alone is trusted: finding gitlab-path-subject",
		},
		{
			Form:   `gitlab .* on all branches that begin with ma .*: another branch.*`,
			Reason: "mallory/patch-1 begins with ma",
		},
		{
			Form:   `gitlab .* on any branch, .*: another branch.*`,
			Reason: "every branch is trusted: finding gitlab-any-ref",
		},
		{Form: `gitlab .* on any tag: a tag.*`, Reason: "every tag is trusted: finding gitlab-any-ref"},
		{
			Form:   `gitlab by .*: the id of .* under the trusted name`,
			Reason: "of that project or group the same is said: it is trusted on the same refs under its own name",
		},
		{
			Form:   `gitlab .* in pipelines of merge requests .*: another branch.*`,
			Reason: "every branch may be merged: finding gitlab-merge-requests",
		},
	},
	Phrase: func(g ci.Grant) string {
		if g.Claims[idClaim] == nil && strings.Contains(strings.Join(g.Claims["sub"], " "), "project_path:") {
			return "gitlab by path alone " + citest.ContextOf(g)
		}
		return "gitlab by id " + citest.ContextOf(g)
	},
	Harmless: map[string]string{
		"one more character in sub": "behind a * that stands for all names: a name is never empty",
		"IgnoreCase project_id":     "digits have no letter case",
		"IgnoreCase namespace_id":   "digits have no letter case",
	},
}

func TestABranchThatLostItsProtectionGetsNothing(t *testing.T) {
	for _, words := range []object{
		{"path": web, "id": "46573356", "branches": list{"main"}, "protectedRefs": true},
		{"id": "46573356", "tags": list{"v*"}, "protectedRefs": true},
		{"path": web, "branches": list{"*"}, "protectedRefs": true},
	} {
		trusts := suite.MustRead(t, gitlab(words), citest.InAWS)
		suite.Proved(t, gitlab(words))
		cases := citest.Prepared(trusts, citest.InAWS)
		for _, m := range citest.Mutants(t, ci.Compile(trusts, citest.InAWS, nil).JSON()) {
			if citest.FirstWrong(m.Policy, cases) == nil && suite.Harmless[m.Name] == "" {
				t.Errorf("%v: not found: %s", words, m.Name)
			}
		}
		if findings := citest.FindingIDs(trusts); slices.Contains(findings, "gitlab-any-ref") {
			t.Errorf("%v: %v: the project decides what is protected", words, findings)
		}
	}
	trusts := suite.MustRead(t,
		gitlab(object{"path": web, "id": "46573356", "branches": list{"main"}, "protectedRefs": true}), citest.InAWS)
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"GitLab CI/CD: org/repo (project 46573356) on branch main, merge requests from there included, only " +
			"while it is protected"})
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token, of a protected branch, does not get in")
	}
	for _, protected := range []any{"false", nil, "TRUE", "true "} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"ref_protected": protected})) {
			t.Errorf("ref_protected %v gets in", protected)
		}
	}
	if trusts := suite.MustRead(
		t, gitlab(object{"path": web, "branches": list{"main"}, "protectedRefs": citest.Unknown{}}), citest.InAWS,
	); len(trusts[0].Grants) != 0 {
		t.Error("a branch is granted before it is known whether it must be protected")
	}
}

func TestProtectionIsRefusedWhereAWSCannotTestIt(t *testing.T) {
	words := object{"path": web, "branches": list{"main"}, "protectedRefs": true}
	const reason = "gitlab.projects[0].protectedRefs: needs the condition key gitlab.com:ref_protected, which AWS " +
		"fills for gitlab.com and in the aws partition only; leave it out, and protect what is trusted in " +
		"the project's settings"
	_, lines := suite.Read(gitlab(words), citest.InGov)
	citest.SameStrings(t, "another partition", lines, []string{reason})
	_, lines = suite.Read(onInstance(gitlab(words), instance), citest.InAWS)
	citest.SameStrings(t, "another instance", lines, []string{reason})
	words["protectedRefs"] = false
	suite.MustRead(t, onInstance(gitlab(words), instance), citest.InAWS)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
