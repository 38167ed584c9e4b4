package buildkite

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// The tags are those of https://buildkite.com/docs/pipelines/security/oidc/aws, in the claim that STS reads.
func TestSessionTagsOfBuildkiteNeedTheirWord(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		written := buildkite(object{"branches": list{"main"}})
		written["buildkite"].(object)["sessionTags"] = allowed
		trusts := suite.MustRead(t, written, citest.InAWS)
		tagged := ci.With(documented(), map[string]any{ci.TagsClaim: map[string]any{"principal_tags": map[string]any{
			"organization_slug": []any{"acme-inc"}, "organization_id": []any{"0184990a-4782-42b5-afc1-16715b10b8aa"},
			"pipeline_slug": []any{"super-duper-app"}}}})
		if got := citest.Admitted(trusts, citest.InAWS, tagged); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
		if !citest.Admitted(trusts, citest.InAWS, documented()) {
			t.Errorf("sessionTags %v: a token without tags is refused", allowed)
		}
		if citest.Admitted(trusts, citest.InAWS,
			ci.With(tagged,
				map[string]any{"sub": "organization:mallory:pipeline:super-duper-app:ref:refs/heads/main:commit:" +
					someCommit + ":step:build"})) {
			t.Errorf("sessionTags %v: a stranger's token with our tags gets in", allowed)
		}
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}
