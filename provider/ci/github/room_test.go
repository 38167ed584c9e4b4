package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// fleet is n repositories of acme of which the same is said. The number of a repository stands in form.
func fleet(n int, form string, words object) object {
	var items list
	for i := range n {
		items = append(items, repositoryItem(fmt.Sprintf(form, i), words))
	}
	return section(items...)
}

const (
	eightDigits = "acme@1234567/service-%02d@8901%04[1]d"
	tenDigits   = "acme@1234567/service-%02d@890123%04[1]d"
)

// fitted reads and checks a trust, and says what is wrong with its size, "" for nothing.
func fitted(t *testing.T, written object, account ci.Account) ([]ci.Trust, int, string) {
	t.Helper()
	trusts := suite.MustRead(t, written, account)
	var problems input.Problems
	if err := ci.Check(trusts, account, input.Value{Known: true}, &problems); err != nil {
		t.Fatal(err)
	}
	reason := ""
	for _, p := range problems.Sorted() {
		reason += p.Reason
	}
	return trusts, trust.Size(ci.Compile(trusts, account, nil).JSON()), reason
}

func TestHowManyRepositoriesFitTheDefaultQuota(t *testing.T) {
	main, both := object{"branches": list{"main"}}, object{"branches": list{"main"}, "pullRequests": true}
	for _, c := range []struct {
		what, form string
		words      object
		account    ci.Account
		most       int
	}{
		{"on a branch, ids of 8 digits", eightDigits, main, citest.InAWS, 100},
		{"on a branch, ids of 10 digits", tenDigits, main, citest.InAWS, 84},
		{"on a branch and pull requests, ids of 8 digits", eightDigits, both, citest.InAWS, 92},
		{"on a branch, in aws-us-gov", eightDigits, main, citest.InGov, 28},
		{"on a branch, in aws-cn", eightDigits, main, citest.InChina, 28},
		{"on a branch and pull requests, in aws-us-gov", eightDigits, both, citest.InGov, 15},
	} {
		if _, size, reason := fitted(t, fleet(c.most, c.form, c.words), c.account); reason != "" {
			t.Errorf("%s: %d repositories do not fit: %d characters", c.what, c.most, size)
		}
		if _, size, reason := fitted(t, fleet(c.most+1, c.form, c.words), c.account); reason == "" {
			t.Errorf("%s: %d repositories fit as well: %d characters", c.what, c.most+1, size)
		}
	}
}

func TestFortyRepositoriesWithPullRequestsTake1470Characters(t *testing.T) {
	trusts, size, reason := fitted(t,
		fleet(40, eightDigits, object{"branches": list{"main"}, "pullRequests": true}), citest.InAWS)
	if size != 1470 || reason != "" {
		t.Errorf("%d characters %s", size, reason)
	}
	want := "GitHub Actions: acme/service-07, by its ids alone, on pull requests"
	if sentences := ci.Sentences(trusts); !slices.Contains(sentences, want) {
		t.Errorf("no sentence says that the name does not count: %q", sentences[:2])
	}
	if !slices.Contains(citest.FindingIDs(trusts), "github-compact-form") {
		t.Error("no finding says that names are no longer pinned")
	}
}

func TestWhatDoesNotFitIsToldTheSmallestSizeAndTheQuotaThatWouldDo(t *testing.T) {
	words := object{"branches": list{"main"}, "pullRequests": true}
	for n, want := range map[int][]string{
		100: {"2048 are allowed", "that of finding github-compact-form (the readable one has ",
			"to 4096, which would do", "100 values of repository_id"},
		300: {"to 8192, which would do"},
		900: {"8192, would not do"},
	} {
		_, _, reason := fitted(t, fleet(n, "acme@1234567/service-%03d@8901%04[1]d", words), citest.InAWS)
		for _, text := range want {
			if !strings.Contains(reason, text) {
				t.Errorf("%d: %q is missing in %.600s", n, text, reason)
			}
		}
	}
	_, _, reason := fitted(t, fleet(100, eightDigits, words), citest.InAWS)
	if !strings.Contains(reason, "has 2130 characters") {
		t.Errorf("%.300s", reason)
	}
}

