package ci

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// shuffle puts every list of what was written into another order, but for a subject's claims, whose order is the subject's.
func shuffle(r *rand.Rand, written any) any {
	switch w := written.(type) {
	case object:
		shuffled := object{}
		for name, field := range w {
			if shuffled[name] = field; name != "subjectClaims" {
				shuffled[name] = shuffle(r, field)
			}
		}
		return shuffled
	case list:
		shuffled := make(list, len(w))
		for i, at := range r.Perm(len(w)) {
			shuffled[i] = shuffle(r, w[at])
		}
		return shuffled
	}
	return written
}

func TestThePolicyIsTheSameWhateverTheOrderOfLists(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	all := matrix()
	big := object{}
	for _, written := range []object{tested["github"].matrix[30], tested["github"].matrix[33], all[len(all)-1]} {
		maps.Copy(big, written)
	}
	for _, written := range append(all, big) {
		trusts := mustRead(t, written, inAWS)
		policy, sentences, findings := Compile(trusts, inAWS, nil).JSON(), Sentences(trusts), fmt.Sprint(messages(trusts))
		pipelines := ""
		for _, tr := range trusts {
			pipelines += tr.Pipeline(roleArn, "eu-west-1")
		}
		for range 10 {
			shuffled := mustRead(t, shuffle(r, written).(object), inAWS)
			if got := Compile(shuffled, inAWS, nil).JSON(); got != policy {
				t.Fatalf("%v:\n%s\n%s", written, policy, got)
			}
			sameStrings(t, "sentences", Sentences(shuffled), sentences)
			if got := fmt.Sprint(messages(shuffled)); got != findings {
				t.Errorf("findings:\n%s\n%s", findings, got)
			}
			got := ""
			for _, tr := range shuffled {
				got += tr.Pipeline(roleArn, "eu-west-1")
			}
			if got != pipelines {
				t.Errorf("pipelines:\n%s\n%s", pipelines, got)
			}
		}
	}
}

// messages are the findings in words.
func messages(trusts []Trust) []string {
	var texts []string
	for _, f := range Findings(trusts) {
		texts = append(texts, f.ID+" "+f.Message())
	}
	return texts
}

// fleet is n repositories of one owner.
func fleet(n int, form string) object {
	var items list
	for i := range n {
		items = append(items, object{"repository": fmt.Sprintf(form, i), "branches": list{"main"}})
	}
	return object{"github": object{"repositories": items}}
}

func TestTwelveRepositoriesOfOneOwnerFitTheDefaultQuota(t *testing.T) {
	trusts := mustRead(t, fleet(12, "acme@1234567/service-%02d@890123%02[1]d"), inAWS)
	var problems input.Problems
	if err := Check(trusts, inAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	policy := Compile(trusts, inAWS, nil)
	if size := trust.Size(policy.JSON()); len(policy.Statements) != 1 || size > trust.DefaultMaxLength {
		t.Errorf("%d characters in %d statements: %s", size, len(policy.Statements), policy.JSON())
	}
	if trusts[0].Compacted {
		t.Error("the compact form is used without need")
	}
}

func TestAPolicyBeyondTheQuotaIsRefusedWithItsSizeAndWhatCostsIt(t *testing.T) {
	t.Parallel()
	trusts := mustRead(t, fleet(200, "acme/service-%03d"), inAWS)
	var problems input.Problems
	at := input.Value{Path: "trustPolicyMaxLength", Known: true, Present: true, Scalar: 4096.0}
	if err := Check(trusts, inAWS, at, &problems); err != nil || problems.Len() != 1 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	reason := problems.Sorted()[0].Reason
	size := trust.Size(Compile(trusts, inAWS, nil).JSON())
	for _, want := range []string{
		fmt.Sprintf("the trust policy has %d characters without white space and 4096 are allowed", size), "L-C07B4B0D", "set trustPolicyMaxLength",
		"(200 grants in 1 statements; statement 1: ", "200 values of sub", "1 values of aud",
	} {
		if !strings.Contains(reason, want) {
			t.Errorf("%q is missing in: %s", want, reason)
		}
	}
	problems = input.Problems{}
	at.Scalar, at.Known = nil, false
	if err := Check(trusts, inAWS, at, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("a quota that is not known yet was held against the policy: %v %v", err, problems.Sorted())
	}
}

func TestTheSizeOfASecretTrustIsNotGivenAway(t *testing.T) {
	written := fleet(100, "acme/service-%03d")
	written["github"].(object)["repositories"].(list)[7].(object)["repository"] = secret{"acme/hidden"}
	trusts := mustRead(t, written, inAWS)
	var problems input.Problems
	at := input.Value{Path: "trustPolicyMaxLength", Known: true}
	if err := Check(trusts, inAWS, at, &problems); err != nil || problems.Len() != 1 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
	if p := problems.Sorted()[0]; p.Path != "trustPolicyMaxLength (secret)" || strings.Contains(p.Reason, "statement 1") {
		t.Errorf("%+v", p)
	}
}

func TestAFailedProofShowsTheTokenButNotOfASecretTrust(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		trusts := mustRead(t, github(acmeWeb, object{"branches": list{"main"}}), inAWS)
		trusts[0].HasSecret = hidden
		trusts[0].Grants[0].Claims["sub"] = []string{"repo:acme/web*:ref:refs/heads/main"} // a mistake in the grant
		var problems input.Problems
		err := Check(trusts, inAWS, input.Value{Known: true}, &problems)
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
	maps.Copy(written, circleci(object{}))
	findings := Findings(mustRead(t, written, inAWS))
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.ID)
	}
	sameStrings(t, "ids", ids, []string{"circleci-any-ref", "github-any-ref", "github-pull-request-target"})
	want := "acme/service-00 on any branch, acme/service-01 on any branch, "
	if d := findings[1].Detail; !strings.HasPrefix(d, want) || !strings.HasSuffix(d, ", and 3 more") || strings.Count(d, ",") != 8 {
		t.Errorf("detail %q", d)
	}
	if m := findings[0].Message(); m != "project "+project+" on any branch or tag: "+circleciAnyRef.Summary {
		t.Errorf("message %q", m)
	}
	if got := Findings(nil); got == nil || len(got) != 0 {
		t.Errorf("no trusts give %v", got)
	}
	if got := Sentences(nil); got == nil || len(got) != 0 {
		t.Errorf("no trusts give %v", got)
	}
}

func TestTheProvidersArnIsTheGivenOneOrTheOneThatIAMWillGive(t *testing.T) {
	written := github(acmeWeb, object{"tags": list{"v1"}})
	for _, c := range []struct {
		account   Account
		providers map[string]string
		want      string
	}{
		{inAWS, nil, "arn:aws:iam::123456789012:oidc-provider/" + githubHost},
		{Account{}, nil, "arn:aws:iam::" + PlaceholderAccount + ":oidc-provider/" + githubHost},
		{inChina, nil, "arn:aws-cn:iam::123456789012:oidc-provider/" + githubHost},
		{inAWS, map[string]string{"github": "arn:x"}, "arn:x"},
		{inAWS, map[string]string{"circleci": "arn:x"}, "arn:aws:iam::123456789012:oidc-provider/" + githubHost},
	} {
		policy := Compile(mustRead(t, written, c.account), c.account, c.providers)
		if got := policy.Statements[0].Principals.ByType["Federated"]; !slices.Equal(got, []string{c.want}) {
			t.Errorf("%+v: %v", c.account, got)
		}
	}
}
