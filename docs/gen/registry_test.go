package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// common are the properties that every section has.
var common = []string{"audiences", "providerArn", "retainProvider", "thumbprints"}

func TestEverySystemHasAllItsPartsAndTheSchemaTheRegistryAndTheDocsAgree(t *testing.T) {
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	component := schema.Resources["ci-oidc-trust:index:CiOidcTrust"].Inputs
	function := schema.Functions["ci-oidc-trust:index:renderTrust"].Inputs.Properties
	registered := map[string]bool{}
	for _, s := range ci.Systems() {
		name := s.Section()
		if registered[name] {
			t.Errorf("%s is registered twice", name)
		}
		registered[name] = true
		page := s.Page()
		if s.Title() == "" || page.Issuer == "" || page.Audience == "" || page.Names == "" || len(page.Subjects) == 0 || len(page.Pitfalls) == 0 ||
			len(page.Sources) == 0 || page.Example == "" || len(s.Rules()) == 0 {
			t.Errorf("%s lacks a part of its page: %+v", name, page)
		}
		for _, r := range s.Rules() {
			if r.ID == "" || r.Summary == "" || r.Remediation == "" || !strings.HasPrefix(r.Source, "https://") {
				t.Errorf("%s has an incomplete finding: %+v", name, r)
			}
		}
		if component[name].Ref == "" || function[name].Ref != component[name].Ref {
			t.Errorf("%s: the component takes %q and renderTrust %q", name, component[name].Ref, function[name].Ref)
		}
		section := schema.Types[strings.TrimPrefix(component[name].Ref, "#/types/")]
		for _, property := range common {
			declared, ok := section.Properties[property]
			if !ok {
				t.Errorf("the section %s has no %s", name, property)
			}
			if first := schema.Types["ci-oidc-trust:index:GitHubTrust"].Properties[property]; !reflect.DeepEqual(declared, first) {
				t.Errorf("%s.%s is declared unlike that of github", name, property)
			}
		}
	}
	for name, property := range component {
		if property.Ref != "" && !registered[name] {
			t.Errorf("the schema has a section %s that no system reads", name)
		}
	}
	for _, r := range ci.Rules() {
		if other, ok := auditRule(r.ID); ok && other.Severity != r.Severity {
			t.Errorf("%s is %s for the component and %s for the audit", r.ID, r.Severity, other.Severity)
		}
	}
}

func auditRule(id string) (ci.Rule, bool) {
	for _, r := range ci.AuditRules() {
		if r.ID == id {
			return r, true
		}
	}
	return ci.Rule{}, false
}
