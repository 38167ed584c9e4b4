package buildkite

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
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
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

// numbered is a pipeline with an id.
func numbered(slug string, n int, words object) object {
	item := object{"slug": slug, "id": fmt.Sprintf("0184990a-4782-42b5-afc1-16715b10%04x", n)}
	maps.Copy(item, words)
	return item
}

// Pipeline 2 is trusted on its tags alone. With the slug of pipeline 1, which was given up, it would get in on main if
// the policy had one list of slugs beside one list of ids.
func TestBuildkitePipelineTwoWithPipelineOnesSlugGetsNothingThatItIsNotTrustedWith(t *testing.T) {
	main := object{"branches": list{"main"}}
	one := numbered("one", 1, main)
	for what, items := range map[string]list{
		"tags":     {one, numbered("two", 2, object{"tags": list{"v*"}})},
		"prefixes": {one, numbered("two", 2, object{"branches": list{"main*", "dev"}})},
		"among alike ones": {
			one, numbered("two", 2, object{"branches": list{"dev"}}), numbered("three", 3, main),
			numbered("four", 4, main),
		},
	} {
		written := object{"buildkite": object{"organization": "acme-inc", "pipelines": items}}
		suite.Proved(t, written)
		trusts := suite.MustRead(t, written, citest.InAWS)
		job := func(n int) map[string]any {
			id, _ := numbered("", n, nil)["id"].(string)
			return pipeline{"acme-inc", "one", id}.job(reference{ci.Branches, ci.Name{Text: "main"}},
				[]string{audience}).claims()
		}
		for n, want := range map[int]bool{1: true, 2: false, 9: false} {
			if citest.Admitted(trusts, citest.InAWS, job(n)) != want || trusts[0].Admits(job(n)) != want {
				t.Errorf("%s: pipeline %d with pipeline 1's slug must get %v", what, n, want)
			}
		}
		policy := ci.Compile(trusts, citest.InAWS, nil).JSON()
		second, _ := numbered("", 2, nil)["id"].(string)
		first, _ := numbered("", 1, nil)["id"].(string)
		merged, err := trust.ParsePolicy([]byte(strings.ReplaceAll(
			strings.ReplaceAll(policy, `:pipeline_id":"`+first+`"`, `:pipeline_id":["`+first+`","`+second+`"]`),
			`:pipeline_id":["`+first+`"`, `:pipeline_id":["`+first+`","`+second+`"`)))
		if err != nil {
			t.Fatal(err)
		}
		if merged.JSON() == policy || ci.Prove(merged, trusts, citest.InAWS) == nil {
			t.Errorf("%s: the proof passes %s", what, merged.JSON())
		}
	}
}

