package citest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
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
	// Several systems have these; one of them has the example.
	general := []string{
		ci.OrganizationWide.ID, ci.ProjectPrefix.ID, ci.RefPrefix("main").ID, ci.RefPrefix("release/").ID,
	}
	for _, r := range rules {
		if !slices.Contains(general, r.ID) &&
			!slices.ContainsFunc(examples, func(e page.Example) bool { return e.ID == r.ID }) {
			t.Errorf("testdata/findings.yaml has no example of %s", r.ID)
		}
	}
	for _, e := range examples {
		var has, mended []string
		if e.Section != nil {
			section, isSection := e.Mended.(map[string]any)
			if !isSection {
				t.Fatalf("the example of %s is a section, and what is mended is none", e.ID)
			}
			has, mended = s.idsOfSection(t, e.Section), s.idsOfSection(t, section)
		} else {
			may, err := e.May()
			if err != nil {
				t.Fatal(err)
			}
			role := trust.Role{Name: e.Role, May: may}
			has, mended = s.idsOfPolicy(t, e.Policy, role), s.idsOfPolicy(t, e.Mended, role)
		}
		if !slices.Contains(has, e.ID) || slices.Contains(mended, e.ID) {
			t.Errorf("the example of %s has %q, and mended %q", e.ID, has, mended)
		}
	}
}

// idsOfPolicy are what an audit finds.
func (s Suite) idsOfPolicy(t *testing.T, policy any, role trust.Role) []string {
	t.Helper()
	document, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	findings, err := audit.Audit(s.Registry(), document, role)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return Ids(findings)
}

// idsOfSection are what the component finds, the policy made to fit.
func (s Suite) idsOfSection(t *testing.T, section object) []string {
	t.Helper()
	trusts := s.MustRead(t, section, InAWS)
	problems := &input.Problems{}
	if err := ci.Check(trusts, InAWS, input.Value{Known: true}, problems); err != nil {
		t.Fatal(err)
	}
	return FindingIDs(trusts)
}
