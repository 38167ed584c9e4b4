package ci

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	instance   = "https://gitlab.example.com"
	gitlabWeb  = "org/repo"
	gitlabMain = "project_path:org/repo:ref_type:branch:ref:main"
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

// gitlabMatrix are trusts of GitLab of every shape, for the tests that hold the policy against the grants.
func gitlabMatrix() []object {
	const path, id = "acme/platform/web", "4657335"
	projects := []object{
		{"path": path, "id": id, "branches": list{"main"}}, {"path": path, "branches": list{"main"}}, {"id": id, "branches": list{"main"}},
		{"path": path, "id": id, "branches": list{"release/*", "m", "ma*", "mai"}, "tags": list{"v*", "main"}}, {"path": "acme/tools", "branches": list{"*"}},
		{"id": id, "tags": list{"*"}}, {"path": "acme/platform/we", "id": "46573350", "tags": list{"v1.0", "*"}},
		{"path": "acme/platform/web2", "id": "46573351", "branches": list{"main"}}, {"path": "acme/web", "id": "465733", "branches": list{"ma*"}},
	}
	var all []object
	for i, p := range projects {
		all = append(all, gitlab(p), onInstance(gitlab(p), instance+"/git"))
		pair := gitlab(p)["gitlab"].(object)
		pair["projects"] = list{p, projects[(i+4)%len(projects)]}
		pair["audiences"] = list{gitlabIssuer, "x"}
		all = append(all, object{"gitlab": pair})
	}
	return all
}

// documentedGitLab is a job's claims, of which the values are those of an example.
// https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload, https://docs.ezoidc.dev/issuers/gitlab
func documentedGitLab() map[string]any {
	return map[string]any{
		"iss": "https://gitlab.com", "aud": "https://gitlab.com", "sub": gitlabMain, "iat": float64(1790000000), "exp": float64(1790003600),
		"ci_config_ref_uri": "gitlab.com/org/repo//.gitlab-ci.yml@refs/heads/main", "ci_config_sha": "8fe1b322a576d59fe6257052a4107df7dc1b8c78",
		"groups_direct": []any{"org", "org/subgroup"}, "job_id": "8222997048", "namespace_id": "68413579", "namespace_path": "org",
		"pipeline_id": "1519139981", "pipeline_source": "push", "project_id": "46573356", "project_path": "org/repo", "project_visibility": "private",
		"ref": "main", "ref_path": "refs/heads/main", "ref_protected": "true", "ref_type": "branch", "runner_environment": "gitlab-hosted",
		"runner_id": float64(12270835), "sha": "8fe1b322a576d59fe6257052a4107df7dc1b8c78", "user_access_level": "owner",
		"user_id": "184239", "user_login": "user", "user_email": "user@example.com",
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
		{"its branch, by path and id", object{"path": gitlabWeb, "id": id, "branches": list{"main"}}, true, true, true},
		{"its branch, by path", object{"path": gitlabWeb, "branches": list{"main"}}, true, false, true},
		{"its branch, by id", object{"id": id, "branches": list{"main"}}, false, true, false},
		{"branches that begin alike", object{"path": gitlabWeb, "id": id, "branches": list{"ma*"}}, true, true, true},
		{"any branch", object{"path": gitlabWeb, "id": id, "branches": list{"*"}}, true, true, true},
		{"another branch", object{"path": gitlabWeb, "id": id, "branches": list{"mai", "main2", "Main", "x*"}}, false, false, false},
		{"tags", object{"path": gitlabWeb, "id": id, "tags": list{"main", "*"}}, false, false, false},
		{"another project of the group", object{"path": "org/repo2", "id": "465733567", "branches": list{"main"}}, false, false, false},
		{"the path of another id", object{"path": gitlabWeb, "id": "46573357", "branches": list{"main"}}, false, false, true},
		{"a subgroup", object{"path": "org/repo/repo", "branches": list{"main"}}, false, false, false},
		{"letter case", object{"path": "Org/repo", "branches": list{"main"}}, false, false, false},
	} {
		for _, account := range []Account{inAWS, inChina, inGov, {}} {
			keyed := account.Partition == "aws" || account.Partition == ""
			byPath := c.byPath
			if !keyed {
				byPath = c.elsewhere
			}
			trusts := gitlabSuite.mustRead(t, gitlab(c.words), account)
			for sub, want := range map[string]bool{gitlabMain: byPath, "project_id:46573356:ref_type:branch:ref:main": c.byID} {
				token := with(documentedGitLab(), map[string]any{"sub": sub})
				if admitted(trusts, account, token) != want || trusts[0].Admits(token) != want {
					t.Errorf("%s in %q: %s must get %v", c.what, account.Partition, sub, want)
				}
			}
		}
	}
	trusts := gitlabSuite.mustRead(t, gitlab(object{"path": gitlabWeb, "id": id, "branches": list{"main"}}), inAWS)
	for _, change := range []map[string]any{{"aud": "sts.amazonaws.com"}, {"aud": nil}, {"project_id": "46573357"}, {"project_id": nil}, {"sub": nil}} {
		if admitted(trusts, inAWS, with(documentedGitLab(), change)) {
			t.Errorf("%v is admitted", change)
		}
	}
}

