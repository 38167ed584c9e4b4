// Package octopusdeploy is Octopus Deploy: its issuer, its tokens, and the words in which its jobs are trusted.
package octopusdeploy

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Octopus Deploy, in its cloud and self-hosted.
//
// Issuer: the server's URL, or what an admin set in its place. Sources disagree on whether it ends in a slash, so the
// user writes it as the server's discovery document has it. Audience: the server's host. Subject: the keys that are
// selected in the AWS account of Octopus, each with a slug, always in one order; a key without a value is left out
// altogether. AWS fills no key of its own for this issuer.
//
// Sources: docs, aws, dropped, groups.
type System struct{}

const (
	docs    = "https://octopus.com/docs/infrastructure/accounts/openid-connect"
	aws     = "https://octopus.com/docs/infrastructure/accounts/aws"
	dropped = "https://github.com/OctopusDeploy/docs/pull/3118"
	groups  = "https://github.com/OctopusDeploy/Issues/issues/9522"
	tokens  = "https://github.com/OctopusDeploy/Issues/issues/9894"
)

// Section is "octopusDeploy".
func (System) Section() string { return "octopusDeploy" }

// Title is "Octopus Deploy".
func (System) Title() string { return "Octopus Deploy" }

var anyEnvironment = ci.Rule{
	ID: "octopus-deploy-any-environment", Severity: ci.Medium,
	Summary: "the subject names no environment, so whoever may deploy to a test environment gets the role too",
	Remediation: "Select the key Environment in the AWS account of Octopus, as it is by default, and list the " +
		"environments; give each stage a role of its own.",
	Source: docs,
}

var accountTest = ci.Rule{
	ID: "octopus-deploy-account-test", Severity: ci.Medium,
	Summary: "the subject of an account test is also that of deployments, runbook runs and health checks by the " +
		"account where it has the keys Space and Account alone selected for them: then every project of the space " +
		"that may use the account gets the role",
	Remediation: "Keep the keys Project and Environment selected for deployments and runbooks, and Target for health " +
		"checks. Leave accountTests out where Save and Test can do without the role.",
	Source: docs,
}

var slugCase = ci.Rule{
	ID: "octopus-deploy-slug-case", Severity: ci.Low,
	Summary: "the slugs of Octopus's documentation are in lower case, as deploy-web-app for Deploy Web App, and AWS " +
		"compares letter by letter: by the name in the place of the slug nobody gets the role",
	Remediation: "Compare it with the slug that the page of the thing shows.",
	Source:      docs,
}

// Rules are the findings of Octopus Deploy.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyEnvironment, accountTest, slugCase}
}

// Issuer is what signs the tokens of Octopus Deploy.
func (System) Issuer() ci.Issuer {
	installed := servers("")
	return ci.Issuer{
		URL:       "https://SERVER",
		Hosts:     []ci.Host{servers("*.octopus.app"), servers("*.octopus.app/")},
		Installed: &installed,
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	var forms []*ci.Form
	for _, template := range slices.Sorted(maps.Keys(formsByKeys())) {
		forms = append(forms, formsByKeys()[template])
	}
	return forms
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Variable:  "ACCOUNT.OpenIdConnect.Jwt",
		Chosen:    true, // ACCOUNT is the name of the project's variable
		Condition: "an AWS account of the kind OpenID Connect, in a variable of the project",
		Source:    docs,
	}
}

var issuer = ci.IssuerURL{System: "Octopus", Either: true,
	Help: "write issuer as https://SERVER/.well-known/openid-configuration has it, with or without the slash at its " +
		"end, such as https://acme.octopus.app"}

// Read understands the section octopusDeploy.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := issuer.Read(section.Field("issuer"), problems)
	host, _, _ := strings.Cut(ci.HostOf(issuer), "/")
	t := ci.NewTrust(issuer, section, account, problems, host)
	var w words
	given := false
	for _, use := range uses {
		list := section.Field(use.word)
		given = given || list.Present
		for _, v := range list.List {
			if v.Known {
				use.trust(&t, v, host, &w, problems)
			}
		}
	}
	if !given {
		problems.Add(section.Field("executions"), "is missing, and healthChecks, accountTests and feeds too: name "+
			"the deployments and runbook runs that get the role")
	}
	t.Pipeline = w.config
	return []ci.Trust{t}
}