func TestFifteenPipelinesByIDFitTheDefaultQuotaAndOnlyListedIDsGetIn(t *testing.T) {
	var items list
	for n := range 15 {
		items = append(items, numbered(fmt.Sprintf("web%d", n), n, object{"branches": list{"main"}}))
	}
	trusts := suite.MustRead(t,
		object{"buildkite": object{"organization": "acme-inc", "pipelines": items}}, citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil)
	if len(policy.Statements) != 1 || trust.Size(policy.JSON()) > trust.DefaultMaxLength {
		t.Errorf("%d characters: %s", trust.Size(policy.JSON()), policy.JSON())
	}
	for n, want := range map[int]bool{7: true, 15: false} {
		id, _ := numbered("", n, nil)["id"].(string)
		token := pipeline{"acme-inc", fmt.Sprintf("web%d", n), id}.job(reference{ci.Branches, ci.Name{Text: "main"}},
			[]string{audience}).claims()
		if citest.Admitted(trusts, citest.InAWS, token) != want {
			t.Errorf("pipeline %d must get %v", n, want)
		}
	}
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

// The tags are those of https://buildkite.com/docs/pipelines/security/oidc/aws, in the claim that STS reads.
func TestSessionTagsOfBuildkiteNeedTheirWord(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		written := buildkite(object{"branches": list{"main"}})
		written["buildkite"].(object)["sessionTags"] = allowed
		trusts := suite.MustRead(t, written, citest.InAWS)
		tagged := ci.With(documented(), map[string]any{ci.TagsClaim: map[string]any{"principal_tags": map[string]any{
			"organization_slug": []any{"acme-inc"}, "organization_id": []any{"0184990a-4782-42b5-afc1-16715b10b8aa"},
			"pipeline_slug": []any{"super-duper-app"}}}})
		if got := citest.Admitted(trusts, citest.InAWS, tagged); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
		if !citest.Admitted(trusts, citest.InAWS, documented()) {
			t.Errorf("sessionTags %v: a token without tags is refused", allowed)
		}
		if citest.Admitted(trusts, citest.InAWS,
			ci.With(tagged,
				map[string]any{"sub": "organization:mallory:pipeline:super-duper-app:ref:refs/heads/main:commit:" +
					someCommit + ":step:build"})) {
			t.Errorf("sessionTags %v: a stranger's token with our tags gets in", allowed)
		}
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
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

func TestAPipelinesIDIsRequiredOfTokensAndRefusedWhereAWSCannotTestIt(t *testing.T) {
	for _, words := range []object{
		{"id": pipelineID, "branches": list{"main"}},
		{"id": pipelineID, "tags": list{"v*"}},
		{"id": pipelineID},
	} {
		trusts := suite.MustRead(t, buildkite(words), citest.InAWS)
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v: %v %v", words, err, problems.Sorted())
		}
		if findings := citest.FindingIDs(trusts); slices.Contains(findings, "buildkite-slugs-alone") {
			t.Errorf("%v: %v", words, findings)
		}
		cases := citest.Prepared(trusts, citest.InAWS)
		for _, m := range citest.Mutants(t, ci.Compile(trusts, citest.InAWS, nil).JSON()) {
			if citest.FirstWrong(m.Policy, cases) == nil && suite.Harmless[m.Name] == "" {
				t.Errorf("%v: not found: %s", words, m.Name)
			}
		}
		_, lines := suite.Read(object{"acceptRisks": suite.AllRisks(), "buildkite": buildkite(words)["buildkite"]},
			citest.InGov)
		citest.SameStrings(t, "problems outside aws", lines,
			[]string{"buildkite.pipelines[0].id: needs the condition key agent.buildkite.com:pipeline_id, which AWS " +
				"fills in the aws partition only; leave it out: here the slugs in the subject decide alone"})
	}
	_, lines := suite.Read(buildkite(object{"id": citest.Unknown{}, "branches": list{"main"}}), citest.InAWS)
	citest.SameStrings(t, "problems of an id that is not known yet", lines, []string{})
}

func TestBuildkitesIdentifiersAreSlugsAndUUIDsAndNothingElse(t *testing.T) {
	const (
		isID  = "is an id; Buildkite writes the slug into the subject: the part of the URL "
		alone = "must be the slug alone: the last part of the URL "
		org   = "buildkite.com/ORGANIZATION"
		pipe  = "buildkite.com/ORGANIZATION/PIPELINE"
		form  = ": letters, digits and hyphens, such as super-duper-app"
		id    = "must be the pipeline's UUID: BUILDKITE_PIPELINE_ID in a job's Environment tab, such as " + pipelineID
	)
	for _, c := range []struct{ property, text, rule string }{
		{"organization", pipelineID, isID + org}, {"organization", strings.ToUpper(pipelineID), isID + org},
		{"organization", "https://buildkite.com/acme", alone + org},
		{"organization", "", "must be the slug from the URL " + org + form},
		{"organization", "acme:pipeline:web", "must be the slug from the URL " + org + form},
		{"organization", "acm*", "must be the slug from the URL " + org + form},
		{"organization", "Acme Inc", "must be the slug from the URL " + org + form},
		{"slug", pipelineID, isID + pipe}, {"slug", "acme/web", alone + pipe},
		{"slug", "web:ref", "must be the slug from the URL " + pipe + form},
		{"slug", "we?", "must be the slug from the URL " + pipe + form},
		{"slug", "${x}", "must be the slug from the URL " + pipe + form},
		{"slug", "-web", "must be the slug from the URL " + pipe + form},
		{"slug", "web\n", "must be the slug from the URL " + pipe + form},
		{"slug", "web_1", "must be the slug from the URL " + pipe + form},
		{"slug", strings.Repeat("a", 101), "must be the slug from the URL " + pipe + form},
		{"id", "web", id}, {"id", "", id}, {"id", pipelineID + "0", id},
		{"id", "0184990a-4782-42b5-afc1-16715b10b1l0", id}, {"id", "*", id},
		{"id", strings.ToUpper(pipelineID),
			"has capital letters; Buildkite writes it in lower case, and AWS compares letter by letter"},
	} {
		item := object{"slug": "web", "id": pipelineID, "branches": list{"main"}}
		section, path := object{"organization": "acme", "pipelines": list{item}}, "buildkite.organization"
		if c.property == "organization" {
			section["organization"] = c.text
		} else {
			item[c.property], path = c.text, "buildkite.pipelines[0]."+c.property
		}
		_, lines := suite.Read(object{"buildkite": section}, citest.InAWS)
		citest.SameStrings(t, c.text, lines,
			[]string{path + ": " + c.rule + " " + input.Got(input.Value{Scalar: c.text})})
	}
	_, lines := suite.Read(buildkite(object{
		"branches": list{"mallory:main", "refs/heads/main", "*/main"},
		"tags":     list{"refs/tags/v1"},
	}), citest.InAWS)
	if len(lines) != 4 {
		t.Errorf("refs follow git's rules: %q", lines)
	}
}

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

func TestAPipelineWithoutRefsIsAHighFindingAndSlugsAloneAreAMediumOne(t *testing.T) {
	branches := func(further ...string) []string { // what is said of every trusted branch
		findings := append(further, "buildkite-any-commit", "buildkite-fork-branches")
		slices.Sort(findings)
		return findings
	}
	for _, c := range []struct {
		words   object
		account ci.Account
		want    []string
	}{
		{object{"id": pipelineID, "branches": list{"main", "release/*"}, "tags": list{"v*"}}, citest.InAWS,
			branches("ref-prefix")},
		{object{"branches": list{"main"}}, citest.InAWS, branches("buildkite-slugs-alone")},
		{object{"branches": list{"main"}}, citest.InChina, branches()},
		{object{"id": pipelineID, "branches": list{"*"}}, citest.InAWS, branches("buildkite-any-ref")},
		{object{"tags": list{"*"}}, citest.InGov, []string{"buildkite-any-ref"}},
		{object{}, citest.InAWS, branches("buildkite-any-ref", "buildkite-slugs-alone")},
	} {
		citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t, buildkite(c.words), c.account)), c.want)
		if _, lines := suite.Read(buildkite(c.words), c.account); (len(lines) > 0) !=
			slices.Contains(c.want, "buildkite-any-ref") {
			t.Errorf("%v: %q", c.words, lines)
		}
	}
}