func TestGitLabsKeyIsTestedOnGitLabComInThePartitionWhereAWSFillsItAndNowhereElse(t *testing.T) {
	words := object{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}}
	for _, c := range []struct {
		written object
		account Account
		keyed   bool
	}{
		{gitlab(words), inAWS, true}, {gitlab(words), Account{}, true}, {gitlab(words), inChina, false}, {gitlab(words), inGov, false},
		{onInstance(gitlab(words), gitlabIssuer), inAWS, true}, {onInstance(gitlab(words), instance), inAWS, false},
		{gitlab(object{"path": gitlabWeb, "branches": list{"main"}}), inAWS, false},
	} {
		trusts := gitlabSuite.mustRead(t, c.written, c.account)
		policy := Compile(trusts, c.account, nil).JSON()
		if strings.Contains(policy, ":project_id\"") != c.keyed {
			t.Errorf("%v in %s: %s", c.written, c.account.Partition, policy)
		}
		if strings.ContainsAny(policy, "*?") || strings.Contains(policy, "StringLike") {
			t.Errorf("a wildcard that nobody wrote: %s", policy)
		}
		for _, claim := range []string{"namespace_id", "ref_protected", "user_login", "project_path\"", "environment\""} {
			if strings.Contains(policy, ":"+claim) {
				t.Errorf("%s is tested: %s", claim, policy)
			}
		}
	}
}

func TestAProjectThatIsSomebodyElsesIsRefusedWhateverItsPathAndBranchAreCalled(t *testing.T) {
	for _, words := range []object{
		{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}}, {"path": gitlabWeb, "branches": list{"main", "release/*"}},
		{"id": "46573356", "branches": list{"ma*"}, "tags": list{"v*"}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), instance)} {
			trusts := gitlabSuite.mustRead(t, written, inAWS)
			for _, sub := range []string{
				"project_path:org/repo-evil:ref_type:branch:ref:main", "project_path:org/repo/evil:ref_type:branch:ref:main",
				"project_path:mallory/org/repo:ref_type:branch:ref:main", "project_path:mallory/repo:ref_type:branch:ref:project_path/org/repo/ref_type/branch/ref/main",
				"project_path:xorg/repo:ref_type:branch:ref:main", "project_path:ORG/repo:ref_type:branch:ref:main", "project_path:org:ref_type:branch:ref:main",
				"project_path:org/repo:ref_type:tag:ref:main", "project_path:org/repo:ref_type:branch:ref:mallory/main", "project_path:org/repo:ref:main",
				"project_path:org/repo:ref_type:branch", "project_path:org/repo", "project_path:46573356:ref_type:branch:ref:main",
				"project_id:465733560:ref_type:branch:ref:main", "project_id:4657335:ref_type:branch:ref:main", "project_id:org/repo:ref_type:branch:ref:main",
				"project_id:46573356:ref:main", "project_id:1:project_id:46573356:ref_type:branch:ref:main", "namespace_id:1:" + gitlabMain,
				gitlabMain + ":ref_protected:true", " " + gitlabMain, gitlabMain + "\n",
			} {
				token := with(documentedGitLab(), map[string]any{"sub": sub, "iss": trusts[0].Issuer(), "aud": trusts[0].Issuer()})
				if in := admitted(trusts, inAWS, token); in || trusts[0].Admits(token) {
					t.Errorf("%v admits %q", words, sub)
				}
			}
		}
	}
}

