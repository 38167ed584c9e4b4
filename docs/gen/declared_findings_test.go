package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/schema"
)

func TestEverySystemDeclaresItsFindingsInTheOrderAndWordsOfItsRules(t *testing.T) {
	audited := declared(t, filepath.Join("schema", "findings.json"), ci.ComponentRules())
	component := map[string]bool{}
	for _, r := range ci.ComponentRules() {
		component[r.ID] = true
	}
	for _, s := range all.Registry().Systems() {
		folder := strings.ToLower(s.Section())
		audited = append(audited, declared(t, filepath.Join("provider", "ci", folder, "schema.json"), s.Rules())...)
		for _, r := range s.Rules() {
			component[r.ID] = true
		}
	}
	slices.SortFunc(audited, func(a, b schema.Finding) int { return strings.Compare(a.ID, b.ID) })
	var alone []ci.Rule
	for _, r := range audit.Rules(all.Registry()) {
		if !component[r.ID] {
			alone = append(alone, r)
		}
	}
	sameFindings(t, "audits", audited, alone)
}

// declared holds the findings that a part declares against the rules of its system, and returns those of audits alone.
func declared(t *testing.T, part string, rules []ci.Rule) []schema.Finding {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("..", "..", part))
	if err != nil {
		t.Fatal(err)
	}
	component, audit, err := schema.Findings(document)
	if err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	sameFindings(t, part, component, rules)
	return audit
}

func sameFindings(t *testing.T, where string, declared []schema.Finding, rules []ci.Rule) {
	t.Helper()
	if len(declared) != len(rules) {
		t.Errorf("%s: %d findings are declared, and there are %d rules", where, len(declared), len(rules))
		return
	}
	for i, r := range rules {
		want := schema.Finding{
			ID: r.ID, Severity: string(r.Severity), Summary: r.Summary, Remediation: r.Remediation, Source: r.Source,
			Refused: r.Refused,
		}
		if declared[i] != want {
			t.Errorf("%s: declared is\n%+v, and the rule is\n%+v", where, declared[i], want)
		}
	}
}
