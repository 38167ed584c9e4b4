package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// manyRepositories is a section github with n repositories of one owner on one branch.
func manyRepositories(n int, form string) input.Value {
	text := func(path, s string) input.Value {
		return input.Value{Path: path, Present: true, Known: true, Scalar: s}
	}
	list := input.Value{Path: "github.repositories", Present: true, Known: true}
	for i := range n {
		path := fmt.Sprintf("github.repositories[%d]", i)
		list.List = append(list.List,
			input.Value{Path: path, Present: true, Known: true, Fields: map[string]input.Value{
				"repository": text(path+".repository", fmt.Sprintf(form, i)),
				"branches": {Path: path + ".branches", Present: true, Known: true, List: []input.Value{
					text(path+".branches[0]", "main")}},
			}})
	}
	section := input.Value{
		Path:    "github",
		Present: true,
		Known:   true,
		Fields:  map[string]input.Value{"repositories": list},
	}
	return input.Value{Present: true, Known: true, Fields: map[string]input.Value{"github": section}}
}

func checked(t *testing.T, root input.Value, account ci.Account) ([]ci.Trust, *trust.Policy, *input.Problems) {
	t.Helper()
	var problems input.Problems
	trusts := suite.Registry().Read(root, account, &problems)
	if err := ci.Check(trusts, account, root.Field("trustPolicyMaxLength"), &problems); err != nil {
		t.Fatal(err)
	}
	return trusts, ci.Compile(trusts, account, nil), &problems
}

func hasFinding(trusts []ci.Trust, id string) bool {
	for _, f := range ci.Findings(trusts) {
		if f.ID == id {
			return true
		}
	}
	return false
}

func TestSixtyRepositoriesOfOneOwnerFitTheDefaultQuotaInCompactForm(t *testing.T) {
	trusts, policy, problems := checked(t, manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d"),
		ci.Account{Partition: "aws"})
	if problems.Len() > 0 {
		t.Fatalf("refused: %v", problems.Sorted())
	}
	if size := trust.Size(policy.JSON()); size > trust.DefaultMaxLength {
		t.Errorf("the policy has %d characters", size)
	}
	if !hasFinding(trusts, "github-compact-form") {
		t.Error("no finding says that the compact form is in use")
	}
	if err := ci.Prove(policy, trusts, ci.Account{Partition: "aws"}); err != nil {
		t.Error(err)
	}
}

func TestTwelveRepositoriesStayReadable(t *testing.T) {
	trusts, policy, _ := checked(t, manyRepositories(12, "acme@1234567/service-%02d@890123%02[1]d"),
		ci.Account{Partition: "aws"})
	if hasFinding(trusts, "github-compact-form") || strings.Contains(policy.JSON(), "/*:") {
		t.Errorf("compact without need: %s", policy.JSON())
	}
}

func TestRepositoriesWithoutIdsAreNeverCompacted(t *testing.T) {
	root := manyRepositories(60, "acme/service-%02d")
	root.Fields["acceptRisks"] = input.Value{Path: "acceptRisks", Present: true, Known: true, List: []input.Value{
		{Path: "acceptRisks[0]", Present: true, Known: true, Scalar: "github-classic-subject"}}}
	trusts, policy, problems := checked(t, root, ci.Account{Partition: "aws"})
	if hasFinding(trusts, "github-compact-form") || strings.Contains(policy.JSON(), "/*:") {
		t.Errorf("names were replaced by a wildcard that nothing pins: %s", policy.JSON())
	}
	if problems.Len() != 1 || problems.Sorted()[0].Path != "trustPolicyMaxLength" {
		t.Errorf("want the size refused, got %v", problems.Sorted())
	}
}

func TestCompactFormOutsideTheAwsPartitionIsNotUsed(t *testing.T) {
	trusts, _, problems := checked(t, manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d"),
		ci.Account{Partition: "aws-cn"})
	if hasFinding(trusts, "github-compact-form") || problems.Len() != 1 {
		t.Errorf("the key repository_id does not exist there; problems %v", problems.Sorted())
	}
}