func TestWhatIsWrongWithAGitLabInstanceOrProjectIsSaidWithItsRemedy(t *testing.T) {
	const (
		https   = "must begin with https://, as AWS takes no other issuer"
		slash   = "ends in a slash, which GitLab does not write into iss"
		port    = "has a port or a password; IAM takes no issuer with a port"
		form    = "is not a URL that AWS could reach: full domain and path alone, without wildcard, query and fragment, at most 255 characters"
		own     = "is not the issuer of gitlab.com, which is https://gitlab.com"
		pathURL = "is a URL; " + gitlabPathHelp
		wild    = "has a wildcard; a trust names each project, because a wildcard takes in those that anybody may create later: " + gitlabPathHelp
		more    = "names more than a project: which refs are trusted is said by branches and tags; " + gitlabPathHelp
		noGroup = "names no project of a group or user; " + gitlabPathHelp
		noPath  = "is not the path of a project; " + gitlabPathHelp
		noID    = `must be the number that the project's page shows as Project ID, such as "46573356"`
	)
	good := object{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}}
	for _, c := range []struct{ word, text, rule string }{
		{"url", "http://gitlab.example.com", https}, {"url", "gitlab.example.com", https}, {"url", "", https}, {"url", "HTTPS://gitlab.example.com", https},
		{"url", "https://gitlab.com/", slash}, {"url", "https://gitlab.example.com/git/", slash},
		{"url", "https://gitlab.example.com:8443", port}, {"url", "https://root:x@gitlab.example.com", port},
		{"url", "https://*.example.com", form}, {"url", "https://gitlab.example.com?x=1", form}, {"url", "https://gitlab.example.com#x", form},
		{"url", "https://${x}.example.com", form}, {"url", "https://", slash}, {"url", "https://gitlab.example.com//git", form}, {"url", "https://gitlab", form},
		{"url", "https://gitlab.example.com/a/../b", form}, {"url", "https://gitlab.example.com\n", form}, {"url", "https://x" + strings.Repeat("y", 250), form},
		{"url", "https://GitLab.com", own}, {"url", "https://www.gitlab.com", own}, {"url", "https://gitlab.com/acme", own},
		{"path", "https://gitlab.com/acme/web", pathURL}, {"path", "git@gitlab.com:acme/web", pathURL}, {"path", "acme/web.git", pathURL},
		{"path", "acme/*", wild}, {"path", "acme/we?", wild}, {"path", "acme/${x}", "must not contain ${, which IAM would read as a policy variable; " + gitlabPathHelp},
		{"path", "acme/web:ref_type:branch:ref:main", more}, {"path", "project_path:acme/web", more}, {"path", "web", noGroup}, {"path", "", noGroup},
		{"path", "/acme/web", noPath}, {"path", "acme/web/", noPath}, {"path", "acme//web", noPath}, {"path", "acme/we b", noPath}, {"path", "acme/日本", noPath},
		{"path", "acme/web\n", noPath}, {"path", "acme/w\x00b", noPath},
		{"id", "", noID}, {"id", "web", noID}, {"id", "0", noID}, {"id", "046", noID}, {"id", "-1", noID}, {"id", "46573356\n", noID}, {"id", "4657*", noID},
		{"id", "4.6e7", noID}, {"id", strings.Repeat("9", 20), noID},
	} {
		words, at := maps.Clone(good), "gitlab.projects[0]."+c.word
		words[c.word] = c.text
		written := gitlab(words)
		if c.word == "url" {
			written, at = onInstance(gitlab(good), c.text), "gitlab.url"
			c.rule += "; " + gitlabURL.help
		}
		_, lines := gitlabSuite.read(written, inAWS)
		sameStrings(t, c.text, lines, []string{at + ": " + c.rule + " " + input.Got(input.Value{Scalar: c.text})})
	}
	for _, url := range []string{gitlabIssuer, instance, instance + "/git/lab", "https://gitlab.com.example", "https://notgitlab.com"} {
		gitlabSuite.proved(t, onInstance(gitlab(good), url))
	}
	for _, path := range []string{"a/b", "acme/platform/team/web", "_x/.y", "a-b.c/d_e--f", "acme/web.github.io", "é/b"} {
		accepted(t, path, "")
		gitlabSuite.proved(t, gitlab(object{"path": path, "branches": list{"main"}}))
	}
}

