package gitlab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// gitlabOf is a section with some properties.
func gitlabOf(properties object) object { return object{"gitlab": properties} }

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

// token is a job's token on gitlab.com.
func token(change func(*pipelineJob)) map[string]any {
	job := pipelineJob{Issuer: issuer, Audience: issuer, Path: web, ID: "46573356", RefType: "branch", Ref: "main"}
	change(&job)
	return job.claims()
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

func TestAProjectThatIsIdentifiedByItsIDStaysTrustedAfterARenameAndOneByNameDoesNot(t *testing.T) {
	renamed := token(func(j *pipelineJob) { j.Path = "elsewhere/renamed" })
	byID := token(func(j *pipelineJob) { j.Path, j.SubjectByID = "elsewhere/renamed", true })
	taken := token(func(j *pipelineJob) { j.ID = "667" })
	item := object{"path": web, "id": "46573356", "branches": list{"main"}}
	for identify, want := range map[string]bool{"names": false, "ids": true} {
		trusts := checked(t, gitlabOf(object{"projects": list{item}, "identify": identify}))
		gets(t, identify, trusts, renamed, want)
		gets(t, identify, trusts, byID, true)
		gets(t, identify+": the path taken again", trusts, taken, false)
		if ids := citest.FindingIDs(trusts); len(ids) > 0 {
			t.Errorf("%s: %v: it was asked for", identify, ids)
		}
	}
	trusts := checked(t, gitlabOf(object{"projects": list{item}, "identify": "ids"}))
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{"GitLab CI/CD: project 46573356, whatever its " +
		"path (written as org/repo), on branch main, merge requests from there included"})
	// An instance of one's own shows the id in a subject of the other form alone.
	trusts = suite.MustRead(t, onInstance(gitlabOf(object{"projects": list{item}, "identify": "ids"}), instance),
		citest.InAWS)
	at := func(claims map[string]any) map[string]any {
		return ci.With(claims, map[string]any{"iss": instance, "aud": instance})
	}
	gets(t, "its path on an instance", trusts, at(documented()), false)
	gets(t, "its id on an instance", trusts, at(byID), true)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{})
}

func TestIdentifyByIDsNeedsTheIDs(t *testing.T) {
	_, lines := suite.Read(gitlabOf(object{"identify": "ids", "projects": list{
		object{"path": web, "branches": list{"main"}}}}), citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.projects[0].id: is missing: identify is ids, so that the " +
		"project is known by its number alone; write the one that the project's page shows as Project ID"})
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		_, lines = suite.Read(gitlabOf(object{"identify": "ids", "groups": list{
			object{"path": "acme", "id": "5", "branches": list{"main"}}}}), account)
		citest.SameStrings(t, "a group where AWS sees no id", lines, []string{"gitlab.groups[0].path: cannot be " +
			"known by its id: that needs the condition key gitlab.com:namespace_id, which AWS fills for gitlab.com " +
			"and in the aws partition only; leave identify out, or name the projects"})
	}
	_, lines = suite.Read(gitlabOf(object{"identify": "id", "projects": many(1, onMain)}), citest.InAWS)
	citest.SameStrings(t, "another word", lines, []string{`gitlab.identify: must be names or ids (found "id")`})
	if trusts := suite.MustRead(t, gitlabOf(object{"identify": citest.Unknown{}, "projects": many(2, onMain)}),
		citest.InAWS); len(trusts[0].Grants) > 0 {
		t.Errorf("granted before it is known by what: %v", ci.Sentences(trusts))
	}
}

