package concourse

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfConcourseThatPeopleWrite(t *testing.T) {
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("sts.amazonaws.com", operator, subjects...)
	}
	policies := []citest.Audited{
		{
			Name:      "a team",
			Condition: sub("StringEquals", "main"),
			Want:      "high concourse-any-pipeline",
			Witness:   "team main",
		},
		{Name: "any pipeline of a team", Condition: sub("StringLike", "main/*"), Want: "high concourse-any-pipeline",
			Witness: "team main, pipeline mallory"},
		{Name: "a job of that name in any pipeline of a team", Condition: sub("StringLike", "main/*//deploy"),
			Want: "high concourse-any-pipeline", Witness: "pipeline mallory, job deploy"},
		{Name: "teams that begin alike", Condition: sub("StringLike", "main*"), Want: "high prefix-collision",
			Witness: "team mainmallory"},
		{Name: "a pipeline of that name in any team", Condition: sub("StringLike", "*/web"),
			Want:    "high tenant-not-pinned",
			Witness: "team mallory, pipeline web"},
		{Name: "a pipeline", Condition: sub("StringEquals", "main/web"), Want: "medium concourse-every-job"},
		{
			Name:      "a pipeline, in every scope",
			Condition: sub("StringLike", "main/web/*"),
			Want:      "medium concourse-every-job",
		},
		{Name: "pipelines that begin alike", Condition: sub("StringLike", "main/web*"),
			Want: "medium concourse-every-job, medium project-prefix", Witness: "pipeline webmallory"},
		{Name: "any job of a pipeline", Condition: sub("StringLike", "main/web//*"), Want: "medium concourse-every-job",
			Witness: "job mallory"},
		{Name: "one job", Condition: sub("StringEquals", "main/web//deploy"), Want: ""},
		{Name: "one job of any instance", Condition: sub("StringLike", "main/web/?*/deploy"),
			Want:    "medium project-prefix",
			Witness: "instance mallory, job deploy"},
		{
			Name:      "an instance",
			Condition: sub("StringEquals", "main/web/branch:main"),
			Want:      "medium concourse-every-job",
		},
		{Name: "a pipeline in the scope instance, which has none", Condition: sub("StringEquals", "main/web/"),
			Want: "medium concourse-every-job"},
		{Name: "the checks of a pipeline's resources", Condition: sub("StringEquals", "main/web//"), Want: ""},
		{
			Name:      "a wildcard that StringEquals takes literally",
			Condition: sub("StringEquals", "main/web*"),
			Want:      "medium never-matches",
		},
		{Name: "the team as a key, which AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com","ISSUER:sub":"main/web",` +
				`"ISSUER:team":"main"}}`,
			Want: "medium never-matches"},
		{Name: "a whole team, all but a job denied", Condition: sub("StringLike", "main/*"),
			Deny: `{"StringNotEquals":{"ISSUER:sub":"main/web//deploy"}}`, Want: ""},
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
	suite.Audited(t, policies)
}

// Words and slashes are what the subjects of many issuers are made of.
func TestAnIssuerThatIsCalledNothingLikeACIServerIsNotTakenForAConcourse(t *testing.T) {
	for _, sub := range []string{"main", "main/web", "main/web//deploy", "7f1c9e42-0d2b-4c63-9f0e-1f2e3d4c5b6a"} {
		for _, host := range []string{"login.example.com", "circle.example.com",
			"oidc.eks.eu-west-1.amazonaws.com/id/X"} {
			policy := citest.Audited{Host: host, Condition: citest.Subjects("sts.amazonaws.com", "StringEquals", sub)}
			if found := citest.Ids(suite.Audit(t, policy.Policy())); len(found) != 0 {
				t.Errorf("%s of %s: %q", sub, host, found)
			}
		}
	}
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
