package harness

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// The feature flags of an account that decide what the subject names.
// Sources: docs, pipelines, vault
const (
	scopeFlag    = "PL_OIDC_ENHANCED_SUBJECT_FIELD"
	pipelineFlag = "CDS_ENABLE_PIPELINE_SCOPED_OIDC_SUB"
)

// flags says how the flags must be set for the subjects of each form. What the flag for pipelines does to the
// connectors of an organization or of the account is not documented.
var flags = map[*ci.Form]string{
	pipelineForm:     "pipelines need " + scopeFlag + " and " + pipelineFlag + " on",
	projectForm:      "projects without pipelines need " + scopeFlag + " on and " + pipelineFlag + " off",
	organizationForm: "organizations need " + scopeFlag + " on",
	accountForm:      "accountConnectors needs " + scopeFlag + " on",
	plain:            "wholeAccount needs " + scopeFlag + " off",
}

// config is what to set: a pipeline names a connector, and the connector has the role.
// Source: docs
func (h *reader) config(role ci.Role) string {
	var b strings.Builder
	b.WriteString("# Make an AWS connector in each of these scopes (Connectors > New Connector > AWS), and name it " +
		"in the pipelines that deploy.\n")
	if len(h.flags) > 0 {
		b.WriteString("# The subjects depend on feature flags of the account, which Harness Support sets:\n")
	}
	for _, flags := range h.flags {
		b.WriteString("#   " + flags + "\n")
	}
	if len(h.connectors) > 0 {
		b.WriteString("connectors:\n")
	}
	for _, scope := range slices.Sorted(slices.Values(h.connectors)) {
		fmt.Fprintf(&b, "  - credentials: Use OIDC\n    iamRole: %s\n    region: %s\n", role.ARN, role.Region)
		for i, text := range strings.Split(scope, "\x00") {
			if text != "" {
				fmt.Fprintf(&b, "    %s: %s\n", []string{"organization", "project"}[i], ci.QuoteYAML(text))
			}
		}
	}
	return b.String()
}
