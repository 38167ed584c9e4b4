package octopusdeploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words is what a trust names, for the settings to paste: for each space and use, the keys of the subjects.
type words struct{ accounts []string }

// keyNames are the keys as Octopus shows them. Source: docs.
var keyNames = map[string]string{
	"space": "Space", "project-group": "Project Group", "project": "Project", "runbook": "Runbook", "tenant": "Tenant",
	"environment": "Environment", "target": "Target", "account": "Account", "type": "Type", "feed": "Feed",
}

// add notes the keys that have to be selected for a subject. For executions, Tenant is always one of them: Octopus
// leaves it out of the subject if there is no tenant. If the key is not selected, a tenant's deployment passes for an
// untenanted one.
func (w *words) add(u use, parts []part) {
	var names []string
	for _, k := range u.keys {
		selected := slices.ContainsFunc(parts, func(p part) bool { return p.key.key == k.key })
		if selected || k.key == "tenant" {
			names = append(names, keyNames[k.key])
		}
	}
	w.accounts = ci.AddOnce(w.accounts, strings.Join([]string{parts[0].text, u.what, ci.FlowYAML(names)}, "\x00"))
}

// config is what to set: Octopus keeps it in an account, not in a file.
// Source: https://octopus.com/docs/infrastructure/accounts/aws
func (w *words) config(role ci.Role) string {
	var b strings.Builder
	b.WriteString("# Deploy > Manage > Accounts > Add account > AWS Account > OpenID Connect, in each space. One " +
		"account has one selection of keys for each use.\n")
	fmt.Fprintf(&b, "roleArn: %s\nregion: %s # of the steps that use the account\nsessionDuration: %d # seconds\n",
		role.ARN, role.Region, role.Seconds())
	for i, account := range slices.Sorted(slices.Values(w.accounts)) {
		if i == 0 {
			b.WriteString("accounts:\n")
		}
		parts := strings.Split(account, "\x00")
		fmt.Fprintf(&b, "  - space: %s\n    for: %s\n    subjectKeys: %s\n", ci.QuoteYAML(parts[0]), parts[1], parts[2])
	}
	return b.String()
}
