package gitlab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// many are projects that are trusted alike.
func many(n int, words object) list {
	var items list
	for i := range n {
		items = append(items,
			with(object{"path": fmt.Sprintf("acme/platform/web%02d", i), "id": fmt.Sprint(46573300 + i)}, words))
	}
	return items
}

// with is an item with some words changed; nil leaves one out.
func with(item, words object) object {
	changed := maps.Clone(item)
	maps.Copy(changed, words)
	return citest.Prune(changed)
}

var onMain = object{"branches": list{"main"}}

func TestTwentyProjectsByPathAndIDFitTheDefaultQuotaAndAHundredDoByIDs(t *testing.T) {
	for _, c := range []struct {
		n       int
		words   object
		byPaths bool
	}{{1, onMain, true}, {12, onMain, true}, {20, onMain, false}, {100, onMain, false},
		{20, object{"branches": list{"main"}, "tags": list{"v*"}, "mergeRequests": true}, false}} {
		trusts := checked(t, gitlabOf(object{"projects": many(c.n, c.words)}))
		policy := ci.Compile(trusts, citest.InAWS, nil).JSON()
		if trusts[0].Compacted == c.byPaths || strings.Contains(policy, "acme/platform/web00:") != c.byPaths {
			t.Errorf("%d projects, by path %v: %s", c.n, c.byPaths, policy)
		}
		if found := slices.Contains(citest.FindingIDs(trusts), idsAlone.ID); found == c.byPaths {
			t.Errorf("%d projects: %v", c.n, citest.FindingIDs(trusts))
		}
		for _, sentence := range ci.Sentences(trusts) {
			if strings.Contains(sentence, ", whatever its path (written as acme/platform/web") == c.byPaths {
				t.Errorf("%d projects: %s", c.n, sentence)
			}
		}
	}
}

func TestATokenFromTheMiddleOfALongListGetsInAndAnUnlistedIDDoesNot(t *testing.T) {
	for _, n := range []int{11, 40} {
		trusts := checked(t, gitlabOf(object{"projects": many(n, onMain)}))
		for _, byID := range []bool{false, true} {
			at := func(path, id string) map[string]any {
				return token(func(j *pipelineJob) { j.Path, j.ID, j.SubjectByID = path, id, byID })
			}
			middle, middleID := fmt.Sprintf("acme/platform/web%02d", n/2), fmt.Sprint(46573300+n/2)
			gets(t, "one from the middle", trusts, at(middle, middleID), true)
			gets(t, "an unlisted id at a listed path", trusts, at(middle, fmt.Sprint(46573300+n)), false)
			gets(t, "an id that begins like a listed one", trusts, at(middle, middleID+"0"), false)
			gets(t, "an id that a listed one begins like", trusts, at(middle, middleID[:7]), false)
			gets(t, "another project of the group", trusts, at("acme/platform/other", "667"), false)
			other := at(middle, middleID)
			other["sub"] = strings.Replace(ci.TextOf(other["sub"]), "ref:main", "ref:mallory", 1)
			gets(t, "another branch", trusts, other, false)
			gets(t, "no id", trusts, ci.With(at(middle, middleID), map[string]any{idClaim: nil}), false)
		}
	}
}

func TestProjectsOfWhichTheSameIsSaidShareAStatementAndOthersDoNot(t *testing.T) {
	for _, c := range []struct {
		items      list
		statements int
	}{
		{many(5, onMain), 1},
		{many(5, object{"branches": list{"main"}, "mergeRequests": true}), 2},
		{append(many(5, onMain), object{"path": "acme/two", "id": "2", "tags": list{"v*"}}), 2},
		{append(many(5, onMain), object{"id": "2", "branches": list{"main"}}), 2},
	} {
		trusts := suite.MustRead(t, gitlabOf(object{"projects": c.items}), citest.InAWS)
		if policy := ci.Compile(trusts, citest.InAWS, nil); len(policy.Statements) != c.statements {
			t.Errorf("%d statements, want %d: %s", len(policy.Statements), c.statements, policy.JSON())
		}
	}
}