func TestAGitLabProjectNeedsItsNameAndTheRefsThatDeploy(t *testing.T) {
	_, lines := gitlabSuite.read(gitlab(object{}), inAWS)
	sameStrings(t, "nothing", lines, []string{
		"gitlab.projects[0].branches: is missing, and so is tags; give at least one of them, to say which jobs of the project are " +
			"trusted: a branch does not cover the pipelines of tags, and a tag not those of branches",
		"gitlab.projects[0].path: is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com also id. id alone trusts " +
			"projects whose ci_id_token_sub_claim_components begins with project_id",
	})
	for _, words := range []object{
		{"path": unknown{}, "branches": list{"main"}}, {"path": gitlabWeb, "id": unknown{}, "branches": list{"main"}},
		{"path": gitlabWeb, "id": "1", "branches": unknown{}}, {"id": unknown{}, "tags": list{unknown{}}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), unknown{})} {
			if trusts := gitlabSuite.mustRead(t, written, inAWS); len(trusts[0].Grants) > 0 {
				t.Errorf("%v: something is granted before it is known: %v", written, Sentences(trusts))
			}
		}
	}
	trusts := gitlabSuite.mustRead(t, onInstance(gitlab(object{"path": gitlabWeb, "branches": list{"main"}}), unknown{}), inAWS)
	if trusts[0].Issuer() != "" || len(trusts[0].Grants) > 0 || len(trusts[0].Audiences()) > 0 {
		t.Errorf("an instance that is not known yet is taken for %q", trusts[0].Issuer())
	}
}

func TestAProjectThatIsNamedTwiceIsNotLooserForTheSecondTime(t *testing.T) {
	const again = `gitlab.projects[1].path: is the path of an item before it, which gives another id or none; write the same id in both, or one item (found "org/repo")`
	for _, c := range []struct {
		first, second any
		want          []string
	}{
		{"7", "7", []string{}}, {nil, nil, []string{}}, {"7", unknown{}, []string{}}, {unknown{}, "7", []string{}},
		{"7", nil, []string{again}}, {nil, "7", []string{again}}, {"7", "8", []string{again}},
	} {
		var items list
		for i, id := range []any{c.first, c.second} {
			item := object{"path": gitlabWeb, "branches": list{fmt.Sprint("b", i)}}
			if id != nil {
				item["id"] = id
			}
			items = append(items, item)
		}
		_, lines := gitlabSuite.read(object{"gitlab": object{"projects": items}}, inAWS)
		sameStrings(t, fmt.Sprint(c.first, c.second), lines, c.want)
	}
}

