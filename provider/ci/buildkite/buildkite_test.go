package buildkite

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const (
	pipelineID    = "0184990a-4782-42b5-afc1-16715b10b1f0"
	documentedSub = "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:" + someCommit +
		":step:build"
)

// buildkite is a section with one pipeline.
func buildkite(words object) object {
	item := object{"slug": "super-duper-app"}
	maps.Copy(item, words)
	return object{"buildkite": object{"organization": "acme-inc", "pipelines": list{item}}}
}

// numbered is a pipeline with an id.
func numbered(slug string, n int, words object) object {
	item := object{"slug": slug, "id": fmt.Sprintf("0184990a-4782-42b5-afc1-16715b10%04x", n)}
	maps.Copy(item, words)
	return item
}

// matrix are trusts of every shape.
func matrix() []object {
	pipelines := []object{
		{"slug": "any"}, {"slug": "web", "branches": list{"main"}},
		{"slug": "web2", "branches": list{"main", "m"}, "tags": list{"main"}},
		{"slug": "web", "branches": list{"release/*", "dev"}, "tags": list{"v*"}},
		{"slug": "we", "branches": list{"*"}}, {"slug": "we", "tags": list{"*"}},
		{"slug": "alike", "branches": list{"ma*"}}, {"slug": "web", "tags": list{"v1.0"}},
	}
	var all []object
	for i, p := range pipelines {
		all = append(all, object{"buildkite": object{"organization": "acme", "pipelines": list{p}}},
			object{"buildkite": object{
				"organization": "acme",
				"pipelines":    list{p, pipelines[(i+3)%len(pipelines)]},
				"audiences":    list{audience, "x"},
			}})
	}
	return append(all,
		object{"buildkite": object{"organization": "acme", "sessionTags": true, "pipelines": list{pipelines[1]}}},
		object{"buildkite": object{"organization": "acme", "pipelines": list{
			object{"slug": "web", "id": pipelineID, "branches": list{"main"}, "tags": list{"v*"}}}}},
		object{"buildkite": object{"organization": "acme", "pipelines": list{
			numbered("web", 1, object{"branches": list{"main"}}), numbered("api", 2, object{"branches": list{"main"}}),
			numbered("cli", 3, object{"branches": list{"ma*"}, "tags": list{"v*"}}),
		}}})
}

// documented is the example of https://buildkite.com/docs/agent/cli/reference/oidc#claims-example-token-contents,
// with the audience that AWS is sent. Its build_tag contradicts its own sub, which shows that nothing may rest on it.
func documented() map[string]any {
	return map[string]any{
		"iss": "https://agent.buildkite.com", "sub": documentedSub, "aud": "sts.amazonaws.com",
		"iat": float64(1669014898), "nbf": float64(1669014898), "exp": float64(1669015198),
		"organization_slug": "acme-inc", "pipeline_slug": "super-duper-app", "build_number": float64(1),
		"build_branch": "main", "build_tag": "v1.0.0", "build_commit": someCommit, "step_key": "build",
		"job_id": "0184990a-477b-4fa8-9968-496074483cee", "agent_id": "0184990a-4782-42b5-afc1-16715b10b8ff",
		"build_source": "ui", "runner_environment": "buildkite-hosted",
	}
}