func TestOnlyTheProjectsOwnMergeRequestsGetInByMergeRequests(t *testing.T) {
	written := gitlab(object{"path": web, "id": "46573356", "mergeRequests": true})
	trusts := checked(t, written)
	suite.Proved(t, written)
	from := func(source string, change func(*pipelineJob)) map[string]any {
		return token(func(j *pipelineJob) {
			j.Source, j.Ref, j.Unprotected = source, "feature/x", true
			change(j)
		})
	}
	as := func(*pipelineJob) {}
	for _, byID := range []bool{false, true} {
		form := func(j *pipelineJob) { j.SubjectByID = byID }
		gets(t, "a merge request", trusts, from(mergeRequestEvent, form), true)
		gets(t, "a merge request from main", trusts, from(mergeRequestEvent, func(j *pipelineJob) {
			form(j)
			j.Ref = "main"
		}), true)
		for _, source := range []string{"push", "parent_pipeline", "web", "api", "schedule", "trigger", "pipeline",
			"external_pull_request_event", "ondemand_dast_scan", "MERGE_REQUEST_EVENT", "merge_request_event2"} {
			gets(t, source, trusts, from(source, form), false)
		}
	}
	gets(t, "a fork's merge request", trusts, from(mergeRequestEvent, func(j *pipelineJob) {
		j.Path, j.ID = "mallory/repo", "667"
	}), false)
	gets(t, "a fork that has taken the path", trusts,
		from(mergeRequestEvent, func(j *pipelineJob) { j.ID = "667" }), false)
	gets(t, "without a source", trusts, ci.With(from("", as), map[string]any{sourceClaim: nil}), false)
	gets(t, "a tag", trusts, from(mergeRequestEvent, func(j *pipelineJob) { j.RefType = "tag" }), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-merge-requests"})
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{
		"GitLab CI/CD: org/repo (project 46573356) in pipelines of merge requests from any of its branches"})
	// Beside it a branch is what it was.
	trusts = checked(t, gitlab(object{
		"path": web, "id": "46573356", "branches": list{"main"}, "mergeRequests": true,
	}))
	gets(t, "a push to main", trusts, token(as), true)
	gets(t, "a push to another branch", trusts, from("push", as), false)
	gets(t, "a child pipeline on another branch", trusts, from("parent_pipeline", as), false)
}

// The subject of a merge request's job has the branch that it comes from.
func TestAMergeRequestFromATrustedBranchPassesThatBranchsGrantAndTheSentenceSaysSo(t *testing.T) {
	trusts := checked(t, gitlab(object{"path": web, "id": "46573356", "branches": list{"main"}, "tags": list{"v*"}}))
	gets(t, "from main", trusts, token(func(j *pipelineJob) { j.Source = mergeRequestEvent }), true)
	gets(t, "from another branch", trusts,
		token(func(j *pipelineJob) { j.Source, j.Ref = mergeRequestEvent, "feature" }), false)
	for _, sentence := range ci.Sentences(trusts) {
		if strings.Contains(sentence, "merge requests from there included") == strings.Contains(sentence, " tags ") {
			t.Errorf("%s", sentence)
		}
	}
}

func TestMergeRequestsAreRefusedWhereNothingTellsThemFromOtherJobs(t *testing.T) {
	words := object{"path": web, "id": "46573356", "mergeRequests": true}
	const reason = "gitlab.projects[0].mergeRequests: needs the condition keys gitlab.com:pipeline_source and " +
		"gitlab.com:project_id, which AWS fills for gitlab.com and in the aws partition only; leave it out: here a " +
		"merge request's job looks like one of its branch"
	_, lines := suite.Read(gitlab(words), citest.InGov)
	citest.SameStrings(t, "another partition", lines, []string{reason})
	_, lines = suite.Read(onInstance(gitlab(words), instance), citest.InAWS)
	citest.SameStrings(t, "another instance", lines, []string{reason})
	_, lines = suite.Read(gitlab(object{"path": web, "mergeRequests": true}), citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.projects[0].id: is missing; mergeRequests needs it, " +
		"because only the id tells the project from another one that takes its path; write the number that the " +
		"project's page shows as Project ID"})
	_, lines = suite.Read(gitlab(object{"path": web, "id": "7", "mergeRequests": true, "protectedRefs": true}),
		citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "cannot stand beside protectedRefs") {
		t.Errorf("%q", lines)
	}
	suite.MustRead(t, onInstance(gitlab(object{"id": "7", "branches": list{"main"}, "mergeRequests": false}), instance),
		citest.InAWS)
	if trusts := suite.MustRead(t, gitlab(object{"id": "7", "mergeRequests": citest.Unknown{}}), citest.InAWS); len(
		trusts[0].Grants) > 0 {
		t.Errorf("granted before it is known: %v", ci.Sentences(trusts))
	}
}

