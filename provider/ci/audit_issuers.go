package ci

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// issuers is what an audit knows of issuers, most particular first. The shared ones are those for which AWS itself wants
// a condition, and those whose documentation shows one issuer for all customers.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html,
// https://github.com/aws-samples/resource-control-policy-examples
var issuers = append([]trust.Issuer{
	{
		Host: githubHost, Title: "GitHub Actions", Shared: true, RequiredClaim: "sub", Judge: judgeGitHub,
		Tenant: map[string]func(trust.Value) bool{
			"sub": githubSubjectNamesOwner, "repository": githubRepositoryNamesOwner,
			"repository_id": trust.Value.Exact, "repository_owner_id": trust.Value.Exact, "enterprise_id": trust.Value.Exact,
		},
	},
	{Host: githubHost + "/?*", Title: "GitHub Actions of an enterprise", Judge: judgeGitHub},
	{Host: "token.actions.*.ghe.com", Title: "GitHub Actions of a GHE.com enterprise", Judge: judgeGitHub},
	{Host: "token.actions.*.ghe.com/*", Title: "GitHub Actions of a GHE.com enterprise", Judge: judgeGitHub},
	{Host: "github.com/enterprises/*", Title: "GitHub Actions of an enterprise", Judge: judgeGitHub},
	{Host: "*/_services/token", Title: "GitHub Enterprise Server", Judge: judgeGitHub},
	{Host: circleciHost + "?*", Title: "CircleCI", Judge: judgeCircleCI},
	// `circleci run oidc get --root-issuer` asks for tokens of this one.
	{Host: "oidc.circleci.com", Title: "CircleCI (root issuer)", Shared: true, Judge: judgeCircleCI,
		Tenant: map[string]func(trust.Value) bool{"sub": tenantPrefix(`^org/[^*?/]+/`)}},
	tenants("gitlab.com", "GitLab", `^(project_path:[^*?/:]+/|project_id:[^*?:]+:)`, judgeGitLab, "namespace_id", "project_id"),
	named("agent.buildkite.com", "Buildkite", `^organization:[^*?:]+:`, "ref", []string{"pipeline"},
		"organization_id", "organization_slug", "pipeline_id", "cluster_id"),
	tenants("app.terraform.io", "HCP Terraform", terraformTenant, judgeTerraform),
	// It is as shared as the other one, but not among those for which AWS says that it wants a condition.
	{Host: "app.eu.terraform.io", Title: "HCP Terraform in Europe", Shared: true, Judge: judgeTerraform,
		Tenant: map[string]func(trust.Value) bool{"sub": tenantPrefix(terraformTenant)}},
	named("oidc.codefresh.io", "Codefresh", `^account:[^*?:]+:`, "", []string{"pipeline", "initiator", "scm_repo_url", "scm_user_name", "scm_ref"}),
	named("scalr.io", "Scalr", `^account:[^*?:]+:`, "", []string{"environment", "workspace"}),
	tenants("identity.depot.dev", "Depot CI", depotTenant, judgeDepot),
	named("proidc.upbound.io", "Upbound", `^mcp:[^*?:/]+[:/]`, "", nil),
	named("tokens.cloud.shisho.dev", "Shisho Cloud", `^job:[^*?:]+:`, "", nil),
	named("studio.datachain.ai/api", "DVC Studio", `^credentials:[^*?/]+/`, "", nil),
	named("vstoken.actions.githubusercontent.com", "GitHub Actions (old issuer)", `^repo:[^*?/]+/`, "", nil),
	// Of these no grammar is documented in which a prefix certainly names the tenant: the whole subject must be exact.
	tenants("login.app.env0.com/", "env0", ``, nil),
	tenants("token.builds.bitrise.io", "Bitrise", ``, nil),
	tenants("oidc.cirrus-ci.com", "Cirrus CI", ``, nil),
	tenants("oidc-configuration.audit-log.githubusercontent.com", "GitHub audit log", ``, nil),
	tenants("rh-oidc.s3.us-east-1.amazonaws.com/*", "IBM Turbonomic", ``, nil),
	tenants("oidc.op1.openshiftapps.com/*", "IBM Turbonomic", ``, nil),
	{Host: hostOf(codeberg), Title: "Forgejo Actions on Codeberg", Shared: true,
		Tenant: map[string]func(trust.Value) bool{"sub": tenantPrefix(`^repo:[^*?/:]+/`)}},
	byAudience("api.pulumi.com/oidc", "Pulumi Cloud", `^pulumi:(environments|deploy):(org|pulumi\.organization\.login):[^*?:]+:`),
	byAudience("oidc.vercel.com", "Vercel", `^owner:[^*?:]+:`),
	byAudience("sandboxes.cloud", "sandboxes.cloud", ``),
	byAudience("cognito-identity.amazonaws.com", "Amazon Cognito", ``),
	{Host: "accounts.google.com", Title: "Google", Shared: true,
		Tenant: map[string]func(trust.Value) bool{"sub": trust.Value.Exact, "google/organization_number": trust.Value.Exact}},
}, tenantIssuers()...)

// tenantIssuers are systems with an issuer for each organization, whose aud says no more than that.
func tenantIssuers() []trust.Issuer {
	var list []trust.Issuer
	for _, i := range [][2]string{
		{"api.bitbucket.org/2.0/workspaces/*/pipelines-config/identity/oidc", "Bitbucket Pipelines"},
		{"oidc.vercel.com/?*", "Vercel"},
		{"*.app.spacelift.io", "Spacelift"},
		{"*.octopus.app", "Octopus Deploy"},
		{"*.octopus.app/", "Octopus Deploy"},
		{"*.semaphoreci.com", "Semaphore"},
		{"*.harness.io/*/oidc/account/*", "Harness"},
		{"vstoken.dev.azure.com/?*", "Azure DevOps"},
		{"oidc.fly.io/?*", "Fly.io"},
	} {
		list = append(list, trust.Issuer{Host: i[0], Title: i[1], Judge: judgeTenantIssuer})
	}
	return list
}

// tenantPrefix judges whether a subject names one tenant: it is one exact text, or begins with the tenant's name up to
// its separator.
func tenantPrefix(prefix string) func(trust.Value) bool {
	if prefix == "" {
		return trust.Value.Exact
	}
	form := newExpression(prefix)
	return func(value trust.Value) bool { return value.Exact() || form.MatchString(value.Literal()) }
}

// tenants is an issuer whose subject begins with the tenant, unless an exact key pins it.
func tenants(host, title, prefix string, judge func(trust.View, func(Rule, string)), keys ...string) trust.Issuer {
	claims := map[string]func(trust.Value) bool{"sub": tenantPrefix(prefix)}
	for _, key := range keys {
		claims[key] = trust.Value.Exact
	}
	return trust.Issuer{Host: host, Title: title, Shared: true, RequiredClaim: "sub", Tenant: claims, Judge: judge}
}

// named is an issuer whose subject is made of words and names.
func named(host, title, prefix, ref string, words []string, keys ...string) trust.Issuer {
	return tenants(host, title, prefix, wordGrammar{newExpression(prefix), words, ref}.judge, keys...)
}

// byAudience is an issuer whose aud names the tenant; where a form is given, sub can name it too.
func byAudience(host, title, prefix string) trust.Issuer {
	claims := map[string]func(trust.Value) bool{"aud": trust.Value.Exact}
	if prefix != "" {
		claims["sub"] = tenantPrefix(prefix)
	}
	return trust.Issuer{Host: host, Title: title, Shared: true, RequiredClaim: "aud", Tenant: claims}
}
