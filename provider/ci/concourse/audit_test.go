package concourse

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfConcourseThatPeopleWrite(t *testing.T) {
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("sts.amazonaws.com", operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "a team", Allow: sub("StringEquals", "main"), Want: "concourse-any-pipeline high", Shows: "team main"},
		{Name: "any pipeline of a team", Allow: sub("StringLike", "main/*"), Want: "concourse-any-pipeline high",
			Shows: "team main, pipeline mallory"},
		{Name: "a job of that name in any pipeline of a team", Allow: sub("StringLike", "main/*//deploy"),
			Want: "concourse-any-pipeline high", Shows: "pipeline mallory, job deploy"},
		{Name: "teams that begin alike", Allow: sub("StringLike", "main*"), Want: "prefix-collision high",
			Shows: "team mainmallory"},
		{Name: "a pipeline of that name in any team", Allow: sub("StringLike", "*/web"), Want: "tenant-not-pinned high",
			Shows: "team mallory, pipeline web"},
		{Name: "a pipeline", Allow: sub("StringEquals", "main/web"), Want: "concourse-every-job medium"},
		{Name: "a pipeline, in every scope", Allow: sub("StringLike", "main/web/*"), Want: "concourse-every-job medium"},
		{Name: "pipelines that begin alike", Allow: sub("StringLike", "main/web*"),
			Want: "concourse-every-job medium, project-prefix medium", Shows: "pipeline webmallory"},
		{Name: "any job of a pipeline", Allow: sub("StringLike", "main/web//*"), Want: "concourse-every-job medium",
			Shows: "job mallory"},
		{Name: "one job", Allow: sub("StringEquals", "main/web//deploy"), Want: ""},
		{Name: "one job of any instance", Allow: sub("StringLike", "main/web/?*/deploy"), Want: "project-prefix medium",
			Shows: "instance mallory, job deploy"},
		{Name: "an instance", Allow: sub("StringEquals", "main/web/branch:main"), Want: "concourse-every-job medium"},
		{Name: "a pipeline in the scope instance, which has none", Allow: sub("StringEquals", "main/web/"),
			Want: "concourse-every-job medium"},
		{Name: "the checks of a pipeline's resources", Allow: sub("StringEquals", "main/web//"), Want: ""},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", "main/web*"), Want: "never-matches medium"},
		{Name: "the team as a key, which AWS does not fill",
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"main/web","KEY:team":"main"}}`,
			Want:  "never-matches medium"},
		{Name: "a whole team, all but a job denied", Allow: sub("StringLike", "main/*"),
			Deny: `{"StringNotEquals":{"KEY:sub":"main/web//deploy"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = "ci.example.com"
	}
	for _, host := range []string{"concourse.example.com", "www.example.com/ci", "my-concourse-server.example.com"} {
		for _, p := range policies[:10] {
			p.Name, p.Host = p.Name+" at "+host, host
			policies = append(policies, p)
		}
	}
	suite.Policies(t, policies)
}

// Words and slashes are what the subjects of many issuers are made of.
func TestAnIssuerThatIsCalledNothingLikeACIServerIsNotTakenForAConcourse(t *testing.T) {
	for _, sub := range []string{"main", "main/web", "main/web//deploy", "7f1c9e42-0d2b-4c63-9f0e-1f2e3d4c5b6a"} {
		for _, host := range []string{"login.example.com", "circle.example.com", "oidc.eks.eu-west-1.amazonaws.com/id/X"} {
			policy := citest.Policy{Host: host, Allow: citest.Subjects("sts.amazonaws.com", "StringEquals", sub)}
			if found := citest.Ids(suite.Audit(t, policy.JSON())); len(found) != 0 {
				t.Errorf("%s of %s: %q", sub, host, found)
			}
		}
	}
}
