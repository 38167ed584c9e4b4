package jenkins

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfJenkinsThatPeopleWrite(t *testing.T) {
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("sts.amazonaws.com", operator, subjects...)
	}
	policies := []citest.Audited{
		{
			Name:      "the plugin's example",
			Condition: sub("StringEquals", acme+"job/my-job/"),
			Want:      "medium jenkins-any-branch",
		},
		{Name: "a branch of a multibranch job", Condition: sub("StringEquals", acme+"job/web/job/main/"), Want: ""},
		{Name: "every job", Condition: sub("StringLike", acme+"*"),
			Want: "high jenkins-pull-request-job, medium organization-wide", Witness: "job web/job/PR-7"},
		{Name: "jobs that begin alike", Condition: sub("StringLike", acme+"job/web*"),
			Want: "high jenkins-pull-request-job, medium project-prefix", Witness: "job web/job/PR-7"},
		{Name: "whatever is in a folder, or each branch of a multibranch job",
			Condition: sub("StringLike", acme+"job/web/*"),
			Want:      "high jenkins-pull-request-job, medium project-prefix", Witness: "job web/job/PR-7"},
		{Name: "jobs of a folder that begin alike", Condition: sub("StringLike", acme+"job/team/job/web*"),
			Want: "high jenkins-pull-request-job, medium project-prefix", Witness: "job team/job/web/job/PR-7"},
		{Name: "branches of a multibranch job that begin alike",
			Condition: sub("StringLike", acme+"job/web/job/release%252F*"),
			Want:      "medium project-prefix", Witness: "job web/job/release%252F-mallory"},
		{Name: "pull requests", Condition: sub("StringLike", acme+"job/web/job/PR-*"),
			Want: "high jenkins-pull-request-job, medium project-prefix", Witness: "job web/job/PR-7"},
		{Name: "one pull request", Condition: sub("StringEquals", acme+"job/web/job/PR-12/"),
			Want: "high jenkins-pull-request-job"},
		{Name: "a merge request of GitLab", Condition: sub("StringEquals", acme+"job/web/job/MR-1-merge/"),
			Want: "high jenkins-pull-request-job"},
		{Name: "a job of any name in any folder, called deploy", Condition: sub("StringLike", acme+"*/job/deploy/"),
			Want: "medium organization-wide", Witness: "job/deploy/"},
		{Name: "no slash at the end", Condition: sub("StringEquals", acme+"job/my-job"), Want: "medium never-matches"},
		{Name: "a folder without /job/", Condition: sub("StringLike", acme+"job/my-job/*", acme+"team/web/"),
			Want: "high jenkins-pull-request-job, medium never-matches, medium project-prefix"},
		{Name: "the URL of another Jenkins", Condition: sub("StringEquals", "https://mallory.example/job/my-job/"),
			Want: "medium never-matches"},
		{Name: "every job, those of pull requests denied", Condition: sub("StringLike", acme+"job/web/*"),
			Deny: `{"StringLike":{"ISSUER:sub":["*/job/PR-*","*/job/MR-*"]}}`, Want: "medium project-prefix"},
	}
	for i := range policies {
		policies[i].Host = "jenkins.acme.com/oidc"
	}
	for _, p := range policies[:2] { // of a credential in a folder, and with an issuer of its own
		p.Host = "jenkins.acme.com/oidc/job/team"
		policies = append(policies, p)
		p.Host = "tokens.example.com/jenkins"
		policies = append(policies, p)
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
