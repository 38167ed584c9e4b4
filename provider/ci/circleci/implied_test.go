package circleci

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// projectAt is one of many projects: its id and its repository.
func projectAt(i int) (id, origin string) {
	return fmt.Sprintf("0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f%04x", i), fmt.Sprintf("github.com/acme/web%d", i)
}

// projects is a section with many projects, each by its branch.
func projects(n int) object {
	var items list
	for i := range n {
		id, origin := projectAt(i)
		items = append(items, object{"id": id, "vcsOrigin": origin, "branches": list{"main"}})
	}
	return object{"circleci": object{"organizationId": organization, "projects": items}}
}

func TestEightProjectsByBranchFitTheDefaultQuota(t *testing.T) {
	trusts := suite.MustRead(t, projects(8), citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	policy := ci.Compile(trusts, citest.InAWS, nil)
	if len(policy.Statements) != 1 || strings.Contains(policy.JSON(), ":"+claim) {
		t.Errorf("%s", policy.JSON())
	}
}

func TestOneProjectKeepsItsKeyBecauseNothingIsGainedWithoutIt(t *testing.T) {
	for _, written := range []object{
		projects(1),
		circleci(object{"vcsOrigin": origin, "branches": list{"main", "release/*"}, "tags": list{"v*"}}),
	} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		if text := ci.Compile(trusts, citest.InAWS, nil).JSON(); !strings.Contains(text, ":"+claim) {
			t.Errorf("%s", text)
		}
	}
}

func TestAmongManyProjectsOnlyTheListedOnesGetInEachFromItsOwnRepository(t *testing.T) {
	trusts := suite.MustRead(t, projects(8), citest.InAWS)
	job := func(change func(*Job)) map[string]any {
		id, origin := projectAt(4)
		job := Job{Organization: organization, Project: id, User: someUser, Origin: origin, Ref: "refs/heads/main",
			Audience: organization}
		change(&job)
		return job.Claims()
	}
	unlisted, unlistedOrigin := projectAt(8)
	other, otherOrigin := projectAt(5)
	for _, c := range []struct {
		what   string
		token  map[string]any
		admits bool
	}{
		{"one from the middle", job(func(*Job) {}), true},
		{"an unlisted project", job(func(j *Job) { j.Project, j.Origin = unlisted, unlistedOrigin }), false},
		{"an unlisted project with a listed repository", job(func(j *Job) { j.Project = unlisted }), false},
		{"another listed project with this one's repository", job(func(j *Job) { j.Project = other }), false},
		{"this project with another listed one's repository", job(func(j *Job) { j.Origin = otherOrigin }), false},
		{"another branch", job(func(j *Job) { j.Ref = "refs/heads/mallory" }), false},
		{"another organization in the subject", job(func(j *Job) { j.Organization = strangersOrg }), false},
		{"a branch crafted to end like another project's subject", job(func(j *Job) {
			j.Ref = "refs/heads/x/vcs-origin/" + otherOrigin + "/vcs-ref/refs/heads/main"
		}), false},
		{"the short token", job(func(j *Job) { j.Short = true }), false},
	} {
		if got := citest.Admitted(trusts, citest.InAWS, c.token); got != c.admits {
			t.Errorf("%s: the policy says %v", c.what, got)
		}
		if got := trusts[0].Admits(c.token); got != c.admits {
			t.Errorf("%s: the grants say %v", c.what, got)
		}
	}
}

// Each mistake is what a merge of parts of subjects, and not of whole ones, would make.
func TestTheProofFindsProjectsWhoseSubjectsAreMergedAcross(t *testing.T) {
	trusts := suite.MustRead(t, projects(3), citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil)
	if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
		t.Fatal(err)
	}
	first, firstOrigin := projectAt(0)
	_, secondOrigin := projectAt(1)
	for _, mistake := range []string{
		strings.Replace(policy.JSON(), first, strings.Repeat("?", 36), 1),
		strings.Replace(policy.JSON(), first, "*", 1),
		strings.Replace(policy.JSON(), firstOrigin+"/", secondOrigin+"/", 1),
		strings.Replace(policy.JSON(), firstOrigin+"/", "github.com/acme/*/", 1),
	} {
		merged, err := trust.ParsePolicy([]byte(mistake))
		if err != nil {
			t.Fatal(err)
		}
		if ci.Prove(merged, trusts, citest.InAWS) == nil {
			t.Errorf("the proof passes %s", mistake)
		}
	}
}

func TestASubjectImpliesTheProjectsIDOnlyWhereItHoldsItWhole(t *testing.T) {
	user := strings.Repeat("?", 36)
	for _, c := range []struct {
		sub  string
		want bool
	}{
		{"org/" + organization + "/project/" + ourProject + "/user/" + user, true},
		{"org/" + organization + "/project/" + ourProject + "/user/*", true},
		{"org/" + organization + "/project/" + ourProject + "/user/" + user + "/vcs-origin/*", true},
		{"org/*/project/" + ourProject + "/user/*", false}, // an origin can go on like that
		{"org/" + organization + "/project/*/user/" + user, false},
		{"org/" + organization + "/project/" + ourProject[:35] + "?/user/" + user, false},
		{"org/" + organization + "/project/" + otherProject + "/user/" + user, false},
		{"*" + ourProject + "*", false}, {"*", false},
		{"org/" + organization + "/*/vcs-origin/" + origin + "/vcs-ref/refs/heads/main", false},
		{"project:" + ourProject, false}, // of no form
	} {
		if got := ci.Implies((System{}).Forms(), c.sub, claim, ourProject); got != c.want {
			t.Errorf("%s: %v", c.sub, got)
		}
	}
}

func TestNothingIsImpliedOnAServerOrWhereAWSFillsNoKey(t *testing.T) {
	written := projects(3)
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		trusts := suite.MustRead(t, written, account)
		if policy := ci.Compile(trusts, account, nil); len(policy.Statements) != 1 {
			t.Errorf("%s", policy.JSON())
		}
	}
	if owner, _ := suite.Registry().Owner("circleci.example.com/org/" + organization); owner != nil {
		t.Error("a server is taken for circleci.com")
	}
}