// asPullRequest are subjects of acme/service-07 that end like a pull request's, by templates that anybody who may write
// to the repository's settings, or name a workflow or an account, makes.
var asPullRequest = []string{
	"event_name:pull_request", "actor:pull_request", "workflow:pull_request", "environment:pull_request",
	"pull_request:pull_request", "ref:refs/heads/main:pull_request",
}

func TestAnyJobThatSaysPullRequestInItsTemplateDoesNotGetInByTheCompactForm(t *testing.T) {
	main := object{"branches": list{"main"}}
	for _, written := range []object{
		fleet(40, eightDigits, merged(object{"pullRequests": true}, main)),
		at(object{"identify": "ids"}, "acme@1234567/service-07@89010007", merged(object{"pullRequests": true}, main)),
	} {
		trusts, _, _ := fitted(t, written, citest.InAWS)
		policy := ci.Compile(trusts, citest.InAWS, nil)
		for _, end := range asPullRequest {
			for _, name := range []string{"acme/service-07", "acme@1234567/service-07@89010007"} {
				claims := ci.With(classic("service-07", "89010007", nil),
					map[string]any{"sub": "repo:" + name + ":" + end})
				r := trusts[0].Request(claims, citest.InAWS)
				if policy.Decide(&r) != trust.Denied || trusts[0].Admits(claims) {
					t.Errorf("%s gets in by %s", claims["sub"], policy.JSON())
				}
				if with := withoutDeny(t, policy, endsLikeRequest); with.Decide(&r) != trust.Allowed &&
					strings.Count(end, ":") == 1 {
					t.Errorf("%s is refused by the Deny of five parts alone: the test shows nothing", claims["sub"])
				}
				if without := withoutDeny(t, policy, ""); without.Decide(&r) != trust.Allowed {
					t.Errorf("%s is refused without a Deny: the test shows nothing", claims["sub"])
				}
			}
		}
		for _, dropped := range []string{endsLikeRequest, fiveParts, ""} {
			if err := ci.Prove(withoutDeny(t, policy, dropped), trusts, citest.InAWS); err == nil {
				t.Errorf("the proof does not miss the Deny of %q", dropped)
			}
		}
	}
}

