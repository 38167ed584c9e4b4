package github

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A universe is the repositories of a little GitHub, in which random jobs run.
type universe []Job

var repositories = universe{
	{Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345"},
	{Owner: "acme", OwnerID: "1234567", Repository: "web2", RepositoryID: "4"},
	{Owner: "acme", OwnerID: "1234567", Repository: "we", RepositoryID: "5"},
	{Owner: "acme", OwnerID: "1234567", Repository: "other", RepositoryID: "6"},
	{Owner: "acme2", OwnerID: "12345678", Repository: "web", RepositoryID: "7"},
	{Owner: "acme", OwnerID: "999", Repository: "web", RepositoryID: "8"}, // the name, registered again
	{Owner: "mallory", OwnerID: "666", Repository: "web", RepositoryID: "667"},
	{Owner: "mallory", OwnerID: "666", Repository: "acme", RepositoryID: "668"},
}

// randomJob is a job that somebody could run, with the subject that a random template gives it.
func (u universe) randomJob(r *rand.Rand) map[string]any {
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	job := u[max(0, r.IntN(2*len(u))-len(u))]
	job.Audience = pick("sts.amazonaws.com", "sts.amazonaws.com", "x", "https://github.com/"+job.Owner)
	job.Event = pick("push", "push", "push", "pull_request", "pull_request_target", "workflow_dispatch")
	job.Ref = pick("refs/heads/", "refs/tags/") +
		pick("main", "release/1", "release", "m", "ma", "v1.0", "v1", "x/refs/heads/main", "pull_request", "prod")
	job.Environment = pick("", "", "prod", "production", "a:b", "a", "x:ref:refs/heads/main", "pull_request", "main")
	job.Immutable = r.IntN(2) == 0
	job.Workflow = pick("", acmeDeploy, acmeDeploy, acmePinned,
		"acme/ci/.github/workflows/deploy.yml@refs/heads/mallory",
		"mallory/ci/.github/workflows/deploy.yml@refs/heads/main")
	job.ActorID = pick("", "42", "421", "666")
	claims := job.Claims()
	// Whoever writes a workflow chooses its name, and anybody that of the account.
	claims["workflow"] = pick("deploy", "pull_request", "x@89012345", "x@4", "ref", "environment")
	claims["actor"] = pick("mona", "mona", "pull_request")
	if r.IntN(2) == 0 {
		return claims
	}
	// https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
	repo, context, _ := strings.Cut(strings.TrimPrefix(claims["sub"].(string), "repo:"), ":")
	parts := []string{}
	for range 1 + r.IntN(4) {
		switch key := pick("repo", "context", "ref", "environment", "actor", "event_name", "repository_owner",
			"workflow", "job_workflow_ref", "repository_id", "actor_id"); key {
		case "repo":
			parts = append(parts, "repo:"+repo)
		case "context":
			parts = append(parts, context)
		default:
			if value := ci.TextOf(claims[key]); value != "" {
				parts = append(parts, key+":"+encode(value))
			}
		}
	}
	if r.IntN(2) == 0 {
		parts = append([]string{"repo:" + repo}, parts...)
	}
	return ci.With(claims, map[string]any{"sub": strings.Join(parts, ":")})
}

func TestNoJobThatSomebodyCouldRunIsJudgedOtherwiseByThePolicy(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	in := 0
	for _, written := range suite.Matrix {
		for _, account := range suite.Accounts(written, citest.InAWS, citest.InChina) {
			trusts := suite.MustRead(t, written, account)
			if trusts[0].Section != "github" {
				continue
			}
			readable := ci.Compile(trusts, account, nil)
			trusts[0].Compacted = true
			compact := ci.Compile(trusts, account, nil)
			trusts[0].Compacted = false
			for range 1500 {
				claims := repositories.randomJob(r)
				if suite.Judge(t, written, readable, &trusts[0], account, "a random job", claims) {
					in++
				}
				request := trusts[0].Request(claims, account)
				if compact.Decide(&request) == trust.Allowed && !trusts[0].Admits(claims) {
					t.Errorf("%v in compact form admits %v\n%s", written, claims["sub"], compact.JSON())
				}
			}
		}
	}
	if in < 300 {
		t.Errorf("only %d jobs get in: the comparison means little", in)
	}
}
