package jenkins

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfJenkinsThatPeopleWrite(t *testing.T) {
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("sts.amazonaws.com", operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "the plugin's example", Allow: sub("StringEquals", acme+"job/my-job/"), Want: "jenkins-any-branch medium"},
		{Name: "a branch of a multibranch job", Allow: sub("StringEquals", acme+"job/web/job/main/"), Want: ""},
		{Name: "every job", Allow: sub("StringLike", acme+"*"),
			Want: "jenkins-pull-request-job high, organization-wide medium", Shows: "job web/job/PR-7"},
		{Name: "jobs that begin alike", Allow: sub("StringLike", acme+"job/web*"),
			Want: "jenkins-pull-request-job high, project-prefix medium", Shows: "job web/job/PR-7"},
		{Name: "whatever is in a folder, or each branch of a multibranch job", Allow: sub("StringLike", acme+"job/web/*"),
			Want: "jenkins-pull-request-job high, project-prefix medium", Shows: "job web/job/PR-7"},
		{Name: "jobs of a folder that begin alike", Allow: sub("StringLike", acme+"job/team/job/web*"),
			Want: "jenkins-pull-request-job high, project-prefix medium", Shows: "job team/job/web/job/PR-7"},
		{Name: "branches of a multibranch job that begin alike", Allow: sub("StringLike", acme+"job/web/job/release%252F*"),
			Want: "project-prefix medium", Shows: "job web/job/release%252Fmallory"},
		{Name: "pull requests", Allow: sub("StringLike", acme+"job/web/job/PR-*"),
			Want: "jenkins-pull-request-job high, project-prefix medium", Shows: "job web/job/PR-7"},
		{Name: "one pull request", Allow: sub("StringEquals", acme+"job/web/job/PR-12/"),
			Want: "jenkins-pull-request-job high"},
		{Name: "a merge request of GitLab", Allow: sub("StringEquals", acme+"job/web/job/MR-1-merge/"),
			Want: "jenkins-pull-request-job high"},
		{Name: "a job of any name in any folder, called deploy", Allow: sub("StringLike", acme+"*/job/deploy/"),
			Want: "organization-wide medium", Shows: "job/deploy/"},
		{Name: "no slash at the end", Allow: sub("StringEquals", acme+"job/my-job"), Want: "never-matches medium"},
		{Name: "a folder without /job/", Allow: sub("StringLike", acme+"job/my-job/*", acme+"team/web/"),
			Want: "jenkins-pull-request-job high, never-matches medium, project-prefix medium"},
		{Name: "the URL of another Jenkins", Allow: sub("StringEquals", "https://mallory.example/job/my-job/"),
			Want: "never-matches medium"},
		{Name: "every job, those of pull requests denied", Allow: sub("StringLike", acme+"job/web/*"),
			Deny: `{"StringLike":{"KEY:sub":["*/job/PR-*","*/job/MR-*"]}}`, Want: "project-prefix medium"},
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
	suite.Policies(t, policies)
}
