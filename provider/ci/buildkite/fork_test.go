package buildkite

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// With the setting that its documentation recommends, Buildkite calls the branch evil of the fork of mainhacker
// mainhacker:evil. The subject of its builds begins like that of a branch main-1, and got in by main*.
func TestTheBranchOfAForkWhoseOwnersAccountBeginsLikeATrustedBranchIsRefused(t *testing.T) {
	const before = "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/"
	fork := func(branch string) map[string]any {
		return ci.With(documented(), map[string]any{
			"sub":          before + branch + ":commit:" + someCommit + ":step:build",
			"build_branch": branch,
			"pipeline_id":  pipelineID,
		})
	}
	for _, words := range []object{
		{"branches": list{"main*"}}, {"id": pipelineID, "branches": list{"main*"}},
		{"branches": list{"m*", "main", "release/*"}, "tags": list{"main*"}},
	} {
		trusts := suite.MustRead(t, buildkite(words), citest.InAWS)
		suite.Proved(t, buildkite(words))
		for _, branch := range []string{"mainhacker:evil", "main:evil", "main:main", "main-1:main",
			"mainhacker:release/1", "main:commit", "main:", "main:a/b"} {
			if citest.Admitted(trusts, citest.InAWS, fork(branch)) || trusts[0].Admits(fork(branch)) {
				t.Errorf("%v admits %s", words, branch)
			}
			if without := ci.With(fork(branch), map[string]any{"build_branch": nil}); citest.Admitted(trusts,
				citest.InAWS, without) {
				t.Errorf("%v admits %s without its build_branch", words, branch)
			}
		}
		for _, branch := range []string{"main", "main-1", "main/1", "mainhacker"} {
			if !citest.Admitted(trusts, citest.InAWS, fork(branch)) {
				t.Errorf("%v refuses the branch %s", words, branch)
			}
		}
	}
}

func TestTheProofObjectsWhenNothingKeepsTheBranchesOfForksOut(t *testing.T) {
	trusts := suite.MustRead(t, buildkite(object{"id": pipelineID, "branches": list{"main*"}}), citest.InAWS)
	text := ci.Compile(trusts, citest.InAWS, nil).JSON()
	const deny = `{"StringLike":{"agent.buildkite.com:build_branch":"*:*"}}`
	if strings.Count(text, deny) != 1 || trust.Size(text) > 775 {
		t.Errorf("%d characters: %s", trust.Size(text), text)
	}
	cases := citest.Prepared(trusts, citest.InAWS)
	found := map[string]bool{}
	for _, m := range citest.Mutants(t, text) {
		first := citest.FirstWrong(m.Policy, cases)
		if first == nil && suite.Harmless[m.Name] == "" {
			t.Errorf("not found: %s", m.Name)
		}
		if first != nil {
			found[first.Case.Token] = true
		}
	}
	if !found["a fork of a user whose name begins with the prefix"] {
		t.Errorf("no mistake lets the fork in: %v", slices.Sorted(maps.Keys(found)))
	}
}

func TestAPrefixThatAForksOwnerCanBeginWithIsRefusedWhereAWSDoesNotSeeTheBranch(t *testing.T) {
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		_, lines := suite.Read(buildkite(object{
			"branches": list{"main*", "release/*", "release/v*", "main"},
			"tags":     list{"v*"},
		}), account)
		citest.SameStrings(t, "problems", lines, []string{"buildkite.pipelines[0].branches[0]: would admit branches " +
			"of forks, too: the branch evil of a fork whose owner is called mainhacker is mainhacker:evil, which " +
			"begins like main. Only the condition key agent.buildkite.com:build_branch tells such a branch from " +
			"yours, and AWS fills it in the aws partition only; list the branches, or end the prefix in a /, which " +
			"no account's name has, such as release/* " +
			`(found "main*")`})
		_, lines = suite.Read(buildkite(object{"branches": list{citest.Secret("oursecret*")}}), account)
		if len(lines) != 1 || strings.Contains(lines[0], "oursecret") {
			t.Errorf("a secret is shown: %q", lines)
		}
	}
	trusts := suite.MustRead(t, buildkite(object{"branches": list{"release/*"}}), citest.InChina)
	for _, branch := range []string{"release:1", "releasehacker:release/1", "mallory:release/1"} {
		token := ci.With(documented(), map[string]any{"build_branch": branch,
			"sub": "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/" + branch + ":commit:" + someCommit +
				":step:build"})
		if citest.Admitted(trusts, citest.InChina, token) || trusts[0].Admits(token) {
			t.Errorf("release/* admits %s", branch)
		}
	}
}

// A Deny holds for the whole role: what one pipeline's prefix refuses is refused for the others, and the grants say so,
// too.
func TestForksAreRefusedToEveryPipelineOfARoleThatTrustsAPrefix(t *testing.T) {
	section := object{
		"organization": "acme-inc",
		"pipelines":    list{object{"slug": "super-duper-app"}, object{"slug": "web", "branches": list{"main*"}}},
	}
	trusts := suite.MustRead(t, object{"buildkite": section}, citest.InAWS)
	token := ci.With(documented(), map[string]any{"build_branch": "mallory:x",
		"sub": "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/mallory:x:commit:" + someCommit +
			":step:build"})
	if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
		t.Error("the fork gets in")
	}
	suite.Proved(t, object{"buildkite": section})
}
