package citest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

// FindingExamples holds testdata/findings.yaml against the audit: each policy has its finding, what is mended has it no
// more, and each rule of the system's own has an example. It runs in the system's folder.
func (s Suite) FindingExamples(t *testing.T) {
	examples, err := page.Examples(filepath.Join("testdata", "findings.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rules := s.System.Rules()
	if auditor, ok := s.System.(ci.Auditor); ok {
		rules = append(rules, auditor.AuditRules()...)
	}
	general := []string{ci.OrganizationWide.ID, ci.ProjectPrefix.ID}
	for _, r := range rules {
		if !slices.Contains(general, r.ID) &&
			!slices.ContainsFunc(examples, func(e page.Example) bool { return e.ID == r.ID }) {
			t.Errorf("testdata/findings.yaml has no example of %s", r.ID)
		}
	}
	for _, e := range examples {
		if has, mended := s.idsOf(t, e.Policy), s.idsOf(t, e.Mended); !slices.Contains(has, e.ID) ||
			slices.Contains(mended, e.ID) {
			t.Errorf("the example of %s has %q, and mended %q", e.ID, has, mended)
		}
	}
}

func (s Suite) idsOf(t *testing.T, policy any) []string {
	t.Helper()
	document, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	return Ids(s.Audit(t, string(document)))
}
