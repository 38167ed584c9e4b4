// Package harness is Harness: its issuer, its tokens, and the words in which its jobs are trusted.
package harness

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Harness, whose AWS connectors get tokens.
//
// Issuer: one for each account, at the host of the account's cluster, and on the cluster Prod2 perhaps below /gratis.
// Audience: sts.amazonaws.com. Subject: the scope of the connector, not of the pipeline that uses it, if Harness
// Support has turned on PL_OIDC_ENHANCED_SUBJECT_FIELD; the pipeline too if CDS_ENABLE_PIPELINE_SCOPED_OIDC_SUB is on
// as well; the account alone if neither is on. AWS fills no key of its own for these issuers.
//
// Sources: docs, pipelines, vault.
type System struct{}

const (
	audience    = "sts.amazonaws.com"
	docs        = "https://developer.harness.io/docs/platform/connectors/cloud-providers/ref-cloud-providers/aws-connector-settings-reference"
	pipelines   = "https://developer.harness.io/harness-platform/use-harness-platform/connectors/cloud-providers/ref-cloud-providers/artifactory-connector-settings-reference"
	vault       = "https://developer.harness.io/docs/platform/secrets/secrets-management/add-hashicorp-vault"
	api         = "https://apidocs.harness.io/tag/Oidc-ID-Token"
	hosts       = "https://developer.harness.io/docs/cloud-cost-management/oidc-auth"
	cluster2    = "https://developer.harness.io/database-devops/use-db-devops/database-authentication-and-security/oidc-authentication"
	identifiers = "https://developer.harness.io/docs/platform/references/entity-identifier-reference"
)

// The subject's forms, by the connector's scope and the flags of the account.
var (
	accountField = ci.Field{
		Name:    "account",
		Texts:   `[A-Za-z0-9_-]+`,
		Sample:  "A1b2C3d4E5f6G7h8J9k0Lm",
		Decides: ci.Tenant,
	}

	pipelineForm = newForm("account/{account}:org/{organization}:project/{project}:pipeline/{pipeline}",
		"organization", "project", "pipeline")
	projectForm      = newForm("account/{account}:org/{organization}:project/{project}", "organization", "project")
	organizationForm = newForm("account/{account}:org/{organization}:project/", "organization")
	accountForm      = newForm("account/{account}:org/:project/")
	plain            = newForm("{account}")
)

// newForm declares a form with the account and these fields, which are identifiers. Source: identifiers.
func newForm(template string, names ...string) *ci.Form {
	fields := []ci.Field{accountField}
	for _, name := range names {
		fields = append(fields,
			ci.Field{Name: name, Texts: `[A-Za-z_][0-9A-Za-z_$-]*`, Sample: "web", Decides: ci.Project})
	}
	return ci.NewForm(template, fields...)
}

// clusters are the hosts of Harness's own clusters. Tokens have them also if the account has its own URL below
// harness.io. A self-managed Harness has the host of its installation (pipelines).
// Source: hosts
var clusters = []string{"app.harness.io", "app3.harness.io", "accounts.harness.io", "accounts.eu.harness.io"}

// Section is "harness".
func (System) Section() string { return "harness" }

// Title is "Harness".
func (System) Title() string { return "Harness" }

var (
	wholeAccount = ci.Rule{
		ID: "harness-whole-account", Severity: ci.High,
		Summary: "every connector of the account gets the role, of whatever organization and project: the subject " +
			"names the account alone",
		Remediation: "Let Harness Support turn on PL_OIDC_ENHANCED_SUBJECT_FIELD, and name the projects.",
		Source:      docs,
	}
	sharedConnector = ci.Rule{
		ID: "harness-shared-connector", Severity: ci.Medium,
		Summary: "a connector of an organization or of the account serves all projects below it, and the subject " +
			"does not tell which of them uses it: every project that may use the connector gets the role",
		Remediation: "Make a connector in each project that deploys, and name the projects.",
		Source:      docs,
	}
	subjectFlags = ci.Rule{
		ID: "harness-subject-flags", Severity: ci.Low,
		Summary: "what the subject names depends on feature flags of the account that only Harness Support sets: " +
			scopeFlag + " for the connector's " +
			"scope, and " + pipelineFlag + " beside it for pipelines. Where they are set otherwise than the trusted " +
			"subjects need, nobody gets the role",
		Remediation: "Ask Harness Support which of the flags are on, or look at sub in a token; pipelineConfigs " +
			"lists what each word needs.",
		Source: pipelines,
	}
	otherAudience = ci.Rule{
		ID: "harness-other-audience", Severity: ci.Low,
		Summary: "the tokens of AWS connectors have the audience sts.amazonaws.com, which no setting changes, so " +
			"none of them has this one; tokens that Harness's API gives out may have it",
		Remediation: "Leave audiences out.",
		Source:      docs,
	}
	chosenSubject = ci.Rule{
		ID: "harness-chosen-subject", Severity: ci.Medium,
		Summary: "Harness's API has a call that gives out tokens of the account with a subject and an audience of " +
			"the caller's choosing. Whoever in the account may make it can name any project",
		Remediation: "Ask Harness Support who in the account may make the call (/ng/api/oidc/id-token/custom), and " +
			"have it restricted. Where that cannot be, take everybody with an API key for trusted.",
		Source: api,
	}
)