// Without the statement that refuses subjects with more parts, a closed pull request of a repository with a customised
// subject would get in: its sub ends in the base branch.
func TestCustomisedSubjectOfAPullRequestDoesNotGetThroughTheCompactForm(t *testing.T) {
	account := ci.Account{Partition: "aws"}
	trusts, policy, _ := checked(t, manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d"), account)
	claims := Job{Owner: "acme", OwnerID: "1234567", Repository: "service-07", RepositoryID: "89012307",
		Immutable: true,
		Event:     "pull_request", Ref: "refs/heads/main", Audience: "sts.amazonaws.com"}.Claims()
	claims["sub"] = "repo:acme@1234567/service-07@89012307:pull_request:ref:refs/heads/main"
	r := trusts[0].Request(claims, account)
	if got := policy.Decide(&r); got != trust.Denied {
		t.Errorf("%v by %s", got, policy.JSON())
	}
	policy.Statements = policy.Statements[:1]
	if policy.Statements[0].Effect != "Allow" {
		t.Fatal("the first statement is expected to be the Allow")
	}
	if got := policy.Decide(&r); got != trust.Allowed {
		t.Fatal("the attack does not work without the Deny; this test shows nothing")
	}
	if err := ci.Prove(policy, trusts, account); err == nil {
		t.Error("the proof does not notice that the Deny is missing")
	}
}

func TestAnotherRepositoryOfTheOwnerDoesNotGetThroughTheCompactForm(t *testing.T) {
	account := ci.Account{Partition: "aws"}
	trusts, policy, _ := checked(t, manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d"), account)
	for _, immutable := range []bool{true, false} {
		claims := Job{Owner: "acme", OwnerID: "1234567", Repository: "secret", RepositoryID: "89012399",
			Immutable: immutable,
			Event:     "push", Ref: "refs/heads/main", Audience: "sts.amazonaws.com"}.Claims()
		r := trusts[0].Request(claims, account)
		if got := policy.Decide(&r); got != trust.Denied {
			t.Errorf("immutable %v: %v", immutable, got)
		}
	}
}

// A Deny that tests a claim which the Allow does not demand is walked around by a token that lacks the claim, or has
// another value there.
func TestATokenCannotGoRoundTheDenyOfTheCompactFormByLackingAClaimOrByAnotherValue(t *testing.T) {
	trusts, policy, _ := checked(t, manyRepositories(60, "acme@1234567/service-%02d@890123%02[1]d"), citest.InAWS)
	for _, g := range trusts[0].Grants {
		for claim, values := range g.Compact.Refuse {
			if claim != "sub" && !slices.Equal(values, g.Compact.Claims[claim]) {
				t.Errorf("%s: the Deny tests %s for %q, the Allow for %q", g.Sentence, claim, values,
					g.Compact.Claims[claim])
			}
		}
	}
	claims := Job{Owner: "acme", OwnerID: "1234567", Repository: "service-07", RepositoryID: "89012307",
		Immutable: true,
		Event:     "pull_request", Ref: "refs/heads/main", Audience: "sts.amazonaws.com"}.Claims()
	claims["sub"] = "repo:acme@1234567/service-07@89012307:pull_request:ref:refs/heads/main"
	for claim, values := range map[string][]any{
		"aud": {nil, "", "x", "STS.amazonaws.com"}, "azp": {"sts.amazonaws.com", "x"},
		"repository_owner_id": {nil, "", "1", "12345670"}, "repository_id": {nil, "", "89012308"},
	} {
		for _, value := range values {
			r := trusts[0].Request(ci.With(claims, map[string]any{claim: value}), citest.InAWS)
			if policy.Decide(&r) == trust.Allowed {
				t.Errorf("with %s %v the subject of a pull request gets in", claim, value)
			}
		}
	}
}
