package teamcity

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfTeamCityThatPeopleWrite(t *testing.T) {
	const build = "project:project7:build_type:bt42"
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("sts.amazonaws.com", operator, subjects...)
	}
	policies := []citest.Audited{
		{Name: "any branch", Condition: sub("StringEquals", build), Want: "high teamcity-any-branch", Witness: build},
		{Name: "any branch, of one trigger", Condition: sub("StringEquals", build+":trigger_type:user"),
			Want: "high teamcity-any-branch", Witness: "trigger type user"},
		{Name: "whatever the build feature writes", Condition: sub("StringLike", build+"*"),
			Want:    "high teamcity-any-branch, medium project-prefix",
			Witness: "build type bt42bt66"},
		{Name: "whatever is scoped", Condition: sub("StringLike", build+":*"), Want: "high teamcity-any-branch"},
		{Name: "any branch that is named", Condition: sub("StringLike", build+":branch:*"),
			Want:    "high teamcity-any-branch",
			Witness: "branch mallory"},
		{
			Name:      "any full name",
			Condition: sub("StringLike", build+":branch:refs/heads/*"),
			Want:      "high teamcity-any-branch",
		},
		{Name: "any branch that ends alike", Condition: sub("StringLike", build+":branch:*-prod"),
			Want: "high teamcity-any-branch"},
		{Name: "the default branch", Condition: sub("StringEquals", build+":branch:refs/heads/main"),
			Want: "medium teamcity-branch-name"},
		{Name: "a branch by its logical name", Condition: sub("StringEquals", build+":branch:main"), Want: ""},
		{Name: "a branch and its trigger", Condition: sub("StringEquals", build+":branch:main:trigger_type:vcsTrigger"),
			Want: ""},
		{Name: "a branch and any trigger", Condition: sub("StringLike", build+":branch:main:trigger_type:*"), Want: ""},
		{Name: "branches behind a separator", Condition: sub("StringLike", build+":branch:release/*"),
			Want: "low ref-prefix", Witness: "branch release/mallory"},
		{Name: "main*", Condition: sub("StringLike", build+":branch:main*"), Want: "medium ref-name-prefix",
			Witness: "branch mainmallory"},
		{Name: "release branches of the repository", Condition: sub("StringLike", build+":branch:refs/heads/release/*"),
			Want: "medium teamcity-branch-name, low ref-prefix"},
		{Name: "p*, as pull requests are called", Condition: sub("StringLike", build+":branch:p*"),
			Want: "high teamcity-pull-requests"},
		{
			Name:      "pull requests",
			Condition: sub("StringLike", build+":branch:pull/*"),
			Want:      "high teamcity-pull-requests",
		},
		{Name: "1*, as pull requests are called, too", Condition: sub("StringLike", build+":branch:1*"),
			Want: "high teamcity-pull-requests"},
		{Name: "any build configuration of a project",
			Condition: sub("StringLike", "project:project7:build_type:*:branch:main"),
			Want:      "medium project-prefix", Witness: "project project7, build type bt66"},
		{Name: "any project", Condition: sub("StringLike", "project:*:build_type:*"),
			Want: "high teamcity-any-branch, medium organization-wide", Witness: "project project66"},
		{Name: "a build configuration of whatever project",
			Condition: sub("StringLike", "project:*:build_type:bt42:branch:main"),
			Want:      ""},
		{Name: "external ids",
			Condition: sub("StringEquals", "project:MyProject:build_type:MyProject_Build:branch:main"),
			Want:      "low teamcity-id-form"},
		{Name: "the trigger before the branch", Condition: sub("StringEquals", build+":trigger_type:user:branch:main"),
			Want: "medium never-matches"},
		{
			Name:      "another word",
			Condition: sub("StringEquals", build+":ref:refs/heads/main"),
			Want:      "medium never-matches",
		},
		{Name: "slashes for colons", Condition: sub("StringLike", build+"/branch/main"), Want: "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", build+":branch:*"),
			Want: "medium never-matches"},
		{Name: "everything, all but the default branch denied", Condition: sub("StringLike", build+"*"),
			Deny: `{"StringNotEquals":{"ISSUER:sub":"` + build + `:branch:main"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = "teamcity.example.com"
	}
	suite.Audited(t, policies)
}

// Other systems name projects, too, and an audit that took their subjects for TeamCity's would call a stranger's
// project one of the server's.
func TestASubjectThatBeginsWithAProjectAloneIsNotTakenForTeamCitys(t *testing.T) {
	for _, sub := range []string{"project:*", "project:*:branch:main", "project:web:*"} {
		policy := citest.Audited{
			Host:      "ci.example.com",
			Condition: citest.Subjects("sts.amazonaws.com", "StringLike", sub),
		}
		if found := suite.Audit(t, policy.Policy()); !citest.HasHigh(found) {
			t.Errorf("%s: %q", sub, citest.Ids(found))
		}
	}
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