// Rules are the findings of Harness.
func (System) Rules() []ci.Rule {
	return []ci.Rule{wholeAccount, sharedConnector, chosenSubject, subjectFlags, otherAudience}
}

// Issuer is what signs the tokens of Harness.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://app.harness.io" + accountPath + "ACCOUNT_ID",
		// The path tells one that is self-managed.
		Hosts: []ci.Host{tenants("*.harness.io/*"), tenants("*" + accountPath + "*")},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{pipelineForm, projectForm, organizationForm, accountForm, plain}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:     []string{"HARNESS_BUILD_ID"},
		Server:    true,
		Condition: "an AWS connector whose credentials are Use OIDC",
		Source:    docs,
	}
}

var (
	// No rule is documented for account ids; those seen have 22 letters, digits, - and _.
	accountID = ci.NameKind{Noun: "account", Form: ci.NewExpression(`^[A-Za-z0-9_-]+$`),
		Rule: "must be the account's id, as Account Settings > Overview and every URL of the account have it behind " +
			"/account/, such as A1b2C3d4E5f6G7h8J9k0Lm, and not its name",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`[/.]`),
			Reason: "is a URL; write the account's id alone: what stands behind /account/ in it",
		}}}
	organizationID = newIdentifier("organization", "default")
	projectID      = newIdentifier("project", "web")
	pipelineID     = newIdentifier("pipeline", "deploy")
)

// newIdentifier is the identifier of something. The documentation allows "-" to secrets alone, and also says that
// Harness adds "-1" to an identifier that is taken.
// Source: identifiers
func newIdentifier(noun, example string) ci.NameKind {
	return ci.NameKind{Noun: noun, Form: ci.NewExpression(`^[A-Za-z_][0-9A-Za-z_$-]*$`),
		Rule: "must be the " + noun + "'s identifier, as Harness shows it as Id beside the name: letters, " +
			"digits, _ and $, such as " + example, Not: nil}
}

// Read understands the section harness.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	accountID := accountID.Read(section.Field("accountId"), problems)
	host, path := readHost(section.Field("hostname"), problems), section.Field("gratis")
	if path.Bool() && host != "" && host != clusters[0] {
		problems.Add(path, "has no meaning for this hostname: only the issuers of "+clusters[0]+
			" can have the path /gratis; leave one of the two out")
		host = ""
	}
	if host != "" && accountID != "" && path.Known {
		issuer = "https://" + host + gratis(path.Bool()) + accountPath + accountID
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	h := reader{trust: &t, account: accountID}
	projects, organizations := section.Field("projects"), section.Field("organizations")
	shared, whole := section.Field("accountConnectors"), section.Field("wholeAccount")
	if !projects.Present && !organizations.Present && shared.Known && !shared.Bool() && whole.Known && !whole.Bool() {
		problems.Add(projects, "is missing, and organizations, accountConnectors and wholeAccount too: name the "+
			"projects whose connectors get the role")
	}
	for _, v := range projects.List {
		if v.Known {
			h.readProject(v, problems)
		}
	}
	for _, v := range organizations.List {
		if organization := organizationID.Read(v, problems); organization != "" {
			h.grant(v, "connectors of organization "+organization, organizationForm, organization)
			h.finding(sharedConnector, v, "organization "+organization)
		}
	}
	if shared.Bool() {
		h.grant(shared, "connectors of the account", accountForm)
		h.finding(sharedConnector, shared, "account "+h.account)
	}
	if len(t.Grants) > 0 {
		h.finding(chosenSubject, section, "account "+h.account)
	}
	if whole.Bool() {
		h.grant(whole, "every connector of every project", plain)
		h.finding(wholeAccount, whole, "account "+h.account)
	}
	if len(t.Grants) > 0 {
		h.finding(subjectFlags, section, "account "+h.account)
	}
	for _, v := range section.Field("audiences").Texts() {
		if v.Text() != audience {
			h.finding(otherAudience, v, v.Text())
		}
	}
	t.Pipeline = h.config
	return []ci.Trust{t}
}

