package circleci

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// documented is the claims document that CircleCI's documentation describes row by row, with the values of its
// examples.
// https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/#format-of-the-openid-connect-id-token
func documented(sub string) map[string]any {
	return map[string]any{
		"iss": "https://oidc.circleci.com/org/" + organization, "aud": organization, "sub": sub,
		"iat": float64(1790000000), "exp": float64(1790003600),
		"oidc.circleci.com/project-id": ourProject, "oidc.circleci.com/org-id": organization,
		"oidc.circleci.com/vcs-origin":  "github.com/organization-123/repo-1",
		"oidc.circleci.com/vcs-ref":     "refs/heads/main",
		"oidc.circleci.com/context-ids": []any{"a74579f1-2e7d-451e-b009-5c082ad2729e"},
		"oidc.circleci.com/ssh-rerun":   false,
	}
}

const (
	shortSub = "org/" + organization + "/project/" + ourProject + "/user/" + someUser
	longSub  = shortSub + "/vcs-origin/github.com/organization-123/repo-1/vcs-ref/refs/heads/main"
)

func TestTheDocumentedCircleCITokensGetInByGrantsForThemAlone(t *testing.T) {
	const repo1 = "github.com/organization-123/repo-1"
	for _, c := range []struct {
		what        string
		words       object
		short, long bool
	}{
		{"its branch", object{"vcsOrigin": repo1, "branches": list{"main"}}, false, true},
		{"branches that begin alike", object{"vcsOrigin": repo1, "branches": list{"ma*"}}, false, true},
		{"any branch", object{"vcsOrigin": repo1, "branches": list{"*"}}, false, true},
		{"no refs of its origin", object{"vcsOrigin": repo1}, false, true},
		{"no refs at all", object{}, true, true},
		{"another branch", object{"vcsOrigin": repo1, "branches": list{"mai", "main2", "Main"}}, false, false},
		{"tags", object{"vcsOrigin": repo1, "tags": list{"main", "*"}}, false, false},
		{"another origin", object{"vcsOrigin": "github.com/organization-123/repo-12", "branches": list{"main"}},
			false, false},
		{"another origin without refs", object{"vcsOrigin": "github.com/organization-123/repo"}, false, false},
		{"another project", object{"id": otherProject}, false, false},
	} {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
			trusts := suite.MustRead(t, circleci(c.words), account)
			for sub, want := range map[string]bool{shortSub: c.short, longSub: c.long} {
				if got := citest.Admitted(trusts, account, documented(sub)); got != want {
					t.Errorf("%s in %s: the policy says %v to %s", c.what, account.Partition, got, sub)
				}
				if got := trusts[0].Admits(documented(sub)); got != want {
					t.Errorf("%s in %s: the grants say %v to %s", c.what, account.Partition, got, sub)
				}
			}
		}
	}
	trusts := suite.MustRead(t, circleci(object{}), citest.InAWS)
	for _, change := range []map[string]any{
		{"aud": ourProject},
		{"aud": nil},
		{claim: otherProject},
		{claim: nil},
		{"sub": nil},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(longSub), change)) {
			t.Errorf("%v is admitted", change)
		}
	}
}

func TestTheProjectsKeyIsTestedWhereAWSFillsIt(t *testing.T) {
	for account, keyed := range map[ci.Account]bool{
		citest.InAWS:   true,
		{}:             true,
		citest.InChina: false,
		citest.InGov:   false,
	} {
		trusts := suite.MustRead(t, circleci(object{"vcsOrigin": origin, "branches": list{"main"}}), account)
		policy := ci.Compile(trusts, account, nil).JSON()
		if strings.Contains(policy, claim) != keyed {
			t.Errorf("%+v: %s", account, policy)
		}
		if !strings.Contains(policy, "org/"+organization+"/project/"+ourProject+"/user/"+strings.Repeat("?", 36)+
			"/vcs-origin/"+origin+"/vcs-ref/refs/heads/main\"") {
			t.Errorf("the subject is not anchored: %s", policy)
		}
		if strings.Contains(policy, "*") {
			t.Errorf("a wildcard that nobody wrote: %s", policy)
		}
	}
}

