package all

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/circleci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// fleet is n repositories of one owner.
func fleet(n int, form string) object {
	var items list
	for i := range n {
		items = append(items, object{"repository": fmt.Sprintf(form, i), "branches": list{"main"}})
	}
	return object{"github": object{"repositories": items}}
}

func TestTwelveRepositoriesOfOneOwnerFitTheDefaultQuota(t *testing.T) {
	trusts := mustRead(t, fleet(12, "acme@1234567/service-%02d@890123%02[1]d"), citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	policy := ci.Compile(trusts, citest.InAWS, nil)
	if size := trust.Size(policy.JSON()); len(policy.Statements) != 1 || size > trust.DefaultMaxLength {
		t.Errorf("%d characters in %d statements: %s", size, len(policy.Statements), policy.JSON())
	}
	if trusts[0].Compacted {
		t.Error("the compact form is used without need")
	}
}

func TestAPolicyBeyondTheQuotaIsRefusedWithItsSizeAndWhatCostsIt(t *testing.T) {
	trusts := mustRead(t, fleet(150, "acme/service-%03d"), citest.InAWS)
	var problems input.Problems
	at := input.Value{Path: "trustPolicyMaxLength", Known: true, Present: true, Scalar: 4096.0}
	if err := ci.Check(trusts, citest.InAWS, at, &problems); err != nil || problems.Len() != 1 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	reason := problems.Sorted()[0].Reason
	size := trust.Size(ci.Compile(trusts, citest.InAWS, nil).JSON())
	for _, want := range []string{
		fmt.Sprintf("the trust policy has %d characters without white space and 4096 are allowed", size), "L-C07B4B0D",
		"to 8192, which would do, and set trustPolicyMaxLength", "That is its smallest form, the readable one",
		"(150 grants in 1 statements; statement 1: ", "150 values of sub",
		"1 values of aud",
	} {
		if !strings.Contains(reason, want) {
			t.Errorf("%q is missing in: %s", want, reason)
		}
	}
	problems = input.Problems{}
	at.Scalar, at.Known = nil, false
	if err := ci.Check(trusts, citest.InAWS, at, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("a quota that is not known yet was held against the policy: %v %v", err, problems.Sorted())
	}
}

func TestTheSizeOfASecretTrustIsNotGivenAway(t *testing.T) {
	written := fleet(100, "acme/service-%03d")
	written["github"].(object)["repositories"].(list)[7].(object)["repository"] = citest.Secret("acme/hidden")
	trusts := mustRead(t, written, citest.InAWS)
	var problems input.Problems
	at := input.Value{Path: "trustPolicyMaxLength", Known: true}
	if err := ci.Check(trusts, citest.InAWS, at, &problems); err != nil || problems.Len() != 1 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	if p := problems.Sorted()[0]; p.Path != "trustPolicyMaxLength (secret)" ||
		strings.Contains(p.Reason, "statement 1") {
		t.Errorf("%+v", p)
	}
}

func TestAFailedProofShowsTheTokenButNotOfASecretTrust(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		trusts := mustRead(t, gitHub(repository, object{"branches": list{"main"}}), citest.InAWS)
		trusts[0].HasSecret = hidden
		trusts[0].Grants[0].Claims["sub"] = []string{"repo:acme/web*:ref:refs/heads/main"} // a mistake in the grant
		var problems input.Problems
		err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems)
		if err == nil || !strings.Contains(err.Error(), "Please report this at https://") {
			t.Fatalf("the mistake is not found: %v", err)
		}
		if shown := strings.Contains(err.Error(), "acme"); shown == hidden {
			t.Errorf("secret %v: %v", hidden, err)
		}
	}
}

func TestFindingsNameEachRuleOnceWithAllItAppliesToWorstFirst(t *testing.T) {
	written := fleet(11, "acme@1/service-%02d@2%02[1]d")
	for _, item := range written["github"].(object)["repositories"].(list) {
		item.(object)["branches"] = list{"*"}
	}
	maps.Copy(written, circleCI(object{}))
	findings := ci.Findings(mustRead(t, written, citest.InAWS))
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.ID)
	}
	citest.SameStrings(t, "ids", ids, []string{"circleci-any-ref", "github-any-ref", "github-pull-request-target"})
	want := "acme/service-00 on any branch, acme/service-01 on any branch, "
	if d := findings[1].Detail; !strings.HasPrefix(d, want) || !strings.HasSuffix(d, ", and 3 more") ||
		strings.Count(d, ",") != 8 {
		t.Errorf("detail %q", d)
	}
	if m := findings[0].Message(); m != "project "+project+" on any branch or tag: "+circleci.AnyRef.Summary {
		t.Errorf("message %q", m)
	}
	if got := ci.Findings(nil); got == nil || len(got) != 0 {
		t.Errorf("no trusts give %v", got)
	}
	if got := ci.Sentences(nil); got == nil || len(got) != 0 {
		t.Errorf("no trusts give %v", got)
	}
}

func TestTheProvidersArnIsTheGivenOneOrTheOneThatIAMWillGive(t *testing.T) {
	written := gitHub(repository, object{"tags": list{"v1"}})
	for _, c := range []struct {
		account   ci.Account
		providers map[string]string
		want      string
	}{
		{citest.InAWS, nil, "arn:aws:iam::123456789012:oidc-provider/" + gitHubHost},
		{ci.Account{}, nil, "arn:aws:iam::" + ci.PlaceholderAccount + ":oidc-provider/" + gitHubHost},
		{citest.InChina, nil, "arn:aws-cn:iam::123456789012:oidc-provider/" + gitHubHost},
		{citest.InAWS, map[string]string{"github": "arn:x"}, "arn:x"},
		{citest.InAWS, map[string]string{"circleci": "arn:x"}, "arn:aws:iam::123456789012:oidc-provider/" + gitHubHost},
	} {
		policy := ci.Compile(mustRead(t, written, c.account), c.account, c.providers)
		if got := policy.Statements[0].Principals.ByType["Federated"]; !slices.Equal(got, []string{c.want}) {
			t.Errorf("%+v: %v", c.account, got)
		}
	}
}