func TestAGroupLetsInItsOwnProjectsAndThoseOfNoOtherGroup(t *testing.T) {
	written := gitlabOf(object{"groups": list{object{"path": "acme", "id": "5", "branches": list{"main"}}}})
	trusts := checked(t, written)
	in := func(path, group string, change func(*pipelineJob)) map[string]any {
		return token(func(j *pipelineJob) {
			j.Path, j.Group = path, group
			change(j)
		})
	}
	as := func(*pipelineJob) {}
	gets(t, "a project of the group", trusts, in("acme/web", "5", as), true)
	gets(t, "a project made tomorrow", trusts,
		in("acme/mallory", "5", func(j *pipelineJob) { j.ID = "99999999" }), true)
	gets(t, "a project of a subgroup", trusts, in("acme/sub/web", "6", as), false)
	gets(t, "the group's path, taken by somebody else", trusts, in("acme/web", "55", as), false)
	gets(t, "a group whose path is longer", trusts, in("acme-evil/web", "5", as), false)
	gets(t, "the group below another one", trusts, in("mallory/acme/web", "5", as), false)
	gets(t, "the group itself as a project", trusts, in("acme", "5", as), false)
	gets(t, "another branch", trusts, in("acme/web", "5", func(j *pipelineJob) { j.Ref = "mallory" }), false)
	gets(t, "a tag", trusts, in("acme/web", "5", func(j *pipelineJob) { j.RefType = "tag" }), false)
	gets(t, "no namespace", trusts, ci.With(in("acme/web", "5", as), map[string]any{groupClaim: nil}), false)
	gets(t, "a subject by id", trusts, in("acme/web", "5", func(j *pipelineJob) { j.SubjectByID = true }), false)
	gets(t, "the group renamed", trusts, in("renamed/web", "5", as), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-group"})
	citest.SameStrings(t, "sentences", ci.Sentences(trusts), []string{
		"GitLab CI/CD: every project of acme (group 5) on branch main, merge requests from there included"})
	written["gitlab"].(object)["identify"] = "ids"
	trusts = checked(t, written)
	gets(t, "the group renamed, by its id", trusts, in("renamed/web", "5", as), true)
	gets(t, "another group, by its id", trusts, in("acme/web", "6", as), false)
}

// Whoever makes a project in the group protects what they like in it.
func TestProtectedRefsKeepNobodyOutWhoMakesAProjectInTheGroup(t *testing.T) {
	trusts := checked(t, gitlabOf(object{"groups": list{
		object{"path": "acme", "id": "5", "branches": list{"main"}, "protectedRefs": true}}}))
	mallory := token(func(j *pipelineJob) { j.Path, j.ID, j.Group = "acme/mallory", "99999999", "5" })
	gets(t, "a new project with main protected", trusts, mallory, true)
	gets(t, "while it is not", trusts, ci.With(mallory, map[string]any{protectedClaim: "false"}), false)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"gitlab-group"})
}

