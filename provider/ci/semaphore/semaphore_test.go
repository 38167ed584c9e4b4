package semaphore

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const web = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"

// semaphore is a section with one project.
func semaphore(words object) object {
	project := object{"id": web, "repository": "web"}
	maps.Copy(project, words)
	return object{"semaphore": object{"organization": "acme", "projects": list{project}}}
}

// other is another project.
const other = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71"

// in changes the section itself.
func in(written object, name string, value any) object {
	written["semaphore"].(object)[name] = value
	return written
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	semaphore(object{"branches": list{"main"}}),
	semaphore(object{"branches": list{"main", "release/*"}, "tags": list{"v*", "main"}}),
	semaphore(object{"branches": list{"*"}, "tags": list{"*"}}),
	semaphore(object{"pullRequests": true}),
	in(semaphore(object{"branches": list{"main"}, "pullRequests": true, "repository": "web.github.io"}), "domain",
		"ci.example.com"),
	in(in(semaphore(object{"tags": list{"v1.0"}}), "sessionTags", true), "audiences",
		list{"https://acme.semaphoreci.com"}),
	in(semaphore(nil), "projects", list{
		object{"id": web, "repository": "web", "branches": list{"main"}},
		object{"id": other, "repository": "web2", "branches": list{"main", "m*"}}}),
}, Harmless: map[string]string{"one more character in sub": "behind a * that follows a /: no ref ends with /"}}

// The values are those that the documentation gives for each claim, with the organization, the project and the
// repository of its example of a trust policy.
// Sources: https://docs.semaphoreci.com/reference/openid, https://docs.semaphoreci.com/using-semaphore/openid
func documentedJob() map[string]any {
	return map[string]any{
		"iss": "https://my-org.semaphoreci.com", "aud": "https://my-org.semaphoreci.com",
		"sub": "org:my-org:project:936a5312-a3b8-4921-8b3f-2cec8baac574:repo:web:ref_type:branch:" +
			"ref:refs/heads/main",
		"sub127": "my-org:936a5312-a3b8-4921-8b3f-2cec8baac574:web:br:heads/main", "exp": float64(1660317851),
		"iat": float64(1660317851), "nbf": float64(1660317851), "jti": "2s557dchalv2mv76kk000el1", "org": "my-org",
		"prj_id": "936a5312-a3b8-4921-8b3f-2cec8baac574", "repo": "web", "ref_type": "branch", "ref": "refs/heads/main",
		"branch": "main", "job_type": "pipeline_job", "trg": "h:f-i:t",
	}
}

func TestTheDocumentedSemaphoreTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := in(semaphore(object{"id": "936a5312-a3b8-4921-8b3f-2cec8baac574", "branches": list{"main"}}),
		"organization", "my-org")
	trusts, documented := suite.MustRead(t, written, citest.InAWS), documentedJob()
	if !citest.Admitted(trusts, citest.InAWS, documented) {
		t.Error("the documented token does not get in")
	}
	for claim, value := range trusts[0].Grants[0].Tokens()[0].Claims {
		if documented[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, value, documented[claim])
		}
	}
	const project = "org:my-org:project:936a5312-a3b8-4921-8b3f-2cec8baac574:"
	for _, sub := range []string{
		project + "repo:web:ref_type:branch:ref:refs/heads/main2", project + "repo:web:ref_type:tag:ref:refs/tags/main",
		project + "repo:web:ref_type:tag:ref:refs/heads/main",
		project + "repo:web:ref_type:pull-request:ref:refs/pull/1/merge",
		project + "repo:web:ref_type:pull-request:ref:refs/heads/main",
		project + "repo:web:ref_type::ref:", project + "repo:web:ref_type::ref:refs/heads/main",
		project + "repo:evil-web:ref_type:branch:ref:refs/heads/main",
		project + "repo::ref_type:branch:ref:refs/heads/main", project + "repo:web:ref_type:branch:ref:refs/heads/x/" +
			project + "repo:web:ref_type:branch:ref:refs/heads/main",
		"org:my-org2:project:936a5312-a3b8-4921-8b3f-2cec8baac574:repo:web:ref_type:branch:ref:refs/heads/main",
		ci.TextOf(documented["sub127"]), "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestADebuggingSessionOfASemaphoreProjectStaysOutOfEveryTrust(t *testing.T) {
	trusts := suite.MustRead(t, semaphore(object{"branches": list{"*"}, "tags": list{"*"}, "pullRequests": true}),
		citest.InAWS)
	for refs, want := range map[string]bool{
		"ref_type:branch:ref:refs/heads/x": true, "ref_type:tag:ref:refs/tags/x": true,
		"ref_type:pull-request:ref:refs/pull/7/merge": true, "ref_type::ref:": false,
		"ref_type::ref:refs/heads/x": false, "ref_type:branch:ref:": false, "ref_type:pull-request:ref:": false,
		"ref_type:branch:ref:refs/tags/x": false, "ref_type:tag:ref:refs/heads/x": false,
	} {
		sub := "org:acme:project:" + web + ":repo:web:" + refs
		if got := citest.Admitted(trusts, citest.InAWS,
			map[string]any{"aud": "https://acme.semaphoreci.com", "sub": sub}); got != want {
			t.Errorf("%s gets in: %v", sub, got)
		}
	}
}