func TestTheFindingsOfGitLabAreAnyRefAndAPathThatNothingPins(t *testing.T) {
	withID := object{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}}
	pathOnly := object{"path": gitlabWeb, "tags": list{"v*"}}
	idOnly := object{"id": "46573356", "tags": list{"v1"}}
	for _, c := range []struct {
		written object
		account Account
		want    []string
	}{
		{gitlab(withID), inAWS, []string{}}, {gitlab(withID), Account{}, []string{}}, {gitlab(withID), inChina, []string{"gitlab-path-subject"}},
		{gitlab(withID), inGov, []string{"gitlab-path-subject"}}, {onInstance(gitlab(withID), instance), inAWS, []string{"gitlab-path-subject"}},
		{gitlab(pathOnly), inAWS, []string{"gitlab-path-subject"}}, {gitlab(idOnly), inAWS, []string{}}, {gitlab(idOnly), inChina, []string{}},
		{onInstance(gitlab(idOnly), instance), inAWS, []string{}},
		{gitlab(object{"path": gitlabWeb, "id": unknown{}, "tags": list{"v1"}}), inAWS, []string{}},
		{gitlab(object{"id": "1", "branches": list{"*"}}), inAWS, []string{"gitlab-any-ref"}},
		{gitlab(object{"id": "1", "branches": list{"a"}, "tags": list{"*"}}), inAWS, []string{"gitlab-any-ref"}},
	} {
		sameStrings(t, fmt.Sprint(c.written), findingIDs(gitlabSuite.mustRead(t, c.written, c.account)), c.want)
		if _, lines := gitlabSuite.read(c.written, c.account); (len(lines) > 0) != slices.Contains(c.want, "gitlab-any-ref") {
			t.Errorf("%v: %q", c.written, lines)
		}
	}
}

func TestTheAuditHasNothingHighToSayOfTheComponentsOwnGitLabPolicies(t *testing.T) {
	for _, written := range gitlabMatrix() {
		for _, account := range []Account{inAWS, inChina, inGov} {
			trusts := gitlabSuite.mustRead(t, written, account)
			if slices.Contains(findingIDs(trusts), "gitlab-any-ref") {
				continue
			}
			policy := Compile(trusts, account, nil).JSON()
			findings, err := AllSystems().Audit([]byte(policy), trust.Role{})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Severity == High {
					t.Errorf("%s: %s\n%s", f.ID, f.Message(), policy)
				}
			}
		}
	}
}

func TestASentenceNamesTheInstanceWhereItIsNotGitLabCom(t *testing.T) {
	for want, written := range map[string]object{
		"GitLab CI/CD: org/repo (project 7) on branch main":                                                        gitlab(object{"path": gitlabWeb, "id": "7", "branches": list{"main"}}),
		"GitLab CI/CD: project 7 on any tag":                                                                       gitlab(object{"id": "7", "tags": list{"*"}}),
		"GitLab CI/CD at gitlab.example.com: org/repo on all tags that begin with v (also across further slashes)": onInstance(gitlab(object{"path": gitlabWeb, "tags": list{"v*"}}), instance),
	} {
		sameStrings(t, "sentences", Sentences(gitlabSuite.mustRead(t, written, inAWS)), []string{want})
	}
}

