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
	policies := []citest.Policy{
		{Name: "any branch", Allow: sub("StringEquals", build), Want: "teamcity-any-branch high", Shows: build},
		{Name: "any branch, of one trigger", Allow: sub("StringEquals", build+":trigger_type:user"),
			Want: "teamcity-any-branch high", Shows: "trigger type user"},
		{Name: "whatever the build feature writes", Allow: sub("StringLike", build+"*"),
			Want:  "teamcity-any-branch high, project-prefix medium",
			Shows: "build type bt42bt66"},
		{Name: "whatever is scoped", Allow: sub("StringLike", build+":*"), Want: "teamcity-any-branch high"},
		{Name: "any branch that is named", Allow: sub("StringLike", build+":branch:*"), Want: "teamcity-any-branch high",
			Shows: "branch mallory"},
		{Name: "any full name", Allow: sub("StringLike", build+":branch:refs/heads/*"), Want: "teamcity-any-branch high"},
		{Name: "any branch that ends alike", Allow: sub("StringLike", build+":branch:*-prod"),
			Want: "teamcity-any-branch high"},
		{Name: "the default branch", Allow: sub("StringEquals", build+":branch:refs/heads/main"),
			Want: "teamcity-branch-name medium"},
		{Name: "a branch by its logical name", Allow: sub("StringEquals", build+":branch:main"), Want: ""},
		{Name: "a branch and its trigger", Allow: sub("StringEquals", build+":branch:main:trigger_type:vcsTrigger"),
			Want: ""},
		{Name: "a branch and any trigger", Allow: sub("StringLike", build+":branch:main:trigger_type:*"), Want: ""},
		{Name: "branches behind a separator", Allow: sub("StringLike", build+":branch:release/*"),
			Want: "ref-prefix low", Shows: "branch release/mallory"},
		{Name: "main*", Allow: sub("StringLike", build+":branch:main*"), Want: "ref-name-prefix medium",
			Shows: "branch mainmallory"},
		{Name: "release branches of the repository", Allow: sub("StringLike", build+":branch:refs/heads/release/*"),
			Want: "teamcity-branch-name medium, ref-prefix low"},
		{Name: "p*, as pull requests are called", Allow: sub("StringLike", build+":branch:p*"),
			Want: "teamcity-pull-requests high"},
		{Name: "pull requests", Allow: sub("StringLike", build+":branch:pull/*"), Want: "teamcity-pull-requests high"},
		{Name: "1*, as pull requests are called, too", Allow: sub("StringLike", build+":branch:1*"),
			Want: "teamcity-pull-requests high"},
		{Name: "any build configuration of a project", Allow: sub("StringLike", "project:project7:build_type:*:branch:main"),
			Want: "project-prefix medium", Shows: "project project7, build type bt66"},
		{Name: "any project", Allow: sub("StringLike", "project:*:build_type:*"),
			Want: "teamcity-any-branch high, organization-wide medium", Shows: "project project66"},
		{Name: "a build configuration of whatever project", Allow: sub("StringLike", "project:*:build_type:bt42:branch:main"),
			Want: ""},
		{Name: "external ids", Allow: sub("StringEquals", "project:MyProject:build_type:MyProject_Build:branch:main"),
			Want: "teamcity-id-form low"},
		{Name: "the trigger before the branch", Allow: sub("StringEquals", build+":trigger_type:user:branch:main"),
			Want: "never-matches medium"},
		{Name: "another word", Allow: sub("StringEquals", build+":ref:refs/heads/main"), Want: "never-matches medium"},
		{Name: "slashes for colons", Allow: sub("StringLike", build+"/branch/main"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", build+":branch:*"),
			Want: "never-matches medium"},
		{Name: "everything, all but the default branch denied", Allow: sub("StringLike", build+"*"),
			Deny: `{"StringNotEquals":{"KEY:sub":"` + build + `:branch:main"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = "teamcity.example.com"
	}
	suite.Policies(t, policies)
}

// Other systems name projects, too, and an audit that took their subjects for TeamCity's would call a stranger's project
// one of the server's.
func TestASubjectThatBeginsWithAProjectAloneIsNotTakenForTeamCitys(t *testing.T) {
	for _, sub := range []string{"project:*", "project:*:branch:main", "project:web:*"} {
		policy := citest.Policy{Host: "ci.example.com", Allow: citest.Subjects("sts.amazonaws.com", "StringLike", sub)}
		if found := suite.Audit(t, policy.JSON()); !citest.HasHigh(found) {
			t.Errorf("%s: %q", sub, citest.Ids(found))
		}
	}
}
