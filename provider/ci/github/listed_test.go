package github

import (
	"maps"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// repositoryItem is an item of repositories.
func repositoryItem(repository string, words object) object {
	written := object{"repository": repository}
	maps.Copy(written, words)
	return written
}

func section(items ...any) object { return object{"github": object{"repositories": list(items)}} }

const acmeAPI, acmeCLI = "acme@1234567/api@4", "acme@1234567/cli@5"

// classic is a job of acme's whose subject has no ids.
func classic(name, id string, change func(*Job)) map[string]any {
	job := webJob()
	job.Repository, job.RepositoryID, job.Immutable, job.Environment = name, id, false, ""
	if change != nil {
		change(&job)
	}
	return job.Claims()
}

func inProduction(j *Job) { j.Environment = "production" }

// acme/web was deleted or renamed, and whoever may create repositories of acme's calls one of theirs acme/web.
func TestAnotherRepositoryOfTheOwnerThatTakesATrustedNameDoesNotGetInByTheSubjectWithoutIDs(t *testing.T) {
	for _, words := range []object{
		{"branches": list{"main"}}, {"branches": list{"main"}, "subjectClaims": list{"repo", "context"}},
		{"branches": list{"main"}, "subjectClaims": list{"repo", "repository_owner", "context"}},
	} {
		trusts := suite.MustRead(t, github(acmeWeb, words), citest.InAWS)
		var template []string
		if claims, customised := words["subjectClaims"]; customised {
			template = citest.Texts(claims)
		}
		as := func(j *Job) { j.SubjectClaims = template }
		if token := classic("web", "89012345", as); !citest.Admitted(trusts, citest.InAWS, token) ||
			!trusts[0].Admits(token) {
			t.Errorf("%v refuses the repository itself", words)
		}
		for _, id := range []any{"667", "8901234", "890123450", "", nil} {
			token := ci.With(classic("web", "667", as), map[string]any{"repository_id": id})
			if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
				t.Errorf("%v admits %v with repository_id %v", words, token["sub"], id)
			}
		}
	}
}

// acme/api is trusted on main alone. Renamed to acme/web, it would get in by that name's environment if the policy had
// one list of names beside one list of ids.
func TestARepositoryTrustedOnMainAloneDoesNotGetInUnderAnothersNameInProduction(t *testing.T) {
	main, both := object{"branches": list{"main"}}, object{"branches": list{"main"}, "environments": list{"production"}}
	trusts := suite.MustRead(t, section(repositoryItem(acmeWeb, both), repositoryItem(acmeAPI, main),
		repositoryItem(acmeCLI, both)), citest.InAWS)
	for _, c := range []struct {
		what   string
		token  map[string]any
		admits bool
	}{
		{"web in production", classic("web", "89012345", inProduction), true},
		{"api on main", classic("api", "4", nil), true},
		{"api's id under web's name in production", classic("web", "4", inProduction), false},
		{"api's id under web's name on main", classic("web", "4", nil), false},
		{"web's id under api's name in production", classic("api", "89012345", inProduction), false},
		{"web's id under api's name on main", classic("api", "89012345", nil), false},
		{"cli's id under web's name in production, of which the same is said", classic("web", "5", inProduction), true},
		{"an unlisted id under web's name in production", classic("web", "667", inProduction), false},
	} {
		if got := citest.Admitted(trusts, citest.InAWS, c.token); got != c.admits {
			t.Errorf("%s: the policy says %v", c.what, got)
		}
		if got := trusts[0].Admits(c.token); got != c.admits {
			t.Errorf("%s: the grants say %v", c.what, got)
		}
	}
}

func TestARepositoryTrustedByItsWorkflowAloneDoesNotGetInUnderTheNameOfOneTrustedByAnyWorkflow(t *testing.T) {
	main := object{"branches": list{"main"}}
	narrow := object{"branches": list{"main"}, "workflows": list{acmePinned}}
	trusts := suite.MustRead(t, section(repositoryItem(acmeWeb, main), repositoryItem(acmeAPI, narrow)), citest.InAWS)
	for _, name := range []string{"web", "api"} {
		if token := classic(name, "4", nil); citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
			t.Errorf("api's id gets in under the name %s by another workflow", name)
		}
	}
}