func TestTheGitLabConfigurationPutsTheTokenWhereTheCLIReadsIt(t *testing.T) {
	words := object{"path": gitlabWeb, "id": "7", "branches": list{"main", "release/1.*", "c++", "a'b", `q"`, "on"}, "tags": list{"v*"}}
	_, config := gitlabSuite.pipeline(t, gitlab(words), inAWS)
	job := at(config, "deploy")
	if at(job, "variables", "AWS_ROLE_ARN") != roleArn || at(job, "variables", "AWS_REGION") != "eu-west-1" || at(job, "id_tokens", "AWS_ID_TOKEN", "aud") != gitlabIssuer {
		t.Errorf("the job has %v", job)
	}
	file, _ := at(job, "variables", "AWS_WEB_IDENTITY_TOKEN_FILE").(string)
	sameStrings(t, "script", texts(at(job, "script")), []string{`printf '%s' "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"`, "aws sts get-caller-identity"})
	if !strings.HasPrefix(file, "/") {
		t.Errorf("the token goes to %q", file)
	}
	var rules []string
	for i := range 7 {
		rule, _ := at(job, "rules", i, "if").(string)
		rules = append(rules, rule)
	}
	sameStrings(t, "rules", rules, []string{
		`$CI_COMMIT_BRANCH == "c++"`, `$CI_COMMIT_BRANCH == "main"`, `$CI_COMMIT_BRANCH == "on"`, `$CI_COMMIT_BRANCH =~ /^a'b$/`,
		`$CI_COMMIT_BRANCH =~ /^q"$/`, `$CI_COMMIT_BRANCH =~ /^release\/1\./`, "$CI_COMMIT_TAG =~ /^v/",
	})
	for _, c := range []struct{ url, audiences, want any }{
		{instance, nil, instance}, {instance, list{"x"}, "x"}, {instance, list{"a", instance}, instance}, {gitlabIssuer, list{"no"}, "no"},
		{unknown{}, nil, gitlabIssuer}, {instance, unknown{}, instance},
	} {
		written := onInstance(gitlab(object{"path": gitlabWeb, "branches": list{"*"}}), c.url)
		if c.audiences != nil {
			written["gitlab"].(object)["audiences"] = c.audiences
		}
		_, config := gitlabSuite.pipeline(t, written, inAWS)
		if got := at(config, "deploy", "id_tokens", "AWS_ID_TOKEN", "aud"); got != c.want {
			t.Errorf("%v: the audience is %v", c, got)
		}
		if got := at(config, "deploy", "rules", 0, "if"); got != "$CI_COMMIT_BRANCH" {
			t.Errorf("the rule is %v", got)
		}
	}
}

func TestASubjectThatGitLabBuildsIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 20000 {
		want := gitlabSubject{refType: []string{"branch", "tag"}[r.IntN(2)], ref: randomText(r, refLetters, 30)}
		if r.IntN(2) == 0 {
			want.id = fmt.Sprint(1 + r.IntN(1e9))
		} else {
			want.path = randomText(r, repositoryLetters, 10) + strings.Repeat("/"+randomText(r, repositoryLetters, 10), 1+r.IntN(3))
		}
		for range r.IntN(3) {
			want.further += []string{":ref_protected:true", ":environment_protected:false", ":deployment_tier:production", ":deployment_tier:"}[r.IntN(4)]
		}
		if got, ok := parseGitLabSubject(want.String()); !ok || got != want {
			t.Fatalf("%q was read as %+v (%v), want %+v", want, got, ok, want)
		}
	}
}

func FuzzGitLabSubject(f *testing.F) {
	for _, seed := range []string{
		gitlabMain, "project_id:46573356:ref_type:tag:ref:v1.0", gitlabMain + ":ref_protected:true:deployment_tier:production",
		"project_path:a/b:ref_type:branch:ref:x:y", "project_id:a/b:ref_type:branch:ref:x", "project_path::ref_type:branch:ref:", "project_path:a:ref:b:ref_type:tag",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sub string) {
		s, ok := parseGitLabSubject(sub)
		if ok && s.String() != sub {
			t.Fatalf("%q is built back as %q", sub, s)
		}
		if ok && (strings.Contains(s.ref, ":") || strings.Contains(s.path, ":") || (s.id == "") == (s.path == "")) {
			t.Fatalf("%q is read as %+v", sub, s)
		}
	})
}

