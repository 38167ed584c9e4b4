package github

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Whoever owns a repository chooses the template of its subjects. So a value that one of a stranger's subjects fits is
// found, whatever stands in it: the audit's silence says that there is no such template.
func TestNoTemplateOfAStrangersGetsInWhereTheAuditDoesNotSaySo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	const workflow = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
	seeds := []string{
		"repo:acme/web:ref:refs/heads/main", "repo:acme@1234567/web@89012345:environment:production",
		"repo:acme/web:pull_request", "repository_owner:acme:job_workflow_ref:" + workflow,
		"repo:acme/web:ref:refs/heads/main:job_workflow_ref:" + workflow, "job_workflow_ref:" + workflow,
		"repository_owner_id:1234567:repository_id:89012345:environment:production", "actor:mona:repository:acme/web",
		"environment:production:repo:acme/web", "repository:acme/web:ref:refs/heads/main",
	}
	templates := [][]string{
		{"repo", "context"}, {"job_workflow_ref"}, {"repository_owner", "job_workflow_ref"}, {"actor"}, {"environment"},
		{"environment", "repo"}, {"context", "repo"}, {"repo", "environment", "job_workflow_ref"}, {"ref"},
		{"repository_owner_id", "repository_id", "environment"}, {"repository", "ref"}, {"actor", "repository"},
		{"repo", "context", "job_workflow_ref"}, {"event_name", "ref", "environment"}, {"workflow", "context"},
		{"job_workflow_ref", "repository", "context"}, {"repo", "actor", "context"}, {"ref", "job_workflow_ref"},
	}
	var strangers []map[string]any
	for _, owner := range []string{"mallory", "acme-evil", "evil-acme", "a"} {
		for _, template := range templates {
			for _, immutable := range []bool{false, true} {
				for _, in := range []string{"", "production", "repo:acme/web:ref:refs/heads/main"} {
					job := Job{
						Owner: owner, OwnerID: "12345679", Repository: "web", RepositoryID: "890123459", Event: "push",
						Ref: "refs/heads/main", Environment: in, Immutable: immutable, Audience: "sts.amazonaws.com",
						Workflow: workflow, SubjectClaims: template,
					}
					if in == "" && slices.Contains(template, "environment") {
						continue // GitHub gives such a job no token
					}
					strangers = append(strangers, job.Claims())
				}
			}
		}
	}
	open, silent := 0, 0
	for range 120 {
		sub := citest.Distort(rng, seeds[rng.IntN(len(seeds))])
		document := judged{subs: sub}.policy(t)
		policy, err := trust.ParsePolicy([]byte(document))
		if err != nil {
			continue
		}
		found := citest.Ids(suite.Audit(t, document))
		said := slices.ContainsFunc(found, func(id string) bool {
			return slices.Contains([]string{"tenant-not-pinned", "prefix-collision", "not-judged"}, id)
		})
		silent += ci.Count(!said)
		for _, claims := range strangers {
			request := trust.Request{
				Provider: "arn:aws:iam::123456789012:oidc-provider/" + Host, Issuer: Host, Partition: "aws",
				Claims: claims,
			}
			if policy.Decide(&request) != trust.Allowed {
				continue
			}
			open++
			if !said {
				t.Fatalf("%q admits the stranger's %q, and the audit finds %q", sub, claims["sub"], found)
			}
			break
		}
	}
	if open < 15 || silent < 15 {
		t.Errorf("%d policies admit a stranger and %d are clean of that: the comparison means little", open, silent)
	}
}

// What a stranger sends to be audited must not keep the auditor busy.
func TestAValueOfNothingButWildcardsIsAnsweredSoon(t *testing.T) {
	for _, sub := range []string{
		strings.Repeat("*a", 900), "repo:acme/" + strings.Repeat("*a", 900), strings.Repeat("a*", 16),
		"repo:acme/web:" + strings.Repeat("?*:", 16),
	} {
		began := time.Now()
		found := citest.Ids(suite.Audit(t, judged{subs: sub}.policy(t)))
		if took := time.Since(began); took > 20*time.Second || len(found) == 0 {
			t.Errorf("%.20s: %v, found %q", sub, took, found)
		} else {
			t.Logf("%.20s: %v, found %q", sub, took, found)
		}
	}
}
