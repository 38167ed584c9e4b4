package circleci

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// On CircleCI, a stranger is whoever opens a pull request from a fork: the project's own id, an origin and a branch of
// the stranger's choice. Another project of the organization is the lesser evil and has a finding of its own.
func TestNoCircleCIPolicyThatAdmitsACraftedBranchPassesTheAudit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	ours := long.Build(organization, ourProject, someUser, origin, "refs/heads/main")
	seed := strings.Replace(ours, someUser, strings.Repeat("?", len(someUser)), 1)
	var forks, projects []string
	for _, ref := range []string{
		"refs/heads/main", "refs/heads/x" + seed, "refs/heads/x/vcs-origin/" + origin + "/vcs-ref/refs/heads/main",
		"refs/heads/x/vcs-ref/refs/heads/main",
		"refs/heads/x/" + ours, "refs/heads/x/project/" + ourProject + "/user/" + someUser + "/vcs-origin/" + origin +
			"/vcs-ref/refs/heads/main",
		"refs/heads/" + strings.Repeat("y", 30) + "/vcs-origin/" + origin + "/vcs-ref/refs/heads/main", "refs/tags/v1",
	} {
		for _, from := range []string{"github.com/mallory/web", "github.com/acme-evil/web",
			"github.com/mallory/acme/web", "github.com/acme/web-evil"} {
			forks = append(forks, long.Build(organization, ourProject, someUser, from, ref))
			projects = append(projects, long.Build(organization, strangersProject, someUser, from, ref))
		}
		projects = append(projects, long.Build(organization, strangersProject, someUser, origin, ref))
	}
	host := host + organization
	arn := "arn:aws:iam::123456789012:oidc-provider/" + host
	const policies = 300
	clean, unjudged := 0, 0
	for range policies {
		conditions := object{
			"StringEquals": object{host + ":aud": organization},
			"StringLike":   object{host + ":sub": citest.Distort(rng, seed)},
		}
		if rng.IntN(3) == 0 {
			conditions["StringEquals"].(object)[host+":"+claim] = ourProject
		}
		document, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": object{
			"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": object{"Federated": arn},
			"Condition": conditions}})
		policy, err := trust.ParsePolicy(document)
		if err != nil {
			continue
		}
		findings := suite.Audit(t, string(document))
		if citest.HasHigh(findings) {
			continue
		}
		if slices.Contains(citest.Ids(findings), "not-judged") {
			// an honest answer, such as to more "?" in a row than an id has
			unjudged++
			continue
		}
		clean++
		admits := func(sub, project string) bool {
			request := trust.Request{Provider: arn, Issuer: host, Partition: "aws",
				Claims: map[string]any{"aud": organization, "sub": sub, claim: project}}
			return policy.Decide(&request) == trust.Allowed
		}
		for _, sub := range forks {
			if admits(sub, ourProject) {
				t.Fatalf("a fork's build gets in and the audit has no high finding\nsub:    "+
					"%s\npolicy: %s\nfindings: %v", sub, document, citest.Ids(findings))
			}
		}
		for _, sub := range projects {
			if admits(sub, strangersProject) && !slices.Contains(citest.Ids(findings), anyProject.ID) {
				t.Fatalf("another project's build gets in unsaid\nsub:    %s\npolicy: %s\nfindings: %v", sub, document,
					citest.Ids(findings))
			}
		}
	}
	if clean < 20 || unjudged > policies/3 {
		t.Errorf("of %d policies %d are clean and %d not judged; the test needs more of the former, and fewer of the "+
			"latter", policies, clean, unjudged)
	}
}
