package bitbucket

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfBitbucketAsAReviewerWould(t *testing.T) {
	allow := func(subs ...string) string {
		conditions :=
			`{"StringEquals":{"KEY:aud":"ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"}`
		if len(subs) > 0 {
			conditions += `,"StringLike":{"KEY:sub":["` + strings.Join(subs, `","`) + `"]}`
		}
		return conditions + "}"
	}
	const (
		issuer = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
		web    = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"
		prod   = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70}"
		any    = "bitbucket-any-step high"
		branch = "bitbucket-any-branch low"
		org    = "organization-wide medium"
	)
	suite.Policies(t, []citest.Policy{
		{Name: "one environment", Host: issuer, Allow: allow(web + ":" + prod + ":*"), Want: branch},
		{Name: "any step", Host: issuer, Allow: allow(web + ":*"), Want: any},
		{Name: "steps without environment", Host: issuer, Allow: allow(web + ":{????????????????????????????????????}"),
			Want: any},
		{Name: "any environment", Host: issuer, Allow: allow(web + ":{*}:{????????????????????????????????????}"),
			Want: any},
		{Name: "any repository, one environment", Host: issuer, Allow: allow("*:" + prod + ":*"),
			Want: org + ", " + branch},
		{Name: "everything", Host: issuer, Allow: allow("*"), Want: any + ", " + org},
		{Name: "aud alone", Host: issuer, Allow: allow(), Want: any + ", " + org},
		{Name: "no braces", Host: issuer, Allow: allow(strings.Trim(web, "{}") + ":*"), Want: "never-matches medium"},
		{Name: "the repository's name", Host: issuer, Allow: allow("acme/web:*"), Want: "never-matches medium"},
		{Name: "a branch", Host: issuer, Allow: allow(web + ":main:*"), Want: "never-matches medium"},
	})
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
