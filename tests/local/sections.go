package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// account is the one that the local AWS pretends to be.
var account = ci.Account{Partition: "aws", Region: "eu-central-1", ID: "123456789012"}

// A sections is what a user writes into CiOidcTrust, as plain values.
type sections map[string]any

// readSections reads what `ci-oidc-trust render --input` reads.
func readSections(document []byte) (sections, error) {
	s := map[string]any{} // a named type would be that of the maps inside it as well
	if err := yaml.Unmarshal(document, &s); err != nil {
		return nil, fmt.Errorf("expected a YAML map of sections, such as github: %w", err)
	}
	return s, nil
}

// exampleOf is the example of a system's page, for tokens of systems that the trust file does not name.
func exampleOf(system string) (sections, error) {
	if all.Registry().System(system) == nil {
		return nil, fmt.Errorf("there is no CI system %q; there are %s", system, strings.Join(systemNames(), ", "))
	}
	root, err := toolchain.Root()
	if err != nil {
		return nil, err
	}
	told, err := page.Of(filepath.Join(root, "provider", "ci"), system)
	if err != nil {
		return nil, err
	}
	return readSections([]byte(told.Example))
}

func systemNames() []string {
	var names []string
	for _, s := range all.Registry().Systems() {
		names = append(names, s.Section())
	}
	return names
}

// trusts reads the sections as the component does.
func (s sections) trusts() ([]ci.Trust, error) {
	schema, err := check.Package()
	if err != nil {
		return nil, err
	}
	var problems input.Problems
	root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", s, &problems)
	trusts := all.Registry().Read(root, account, &problems)
	if problems.Len() == 0 {
		// It may rewrite the grants, so that the policy fits.
		if err := ci.Check(trusts, account, root.Field("trustPolicyMaxLength"), &problems); err != nil {
			return nil, err
		}
	}
	var wrong []error
	for _, p := range problems.Sorted() {
		wrong = append(wrong, fmt.Errorf("%s: %s", p.Path, p.Reason))
	}
	return trusts, errors.Join(wrong...)
}

// only returns the section of one system with every risk accepted: it is for tokens, not for a role.
func (s sections) only(system string) sections {
	risks := []any{}
	for _, rule := range all.Registry().System(system).Rules() {
		risks = append(risks, rule.ID)
	}
	return sections{system: s[system], "acceptRisks": risks}
}

// with returns the sections with the property of the given value in every item, and without the properties in drop.
func (s sections) with(property string, value any, drop []string) sections {
	changed := sections{}
	for name, section := range s {
		changed[name] = set(section, property, value, drop)
	}
	return changed
}

// set changes the innermost objects: those without a list of objects.
func set(node any, property string, value any, drop []string) any {
	switch node := node.(type) {
	case map[string]any:
		changed, inner := maps.Clone(node), false
		for name, child := range node {
			if items, is := child.([]any); is && slices.ContainsFunc(items, isObject) {
				changed[name], inner = set(items, property, value, drop), true
			}
		}
		if inner {
			return changed
		}
		for _, name := range drop {
			delete(changed, name)
		}
		changed[property] = value
		return changed
	case []any:
		changed := make([]any, len(node))
		for i, item := range node {
			changed[i] = set(item, property, value, drop)
		}
		return changed
	}
	return node
}

func isObject(v any) bool {
	_, is := v.(map[string]any)
	return is
}