// gratis is the path of the cluster of free accounts, Prod2. Harness's pages disagree: the one on Cloud Cost Management
// gives Prod1 and Prod2 the same issuers, that on databases gives those of Prod2 this path. So the user says which it
// is.
// Sources: hosts, cluster2
func gratis(has bool) string {
	if has {
		return "/gratis"
	}
	return ""
}

// readHost reads the host of the account's cluster or of an installation, "" when it is wrong or not known.
func readHost(v input.Value, problems *input.Problems) string {
	const hosts = "app.harness.io for Prod1 and Prod2, app3.harness.io for Prod3, accounts.harness.io for Prod0 and " +
		"Prod4, accounts.eu.harness.io in the EU"
	if !v.Present {
		return clusters[0]
	}
	host := ci.ReadHost(v, "that of the cluster that Account Settings > Overview names: "+hosts+
		"; or that of a self-managed installation", clusters[0], problems)
	if strings.HasSuffix(host, ".harness.io") && !slices.Contains(clusters, host) {
		problems.Add(v, "is not the host of a cluster, but perhaps the account's own URL, which the tokens "+
			"do not have: write "+hosts, input.Got(v))
		return ""
	}
	return host
}

// A reader is the section while it is read.
type reader struct {
	trust      *ci.Trust
	account    string
	connectors []string // the scopes that need a connector, as lines of YAML
	flags      []string // what the subjects need of the account's feature flags
}

// readProject turns one item of projects into grants: of its connectors, or of its pipelines alone.
func (h *reader) readProject(v input.Value, problems *input.Problems) {
	organization, project := organizationID.Read(v.Field("organization"), problems),
		projectID.Read(v.Field("id"), problems)
	pipelines := v.Field("pipelines")
	names := pipelineID.ReadAll(pipelines, problems)
	if organization == "" || project == "" {
		return
	}
	phrase := fmt.Sprintf("project %s in organization %s", project, organization)
	if !pipelines.Present {
		h.grant(v, "connectors of "+phrase, projectForm, organization, project)
	}
	for _, pipeline := range names {
		h.grant(v, "pipeline "+pipeline+" of "+phrase, pipelineForm, organization, project, pipeline)
	}
}

// finding adds a finding, once the account is known.
func (h *reader) finding(rule ci.Rule, v input.Value, detail string) {
	if h.trust.Issuer() != "" {
		h.trust.Findings = append(h.trust.Findings, ci.Finding{Rule: rule, Path: v.Path, Detail: detail})
	}
}

// grant trusts the tokens of one form, with these identifiers behind the account.
func (h *reader) grant(v input.Value, phrase string, f *ci.Form, texts ...string) {
	if h.trust.Issuer() == "" {
		return
	}
	h.connectors = ci.AddOnce(h.connectors, strings.Join(texts[:min(2, len(texts))], "\x00"))
	h.flags = ci.AddOnce(h.flags, flags[f])
	texts = append([]string{h.account}, texts...)
	trusted := f.Build(texts...)
	others := map[string]string{
		"a pipeline of another project": pipelineForm.Build(h.account, "mallory", "mallory",
			"deploy"),
		"a connector of another project":                    projectForm.Build(h.account, "default", "of-mallory"),
		"a connector of another organization":               organizationForm.Build(h.account, "of-mallory"),
		"a subject with something behind the trusted one":   trusted + ":environment/x",
		"a pipeline, where the subject names no pipeline":   trusted + ":pipeline/of-mallory",
		"a project's connector, where the project is empty": trusted + "of-mallory",
	}
	for what, sub := range map[string]string{
		"a connector of the account":  accountForm.Build(h.account),
		"an account without the flag": h.account,
	} {
		if sub != trusted {
			others[what] = sub
		}
	}
	h.trust.Allow(v.Path, "Harness: "+phrase+" of account "+h.account, ci.Subject{
		Form: f, Terms: ci.ExactlyAll(texts...), Others: others,
		Job: func(texts []string) map[string]any {
			claims := map[string]any{"connector_id": "aws", "connector_name": "aws", "context": "PIPELINE_EXECUTION"}
			for i, text := range texts {
				claims[f.Fields[i].Name+"_id"] = text
			}
			return claims
		},
	})
}
