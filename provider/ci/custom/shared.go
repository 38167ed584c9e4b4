package custom

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// sharedIssuers are issuers that no section is for and that give tokens of one issuer to many customers: those for which AWS
// itself wants a condition, and those whose documentation shows one issuer for all.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html,
// https://github.com/aws-samples/resource-control-policy-examples
func sharedIssuers() []trust.Issuer {
	shared := func(title string, issuer trust.Issuer) trust.Issuer {
		issuer.Title = title
		return issuer
	}
	return []trust.Issuer{
		shared("Upbound", ci.Named("proidc.upbound.io", `^mcp:[^*?:/]+[:/]`, "", nil)),
		shared("Shisho Cloud", ci.Named("tokens.cloud.shisho.dev", `^job:[^*?:]+:`, "", nil)),
		shared("DVC Studio", ci.Named("studio.datachain.ai/api", `^credentials:[^*?/]+/`, "", nil)),
		shared("GitHub Actions (old issuer)", ci.Named("vstoken.actions.githubusercontent.com", `^repo:[^*?/]+/`, "", nil)),
		// Of these no grammar is documented in which a prefix certainly names the tenant: the whole subject must be exact.
		shared("Bitrise", ci.Uncontrolled(ci.Tenants("token.builds.bitrise.io", ``, nil))),
		shared("Cirrus CI", ci.Uncontrolled(ci.Tenants("oidc.cirrus-ci.com", ``, nil))),
		shared("GitHub audit log", ci.Tenants("oidc-configuration.audit-log.githubusercontent.com", ``, nil)),
		shared("IBM Turbonomic", ci.Tenants("rh-oidc.s3.us-east-1.amazonaws.com/*", ``, nil)),
		shared("IBM Turbonomic", ci.Tenants("oidc.op1.openshiftapps.com/*", ``, nil)),
		shared("sandboxes.cloud", ci.ByAudience("sandboxes.cloud", ``)),
		shared("Amazon Cognito", ci.ByAudience("cognito-identity.amazonaws.com", ``)),
	}
}