func TestAGroupThatNothingButItsPathTellsIsHigh(t *testing.T) {
	group := gitlabOf(object{"groups": list{object{"path": "acme", "branches": list{"main"}}}})
	for _, c := range []struct {
		written object
		account ci.Account
	}{{onInstance(group, instance), citest.InAWS}, {group, citest.InChina}, {group, citest.InGov}} {
		_, lines := suite.Read(c.written, c.account)
		if len(lines) != 1 || !strings.Contains(lines[0], "add gitlab-group-path to acceptRisks") {
			t.Errorf("%q", lines)
		}
		trusts := suite.MustRead(t, c.written, c.account)
		if sentence := ci.Sentences(trusts)[0]; !strings.Contains(sentence,
			"every project of acme and of its subgroups") {
			t.Errorf("%s", sentence)
		}
	}
	_, lines := suite.Read(group, citest.InAWS)
	citest.SameStrings(t, "no id", lines, []string{"gitlab.groups[0].id: is missing: a group's path can be given up " +
		"and taken by somebody else, and only the id tells its projects from those of its subgroups; write the " +
		"number that the group's page shows as Group ID"})
	_, lines = suite.Read(gitlabOf(object{}), citest.InAWS)
	citest.SameStrings(t, "neither", lines, []string{
		"gitlab.projects: is missing, and so is groups; name the projects whose jobs get the role"})
}

func TestAGroupIsWrittenByItsPathAloneAndHasRefs(t *testing.T) {
	for text, want := range map[string]string{
		"https://gitlab.com/acme": "is a URL; ", "acme/*": "has a wildcard; ", "${x}": "must not contain ${",
		"acme/": "is not the path", "/acme": "is not the path", "": "is not the path", "a:b": "is not the path",
		"acme//x": "is not the path", "a b": "is not the path",
	} {
		_, lines := suite.Read(gitlabOf(object{"groups": list{
			object{"path": text, "id": "5", "branches": list{"main"}}}}), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "gitlab.groups[0].path: "+want) {
			t.Errorf("%q: %q", text, lines)
		}
	}
	_, lines := suite.Read(gitlabOf(object{"groups": list{object{"path": "acme", "id": "5"}}}), citest.InAWS)
	citest.SameStrings(t, "no refs", lines, []string{"gitlab.groups[0].branches: is missing, and so is tags; give at " +
		"least one of them, to say which jobs of the group's projects are trusted"})
	_, lines = suite.Read(gitlabOf(object{"groups": list{
		object{"path": "acme", "id": "5", "branches": list{"a"}},
		object{"path": "acme", "id": "6", "branches": list{"b"}},
	}}), citest.InAWS)
	citest.SameStrings(t, "two ids", lines, []string{`gitlab.groups[1].path: is the path of an item before it, which ` +
		`gives another id or none; write the same id in both, or one item (found "acme")`})
}

func TestAGitLabPathDoesNotImplyTheProjectsIDAndASubjectWithTheIDDoes(t *testing.T) {
	for sub, want := range map[string]bool{
		main:                      false,
		"project_path:org/repo:*": false,
		"project_path:46573356/46573356:ref_type:branch:ref:main": false,
		"project_id:46573356:ref_type:branch:ref:main":            true,
		"project_id:4657335?:ref_type:branch:ref:main":            false,
		"project_*:46573356:ref_type:branch:ref:main":             true, // no path is one name alone
		"*:ref_type:branch:ref:main":                              false,
	} {
		if got := ci.Implies((System{}).Forms(), sub, idClaim, "46573356"); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
	// Whatever a subject says, the policy of many projects has their ids.
	trusts := suite.MustRead(t, gitlabOf(object{"projects": many(3, onMain)}), citest.InAWS)
	if text := ci.Compile(trusts, citest.InAWS, nil).JSON(); strings.Count(text, ":project_id\"") != 1 {
		t.Errorf("%s", text)
	}
}

func TestTheExamplesOfTheFindingsHaveThemAndMendedTheyDoNot(t *testing.T) {
	examples, err := page.Examples("testdata/findings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if e.Section == nil {
			continue // a policy is the audit's
		}
		mended, _ := e.Mended.(object)
		if !slices.Contains(citest.FindingIDs(checked(t, e.Section)), e.ID) ||
			slices.Contains(citest.FindingIDs(checked(t, mended)), e.ID) {
			t.Errorf("%s: before %v, mended %v", e.ID, citest.FindingIDs(checked(t, e.Section)),
				citest.FindingIDs(checked(t, mended)))
		}
	}
}