// mergedAcross is the policy with all ids in each statement that has any: what a list of ids beside a list of names
// would be.
func mergedAcross(t *testing.T, policy *trust.Policy) *trust.Policy {
	t.Helper()
	var ids []string
	const key = Host + ":repository_id"
	for _, s := range policy.Statements {
		for _, c := range s.Conditions {
			if c.Key == key {
				ids = append(ids, c.Values...)
			}
		}
	}
	slices.Sort(ids)
	for _, s := range policy.Statements {
		for i := range s.Conditions {
			if s.Conditions[i].Key == key {
				s.Conditions[i].Values = slices.Compact(ids)
			}
		}
	}
	merged, err := trust.ParsePolicy([]byte(policy.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func TestTheProofFindsIDsThatAreMergedAcrossRepositoriesOfWhichOtherThingsAreSaid(t *testing.T) {
	main, prod := object{"branches": list{"main"}}, object{"environments": list{"production"}}
	for what, items := range map[string]list{
		"contexts": {repositoryItem(acmeWeb, prod), repositoryItem(acmeAPI, main)},
		"some": {
			repositoryItem(acmeWeb, object{"branches": list{"main"}, "environments": list{"production"}}),
			repositoryItem(acmeAPI, main),
		},
		"prefixes": {
			repositoryItem(acmeWeb, object{"branches": list{"release/*"}}),
			repositoryItem(acmeAPI, object{"branches": list{"release/1"}}),
		},
		"workflows": {
			repositoryItem(acmeWeb, main),
			repositoryItem(acmeAPI, object{"branches": list{"main"}, "workflows": list{acmePinned}}),
		},
		"actors": {
			repositoryItem(acmeWeb, object{"branches": list{"main"}, "actors": list{"42"}}),
			repositoryItem(acmeAPI, object{"branches": list{"main"}, "actors": list{mona}}),
		},
		"far apart": {
			repositoryItem(acmeWeb, prod), repositoryItem("acme@1234567/a@11", prod),
			repositoryItem("acme@1234567/b@12", prod), repositoryItem(acmeAPI, main),
			repositoryItem("acme@1234567/c@13", main), repositoryItem("acme@1234567/d@14", main),
		},
	} {
		trusts := suite.MustRead(t, section(items...), citest.InAWS)
		policy := ci.Compile(trusts, citest.InAWS, nil)
		if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if merged := mergedAcross(t, policy); ci.Prove(merged, trusts, citest.InAWS) == nil {
			t.Errorf("%s: the proof passes %s", what, merged.JSON())
		}
	}
}

func TestRepositoriesOfWhichTheSameIsSaidShareAStatement(t *testing.T) {
	words := object{"branches": list{"main"}, "environments": list{"production"}}
	for _, c := range []struct {
		items      list
		statements int
	}{
		{list{repositoryItem(acmeWeb, words), repositoryItem(acmeAPI, words), repositoryItem(acmeCLI, words)}, 1},
		{list{
			repositoryItem(acmeWeb, words),
			repositoryItem(acmeAPI, object{"branches": list{"main"}}),
			repositoryItem(acmeAPI, object{"environments": list{"production"}}),
		}, 1},
		{list{repositoryItem(acmeWeb, words), repositoryItem(acmeAPI, object{"branches": list{"main"}})}, 2},
	} {
		policy := ci.Compile(suite.MustRead(t, section(c.items...), citest.InAWS), citest.InAWS, nil)
		if len(policy.Statements) != c.statements {
			t.Errorf("%d statements, want %d: %s", len(policy.Statements), c.statements, policy.JSON())
		}
	}
}

// By the second item a job gets the role whatever workflow it runs: by the first alone it does not.
func TestAWorkflowThatTheNarrowItemRefusesGetsInByAWiderItemOfTheSameRepositoryAndThatIsFound(t *testing.T) {
	main, prod := object{"branches": list{"main"}}, object{"environments": list{"production"}}
	with := func(words, more object) object {
		words = maps.Clone(words)
		maps.Copy(words, more)
		return words
	}
	narrow, mine := object{"workflows": list{acmePinned}}, object{"actors": list{mona}}
	for _, c := range []struct {
		what  string
		items list
		found []string // paths and details
	}{
		{"once with workflows and once without",
			list{repositoryItem(acmeWeb, with(main, narrow)), repositoryItem(acmeWeb, main)},
			[]string{"github.repositories[1] acme/web without workflows"}},
		{"the other way round, in other contexts",
			list{repositoryItem(acmeWeb, prod), repositoryItem(acmeWeb, with(main, narrow))},
			[]string{"github.repositories[0] acme/web without workflows"}},
		{"once with actors and once without",
			list{repositoryItem(acmeWeb, with(main, mine)), repositoryItem(acmeWeb, main)},
			[]string{"github.repositories[1] acme/web without actors"}},
		{"one by a workflow and one by an actor",
			list{repositoryItem(acmeWeb, with(main, narrow)), repositoryItem(acmeWeb, with(main, mine))},
			[]string{"github.repositories[0] acme/web without actors",
				"github.repositories[1] acme/web without workflows"}},
		{"without ids in one of the items",
			list{repositoryItem(acmeWeb, with(main, narrow)), repositoryItem("acme/web", prod)},
			[]string{"github.repositories[1] acme/web without workflows"}},
		{"both by workflows", list{
			repositoryItem(acmeWeb, with(main, narrow)),
			repositoryItem(acmeWeb, with(prod, object{"workflows": list{acmeDeploy}})),
		}, nil},
		{"another repository", list{repositoryItem(acmeWeb, with(main, narrow)), repositoryItem(acmeAPI, main)}, nil},
	} {
		var found []string
		for _, f := range suite.MustRead(t, section(c.items...), citest.InAWS)[0].Findings {
			if f.ID == narrowingVoid.ID {
				found = append(found, f.Path+" "+f.Detail)
			}
		}
		if !slices.Equal(found, c.found) {
			t.Errorf("%s: %q, want %q", c.what, found, c.found)
		}
	}
	token := classic("web", "89012345", func(j *Job) { j.Workflow = "" })
	for _, items := range []list{
		{repositoryItem(acmeWeb, with(main, narrow))},
		{repositoryItem(acmeWeb, with(main, narrow)), repositoryItem(acmeWeb, main)},
	} {
		if got := citest.Admitted(suite.MustRead(t, section(items...), citest.InAWS), citest.InAWS, token); got !=
			(len(items) == 2) {
			t.Errorf("%d items: any workflow gets in: %v", len(items), got)
		}
	}
}

func TestALongListOfRepositoriesIsCutAndNoIDGetsInUnderANameOfAnotherPart(t *testing.T) {
	root := manyRepositories(ci.MostAlike+5, "acme@1234567/service-%03d@89012%03[1]d")
	trusts, policy, _ := checked(t, root, citest.InAWS)
	if err := ci.Prove(policy, trusts, citest.InAWS); err != nil || len(policy.Statements) != 2 {
		t.Fatalf("%d statements: %v", len(policy.Statements), err)
	}
	for id, admits := range map[string]bool{"89012000": true, "89012199": true, "89012200": false} {
		token := classic("service-000", id, nil)
		r := trusts[0].Request(token, citest.InAWS)
		if got := policy.Decide(&r) == trust.Allowed; got != admits || trusts[0].Admits(token) != admits {
			t.Errorf("the id %s under the first name: the policy says %v, the grants %v", id, got,
				trusts[0].Admits(token))
		}
	}
}