func TestABranchCraftedToLookLikeTheTrustedSubjectIsRefused(t *testing.T) {
	trustedRef := "/vcs-origin/" + origin + "/vcs-ref/refs/heads/main"
	for _, words := range []object{
		{"vcsOrigin": origin, "branches": list{"main"}},
		{"vcsOrigin": origin, "branches": list{"main"}, "tags": list{"v*"}},
		{"vcsOrigin": origin, "branches": list{"ma*"}},
	} {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina} {
			trusts := suite.MustRead(t, circleci(words), account)
			for _, sub := range []string{
				shortSub + "/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads/x" + trustedRef,
				shortSub + "/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads" + trustedRef,
				shortSub + "/vcs-origin/github.com/mallory/vcs-ref/vcs-ref/refs/heads/x" + trustedRef,
				shortSub + "/vcs-origin/github.com/mallory/vcs-ref/refs" + trustedRef,
				shortSub + "/vcs-origin/" + origin + "/vcs-ref/refs/heads/x/vcs-ref/refs/heads/main",
				shortSub + "/vcs-origin/" + origin + "/vcs-ref/refs/heads/x" + trustedRef,
				shortSub + "/vcs-origin/" + origin + "/vcs-ref/refs/tags/x/refs/heads/main",
				shortSub + "/vcs-origin/" + origin + "/vcs-ref/refs/pull/1/refs/heads/main",
				shortSub + "/vcs-origin/" + origin + "-evil/vcs-ref/refs/heads/main",
				shortSub + "/vcs-origin/github.com/acme/web/evil/vcs-ref/refs/heads/main",
				shortSub + "/vcs-origin/evil/" + origin + "/vcs-ref/refs/heads/main",
				shortSub + "/vcs-origin/evil.com/x" + trustedRef,
				"org/" + organization + "/project/" + otherProject + "/user/" + someUser +
					"/vcs-origin/x/vcs-ref/refs/heads/" + shortSub + trustedRef,
				"org/" + strangersOrg + "/project/" + ourProject + "/user/" + someUser + trustedRef,
				"x/" + shortSub + trustedRef,
				shortSub + trustedRef[:len(trustedRef)-len("main")],
				shortSub + "/" + trustedRef,
				shortSub,
			} {
				token := ci.With(documented(sub), map[string]any{claim: ourProject})
				if citest.Admitted(trusts, account, token) || trusts[0].Admits(token) {
					t.Errorf("%v admits %s", words, sub)
				}
			}
		}
	}
}

func TestAnOriginIsTakenAsCircleCIWritesItAndNothingElse(t *testing.T) {
	const (
		url    = "is a URL; CircleCI writes host and path alone. "
		exact  = "must be one exact repository, without *, ? and ${. "
		around = "has a part of the subject around it. "
		form   = "must be host and path of the repository, without a slash at the end and without white space. "
	)
	for _, c := range []struct{ text, rule string }{
		{"https://github.com/acme/web", url}, {"git@github.com:acme/web", url}, {"github.com/acme/web.git", url},
		{"github.com/acme/*", exact}, {"github.com/acme/we?", exact}, {"github.com/${x}/web", exact},
		{"vcs-origin/github.com/acme/web", around}, {"/vcs-origin/github.com/acme/web", around},
		{"github.com/acme/web/vcs-ref", around}, {"github.com/acme/web/vcs-ref/refs/heads/main", around},
		{"github.com/vcs-ref/web", around}, {"", form}, {"web", form}, {"github.com/acme/web/", form},
		{"/github.com/acme", form}, {"github.com//web", form}, {"github.com/ac me/web", form},
		{"github.com/acme/web\n", form}, {"github.com/acme/日本", form}, {"github.com/acme/w\x00b", form},
	} {
		for _, words := range []object{{"vcsOrigin": c.text, "branches": list{"main"}}, {"vcsOrigin": c.text}} {
			words["id"] = ourProject
			_, lines := suite.Read(object{
				"acceptRisks": suite.AllRisks(),
				"circleci":    object{"organizationId": organization, "projects": list{words}},
			}, citest.InAWS)
			want := "circleci.projects[0].vcsOrigin: " + c.rule + originHelp + " " +
				input.Got(input.Value{Scalar: c.text})
			citest.SameStrings(t, c.text, lines, []string{want})
		}
	}
	for _, text := range []string{origin, "bitbucket.org/acme/web", "gitlab.com/acme/group/sub/web",
		"github.com/acme/vcs-reference", "github.com/acme/vcs-origin", "host:8443/a/b",
		"github.com/acme/web.github.io"} {
		citest.Accepted(t, text, "")
		suite.Proved(t, circleci(object{"vcsOrigin": text, "branches": list{"main"}}))
		suite.Proved(t, circleci(object{"vcsOrigin": text}))
	}
}

