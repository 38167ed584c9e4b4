package github

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// letters that GitHub allows in names, with those that have a meaning elsewhere in a subject.
const (
	ownerLetters       = "abcXYZ019-"
	environmentLetters = "abcXYZ019-_./@+:!, éß"
)

// randomSubject is a subject as GitHub could build it.
func randomSubject(r *rand.Rand) subject {
	s := subject{repository: repository{
		owner: "o" + citest.RandomText(r, ownerLetters, 20),
		name:  "r" + citest.RandomText(r, citest.RepositoryLetters, 20) + "x",
	}}
	if r.IntN(2) == 0 {
		s.repository.ownerID, s.repository.id = fmt.Sprint(1+r.IntN(1e9)), fmt.Sprint(1+r.IntN(1e9))
	}
	switch r.IntN(4) {
	case 0:
		s.context = newContext("branch", ci.Name{Text: citest.RandomText(r, citest.RefLetters, 30)})
	case 1:
		s.context = newContext("tag", ci.Name{Text: citest.RandomText(r, citest.RefLetters, 30)})
	case 2:
		s.context = newContext("environment", ci.Name{Text: citest.RandomText(r, environmentLetters, 30)})
	default:
		s.context = newContext("pull_request", ci.Name{})
	}
	return s
}

func TestASubjectThatGitHubBuildsIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		want := randomSubject(r)
		got, ok := readSubject(want.String())
		if !ok || got != want {
			t.Fatalf("%q was read as %+v (%v), want %+v", want, got, ok, want)
		}
	}
}

func TestAJobsSubjectIsTheOneOfTheGrammar(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		s := randomSubject(r)
		job := Job{
			Owner: s.repository.owner, OwnerID: s.repository.ownerID, Repository: s.repository.name,
			RepositoryID: s.repository.id, Event: "push", Ref: "refs/heads/main", Immutable: s.repository.ownerID != "",
		}.in(s.context, s.context.Name.Text)
		if got := job.Claims()["sub"]; got != s.String() {
			t.Fatalf("the job's subject is %q, want %q", got, s)
		}
	}
}

func TestSubjectsOfTheDocumentationAreRead(t *testing.T) {
	// https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
	// https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
	octo := repository{owner: "octo-org", name: "octo-repo"}
	immutable := repository{"octo-org", "123456", "octo-repo", "456789"}
	for sub, want := range map[string]subject{
		"repo:octo-org/octo-repo:environment:Production": {octo,
			newContext("environment", ci.Name{Text: "Production"})},
		"repo:octo-org/octo-repo:environment:Production%3AV1": {octo,
			newContext("environment", ci.Name{Text: "Production:V1"})},
		"repo:octo-org/octo-repo:pull_request": {octo,
			newContext("pull_request", ci.Name{})},
		"repo:octo-org/octo-repo:ref:refs/heads/demo-branch": {octo,
			newContext("branch", ci.Name{Text: "demo-branch"})},
		"repo:octo-org/octo-repo:ref:refs/tags/demo-tag": {octo,
			newContext("tag", ci.Name{Text: "demo-tag"})},
		"repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main": {immutable,
			newContext("branch", ci.Name{Text: "main"})},
		"repo:octo-org@123456/octo-repo@456789:environment:a%3Ab%3A%3Ac": {immutable,
			newContext("environment", ci.Name{Text: "a:b::c"})},
		"repo:octo-org@123456/octo-repo@456789:ref:refs/heads/a/b/c@{u}x": {immutable,
			newContext("branch", ci.Name{Text: "a/b/c@{u}x"})},
	} {
		got, ok := readSubject(sub)
		if !ok || got != want {
			t.Errorf("%s was read as %+v (%v)", sub, got, ok)
		}
		if got.String() != sub {
			t.Errorf("%s is built as %s", sub, got)
		}
	}
}

