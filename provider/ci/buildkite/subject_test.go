package buildkite

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestABranchForkTagOrStepCraftedToLookLikeTheTrustedSubjectIsRefused(t *testing.T) {
	const pipeline = "organization:acme-inc:pipeline:super-duper-app:ref:"
	behind := ":commit:" + someCommit + ":step:"
	trusted := pipeline + "refs/heads/main" + behind + "x"
	for _, words := range []object{
		{"branches": list{"main"}},
		{"branches": list{"main", "release/*"}, "tags": list{"v*"}},
	} {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina} {
			trusts := suite.MustRead(t, buildkite(words), account)
			for branch, sub := range map[string]string{
				// the fork of a user called main
				"main:commit":           pipeline + "refs/heads/main:commit" + behind + "x",
				"main:x":                pipeline + "refs/heads/main:x" + behind + "x",
				"mallory:main":          pipeline + "refs/heads/mallory:main" + behind + "x",
				"release:1":             pipeline + "refs/heads/release:1" + behind + "x",
				"x":                     pipeline + "refs/heads/x" + behind + trusted,
				"y":                     pipeline + "refs/heads/y" + behind + "ref:refs/heads/main" + behind,
				"x/main":                pipeline + "refs/heads/x/main" + behind + "x",
				"x:ref:refs/heads/main": pipeline + "refs/heads/x:ref:refs/heads/main" + behind + "x",
				"refs/heads/main":       pipeline + "refs/heads/refs/heads/main" + behind + "x",
				// a build of a tag has its name as its branch
				"main":  pipeline + "refs/tags/main" + behind + "x",
				"main2": pipeline + "refs/heads/main2" + behind + "x",
				"z": "organization:mallory:pipeline:super-duper-app:ref:refs/heads/z" + behind +
					trusted,
				"main:commit:HEAD:step": pipeline + "refs/heads/x:main:commit:HEAD:step" + behind + "x",
				"w": "organization:acme-inc:pipeline:w:ref:refs/heads/w" + behind + ":" +
					trusted,
				"super-duper-app:ref:acme-in": pipelineID,
			} {
				token := ci.With(documented(), map[string]any{"sub": sub, "build_branch": branch})
				if citest.Admitted(trusts, account, token) || trusts[0].Admits(token) {
					t.Errorf("%v in %s admits %s", words, account.Partition, sub)
				}
			}
		}
	}
}

// The one subject of another branch that fits the run of "?": it needs a build started by hand of the branch of a fork,
// and whoever starts builds by hand can name the trusted branch itself.
func TestAStepsKeyThatCompletesTheRunOfACommitGetsNowhereWhereTheBranchHasAKey(t *testing.T) {
	crafted := "commit:HEAD:step:"
	crafted += strings.Repeat("a", 40-len(crafted)) + ":step:x"
	token := ci.With(documented(), map[string]any{
		"sub":          "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:" + crafted,
		"build_branch": "main:commit", "build_commit": "HEAD",
	})
	trusts := suite.MustRead(t, buildkite(object{"branches": list{"main"}}), citest.InAWS)
	if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
		t.Error("the token is admitted in aws")
	}
	if suite.MustRead(t, buildkite(object{"branches": list{"main"}}), citest.InChina)[0].Admits(token) {
		t.Error("the parsed subject is that of the branch main:commit, not of main")
	}
}

func TestASubjectWhoseStepOrBranchIsCraftedIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	for range 20000 {
		form := []*ci.Form{branchForm, tagForm}[r.IntN(2)]
		ref := pick("commit", "main", "step", "HEAD", "x"+citest.RandomText(r, "ab/.-_", 30))
		if form == branchForm {
			ref = pick("", "mallory:", "main:", "commit:") + ref
		}
		want := []string{
			"a" + citest.RandomText(r, "abz09-", 8), "w" + citest.RandomText(r, "abz09-", 8), ref,
			pick(citest.Randomize(r, someCommit), head),
			pick("", "deploy", citest.RandomText(r, "ab:-_", 20), ":commit:HEAD:step:x", documentedSub),
		}
		sub := form.Build(want...)
		if got, ok := form.Parse(sub); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q was read as %q (%v), want %q", sub, got, ok, want)
		}
	}
}

// Whoever writes the pipeline's steps chooses their keys. The rest is Buildkite's and git's, and a fork's owner is an
// account.
func TestNoStepsKeyGivesAJobTheSubjectOfAnotherBranch(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "organization", "pipeline", "branch", "tag", "commit"), nil)
}

func FuzzBuildkiteSubject(f *testing.F) {
	f.Add(documentedSub)
	f.Add("organization:a:pipeline:b:ref:refs/heads/main:commit:commit:" + someCommit + ":step:")
	f.Add("organization:a:pipeline:b:ref:refs/tags/v1:commit:HEAD:step:x:commit:HEAD:step:")
	f.Add("organization::pipeline::ref::commit::step:")
	f.Fuzz(func(t *testing.T, sub string) {
		for _, form := range (System{}).Forms() {
			texts, ok := form.Parse(sub)
			if ok && form.Build(texts...) != sub {
				t.Fatalf("%q is built back as %q", sub, form.Build(texts...))
			}
			if ok && strings.Count(texts[2], ":") > 1 {
				t.Fatalf("%q has more than a ref in %q", sub, texts[2])
			}
		}
	})
}