// withoutDeny is a policy whose Deny does not refuse a pattern; "" leaves all Denies out.
func withoutDeny(t *testing.T, policy *trust.Policy, pattern string) *trust.Policy {
	t.Helper()
	changed := *policy
	changed.Statements = nil
	for _, s := range policy.Statements {
		if s.Effect == "Deny" && pattern == "" {
			continue
		}
		if s.Effect == "Deny" {
			s.Conditions = slices.Clone(s.Conditions)
			for i, c := range s.Conditions {
				s.Conditions[i].Values = slices.DeleteFunc(slices.Clone(c.Values), func(v string) bool {
					return v == pattern
				})
			}
		}
		changed.Statements = append(changed.Statements, s)
	}
	parsed, err := trust.ParsePolicy([]byte(changed.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// The Deny of *:*:*:pull_request would refuse the environment pull_request, and silently all that p* stands for there.
func TestAnEnvironmentThatIsCalledPullRequestIsNotRefusedSilently(t *testing.T) {
	for _, environment := range []string{"pull_request", "p*", "pull_request*", "*"} {
		words := object{"environments": list{environment}}
		written := fleet(6, eightDigits, object{"branches": list{"main"}, "pullRequests": true})
		repositories := written["github"].(object)["repositories"].(list)
		written["github"].(object)["repositories"] = append(repositories, repositoryItem(acmeWeb, words))
		trusts := suite.MustRead(t, written, citest.InAWS)
		for _, compacted := range []bool{false, true} {
			trusts[0].Compacted = compacted
			policy := ci.Compile(trusts, citest.InAWS, nil)
			if strings.Contains(policy.JSON(), endsLikeRequest) {
				t.Errorf("%s: %s", environment, policy.JSON())
			}
			if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
				t.Errorf("%s: %v", environment, err)
			}
			claims := classic("web", "89012345", func(j *Job) { j.Environment = "pull_request" })
			if r := trusts[0].Request(claims, citest.InAWS); policy.Decide(&r) != trust.Allowed {
				t.Errorf("%s: the environment pull_request is refused", environment)
			}
		}
		written["github"].(object)["identify"] = "ids"
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.identify: cannot be ids where pull requests are") {
			t.Errorf("%s: %q", environment, lines)
		}
	}
	beside := object{"github": object{
		"identify":     "ids",
		"repositories": list{repositoryItem(acmeWeb, object{"pullRequests": true})},
		"organizations": list{
			object{"organization": "acme@1234567", "workflows": list{acmePinned}, "environments": list{"p*"}},
		},
	}, "acceptRisks": suite.AllRisks()}
	if _, lines := suite.Read(beside, citest.InAWS); len(lines) != 1 ||
		!strings.HasPrefix(lines[0], "github.identify: cannot be ids where pull requests are") {
		t.Errorf("an organization's environments p*: %q", lines)
	}
	for _, environment := range []string{"pull_request2", "pull-*", "Pull_request"} {
		trusts := suite.MustRead(t, github(acmeWeb, object{"environments": list{environment}, "pullRequests": true}),
			citest.InAWS)
		if slices.ContainsFunc(trusts[0].Grants, func(g ci.Grant) bool { return g.Compact == nil }) {
			t.Errorf("%s takes the compact form away without need", environment)
		}
	}
}

func TestARepositoryWithATemplateOfItsOwnTakesTheCompactFormFromAll(t *testing.T) {
	written := section(repositoryItem(acmeWeb, object{"branches": list{"main"}, "pullRequests": true}),
		repositoryItem(acmeAPI,
			object{"branches": list{"main"}, "subjectClaims": list{"repo", "repository_id", "context"}}))
	for _, g := range suite.MustRead(t, written, citest.InAWS)[0].Grants {
		if g.Compact != nil {
			t.Errorf("%s would refuse the subjects of five parts that another item trusts", g.Sentence)
		}
	}
}

func TestARenameCutsNoRepositoryOffThatIsKnownByItsIDs(t *testing.T) {
	words := object{"branches": list{"main"}}
	byNames := suite.MustRead(t, github(acmeWeb, words), citest.InAWS)
	byIDs := suite.MustRead(t, at(object{"identify": "ids"}, acmeWeb, words), citest.InAWS)
	for _, c := range []struct {
		what         string
		change       func(*Job)
		names, byIDs bool
	}{
		{"the repository", func(*Job) {}, true, true},
		{"the repository, renamed", func(j *Job) { j.Repository = "site" }, false, true},
		{"its owner, renamed", func(j *Job) { j.Owner = "acme-inc" }, false, true},
		{"another repository of its name", func(j *Job) { j.RepositoryID = "667" }, false, false},
		{"another owner's repository, by its ids but the owner's", func(j *Job) { j.OwnerID = "666" }, false, false},
		{"another repository", func(j *Job) { j.Repository, j.RepositoryID = "api", "4" }, false, false},
		{"its pull request", func(j *Job) { j.Event, j.Ref = "pull_request", "refs/pull/7/merge" }, false, false},
		{"another branch of it", func(j *Job) { j.Ref = "refs/heads/x" }, false, false},
	} {
		for _, immutable := range []bool{false, true} {
			claims := classic("web", "89012345", func(j *Job) { c.change(j); j.Immutable = immutable })
			if got := citest.Admitted(byNames, citest.InAWS, claims); got != c.names {
				t.Errorf("by names: %s: %v", c.what, got)
			}
			if got := citest.Admitted(byIDs, citest.InAWS, claims); got != c.byIDs || got != byIDs[0].Admits(claims) {
				t.Errorf("by ids: %s: %v", c.what, got)
			}
		}
	}
	citest.SameStrings(t, "grants", ci.Sentences(byIDs),
		[]string{"GitHub Actions: acme/web, by its ids alone, on branch main"})
	if slices.Contains(citest.FindingIDs(byIDs), "github-compact-form") {
		t.Error("identify: ids was asked for, and a finding says that it was needed")
	}
}

// Outside the aws partition no key says which repository it is: the subject alone does, and
// repo:acme@1234567/*@89012345 by itself would let in whoever may write to another repository of acme's.
func TestAnotherRepositoryWithATemplateDoesNotGetInByAnIDInTheSubject(t *testing.T) {
	for _, account := range []ci.Account{citest.InChina, citest.InGov} {
		trusts := suite.MustRead(t, at(object{"identify": "ids"}, acmeWeb, object{"branches": list{"main"}}), account)
		policy := ci.Compile(trusts, account, nil)
		if want := "repo:acme@1234567/*@89012345:ref:refs/heads/main"; !strings.Contains(policy.JSON(), want) {
			t.Errorf("no %s in %s", want, policy.JSON())
		}
		job := webJob()
		job.Audience, job.Environment, job.Repository, job.RepositoryID = first(trusts[0].Audiences()), "",
			"evil", "667"
		for _, sub := range []string{
			"repo:acme@1234567/evil@667:workflow:x@89012345:ref:refs/heads/main",
			"repo:acme@1234567/evil@667:ref:refs/heads/x@89012345:ref:refs/heads/main",
		} {
			claims := ci.With(job.Claims(), map[string]any{"sub": sub})
			r := trusts[0].Request(claims, account)
			if policy.Decide(&r) != trust.Denied || trusts[0].Admits(claims) {
				t.Errorf("%s gets in", sub)
			}
			if withoutDeny(t, policy, "").Decide(&r) != trust.Allowed {
				t.Errorf("%s is refused without the Deny: the test shows nothing", sub)
			}
		}
		if ci.Prove(withoutDeny(t, policy, ""), trusts, account) == nil {
			t.Error("the proof does not miss the Deny")
		}
		for name, admits := range map[string]bool{
			"acme@1234567/web@89012345": true, "acme@1234567/site@89012345": true, "acme@1234567/web@667": false,
			"acme@666/web@89012345": false, "acme-inc@1234567/web@89012345": false, "acme/web": false,
		} {
			claims := ci.With(job.Claims(), map[string]any{"sub": "repo:" + name + ":ref:refs/heads/main"})
			r := trusts[0].Request(claims, account)
			if got := policy.Decide(&r) == trust.Allowed; got != admits || got != trusts[0].Admits(claims) {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

func TestWhatCannotBeKnownByItsIDsIsRefusedWithWhatToWrite(t *testing.T) {
	main, ids := object{"branches": list{"main"}}, object{"identify": "ids"}
	for _, c := range []struct {
		written object
		want    string
	}{
		{at(ids, "acme/web", main),
			"github.repositories[0].repository: has no ids, and identify is ids; " + repositoryHelp},
		{at(ids, acmeWeb, merged(main, object{"subjectClaims": list{"repo", "repository_id", "context"}})),
			"github.repositories[0].subjectClaims: cannot stand beside identify: ids"},
		{at(merged(ids, object{"hostname": "github.example.com"}), "acme/web", main),
			"github.identify: cannot be ids on a GitHub Enterprise Server"},
		{at(object{"identify": "id"}, acmeWeb, main), "github.identify: must be names or ids"},
	} {
		c.written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(c.written, citest.InAWS)
		if len(lines) == 0 || !strings.HasPrefix(lines[0], c.want) {
			t.Errorf("%q, want %s", lines, c.want)
		}
	}
}

func TestAnIDOfOneRepositoryDoesNotGetInByTheNameAndContextOfAnotherInAnyForm(t *testing.T) {
	main, prod := object{"branches": list{"main"}}, object{"environments": list{"production"}}
	written := section(repositoryItem(acmeWeb, prod), repositoryItem(acmeAPI, main), repositoryItem(acmeCLI, prod))
	for _, identify := range []string{"names", "ids"} {
		written["github"].(object)["identify"] = identify
		trusts := suite.MustRead(t, written, citest.InAWS)
		policy := ci.Compile(trusts, citest.InAWS, nil)
		for _, name := range []string{"web", "api", "cli"} {
			token := classic(name, "4", inProduction)
			if r := trusts[0].Request(token, citest.InAWS); policy.Decide(&r) != trust.Denied ||
				trusts[0].Admits(token) {
				t.Errorf("%s: api, trusted on main alone, gets into production as %s", identify, name)
			}
		}
		if merged := mergedAcross(t, policy); ci.Prove(merged, trusts, citest.InAWS) == nil {
			t.Errorf("%s: the proof passes %s", identify, merged.JSON())
		}
	}
}