// Project 2 is trusted on its tags alone. Moved to project 1's path, which was given up, it would get in on main if the
// policy had one list of paths beside one list of ids.
func TestGitLabProjectTwoAtProjectOnesPathGetsNothingThatItIsNotTrustedWith(t *testing.T) {
	one := object{"path": "acme/one", "id": "1", "branches": list{"main"}}
	two := object{"path": "acme/two", "id": "2", "tags": list{"v*"}}
	for what, items := range map[string]list{
		"other refs":        {one, two},
		"some refs":         {one, with(two, object{"branches": list{"develop"}})},
		"only protected":    {one, with(two, object{"branches": list{"main"}, "tags": nil, "protectedRefs": true})},
		"merge requests":    {one, object{"path": "acme/two", "id": "2", "mergeRequests": true}},
		"by id alone":       {one, object{"id": "2", "branches": list{"main"}}},
		"beside alike ones": append(many(5, onMain), one, two),
	} {
		trusts := checked(t, gitlabOf(object{"projects": items}))
		gets(t, what, trusts, token(func(j *pipelineJob) { j.Path, j.ID, j.Unprotected = "acme/one", "1", true }), true)
		gets(t, what+": project 2 at project 1's path", trusts,
			token(func(j *pipelineJob) { j.Path, j.ID, j.Unprotected = "acme/one", "2", true }), false)
	}
}

// mergedAcross is a policy with all ids in each statement that has any.
func mergedAcross(t *testing.T, policy *trust.Policy, key string) *trust.Policy {
	t.Helper()
	var ids []string
	merged, err := trust.ParsePolicy([]byte(policy.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range merged.Statements {
		for _, c := range s.Conditions {
			if c.Key == key {
				ids = append(ids, c.Values...)
			}
		}
	}
	slices.Sort(ids)
	for _, s := range merged.Statements {
		for i := range s.Conditions {
			if s.Conditions[i].Key == key {
				s.Conditions[i].Values = slices.Compact(ids)
			}
		}
	}
	merged, err = trust.ParsePolicy([]byte(merged.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func TestTheProofFindsIDsThatAreMergedAcrossProjectsOfWhichOtherThingsAreSaid(t *testing.T) {
	one := object{"path": "acme/one", "id": "1", "branches": list{"main"}}
	with := func(words object) object { return with(object{"path": "acme/two", "id": "2"}, words) }
	for what, items := range map[string]list{
		"refs":           {one, with(object{"tags": list{"v*"}})},
		"more refs":      {one, with(object{"branches": list{"main", "develop"}})},
		"prefixes":       {one, with(object{"branches": list{"main*"}})},
		"protected":      {one, with(object{"branches": list{"main"}, "protectedRefs": true})},
		"merge requests": {one, with(object{"mergeRequests": true})},
		"by id alone":    {one, object{"id": "2", "branches": list{"main"}}},
		"far apart": append(append(list{one}, many(4, object{"branches": list{"main"}})...), with(object{
			"branches": list{"develop"}})),
	} {
		for key, written := range map[string]object{
			idClaim:    gitlabOf(object{"projects": items}),
			groupClaim: gitlabOf(object{"groups": asGroups(items)}),
		} {
			if written["gitlab"].(object)["groups"] != nil && (what == "merge requests" || what == "by id alone") {
				continue // groups have no such words
			}
			trusts := suite.MustRead(t, written, citest.InAWS)
			policy := ci.Compile(trusts, citest.InAWS, nil)
			if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			merged := mergedAcross(t, policy, "gitlab.com:"+key)
			if ci.Prove(merged, trusts, citest.InAWS) == nil {
				t.Errorf("%s of %s: the proof passes %s", what, key, merged.JSON())
			}
		}
	}
}

// asGroups are items of projects as items of groups.
func asGroups(items list) list {
	var groups list
	for _, item := range items {
		if item.(object)["path"] != nil {
			groups = append(groups, item)
		}
	}
	return groups
}