func TestTheDocumentedBuildkiteTokenGetsInByGrantsForItAlone(t *testing.T) {
	for _, c := range []struct {
		what  string
		words object
		want  bool
	}{
		{"its branch", object{"branches": list{"main"}}, true},
		{"branches that begin alike", object{"branches": list{"ma*"}}, true},
		{"any branch", object{"branches": list{"*"}}, true},
		{"no refs at all", object{}, true},
		{"other branches", object{"branches": list{"mai", "main2", "Main", "release/*"}}, false},
		{"tags, its own build_tag among them", object{"tags": list{"main", "v1.0.0", "*"}}, false},
		{"another pipeline", object{"slug": "super-duper", "branches": list{"main"}}, false},
		{"a longer pipeline", object{"slug": "super-duper-app2"}, false},
	} {
		for _, account := range suite.Accounts(buildkite(c.words), citest.InAWS, citest.InChina, citest.InGov,
			ci.Account{}) {
			trusts := suite.MustRead(t, buildkite(c.words), account)
			if got := citest.Admitted(trusts, account, documented()); got != c.want {
				t.Errorf("%s in %s: the policy says %v", c.what, account.Partition, got)
			}
			if got := trusts[0].Admits(documented()); got != c.want {
				t.Errorf("%s in %s: the grants say %v", c.what, account.Partition, got)
			}
		}
	}
	trusts := suite.MustRead(t, buildkite(object{"branches": list{"main"}}), citest.InAWS)
	for _, change := range []map[string]any{
		{"aud": "https://buildkite.com/acme-inc"},
		{"aud": nil},
		{"sub": nil},
		{"sub": pipelineID},
		{"build_branch": nil},
		{"build_branch": "dev"},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), change)) {
			t.Errorf("%v is admitted", change)
		}
	}
}

func TestTheBranchIsTestedByItsKeyWhereAWSFillsIt(t *testing.T) {
	const prefix = "organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:"
	for account, want := range map[ci.Account][]string{
		citest.InAWS: {prefix + "*"}, {}: {prefix + "*"},
		citest.InChina: {prefix + anyCommit + ":step:*", prefix + "HEAD:step:*"},
		citest.InGov:   {prefix + anyCommit + ":step:*", prefix + "HEAD:step:*"},
	} {
		trusts := suite.MustRead(t, buildkite(object{"branches": list{"main"}}), account)
		citest.SameStrings(t, "subjects in "+account.Partition, trusts[0].Grants[0].Claims["sub"], want)
		keyed := len(want) == 1
		if policy := ci.Compile(trusts, account, nil).JSON(); strings.Contains(policy,
			`"agent.buildkite.com:build_branch":"main"`) != keyed {
			t.Errorf("%+v: %s", account, policy)
		}
	}
	if len(anyCommit) != 40 || len(someCommit) != 40 {
		t.Error("a SHA-1 has 40 hex digits")
	}
}

var suite = citest.Suite{
	System: System{},
	Matrix: matrix(),
	Ours: []citest.Exception{
		{
			Form:   `buildkite on branch main: the id of acme/.* under the trusted slug, on branch main`,
			Reason: "of that pipeline the same is said: it is trusted on the same refs under its own slug",
		},
		{Form: `buildkite on any branch: another branch`, Reason: "every branch is trusted: finding buildkite-any-ref"},
		{Form: `buildkite on any tag: a tag`, Reason: "every tag is trusted: finding buildkite-any-ref"},
		{
			Form:   `buildkite on all branches that begin with ma .*: another branch`,
			Reason: "mallory/patch-1 begins with ma",
		},
		{Form: `buildkite on any branch( or tag)?: (a pull request of a fork, .*|a branch (that ends|called) like ` +
			`.*|a step's key that ends like .*, on another branch)`,
			Reason: "every branch is trusted: finding buildkite-any-ref"},
		{
			Form:   `buildkite on any branch or tag: (another branch|a tag)`,
			Reason: "every ref is trusted: finding buildkite-any-ref",
		},
	},
	Phrase: func(g ci.Grant) string { return "buildkite " + citest.ContextOf(g) },
	Harmless: map[string]string{
		"one more character in sub":                       "behind a * that stands for a commit, which is never empty",
		"in the Deny: one more character in build_branch": "the branch behind a fork's owner is never empty",
		"in the Deny: IfExists build_branch":              "every token of Buildkite has a build_branch",
		"in the Deny: ForAllValues: build_branch":         "every token of Buildkite has a build_branch",
		"in the Deny: session tags for all":               "it refuses the role to the same tokens",
		"in the Deny: any provider":                       "no other provider's tokens have the key",
	},
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
