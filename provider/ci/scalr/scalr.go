// Package scalr is Scalr: its issuer, its tokens, and the words in which its jobs are trusted.
package scalr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Scalr, on scalr.io.
//
// Issuer: one for all customers. Audience: what the provider configuration asks for, in any account, so it separates no
// customers. Subject: account, environment and workspace by name. AWS wants it tested, and fills no key of its own for
// this issuer.
//
// Sources: docs, configuration, vcs.
type System struct{}

const (
	issuer        = "https://scalr.io"
	audience      = "aws.scalr-run-workload"
	docs          = "https://docs.scalr.io/docs/aws"
	configuration = "https://docs.scalr.io/docs/provider_resource_scalr_provider_configuration"
	vcs           = "https://docs.scalr.io/docs/vcs"
)

// form is the subject of every run of a workspace.
var form = ci.NewForm("account:{account}:environment:{environment}:workspace:{workspace}",
	ci.Field{Name: "account", Sample: "acme", Decides: ci.Tenant},
	ci.Field{Name: "environment", Sample: "production", Decides: ci.Project},
	ci.Field{Name: "workspace", Sample: "web", Decides: ci.Project})

// Section is "scalr".
func (System) Section() string { return "scalr" }

// Title is "Scalr".
func (System) Title() string { return "Scalr" }

var dryRuns = ci.Rule{
	ID: "scalr-dry-runs", Severity: ci.Medium, Unreviewed: true,
	Summary: "dry runs share the role with runs that apply, because the subject of both is the same, so the dry run " +
		"of a pull request, which runs code that nobody has merged, can change whatever an apply can",
	Remediation: "Turn off automatic dry runs in the workspace (dry_runs_enabled), or give the workspace a role " +
		"whose permissions pull requests may have.",
	Source: vcs,
}

// Rules are the findings of Scalr.
func (System) Rules() []ci.Rule { return []ci.Rule{dryRuns} }

// Issuer is what signs the tokens of Scalr.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{
			{Host: "scalr.io", Shared: true, Control: trust.Control{Claims: []string{"sub"}}, Judge: reads},
		},
	}
}

// reads judges a reading. The subject says nothing of the kind of run, so whatever gets in gets in by dry runs, too.
func reads(r *ci.Reading) []ci.Verdict {
	verdicts := r.Strangers()
	if verdicts == nil {
		verdicts = r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	}
	runs := []ci.Verdict{{Rule: dryRuns, Detail: "any run"}}
	switch {
	case verdicts != nil && !r.NamesTenant():
		return verdicts
	case verdicts != nil && r.OneCause():
		return ci.OfOneCause(verdicts, runs)
	}
	return append(verdicts, runs...)
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Server:    true,
		Condition: "a provider configuration for AWS with credentials_type oidc, linked to the workspace",
		Source:    docs,
	}
}

// No rule for names is documented. A name is refused only if it is an id, or has a ":", which would move the parts of
// the subject.
var (
	accountName = ci.NameKind{Noun: "account", Form: name,
		Rule: "must be the name of the account: acme of https://acme.scalr.io; without : and spaces around it",
		Not: []ci.Mistake{
			ci.IsAnID("account", `^acc-(svrc|v0o)[a-z0-9]{8,}$`),
			{
				Form:   ci.NewExpression(`^https?://|\.scalr\.io/?$`),
				Reason: "is the host of the account; write its name alone: acme of https://acme.scalr.io",
			},
		}}
	environment = ci.NameKind{Noun: "environment", Form: name,
		Rule: "must be the name of the environment, without : and spaces around it",
		Not:  []ci.Mistake{ci.IsAnID("environment", `^env-(svrc|v0o)[a-z0-9]{8,}$`)}}
	workspace = ci.NameKind{Noun: "workspace", Form: name,
		Rule: "must be the name of the workspace, without : and spaces around it",
		Not:  []ci.Mistake{ci.IsAnID("workspace", `^ws-(svrc|v0o)[a-z0-9]{8,}$`)}}
	name = ci.NewExpression(`^[^:\s]([^:]*[^:\s])?$`)
)

// Read understands the section scalr.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust(issuer, section, account, problems, audience)
	name, list := accountName.Read(section.Field("account"), problems), section.Field("workspaces")
	var workspaces [][2]string
	for _, v := range list.List {
		if !v.Known {
			continue
		}
		environment, workspace := environment.Read(v.Field("environment"), problems),
			workspace.Read(v.Field("name"), problems)
		if name == "" || environment == "" || workspace == "" {
			continue
		}
		workspaces = append(workspaces, [2]string{environment, workspace})
		phrase := fmt.Sprintf("workspace %s in environment %s of account %s", workspace, environment, name)
		t.Findings = append(t.Findings, ci.Finding{Rule: dryRuns, Path: v.Path, Detail: phrase})
		t.Allow(v.Path, "Scalr: any run of "+phrase, ci.Subject{
			Form: form, Terms: ci.ExactlyAll(name, environment, workspace),
			Others: map[string]string{
				"a subject of the account alone":   "account:" + name,
				"an environment without workspace": "account:" + name + ":environment:" + environment,
				"a subject of an account that holds the names": "account:mallory:account:" + name + ":environment:" +
					environment + ":workspace:" + workspace,
			},
		})
	}
	t.Pipeline = func(role ci.Role) string { return config(workspaces, t.Audiences(), role) }
	return []ci.Trust{t}
}

// config is what to set: Scalr has no pipeline file that could hold it.
// Sources: docs, configuration
func config(workspaces [][2]string, audiences []string, role ci.Role) string {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Make a provider configuration for the provider aws with these settings, and link it to the "+
		"workspaces below.\n"+
		"providerConfiguration:\n  credentials_type: oidc\n  role_arn: %s\n  audience: %s\n", role.ARN,
		ci.QuoteYAML(audience))
	slices.SortFunc(workspaces, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for i, w := range slices.Compact(workspaces) {
		if i == 0 {
			b.WriteString("workspaces:\n")
		}
		fmt.Fprintf(&b, "  - environment: %s\n    name: %s\n    shellVariables:\n%s",
			ci.QuoteYAML(w[0]), ci.QuoteYAML(w[1]), ci.RegionEnvironment("      ", role.Region))
	}
	return b.String()
}
