package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// common are the properties that every section has, but for those about the provider where AWS has the issuer built in.
var common = []string{"audiences", "existingProvider", "providerArn", "retainProvider", "thumbprints"}

func TestEverySystemHasAllItsPartsAndTheSchemaTheRegistryAndTheDocsAgree(t *testing.T) {
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	component := schema.Resources["ci-oidc-trust:index:CiOidcTrust"].Inputs
	function := schema.Functions["ci-oidc-trust:index:renderTrust"].Inputs.Properties
	registered := map[string]bool{}
	for _, s := range all.Registry().Systems() {
		name := s.Section()
		if registered[name] {
			t.Errorf("%s is registered twice", name)
		}
		registered[name] = true
		if s.Title() == "" || s.Issuer().URL == "" || len(s.Rules()) == 0 {
			t.Errorf("%s lacks its title, issuer or findings", name)
		}
		for _, r := range s.Rules() {
			if r.ID == "" || r.Summary == "" || r.Remediation == "" || !strings.HasPrefix(r.Source, "https://") {
				t.Errorf("%s has an incomplete finding: %+v", name, r)
			}
		}
		if ref(component[name]) == "" || ref(function[name]) != ref(component[name]) {
			t.Errorf("%s: the component takes %q and renderTrust %q", name, ref(component[name]), ref(function[name]))
		}
		section := schema.Types[strings.TrimPrefix(ref(component[name]), "#/types/")]
		for _, property := range common {
			declared, ok := section.Properties[property]
			if s.Issuer().BuiltIn && property != "audiences" {
				if ok {
					t.Errorf("the section %s has %s, and there is no provider", name, property)
				}
				continue
			}
			if !ok {
				t.Errorf("the section %s has no %s", name, property)
			}
			if first := schema.Types["ci-oidc-trust:index:GitHubTrust"].Properties[property]; !reflect.DeepEqual(
				declared, first,
			) {
				t.Errorf("%s.%s is declared unlike that of github", name, property)
			}
		}
	}
	for name, property := range component {
		if ref(property) != "" && !registered[name] {
			t.Errorf("the schema has a section %s that no system reads", name)
		}
	}
	for _, r := range all.Registry().Rules() {
		if other, ok := auditRule(r.ID); ok && other.Severity != r.Severity {
			t.Errorf("%s is %s for the component and %s for the audit", r.ID, r.Severity, other.Severity)
		}
	}
}

// ref is the type of a section, or of the items of a map of them.
func ref(p check.Property) string {
	if p.AdditionalProperties != nil {
		return p.AdditionalProperties.Ref
	}
	return p.Ref
}

// systemsFolder is that of the CI systems, as the tests see it.
const systemsFolder = "../../provider/ci"

func TestEverySystemSaysWhichIssuersAreItsAlone(t *testing.T) {
	for _, s := range all.Registry().Systems() {
		told, err := page.Of(systemsFolder, s.Section())
		if err != nil {
			t.Fatal(err)
		}
		_, example, err := render(told.Example, s.Section())
		if err != nil {
			t.Fatal(err)
		}
		covered := slices.ContainsFunc(s.Issuer().Hosts, func(i ci.Host) bool {
			return trust.Match(i.Host, example.Host())
		})
		if own := strings.HasSuffix(strings.SplitN(example.Host(), "/", 2)[0], ".example.com"); own == covered {
			t.Errorf("%s: its example has the issuer %s, and none of its hosts fits", s.Section(), example.Issuer())
		}
	}
}

func auditRule(id string) (ci.Rule, bool) {
	for _, r := range audit.Rules(all.Registry()) {
		if r.ID == id {
			return r, true
		}
	}
	return ci.Rule{}, false
}
