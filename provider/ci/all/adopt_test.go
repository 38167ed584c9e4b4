package all

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// adopted is what is found for a policy.
func adopted(t *testing.T, document []byte) (*trust.Policy, *adopt.Result) {
	t.Helper()
	policy, err := trust.ParsePolicy(document)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return policy, adopt.Policy(Registry(), policy)
}

// rendered is the policy that the component makes of what was found; nil where a placeholder stands in it.
func rendered(t *testing.T, r *adopt.Result) *trust.Policy {
	t.Helper()
	document, err := json.Marshal(r.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(document), `\u003c`) {
		return nil
	}
	var inputs map[string]any
	if err := json.Unmarshal(document, &inputs); err != nil {
		t.Fatal(err)
	}
	account := r.Account
	account.Region = "eu-west-1"
	trusts, lines := citest.ReadBy(Registry(), inputs, account)
	if len(lines) > 0 {
		t.Fatalf("%s has problems:\n%s", document, strings.Join(lines, "\n"))
	}
	var problems input.Problems
	limit := input.Value{Known: true, Scalar: inputs["trustPolicyMaxLength"]}
	if err := ci.Check(trusts, account, limit, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%s: %v %v", document, err, problems.Sorted())
	}
	return ci.Compile(trusts, account, nil)
}

func TestTheExamplesOfAllSystemsAreAdopted(t *testing.T) {
	for _, s := range Registry().Systems() {
		stack, err := citest.ReadStack(filepath.Join("..", strings.ToLower(s.Section())))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(stack.Examples)) {
			written := maps.Clone(stack.Examples[name])
			written["acceptRisks"] = citest.RisksOf(Registry(), written)
			trusts, lines := citest.ReadBy(Registry(), written, citest.InAWS)
			if len(lines) > 0 {
				t.Fatalf("%s: %s", name, strings.Join(lines, "\n"))
			}
			document := ci.Compile(trusts, citest.InAWS, nil).JSON()
			if policy, r := adopted(t, []byte(document)); !r.Same() {
				t.Errorf("%s: %s %v\n%s", name, r.Verdict, r.Why, document)
			} else if again := rendered(t, r); again != nil && !audit.Compare(Registry(), policy, again).Same() {
				t.Errorf("%s: %s\nis rendered as %s", name, document, again.JSON())
			}
		}
	}
}

// The policies of the findings' pages are of people, wrong and mended.
func TestWhatPeopleWriteIsAdoptedAsItIsOrWithTheReason(t *testing.T) {
	verdicts := map[adopt.Verdict]int{}
	for _, s := range Registry().Systems() {
		examples, err := page.Examples(filepath.Join("..", strings.ToLower(s.Section()), "testdata", "findings.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			for _, written := range []any{e.Policy, e.Mended} {
				if e.Section != nil || written == nil {
					continue
				}
				document, err := json.Marshal(written)
				if err != nil {
					t.Fatal(err)
				}
				policy, r := adopted(t, document)
				verdicts[r.Verdict]++
				if r.Same() != (len(r.Why) == 0) {
					t.Errorf("%s: %s for %v\n%s", e.ID, r.Verdict, r.Why, document)
				}
				if !r.Same() {
					continue
				}
				if again := rendered(t, r); again != nil && !audit.Compare(Registry(), policy, again).Same() {
					t.Errorf("%s: %s\nis rendered as %s", e.ID, document, again.JSON())
				}
			}
		}
	}
	t.Log(verdicts)
	if verdicts[adopt.Same] < 60 || verdicts[adopt.Undecided] > 0 {
		t.Errorf("%v", verdicts)
	}
}
