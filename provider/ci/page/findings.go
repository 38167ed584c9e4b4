package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Example shows a finding on its page: something that has the finding, and the same mended. Tests run both.
type Example struct {
	// ID is the finding's.
	ID string `yaml:"id"`
	// Since is the first version that reports it.
	Since string `yaml:"since"`
	// Note says what is particular to the example, and is empty if nothing is.
	Note string `yaml:"note"`
	// Policy is a trust policy that has the finding; nil where only what somebody wrote can show it.
	Policy any `yaml:"policy"`
	// Text is the trust policy as text, where YAML cannot hold it: a name that stands twice.
	Text string `yaml:"text"`
	// Role is the name of the role, where it matters.
	Role string `yaml:"role"`
	// Permissions are the role's own policies, where it matters what it may do.
	Permissions []any `yaml:"permissions"`
	// Section are inputs of CiOidcTrust that have the finding, where a policy cannot show it.
	Section map[string]any `yaml:"section"`
	// Registered are the audiences that the account's provider has, where the finding is about these.
	Registered []string `yaml:"registered"`
	// Program is the part of a program in TypeScript that has the finding, where neither a policy nor a section can
	// show it.
	Program string `yaml:"program"`
	// Mended is the policy, the section or the program without the finding.
	Mended any `yaml:"mended"`
}

// May is what the role may do; nil where that does not matter.
func (e Example) May() (*trust.May, error) {
	if e.Permissions == nil {
		return nil, nil
	}
	var role permission.Role
	for _, policy := range e.Permissions {
		document, err := json.Marshal(policy)
		if err != nil {
			return nil, err
		}
		role.Policies = append(role.Policies,
			permission.Policy{Name: "the role's policy", Document: string(document)})
	}
	return permission.Judge(role).May(), nil
}

// Examples reads a findings.yaml: a list of examples, each of another finding. There are none without a file.
func Examples(path string) ([]Example, error) {
	document, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var examples []Example
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	decoder.KnownFields(true)
	if err := decoder.Decode(&examples); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	seen := map[string]bool{}
	for i, e := range examples {
		reason := ""
		switch {
		case e.ID == "":
			reason = "has no id"
		case seen[e.ID]:
			reason = "is there twice; one example of each finding is shown"
		case e.Since == "":
			reason = "does not say since which version"
		case e.Mended == nil:
			reason = "has no mended policy or section"
		case kinds(e) != 1:
			reason = "needs either a policy that has the finding, or a section, or a program"
		}
		if reason != "" {
			return nil, fmt.Errorf("%s: example %d (%s) %s", path, i+1, e.ID, reason)
		}
		seen[e.ID] = true
	}
	return examples, nil
}

// kinds is how many kinds of things that have the finding an example has.
func kinds(e Example) int {
	n := 0
	for _, has := range []bool{e.Policy != nil || e.Text != "", e.Section != nil, e.Program != ""} {
		if has {
			n++
		}
	}
	return n
}