// notDefault are subjects that GitHub does not build from its default template: customised ones, and broken ones.
// Source of the customised:
// https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
var notDefault = []string{
	"repository_owner:acme",
	"repository_owner:monalisa:repository_visibility:private",
	"job_workflow_ref:acme/web/.github/workflows/oidc.yml@refs/heads/main",
	"repo:acme/web:environment:prod:job_workflow_ref:acme/web/.github/workflows/oidc.yml@refs/heads/main",
	"repo:acme/web:ref:refs/heads/main:repository_visibility:private",
	"repo:acme/web:pull_request:environment:prod",
	"repo:acme/web:repository_owner:acme",
	"repo:acme/web:environment:",
	"environment:production%3Aeastus:repository_owner:acme",
	"environment:prod:repo:acme/web:ref:refs/heads/main",
	"repository_id:89012345:ref:refs/heads/main",
	"repo:acme/web",
	"repo:acme/web:",
	"repo:acme/web:ref",
	"repo:acme/web:ref:",
	"repo:acme/web:ref:main",
	"repo:acme/web:ref:refs/heads/",
	"repo:acme/web:ref:refs/pull/7/merge",
	"repo:acme/web:pull_request_target",
	"repo:acme/web:pull_request:",
	"repo:acme@1234567/web:ref:refs/heads/main",
	"repo:acme/web@89012345:ref:refs/heads/main",
	"repo:acme@x/web@y:ref:refs/heads/main",
	"repo:acme@/web@:ref:refs/heads/main",
	"repo:acme@0/web@1:ref:refs/heads/main",
	"repo:mallory/acme/web:ref:refs/heads/main",
	"Repo:acme/web:ref:refs/heads/main",
	" repo:acme/web:ref:refs/heads/main",
	"repo:acme/web :ref:refs/heads/main",
	"repo:/web:ref:refs/heads/main",
	"repo:*/web:ref:refs/heads/main",
	"",
}

func TestACustomisedSubjectIsNeverRead(t *testing.T) {
	for _, sub := range notDefault {
		if s, ok := readSubject(sub); ok {
			t.Errorf("%q was read as %+v", sub, s)
		}
	}
}

func TestACustomisedSubjectDoesNotGetInByTheWordsOfTheDefaultOne(t *testing.T) {
	for _, repository := range []string{acmeWeb, "acme/web"} {
		for _, words := range []object{
			{"branches": list{"main"}},
			{"environments": list{"prod", "production:eastus"}},
			{"pullRequests": true},
			{"tags": list{"v1"}},
		} {
			trusts := suite.MustRead(t, github(repository, words), citest.InAWS)
			claims := Job{
				Owner:        "acme",
				OwnerID:      "1234567",
				Repository:   "web",
				RepositoryID: "89012345",
				Audience:     "sts.amazonaws.com",
			}.Claims()
			for _, sub := range notDefault {
				token := ci.With(claims, map[string]any{"sub": sub})
				if trusts[0].Admits(token) || citest.Admitted(trusts, citest.InAWS, token) {
					t.Errorf("%s with %v admits %q", repository, words, sub)
				}
			}
		}
	}
}

func TestAnEnvironmentCannotBeNamedLikeABranchsSubject(t *testing.T) {
	trusts := suite.MustRead(t, github(acmeWeb, object{"branches": list{"main"}, "environments": list{"prod"}}),
		citest.InAWS)
	for _, environment := range []string{
		"x:ref:refs/heads/main", ":ref:refs/heads/main", "prod:ref:refs/heads/main", "prod:", ":prod", "prod%3A",
		"pull_request",
	} {
		job := Job{
			Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345",
			Event: "push", Ref: "refs/heads/evil", Environment: environment, Audience: "sts.amazonaws.com",
		}
		for _, job.Immutable = range []bool{false, true} {
			if citest.Admitted(trusts, citest.InAWS, job.Claims()) {
				t.Errorf("environment %q gets in with %v", environment, job.Claims()["sub"])
			}
		}
	}
}

func FuzzGitHubSubject(f *testing.F) {
	for _, sub := range notDefault {
		f.Add(sub)
	}
	f.Add("repo:octo-org@123456/octo-repo@456789:environment:Production%3AV1")
	f.Add("repo:octo-org/octo-repo:pull_request")
	f.Add("repo:o/r:ref:refs/tags/v1.0.0")
	f.Fuzz(func(t *testing.T, sub string) {
		s, ok := readSubject(sub)
		if !ok {
			return
		}
		if s.String() != sub {
			t.Fatalf("%q is built back as %q", sub, s)
		}
		if strings.Count(sub, ":") > 3 {
			t.Fatalf("%q has more parts than the default template", sub)
		}
	})
}

func FuzzGitHubRepository(f *testing.F) {
	for _, text := range []string{acmeWeb, "acme/web", "acme", "acme/*", "*/web", "acme/web:x", "acme@12/web",
		"acme@x/web@y", "a/..", "a_b/c.git", "é/x", "a/b\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, rule := parseRepository(text)
		if (rule == "") == (r == repository{}) {
			t.Fatalf("%q gives %+v and %q", text, r, rule)
		}
		if rule != "" {
			return
		}
		if built := strings.TrimPrefix(r.immutable(), "repo:"); r.id != "" && built != text {
			t.Fatalf("%q is built back as %q", text, built)
		}
		if r.id == "" && r.String() != text {
			t.Fatalf("%q is built back as %q", text, r)
		}
		citest.Accepted(t, text, "")
		suite.Proved(t,
			github(text, object{"branches": list{"main"}, "environments": list{"prod*"}, "pullRequests": true}))
	})
}
