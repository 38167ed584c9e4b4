package all

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A system on a host of the user's own is known by its subjects, by the path of its issuer, or, where subjects are
// words and slashes, by the issuer's name; what fits several systems or none is judged as an issuer of which nothing is
// known.
func TestSystemsOnOtherHostsAreTakenForThemselvesAndForNothingElse(t *testing.T) {
	const (
		like    = "StringLike"
		equals  = "StringEquals"
		project = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	)
	for _, c := range []struct{ host, operator, sub, finding, who string }{
		{"octopus.example.com", like, "space:default:project:*", "organization-wide", "Octopus Deploy"},
		{"octopus.example.com", like, "space:default:*", "custom-wildcard-subject", ""}, // Spacelift's begin so, too
		{"octopus.example.com", like, "space:default:project:web:*", "octopus-deploy-any-environment",
			"Octopus Deploy"},
		{"octopus.example.com", equals, "space:default:account:aws", "octopus-deploy-account-test", "Octopus Deploy"},
		{"ci.example.com", equals, "main", "concourse-any-pipeline", "Concourse"},
		{"concourse.example.com", equals, "main/web", "concourse-every-job", "Concourse"},
		{"ci.example.com", like, "main/*", "concourse-any-pipeline", "Concourse"},
		{"login.example.com", like, "main/*", "custom-wildcard-subject", ""},
		{"jenkins.example.com", like, "https://jenkins.example.com/job/web/*", "jenkins-pull-request-job", "Jenkins"},
		{"jenkins.example.com/oidc", equals, "https://jenkins.example.com/job/web/", "jenkins-any-branch", "Jenkins"},
		{"jenkins.example.com/oidc", equals, "https://jenkins.example.com/job/web", "never-matches", ""},
		{"ci.example.com", equals, "project:project7:build_type:bt42", "teamcity-any-branch", "TeamCity"},
		{"ci.example.com", like, "project:*:branch:main", "custom-wildcard-subject", ""},
		{"acme.ci.example.com", like, "org:acme:project:" + project + ":*", "semaphore-pull-requests", "Semaphore"},
		{"login.example.com", like, "org:acme:project:" + project + ":*", "custom-wildcard-subject", ""},
		{"harness.example.com/ng/api/oidc/account/A1b2", equals, "A1b2", "harness-whole-account", "Harness"},
	} {
		policy := citest.Audited{Host: c.host, Condition: citest.Subjects("sts.amazonaws.com", c.operator, c.sub)}
		found, err := audit.Audit(Registry(), []byte(policy.Policy()), trust.Role{})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(found, func(f ci.Finding) bool { return f.ID == c.finding })
		if at < 0 {
			t.Errorf("%s, %s: %q", c.host, c.sub, citest.Ids(found))
			continue
		}
		if w := found[at].Witness; c.who != "" && (w == nil || !strings.HasPrefix(w.Who, c.who)) {
			t.Errorf("%s, %s: %s is shown by %v", c.host, c.sub, c.finding, w)
		}
	}
}
