package buildkite

import (
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAPipelineWithoutRefsIsAHighFindingAndSlugsAloneAreAMediumOne(t *testing.T) {
	branches := func(further ...string) []string { // what is said of every trusted branch
		findings := append(further, "buildkite-any-commit", "buildkite-fork-branches")
		slices.Sort(findings)
		return findings
	}
	for _, c := range []struct {
		words   object
		account ci.Account
		want    []string
	}{
		{object{"id": pipelineID, "branches": list{"main", "release/*"}, "tags": list{"v*"}}, citest.InAWS,
			branches("ref-prefix")},
		{object{"branches": list{"main"}}, citest.InAWS, branches("buildkite-slugs-alone")},
		{object{"branches": list{"main"}}, citest.InChina, branches()},
		{object{"id": pipelineID, "branches": list{"*"}}, citest.InAWS, branches("buildkite-any-ref")},
		{object{"tags": list{"*"}}, citest.InGov, []string{"buildkite-any-ref"}},
		{object{}, citest.InAWS, branches("buildkite-any-ref", "buildkite-slugs-alone")},
	} {
		citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t, buildkite(c.words), c.account)), c.want)
		if _, lines := suite.Read(buildkite(c.words), c.account); (len(lines) > 0) !=
			slices.Contains(c.want, "buildkite-any-ref") {
			t.Errorf("%v: %q", c.words, lines)
		}
	}
}

func TestAnAuditFindsNothingHighInWhatBuildkitesRefsCompileTo(t *testing.T) {
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov} {
		for _, words := range []object{
			{"branches": list{"main", "release/*"}, "tags": list{"v1.0", "v*"}},
			{"branches": list{"main"}},
			{"branches": list{"main*"}},
		} {
			if len(suite.Accounts(buildkite(words), account)) == 0 {
				continue // a prefix of forks' owners, where AWS does not see the branch
			}
			trusts := suite.MustRead(t, buildkite(words), account)
			for _, f := range suite.Audit(t, ci.Compile(trusts, account, nil).JSON()) {
				if f.Severity == ci.High {
					t.Errorf("%v in %s: %s: %s", words, account.Partition, f.ID, f.Message())
				}
			}
		}
	}
}