func TestAnAuditFindsNothingHighInWhatBuildkitesRefsCompileTo(t *testing.T) {
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov} {
		for _, words := range []object{
			{"branches": list{"main", "release/*"}, "tags": list{"v1.0", "v*"}},
			{"branches": list{"main"}},
			{"branches": list{"main*"}},
		} {
			if len(suite.Accounts(buildkite(words), account)) == 0 {
				continue // a prefix of forks' owners, where AWS does not see the branch
			}
			trusts := suite.MustRead(t, buildkite(words), account)
			for _, f := range suite.Audit(t, ci.Compile(trusts, account, nil).JSON()) {
				if f.Severity == ci.High {
					t.Errorf("%v in %s: %s: %s", words, account.Partition, f.ID, f.Message())
				}
			}
		}
	}
}

func TestTheBuildkitePipelineAsksForWhatTheRoleRequires(t *testing.T) {
	text, document := suite.Pipeline(t, buildkite(object{
		"id":       pipelineID,
		"branches": list{"main", "release/*", "it's", "a$b"},
		"tags":     list{"v1.*"},
	}), citest.InAWS)
	group := citest.At(document, "steps", 0)
	const want = `(build.tag == null && build.branch == "main") || (build.tag == null && ` +
		`build.branch =~ /^a\$$b$$/) || ` +
		`(build.tag == null && build.branch =~ /^it's$$/) || (build.tag == null && build.branch =~ /^release\//) || ` +
		`(build.tag =~ /^v1\./)`
	if got := citest.At(group, "if"); got != want {
		t.Errorf("the condition is\n%s\nwant\n%s", got, want)
	}
	step := citest.At(group, "steps", 0)
	plugin := citest.At(step, "plugins", 0, "aws-assume-role-with-web-identity#v1.6.0")
	if citest.At(plugin, "role-arn") != citest.RoleArn || citest.At(plugin, "region") != "eu-west-1" ||
		citest.At(step, "env", "BUILDKITE_OIDC_TOKEN_CLAIMS") != "pipeline_id" {
		t.Errorf("the step is not complete:\n%s", text)
	}
	for _, words := range []object{{}, {"branches": list{"*"}}, {"tags": list{"*"}}} {
		text, document := suite.Pipeline(t, buildkite(words), citest.InChina)
		step := citest.At(document, "steps", 0)
		if len(words) > 0 {
			step = citest.At(step, "steps", 0)
		}
		if citest.At(step, "plugins", 0, "aws-assume-role-with-web-identity#v1.6.0", "role-arn") != citest.RoleArn ||
			strings.Contains(text, "pipeline_id") {
			t.Errorf("%v:\n%s", words, text)
		}
	}
	written := buildkite(object{"id": pipelineID})
	written["buildkite"].(object)["audiences"] = list{"it's$x"}
	text, document = suite.Pipeline(t, written, citest.InAWS)
	command, _ := citest.At(document, "steps", 0, "command").(string)
	if !strings.Contains(command, `--audience 'it'\''s$$x' > "$$AWS_WEB_IDENTITY_TOKEN_FILE"`) ||
		!strings.Contains(command, "AWS_ROLE_ARN="+citest.RoleArn) ||
		!strings.Contains(command, "AWS_REGION=eu-west-1") || citest.At(document, "steps", 0, "plugins") != nil {
		t.Errorf("a job that needs another audience asks for it:\n%s", text)
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