var gitlabSuite = suite{
	system: GitLab{},
	matrix: gitlabMatrix(),
	mintable: func(sub string) bool {
		_, ok := parseGitLabSubject(sub)
		return ok
	},
	ours: []exception{
		{`gitlab by path alone .*: the project's path, taken by another project`, "the path alone is trusted: finding gitlab-path-subject"},
		{`gitlab .* on all branches that begin with ma .*: another branch.*`, "mallory/patch-1 begins with ma"},
		{`gitlab .* on any branch: another branch.*`, "every branch is trusted: finding gitlab-any-ref"},
		{`gitlab .* on any tag: a tag.*`, "every tag is trusted: finding gitlab-any-ref"},
	},
	phrase: func(g Grant) string {
		if g.Claims[gitlabClaim] == nil && strings.Contains(strings.Join(g.Claims["sub"], " "), "project_path:") {
			return "gitlab by path alone " + contextOf(g)
		}
		return "gitlab by id " + contextOf(g)
	},
	harmless: map[string]string{
		"one more character in sub": "behind a * that stands for all names: a name is never empty",
		"IgnoreCase project_id":     "digits have no letter case",
	},
}

func TestABranchThatLostItsProtectionGetsNothing(t *testing.T) {
	for _, words := range []object{
		{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}, "protectedRefs": true}, {"id": "46573356", "tags": list{"v*"}, "protectedRefs": true},
		{"path": gitlabWeb, "branches": list{"*"}, "protectedRefs": true},
	} {
		trusts := gitlabSuite.mustRead(t, gitlab(words), inAWS)
		gitlabSuite.proved(t, gitlab(words))
		cases := prepared(trusts, inAWS)
		for _, m := range mutants(t, Compile(trusts, inAWS, nil).JSON()) {
			if firstWrong(m.policy, cases) == nil && gitlabSuite.harmless[m.name] == "" {
				t.Errorf("%v: not found: %s", words, m.name)
			}
		}
		if findings := findingIDs(trusts); slices.Contains(findings, "gitlab-any-ref") {
			t.Errorf("%v: %v: the project decides what is protected", words, findings)
		}
	}
	trusts := gitlabSuite.mustRead(t, gitlab(object{"path": gitlabWeb, "id": "46573356", "branches": list{"main"}, "protectedRefs": true}), inAWS)
	sameStrings(t, "grants", Sentences(trusts), []string{"GitLab CI/CD: org/repo (project 46573356) on branch main, only while it is protected"})
	if !admitted(trusts, inAWS, documentedGitLab()) {
		t.Error("the documented token, of a protected branch, does not get in")
	}
	for _, protected := range []any{"false", nil, "TRUE", "true "} {
		if admitted(trusts, inAWS, with(documentedGitLab(), map[string]any{"ref_protected": protected})) {
			t.Errorf("ref_protected %v gets in", protected)
		}
	}
	if trusts := gitlabSuite.mustRead(t, gitlab(object{"path": gitlabWeb, "branches": list{"main"}, "protectedRefs": unknown{}}), inAWS); len(trusts[0].Grants) != 0 {
		t.Error("a branch is granted before it is known whether it must be protected")
	}
}

func TestProtectionIsRefusedWhereAWSCannotTestIt(t *testing.T) {
	words := object{"path": gitlabWeb, "branches": list{"main"}, "protectedRefs": true}
	const reason = "gitlab.projects[0].protectedRefs: needs the condition key gitlab.com:ref_protected, which AWS fills for gitlab.com and in the aws partition " +
		"only; leave it out, and protect what is trusted in the project's settings"
	_, lines := gitlabSuite.read(gitlab(words), inGov)
	sameStrings(t, "another partition", lines, []string{reason})
	_, lines = gitlabSuite.read(onInstance(gitlab(words), instance), inAWS)
	sameStrings(t, "another instance", lines, []string{reason})
	words["protectedRefs"] = false
	gitlabSuite.mustRead(t, onInstance(gitlab(words), instance), inAWS)
}

func TestConformanceOfGitLab(t *testing.T) { gitlabSuite.conformance(t) }
