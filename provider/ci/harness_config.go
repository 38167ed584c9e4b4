package ci

import (
	"fmt"
	"slices"
	"strings"
)

// The feature flags of an account that decide what the subject names.
// Sources: harnessDocs, harnessPipelines, harnessVault
const (
	harnessScopeFlag    = "PL_OIDC_ENHANCED_SUBJECT_FIELD"
	harnessPipelineFlag = "CDS_ENABLE_PIPELINE_SCOPED_OIDC_SUB"
)

// harnessFlags says how the flags must be set for the subjects of each form. What the flag for pipelines does to the
// connectors of an organization or of the account is not documented.
var harnessFlags = map[*form]string{
	harnessPipeline:     "pipelines need " + harnessScopeFlag + " and " + harnessPipelineFlag + " on",
	harnessProject:      "projects without pipelines need " + harnessScopeFlag + " on and " + harnessPipelineFlag + " off",
	harnessOrganization: "organizations need " + harnessScopeFlag + " on",
	harnessAccount:      "accountConnectors needs " + harnessScopeFlag + " on",
	harnessPlain:        "wholeAccount needs " + harnessScopeFlag + " off",
}

// config is what to set: a pipeline names a connector, and the connector has the role.
// Source: harnessDocs
func (h *harnessTrust) config(roleArn, region string) string {
	var b strings.Builder
	b.WriteString("# Make an AWS connector in each of these scopes (Connectors > New Connector > AWS), and name it in the pipelines that deploy.\n")
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
		fmt.Fprintf(&b, "  - credentials: Use OIDC\n    iamRole: %s\n    region: %s\n", roleArn, region)
		for i, text := range strings.Split(scope, "\x00") {
			if text != "" {
				fmt.Fprintf(&b, "    %s: %s\n", []string{"organization", "project"}[i], quoteYAML(text))
			}
		}
	}
	return b.String()
}