func TestWhatASemaphoreTrustSays(t *testing.T) {
	trusts := suite.MustRead(t,
		in(semaphore(object{"branches": list{"main", "release/*"}, "tags": list{"*"}, "pullRequests": true}), "domain",
			"ci.example.com"), citest.InAWS)
	const web = "Semaphore: repository web of project " + web + " at acme.ci.example.com "
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		web + "on all branches that begin with release/ (also across further slashes)", web + "on any tag",
		web + "on branch main", web + "on pull requests",
	})
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts),
		[]string{"ref-prefix", "semaphore-any-ref", "semaphore-pull-requests"})
	citest.SameStrings(t, "issuer and audience", append(trusts[0].Audiences(), trusts[0].Issuer()),
		[]string{"https://acme.ci.example.com", "https://acme.ci.example.com"})
	citest.SameStrings(t, "of one branch", citest.FindingIDs(suite.MustRead(t,
		semaphore(object{"branches": list{"main"}, "pullRequests": false}), citest.InAWS)), []string{})
}

func TestAnAudienceThatNoTokenOfSemaphoreHasIsRefused(t *testing.T) {
	const reason = "is the audience of no token of Semaphore: that is the issuer, https://ORGANIZATION.DOMAIN, and a " +
		"job cannot ask for another. Leave audiences out"
	written := in(semaphore(object{"branches": list{"main"}}), "audiences",
		list{"https://acme.semaphoreci.com", "sts.amazonaws.com"})
	_, lines := suite.Read(written, citest.InAWS)
	citest.SameStrings(t, "audiences", lines,
		[]string{"semaphore.audiences[1]: " + reason + ` (found "sts.amazonaws.com")`})
	suite.MustRead(t, in(in(written, "domain", "ci.example.com"), "audiences", list{"https://acme.ci.example.com"}),
		citest.InAWS)
	if _, lines := suite.Read(in(written, "organization", citest.Unknown{}), citest.InAWS); len(lines) > 0 {
		t.Errorf("the issuer is not known: %q", lines)
	}
}

func TestPullRequestsAndAnyBranchOfSemaphoreNeedTheRiskAccepted(t *testing.T) {
	for id, c := range map[string]struct {
		path  string
		words object
	}{
		"semaphore-any-ref": {"semaphore.projects[0].branches: whoever may push", object{"branches": list{"*"}}},
		"semaphore-pull-requests": {"semaphore.projects[0].pullRequests: jobs of pull requests run code",
			object{"pullRequests": true}},
	} {
		_, lines := suite.Read(semaphore(c.words), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], c.path) ||
			!strings.Contains(lines[0], "add "+id+" to acceptRisks") {
			t.Errorf("%q", lines)
		}
	}
}