func TestIdentifiersAreUUIDsInLowerCase(t *testing.T) {
	const where = "must be the UUID from Project Settings > Overview, such as 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	for text, rule := range map[string]string{
		strings.ToUpper(ourProject): "has capital letters; CircleCI writes it in lower case, and AWS " +
			"compares letter by letter",
		"": where, "acme": where, ourProject + "0": where, ourProject[1:]: where, " " + ourProject: where,
		strings.ReplaceAll(ourProject, "-", ""): where, strings.Replace(ourProject, "0", "g", 1): where,
		strings.Replace(ourProject, "0", "*", 1): where, strings.Repeat("?", 36): where, ourProject + "\n": where,
	} {
		_, lines := suite.Read(circleci(object{"id": text, "vcsOrigin": origin, "branches": list{"main"}}),
			citest.InAWS)
		citest.SameStrings(t, text, lines,
			[]string{"circleci.projects[0].id: " + rule + " " + input.Got(input.Value{Scalar: text})})
	}
	_, lines := suite.Read(object{"circleci": object{
		"organizationId": "acme",
		"projects":       list{object{"id": ourProject, "vcsOrigin": origin, "tags": list{"v1"}}},
	}}, citest.InAWS)
	citest.SameStrings(t, "organization", lines, []string{
		`circleci.organizationId: must be the UUID from Organization Settings > Overview, such as ` +
			`6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11 (found "acme")`,
	})
}

func TestAProjectWithoutRefsIsAHighFindingAndOneWithRefsIsNone(t *testing.T) {
	for _, c := range []struct {
		words object
		want  []string
	}{
		{object{"vcsOrigin": origin, "branches": list{"main"}}, []string{}},
		{object{"vcsOrigin": origin, "branches": list{"release/*"}, "tags": list{"v*"}}, []string{"ref-prefix"}},
		{object{"vcsOrigin": origin, "branches": list{"main*"}}, []string{"ref-name-prefix"}},
		{object{"vcsOrigin": origin, "branches": list{"*"}}, []string{"circleci-any-ref"}},
		{object{"vcsOrigin": origin, "tags": list{"*"}}, []string{"circleci-any-ref"}},
		{object{"vcsOrigin": origin}, []string{"circleci-any-ref"}},
		{object{}, []string{"circleci-any-ref"}},
	} {
		citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t, circleci(c.words), citest.InAWS)), c.want)
		if _, lines := suite.Read(circleci(c.words), citest.InAWS); (len(lines) > 0) !=
			slices.Contains(c.want, "circleci-any-ref") {
			t.Errorf("%v: %q", c.words, lines)
		}
	}
	_, lines := suite.Read(circleci(object{"id": citest.Unknown{}}), citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0],
		"To accept the risk, add circleci-any-ref to acceptRisks. (the project on any branch or tag)") {
		t.Errorf("a project whose id is not known yet has no refs either: %q", lines)
	}
}

func TestRefsNeedTheOriginBecauseForksHaveTheSameBranches(t *testing.T) {
	_, lines := suite.Read(circleci(object{"branches": list{"main"}, "tags": list{"v1"}}), citest.InAWS)
	citest.SameStrings(t, "problems", lines, []string{
		"circleci.projects[0].vcsOrigin: is missing; branches and tags need it, because a fork has branches and tags " +
			"of the same names. " + originHelp,
	})
	_, lines = suite.Read(circleci(object{"branches": list{"main"}, "vcsOrigin": citest.Unknown{}}), citest.InAWS)
	citest.SameStrings(t, "problems of an origin that is not known yet", lines, []string{})
}

func TestASubjectThatCircleCIBuildsIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		want := []string{
			citest.Randomize(r, organization), citest.Randomize(r, ourProject), citest.Randomize(r, someUser),
			"github.com/" + citest.RandomText(r, citest.RepositoryLetters, 10) + "/" +
				citest.RandomText(r, citest.RepositoryLetters, 10),
			"refs/" + []string{"heads", "tags"}[r.IntN(2)] + "/" + citest.RandomText(r, citest.RefLetters, 30),
		}
		sub := long.Build(want...)
		if got, ok := long.Parse(sub); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q was read as %q (%v), want %q", sub, got, ok, want)
		}
		if got, ok := short.Parse(sub); ok {
			t.Fatalf("%q was read as the short form: %q", sub, got)
		}
	}
}

func FuzzCircleCISubject(f *testing.F) {
	f.Add(shortSub)
	f.Add(longSub)
	f.Add(shortSub + "/vcs-origin/github.com/mallory/vcs-ref/vcs-ref/refs/heads/x")
	f.Add(shortSub + "/vcs-origin/x/vcs-ref/")
	f.Add(shortSub + "/vcs-origin//vcs-ref/x/vcs-ref/refs/heads/main")
	f.Add("org//project//user/")
	f.Fuzz(func(t *testing.T, sub string) {
		for _, form := range (System{}).Forms() {
			texts, ok := form.Parse(sub)
			if !ok {
				continue
			}
			if built := form.Build(texts...); built != sub {
				t.Fatalf("%q is built back as %q", sub, built)
			}
			if form == long && strings.Contains("/"+texts[3]+"/", "//vcs-ref/") ||
				form == long && strings.Contains(texts[3], "/vcs-ref/") {
				t.Fatalf("%q has a ref inside its origin %q", sub, texts[3])
			}
		}
	})
}

var suite = citest.Suite{
	System: System{},
	Matrix: append(matrix(), serverMatrix()...),
	Ours: []citest.Exception{
		{Form: `circleci on any branch: another branch`, Reason: "every branch is trusted: finding circleci-any-ref"},
		{Form: `circleci on any tag: a tag`, Reason: "every tag is trusted: finding circleci-any-ref"},
		{
			Form:   `circleci on any branch: a branch of the repository crafted .*`,
			Reason: "every branch of the origin is trusted: finding circleci-any-ref",
		},
		{
			Form:   `circleci on any branch or tag: (another branch|a tag|a branch of the repository crafted .*)`,
			Reason: "every ref is trusted: finding circleci-any-ref",
		},
		{
			Form:   `circleci .*: a token whose project-id is another project's`,
			Reason: "beside other projects the subject alone says which one it is; CircleCI writes one id into both",
		},
		{Form: `circleci without origin on any branch or tag: (a fork's build|a repository whose name is ` +
			`longer|another branch|a tag|a branch .*crafted .*)`,
			Reason: "every build of the project is trusted: finding circleci-any-ref"},
	},
	Phrase: func(g ci.Grant) string {
		if strings.HasPrefix(g.Sentence, "CircleCI: project ") {
			return "circleci without origin " + citest.ContextOf(g)
		}
		return "circleci " + citest.ContextOf(g)
	},
	Harmless: map[string]string{
		"one more character in sub": "behind a * that stands for all names: a name is never empty",
	},
}

func matrix() []object {
	var all []object
	projects := []object{
		{"id": ourProject}, {"id": ourProject, "vcsOrigin": origin},
		{"id": ourProject, "vcsOrigin": origin, "branches": list{"main"}},
		{"id": ourProject, "vcsOrigin": origin, "branches": list{"release/*", "m"}, "tags": list{"v*"}},
		{"id": ourProject, "vcsOrigin": origin, "branches": list{"*"}},
		{"id": otherProject, "vcsOrigin": "github.com/acme/web2", "branches": list{"main"}},
		{"id": otherProject, "vcsOrigin": "github.com/acme/we", "tags": list{"*"}},
	}
	for i, p := range projects {
		all = append(all, object{"circleci": object{"organizationId": organization, "projects": list{p}}},
			object{"circleci": object{
				"organizationId": organization,
				"projects":       list{p, projects[(i+3)%len(projects)]},
				"audiences":      list{organization, "x"},
			}})
	}
	return all
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
