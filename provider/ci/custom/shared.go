package custom

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Where AWS says for which issuers it wants a condition, and with which prefixes its own sample separates their
// tenants.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html,
// https://github.com/aws-samples/resource-control-policy-examples (Shared-Issuers.json)

// sharedIssuers are issuers that no section is for and that give tokens to many customers: those of AWS's list, and
// those whose documentation shows one issuer for all. A pattern must name the tenant before its wildcard; where no
// documented prefix certainly names the tenant, the whole subject must be exact.
func sharedIssuers() []ci.Host {
	unlisted := ci.Uncontrolled // AWS does not know that it is shared
	const (
		turbonomic   = "rh-oidc.s3.us-east-1.amazonaws.com/"
		turbonomicOp = "oidc.op1.openshiftapps.com/"
	)
	return []ci.Host{
		// AWS's list.
		prefixed("Upbound", "proidc.upbound.io", `^mcp:[^*?:/]+[:/]`),
		prefixed("Shisho Cloud", "tokens.cloud.shisho.dev", `^job:[^*?:]+:`),
		prefixed("DVC Studio", "studio.datachain.ai/api", `^credentials:[^*?/]+/`),
		prefixed("GitHub Actions (old issuer)", "vstoken.actions.githubusercontent.com", `^repo:[^*?/]+/`),
		exact("GitHub audit log", "oidc-configuration.audit-log.githubusercontent.com"),
		// Turbonomic's issuers alone: beside them these hosts have issuers of customers' own clusters.
		exact("IBM Turbonomic", turbonomic+"22ejnvnnturfmt6km08idd0nt4hekbn7"),
		exact("IBM Turbonomic", turbonomic+"23e3sd27sju1hoou6ohfs68vbno607tr"),
		exact("IBM Turbonomic", turbonomic+"23ne21h005qjl3n33d8dui5dlrmv2tmg"),
		exact("IBM Turbonomic", turbonomic+"24jrf12m5dj7ljlfb4ta2frhrcoadm26"),
		exact("IBM Turbonomic", turbonomicOp+"2f785sojlpb85i7402pk3qogugim5nfb"),
		exact("IBM Turbonomic", turbonomicOp+"2c51blsaqa9gkjt0o9rt11mle8mmropu"),
		byAudience("sandboxes.cloud", "sandboxes.cloud"),
		byAudience("Amazon Cognito", "cognito-identity.amazonaws.com"),

		// modal:workspace_id:WORKSPACE:environment_name:ENVIRONMENT:app_name:...; Modal's own policy has the prefix.
		// Source: https://modal.com/docs/guide/oidc-integration
		unlisted(prefixed("Modal", "oidc.modal.com", `^modal:workspace_id:[^*?:]+:`, "environment_name", "app_name",
			"function_name", "container_id")),
		// WORKSPACE_ID/...; Namespace's own policy has the prefix.
		// Source: https://namespace.so/docs/federation/aws
		unlisted(prefixed("Namespace", "federation.namespaceapis.com", `^[^*?/]+/`)),
		// org_id:ORG by default; the job chooses which of its claims make the subject.
		// Source: https://github.com/CognitionAI/actions/tree/main/setup-aws-oidc
		unlisted(exact("Devin", "app.devin.ai")),
		// user:ID, service_account:ID, team_id:ID and more, as the agent chooses; none has a tenant with something
		// behind it.
		// Sources: https://cursor.com/docs/cloud-agent/identity,
		// https://cursor.com/docs/agent-sdk/guides/workload-identity
		unlisted(exact("Cursor", "api.cursor.com")),
		// COMPONENT:GROUP; groups have groups below them, and the same component acts for every customer.
		// Sources: https://github.com/chainguard-dev/terraform-aws-chainguard-account-association,
		// https://edu.chainguard.dev/chainguard/chainctl/chainctl-docs/chainctl/
		unlisted(exact("Chainguard", "issuer.enforce.dev")),
		// WORKSPACE/INTEGRATION, to be copied from the integration; the audience can be custom.
		// Sources: https://buddy.works/docs/integrations/oidc,
		// https://buddy.works/docs/integrations/amazon-web-services/oidc
		unlisted(exact("Buddy", "oidc.buddyusercontent.com")),
		unlisted(exact("Buddy", "eu-oidc.buddyusercontent.com")),
		// Source: https://docs.bitrise.io/en/bitrise-platform/integrations/oidc-authentication/oidc-for-aws.html
		unlisted(exact("Bitrise", "token.builds.bitrise.io")),
		// Source: https://cirrus-ci.org/guide/writing-tasks/#environment-variables
		unlisted(exact("Cirrus CI", "oidc.cirrus-ci.com")),
	}
}

// prefixed is an issuer whose subject begins with the tenant; words are those of its subjects that name nothing.
func prefixed(title, host, tenant string, words ...string) ci.Host {
	return titled(title, ci.Named(host, tenant, "", words))
}

// exact is an issuer whose subject must be exact, because no prefix of it certainly names the tenant.
func exact(title, host string) ci.Host { return titled(title, ci.Tenants(host, ``, nil)) }

// byAudience is an issuer whose audience names the tenant.
func byAudience(title, host string) ci.Host { return titled(title, ci.ByAudience(host, ``)) }

func titled(title string, issuer ci.Host) ci.Host {
	issuer.Title = title
	return issuer
}