func TestWhatIsWrongWithASemaphoreSectionIsSaidInSemaphoresWords(t *testing.T) {
	const item = "semaphore.projects[0]."
	project := func(name string, value any) object { return semaphore(object{"branches": list{"main"}, name: value}) }
	section := func(name string, value any) object {
		return in(semaphore(object{"branches": list{"main"}}), name, value)
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{section("organization", "acme.semaphoreci.com"), `semaphore.organization: is a host or URL; write the ` +
			`organization alone: acme for https://acme.semaphoreci.com (found "acme.semaphoreci.com")`},
		{section("organization", web), "semaphore.organization: is an id, and tokens carry the organization's name " +
			"in its URL: acme for https://acme.semaphoreci.com " +
			`(found "` + web + `")`},
		{section("organization", "Acme"), "semaphore.organization: " + organization.Rule + ` (found "Acme")`},
		{section("organization", "ac"), "semaphore.organization: " + organization.Rule + ` (found "ac")`},
		{section("domain", "https://ci.example.com"),
			`semaphore.domain: must be the host alone, without https://, port and path, such as ` +
				`semaphore.example.com; IAM takes no issuer with a port (found "https://ci.example.com")`},
		{section("domain", "localhost"), `semaphore.domain: must be the name of a host: semaphoreci.com or that of ` +
			`the installation, without the organization in front (found "localhost")`},
		{project("id", "web"), item + "id: " + projectID.Rule + ` (found "web")`},
		{project("id", strings.ToUpper(web)), item +
			"id: has capital letters; write it in lower case, as Semaphore does: AWS compares letter by letter " +
			`(found "` + strings.ToUpper(web) + `")`},
		{project("repository", "acme/web"), item + `repository: has an owner or is a URL; write the repository's ` +
			`name alone, which a job has in SEMAPHORE_GIT_REPO_NAME: web for acme/web (found "acme/web")`},
		{project("repository", "a:b"), item + "repository: " + repository.Rule + ` (found "a:b")`},
		{project("repository", "web*"), item + `repository: must be one exact repository, without *, ? and ${; list ` +
			`each repository that is meant (found "web*")`},
		{project("branches", list{"refs/heads/main"}), item + `branches[0]: write the branch's name without ` +
			`refs/heads/, such as main for refs/heads/main (found "refs/heads/main")`},
		{semaphore(object{"pullRequests": false}), item + "branches: is missing, and so are tags and pullRequests: " +
			"true; give at least one of them, to say which jobs of the project are trusted"},
	} {
		_, lines := suite.Read(c.written, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestNothingOfSemaphoreIsTrustedBeforeItIsKnown(t *testing.T) {
	main := object{"branches": list{"main"}}
	for what, written := range map[string]object{
		"organization":  in(semaphore(main), "organization", citest.Unknown{}),
		"domain":        in(semaphore(main), "domain", citest.Unknown{}),
		"projects":      in(semaphore(main), "projects", citest.Unknown{}),
		"project":       semaphore(ci.With(main, object{"id": citest.Unknown{}})),
		"repository":    semaphore(ci.With(main, object{"repository": citest.Unknown{}})),
		"branch":        semaphore(object{"branches": list{citest.Unknown{}}}),
		"pull requests": semaphore(object{"pullRequests": citest.Unknown{}}),
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 ||
			len(trusts[0].Findings) != 0 {
			t.Errorf("%s: granted before it is known: %q", what, ci.Sentences(trusts))
		}
	}
}

func TestSessionTagsOfSemaphoreNeedTheirWord(t *testing.T) {
	tags := map[string]any{
		"principal_tags": map[string]any{
			"prj_id":    []any{web},
			"repo":      []any{"web"},
			"job_type":  []any{"pipeline_job"},
			"pr_branch": []any{""},
		},
		"transitive_tag_keys": []any{"prj_id", "repo", "job_type", "pr_branch"},
	}
	for _, allowed := range []bool{true, false} {
		trusts := suite.MustRead(t, in(semaphore(object{"branches": list{"main"}}), "sessionTags", allowed),
			citest.InAWS)
		if got := citest.Admitted(trusts, citest.InAWS,
			ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{ci.TagsClaim: tags})); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}

func TestTheSemaphorePipelineRunsOnWhatIsTrusted(t *testing.T) {
	for want, words := range map[string]object{
		"branch = 'main'": {"branches": list{"main"}},
		`branch = 'main' OR branch =~ '^release/1\.' OR tag =~ '^v'`: {
			"branches": list{"release/1.*", "main"},
			"tags":     list{"v*"},
		},
		`branch =~ '.*' OR pull_request =~ '.*'`: {"branches": list{"*"}, "pullRequests": true},
		`branch =~ '^it.s"\(#1\)é$' OR tag =~ '^a\|b$'`: {
			"branches": list{`it's"(#1)é`},
			"tags":     list{"a|b"},
		},
		`branch = 'no' OR tag = 'yes'`: {"branches": list{"no"}, "tags": list{"yes"}},
	} {
		text, file := suite.Pipeline(t, semaphore(words), citest.InAWS)
		if citest.At(file, "blocks", 0, "run", "when") != want || citest.At(file, "version") != "v1.0" {
			t.Errorf("want %s:\n%s", want, text)
		}
	}
	_, file := suite.Pipeline(t, semaphore(object{"branches": list{citest.Unknown{}}}), citest.InAWS)
	if citest.At(file, "blocks", 0, "run") != nil {
		t.Errorf("%v", file)
	}
	citest.Exchanges(t, citest.Commands(citest.At(file, "blocks", 0, "task", "jobs", 0, "commands")),
		ci.PrintVariable("SEMAPHORE_OIDC_TOKEN"), "semaphore-$SEMAPHORE_PROJECT_NAME-$SEMAPHORE_JOB_ID", "eu-west-1")
}

// The author of a fork names its branch, and Semaphore the ref: refs/pull/NUMBER/merge, of the type pull-request.
// Source:
// https://github.com/semaphoreio/semaphore/blob/main/zebra/lib/zebra/workers/job_request_factory/open_id_connect.ex
func TestAForksPullRequestDoesNotGetInBehindAnOpenBranchOrTag(t *testing.T) {
	trusts := suite.MustRead(t, semaphore(object{"branches": list{"m*", "release/*", "*"}, "tags": list{"v*", "*"}}),
		citest.InAWS)
	for _, ref := range []string{"refs/pull/7/merge", "refs/pull/7/head", "refs/heads/main", "refs/heads/release/1",
		"refs/tags/v1", "refs/heads/ref_type/branch/ref/refs/heads/main"} {
		for _, refType := range []string{"pull-request", "pull-request-branch", "", "Branch", "tags", "branch/x"} {
			sub := "org:acme:project:" + web + ":repo:web:ref_type:" + refType + ":ref:" + ref
			if citest.Admitted(trusts, citest.InAWS,
				map[string]any{"aud": "https://acme.semaphoreci.com", "sub": sub}) {
				t.Errorf("%s gets in", sub)
			}
		}
	}
}

func TestAForksBranchNamedLikeATrustedRefDoesNotGetIn(t *testing.T) {
	suite.OpenEnds(t)
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
