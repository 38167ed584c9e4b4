package ci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var organizationWide = Rule{
	ID: "organization-wide", Severity: Medium,
	Summary:     "everything of the organization is trusted, also what somebody there creates tomorrow",
	Remediation: "Name the repositories, projects or workspaces that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

var anyRef = Rule{
	ID: "any-ref", Severity: High,
	Summary:     "every job of the repository gets in, whatever its branch, pull requests included",
	Remediation: "Name the branches, tags or environments that deploy.",
	Source:      githubDocs,
}

var terraformRunPhase = Rule{
	ID: "terraform-run-phase", Severity: Medium,
	Summary:     "plan and apply get the same role, so a speculative plan of an unmerged change can write",
	Remediation: "Give run_phase:apply a role of its own, and run_phase:plan one that reads.",
	Source:      "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens",
}

// AuditRules are all rules an audit can report: the general ones and those of the systems, by id.
func AuditRules() []Rule {
	rules := slices.Concat(trust.AuditRules(), []Rule{organizationWide, anyRef, terraformRunPhase}, githubAuditRules(), circleciAuditRules())
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// Audit reads any trust policy with what is known of CI systems.
func Audit(document []byte, role trust.Role) ([]Finding, error) {
	return trust.Audit(document, issuers, role)
}

// issuers is what an audit knows of issuers, most particular first. The shared ones are those for which AWS itself wants
// a condition, and those whose documentation shows one issuer for all customers.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html,
// https://github.com/aws-samples/resource-control-policy-examples
var issuers = []trust.Issuer{
	{Host: githubHost, Title: "GitHub Actions", Shared: true, TenantClaim: "sub", Judge: judgeGitHub},
	{Host: githubHost + "/*", Title: "GitHub Actions of an enterprise", Judge: judgeGitHub},
	{Host: circleciHost + "*", Title: "CircleCI", Judge: judgeCircleCI},
	tenants("gitlab.com", "GitLab", `^(project_path:[^*?/]+/|project_id:[^*?:]+(:|$))`, "namespace_id", "project_id"),
	tenants("agent.buildkite.com", "Buildkite", `^organization:[^*?:]+:`, "organization_id", "organization_slug", "pipeline_id"),
	terraform("app.terraform.io"),
	tenants("oidc.codefresh.io", "Codefresh", `^account:[^*?:]+:`),
	tenants("scalr.io", "Scalr", `^account:[^*?:]+:`),
	tenants("identity.depot.dev", "Depot", `^[^*?]+[:/]`),
	tenants("login.app.env0.com/", "env0", `^auth0\|[^*?]+$`),
	tenants("token.builds.bitrise.io", "Bitrise", `^[^*?]+[:/]`),
	tenants("oidc.cirrus-ci.com", "Cirrus CI", `^[^*?]+[:/]`),
	tenants("proidc.upbound.io", "Upbound", `^mcp:[^*?:/]+[:/]`),
	tenants("tokens.cloud.shisho.dev", "Shisho Cloud", `^job:[^*?:]+:`),
	tenants("studio.datachain.ai/api", "DVC Studio", `^credentials:[^*?/]+/`),
	tenants("vstoken.actions.githubusercontent.com", "GitHub Actions (old issuer)", `^repo:[^*?/]+/`),
	{Host: "oidc-configuration.audit-log.githubusercontent.com", Title: "GitHub audit log", Shared: true, TenantClaim: "sub"},
	{Host: "api.pulumi.com/oidc", Title: "Pulumi Cloud", Shared: true, TenantClaim: "aud"},
	{Host: "oidc.vercel.com", Title: "Vercel", Shared: true, TenantClaim: "aud"},
	{Host: "sandboxes.cloud", Title: "sandboxes.cloud", Shared: true, TenantClaim: "aud"},
	{Host: "accounts.google.com", Title: "Google", Shared: true, TenantClaim: "sub"},
}

// tenants is an issuer whose subject begins with the tenant, exact up to a separator, unless a key pins it.
func tenants(host, title, prefix string, keys ...string) trust.Issuer {
	form := regexp.MustCompile(prefix)
	return trust.Issuer{Host: host, Title: title, Shared: true, TenantClaim: "sub", Judge: func(v trust.View, report func(Rule, string)) {
		if slices.ContainsFunc(keys, v.Pins) {
			return
		}
		values, _ := v.Claim("sub")
		for _, value := range values {
			if !value.Wild() || strings.Trim(value.Text, "*?") == "" {
				continue
			}
			tenant := form.FindString(value.Text)
			switch rest := value.Text[len(tenant):]; {
			case tenant == "" && wildBehindName(value.Text):
				report(trust.PrefixCollision, fmt.Sprintf("sub %q", value.Text))
			case tenant == "":
				report(trust.TenantNotPinned, fmt.Sprintf("sub %q", value.Text))
			case rest == "*":
				report(organizationWide, fmt.Sprintf("sub %q", value.Text))
			}
		}
	}}
}

// wildBehindName reports that the first wildcard stands right behind a letter or digit.
func wildBehindName(text string) bool {
	at := strings.IndexAny(text, "*?")
	return at > 0 && nameEnd.MatchString(text[:at])
}

var nameEnd = regexp.MustCompile(`[A-Za-z0-9]$`)

// terraform is HCP Terraform, whose subject ends in the run phase.
func terraform(host string) trust.Issuer {
	issuer := tenants(host, "HCP Terraform", `^organization:[^*?:]+:`)
	tenant := issuer.Judge
	issuer.Judge = func(v trust.View, report func(Rule, string)) {
		tenant(v, report)
		values, _ := v.Claim("sub")
		for _, value := range values {
			if value.Wild() && strings.HasPrefix(value.Text, "organization:") &&
				trust.Match(value.Text, sampleRun(value.Text, "plan")) && trust.Match(value.Text, sampleRun(value.Text, "apply")) {
				report(terraformRunPhase, fmt.Sprintf("sub %q", value.Text))
			}
		}
	}
	return issuer
}

// sampleRun is a subject in a run phase that is as close to a pattern as can be.
func sampleRun(pattern, phase string) string {
	before, _, found := strings.Cut(pattern, ":run_phase:")
	if !found {
		before = strings.TrimRight(pattern, "*") + "x"
	}
	return strings.NewReplacer("*", "x", "?", "x").Replace(before) + ":run_phase:" + phase
}
