package circleci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// The open end of a pattern is the ref, and nothing stands behind it. Whoever builds a fork chooses the branch, and has
// the fork's origin before it.
func TestAForksBranchThatRepeatsTheTrustedSubjectDoesNotReachTheOpenEnd(t *testing.T) {
	for _, words := range []object{
		{"vcsOrigin": origin}, {"vcsOrigin": origin, "branches": list{"*"}},
		{"vcsOrigin": origin, "branches": list{"main*", "release/*"}}, {"vcsOrigin": origin, "tags": list{"v*"}},
	} {
		trusts := suite.MustRead(t, circleci(words), citest.InAWS)
		for _, fork := range []string{"github.com/mallory/web", "github.com/mallory/vcs-ref", origin + "-evil",
			origin + "/evil", "evil/" + origin} {
			for _, ref := range []string{
				"refs/heads/main", "refs/heads/main/vcs-origin/" + origin + "/vcs-ref/refs/heads/main",
				"refs/heads/" + longSub, "refs/tags/v1/vcs-ref/refs/tags/v1",
				"refs/heads/x/vcs-origin/" + origin + "/vcs-ref/refs/tags/v1",
				"refs/heads/release/vcs-ref/refs/heads/release/1",
			} {
				token := documented(shortSub + "/vcs-origin/" + fork + "/vcs-ref/" + ref)
				if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
					t.Errorf("%v admits a build of %s on %s", words, fork, ref)
				}
			}
		}
	}
}

// A prefix admits what begins like it and nothing else: not the same text in another namespace of refs.
func TestAPrefixOfBranchesAdmitsNeitherTagsNorPullRequestsThatBeginAlike(t *testing.T) {
	trusts := suite.MustRead(t, circleci(object{"vcsOrigin": origin, "branches": list{"main*"}}), citest.InAWS)
	for ref, want := range map[string]bool{
		"refs/heads/main": true, "refs/heads/main-2": true, "refs/heads/main/vcs-ref/x": true,
		"refs/tags/main": false, "refs/pull/main": false, "main": false, "refs/heads/mai": false,
		"refs/heads/x/refs/heads/main": false, "refs/heads/": false,
	} {
		token := documented(shortSub + "/vcs-origin/" + origin + "/vcs-ref/" + ref)
		if got := citest.Admitted(trusts, citest.InAWS, token); got != want || trusts[0].Admits(token) != want {
			t.Errorf("the policy says %v to %s, and the grant %v", got, ref, trusts[0].Admits(token))
		}
	}
}

// CircleCI's documentation shows user/*, in which a fork's branch can go on like the trusted subject.
func TestTheProofObjectsWhereTheUserIsLeftOpenByAStar(t *testing.T) {
	for _, words := range []object{
		{"vcsOrigin": origin, "branches": list{"main"}},
		{"vcsOrigin": origin, "tags": list{"v*"}},
		{"vcsOrigin": origin},
	} {
		trusts := suite.MustRead(t, circleci(words), citest.InAWS)
		written := ci.Compile(trusts, citest.InAWS, nil).JSON()
		loose := strings.ReplaceAll(written, strings.Repeat("?", 36), "*")
		policy, err := trust.ParsePolicy([]byte(loose))
		if err != nil || loose == written {
			t.Fatalf("%v: %s", err, loose)
		}
		if err := ci.Prove(policy, trusts, citest.InAWS); err == nil {
			t.Errorf("%v: the proof passes %s", words, loose)
		}
	}
}
