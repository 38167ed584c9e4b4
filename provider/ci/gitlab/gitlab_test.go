package gitlab

import (
	"maps"
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

// gitlabOf is a section with some properties.
func gitlabOf(properties object) object { return object{"gitlab": properties} }

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

// wordsMatrix are trusts by the words for ids, merge requests and groups.
func wordsMatrix() []object {
	main, tags := list{"main"}, list{"v*"}
	one := object{"path": "acme/web", "id": "465733", "branches": main}
	two := object{"path": "acme/platform/api", "id": "465734", "branches": main}
	merging := object{"path": "acme/web", "id": "465733", "mergeRequests": true}
	acme := object{"path": "acme", "id": "684135", "branches": main}
	platform := object{"path": "corp/platform", "id": "684136", "branches": list{"ma*"}, "tags": tags}
	other := object{"path": "corp/api", "id": "465734", "branches": main}
	return []object{
		gitlabOf(object{"identify": "names", "projects": list{one, two}}),
		gitlabOf(object{"identify": "ids", "projects": list{one, two}, "audiences": list{issuer, "x"}}),
		gitlabOf(object{"identify": "ids", "projects": list{
			one, object{"id": "465735", "branches": list{"ma*"}, "tags": list{"*"}, "mergeRequests": true},
		}}),
		gitlab(merging),
		gitlabOf(object{"projects": list{merging, two, one}}),
		gitlabOf(object{"projects": list{
			object{"id": "465736", "branches": main}, object{"id": "465737", "branches": main, "mergeRequests": true},
		}}),
		gitlabOf(object{"groups": list{acme}}),
		gitlabOf(object{
			"groups": list{object{"path": "acme", "id": "684135", "branches": main, "protectedRefs": true}},
		}),
		gitlabOf(object{"groups": list{acme, platform}, "projects": list{other}}),
		gitlabOf(object{"groups": list{platform}, "identify": "ids", "projects": list{merging}}),
		gitlabOf(object{"groups": list{acme, object{"path": "corp/tools", "id": "684137", "branches": main}}}),
		onInstance(gitlabOf(object{"groups": list{acme}}), instance),
		onInstance(gitlabOf(object{"identify": "ids", "projects": list{one, two}}), instance),
	}
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

// token is a job's token on gitlab.com.
func token(change func(*pipelineJob)) map[string]any {
	job := pipelineJob{Issuer: issuer, Audience: issuer, Path: web, ID: "46573356", RefType: "branch", Ref: "main"}
	change(&job)
	return job.claims()
}

// checked is a trust that has passed Check with the default quota.
func checked(t *testing.T, written object) []ci.Trust {
	t.Helper()
	trusts := suite.MustRead(t, written, citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	return trusts
}

// gets holds policy and grants against what a token must get.
func gets(t *testing.T, what string, trusts []ci.Trust, claims map[string]any, want bool) {
	t.Helper()
	if got := citest.Admitted(trusts, citest.InAWS, claims); got != want {
		t.Errorf("%s: the policy says %v to %v", what, got, claims["sub"])
	}
	if got := trusts[0].Admits(claims); got != want {
		t.Errorf("%s: the grants say %v to %v", what, got, claims["sub"])
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

func TestConformance(t *testing.T) { suite.Conformance(t) }
