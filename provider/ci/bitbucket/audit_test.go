package bitbucket

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfBitbucketAsAReviewerWould(t *testing.T) {
	allow := func(subs ...string) string {
		conditions :=
			`{"StringEquals":{"ISSUER:aud":"ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"}`
		if len(subs) > 0 {
			conditions += `,"StringLike":{"ISSUER:sub":["` + strings.Join(subs, `","`) + `"]}`
		}
		return conditions + "}"
	}
	const (
		issuer = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
		web    = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"
		prod   = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70}"
		any    = "high bitbucket-any-step"
		branch = "low bitbucket-any-branch"
		org    = "medium organization-wide"
	)
	suite.Audited(t, citest.Untagged([]citest.Audited{
		{Name: "one environment", Host: issuer, Condition: allow(web + ":" + prod + ":*"), Want: branch},
		{Name: "any step", Host: issuer, Condition: allow(web + ":*"), Want: any},
		{Name: "steps without environment", Host: issuer,
			Condition: allow(web + ":{????????????????????????????????????}"),
			Want:      any},
		{Name: "any environment", Host: issuer, Condition: allow(web + ":{*}:{????????????????????????????????????}"),
			Want: any},
		{Name: "any repository, one environment", Host: issuer, Condition: allow("*:" + prod + ":*"),
			Want: org + ", " + branch},
		{Name: "everything", Host: issuer, Condition: allow("*"), Want: any + ", " + org},
		{Name: "aud alone", Host: issuer, Condition: allow(), Want: any + ", " + org},
		{Name: "no braces", Host: issuer, Condition: allow(strings.Trim(web, "{}") + ":*"),
			Want: "medium never-matches"},
		{Name: "the repository's name", Host: issuer, Condition: allow("acme/web:*"), Want: "medium never-matches"},
		{Name: "a branch", Host: issuer, Condition: allow(web + ":main:*"), Want: "medium never-matches"},
	}))
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
