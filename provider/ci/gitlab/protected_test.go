package gitlab

import (
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestABranchThatLostItsProtectionGetsNothing(t *testing.T) {
	for _, words := range []object{
		{"path": web, "id": "46573356", "branches": list{"main"}, "protectedRefs": true},
		{"id": "46573356", "tags": list{"v*"}, "protectedRefs": true},
		{"path": web, "branches": list{"*"}, "protectedRefs": true},
	} {
		trusts := suite.MustRead(t, gitlab(words), citest.InAWS)
		suite.Proved(t, gitlab(words))
		cases := citest.Prepared(trusts, citest.InAWS)
		for _, m := range citest.Mutants(t, ci.Compile(trusts, citest.InAWS, nil).JSON()) {
			if citest.FirstWrong(m.Policy, cases) == nil && suite.Harmless[m.Name] == "" {
				t.Errorf("%v: not found: %s", words, m.Name)
			}
		}
		if findings := citest.FindingIDs(trusts); slices.Contains(findings, "gitlab-any-ref") {
			t.Errorf("%v: %v: the project decides what is protected", words, findings)
		}
	}
	trusts := suite.MustRead(t,
		gitlab(object{"path": web, "id": "46573356", "branches": list{"main"}, "protectedRefs": true}), citest.InAWS)
	citest.SameStrings(t, "grants", ci.Sentences(trusts),
		[]string{"GitLab CI/CD: org/repo (project 46573356) on branch main, merge requests from there included, only " +
			"while it is protected"})
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token, of a protected branch, does not get in")
	}
	for _, protected := range []any{"false", nil, "TRUE", "true "} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"ref_protected": protected})) {
			t.Errorf("ref_protected %v gets in", protected)
		}
	}
	if trusts := suite.MustRead(
		t, gitlab(object{"path": web, "branches": list{"main"}, "protectedRefs": citest.Unknown{}}), citest.InAWS,
	); len(trusts[0].Grants) != 0 {
		t.Error("a branch is granted before it is known whether it must be protected")
	}
}

func TestProtectionIsRefusedWhereAWSCannotTestIt(t *testing.T) {
	words := object{"path": web, "branches": list{"main"}, "protectedRefs": true}
	const reason = "gitlab.projects[0].protectedRefs: needs the condition key gitlab.com:ref_protected, which AWS " +
		"fills for gitlab.com and in the aws partition only; leave it out, and protect what is trusted in " +
		"the project's settings"
	_, lines := suite.Read(gitlab(words), citest.InGov)
	citest.SameStrings(t, "another partition", lines, []string{reason})
	_, lines = suite.Read(onInstance(gitlab(words), instance), citest.InAWS)
	citest.SameStrings(t, "another instance", lines, []string{reason})
	words["protectedRefs"] = false
	suite.MustRead(t, onInstance(gitlab(words), instance), citest.InAWS)
}
