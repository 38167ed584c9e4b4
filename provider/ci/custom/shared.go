package custom

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Where AWS says for which issuers it wants a condition, and with which prefixes its own sample separates their
// tenants.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html,
// https://github.com/aws-samples/resource-control-policy-examples (Shared-Issuers.json)

// sharedIssuers are issuers that no section is for and that give tokens to many customers: those of AWS's list, and
// those whose documentation shows one issuer for all. A pattern must name the tenant before its wildcard; where no
// documented prefix certainly names the tenant, the whole subject must be exact.
func sharedIssuers() []ci.Host {
	const (
		turbonomic   = "rh-oidc.s3.us-east-1.amazonaws.com/"
		turbonomicOp = "oidc.op1.openshiftapps.com/"
	)
	return []ci.Host{
		// AWS's list.
		listed(within("Upbound", "proidc.upbound.io", "mcp:{organization}{control plane}",
			part("organization", `[^:/]+`, ci.Tenant), ci.Field{
				Name: "control plane", Texts: `(?:[:/](?s:.*))?`, Sample: "/web", Other: "/mallory",
				Decides: ci.Project,
			})),
		listed(within("Shisho Cloud", "tokens.cloud.shisho.dev", "job:{organization}:{job}",
			part("organization", `[^:]+`, ci.Tenant), part("job", `(?s:.*)`, ci.Project))),
		listed(within("DVC Studio", "studio.datachain.ai/api", "credentials:{team}/{project}",
			part("team", `[^/]+`, ci.Tenant), part("project", `(?s:.*)`, ci.Project))),
		listed(within("GitHub Actions (old issuer)", "vstoken.actions.githubusercontent.com",
			"repo:{owner}/{repository}",
			part("owner", `[^/]+`, ci.Tenant), part("repository", `(?s:.*)`, ci.Project))),
		listed(exact("GitHub audit log", "oidc-configuration.audit-log.githubusercontent.com")),
		// Turbonomic's issuers alone: beside them these hosts have issuers of customers' own clusters.
		listed(exact("IBM Turbonomic", turbonomic+"22ejnvnnturfmt6km08idd0nt4hekbn7")),
		listed(exact("IBM Turbonomic", turbonomic+"23e3sd27sju1hoou6ohfs68vbno607tr")),
		listed(exact("IBM Turbonomic", turbonomic+"23ne21h005qjl3n33d8dui5dlrmv2tmg")),
		listed(exact("IBM Turbonomic", turbonomic+"24jrf12m5dj7ljlfb4ta2frhrcoadm26")),
		listed(exact("IBM Turbonomic", turbonomicOp+"2f785sojlpb85i7402pk3qogugim5nfb")),
		listed(exact("IBM Turbonomic", turbonomicOp+"2c51blsaqa9gkjt0o9rt11mle8mmropu")),
		{
			Host: "sandboxes.cloud", Title: "sandboxes.cloud", Shared: true,
			Control: trust.Control{Claims: []string{"aud"}}, Forms: []*ci.Form{sandboxForm},
			Claims: []ci.Field{{
				Name: "aud", Texts: `(?s:.+)`, Sample: "acme", Decides: ci.Tenant,
			}},
			Judge: readsWithin,
		},

		// Modal's own policy has the prefix up to the workspace, and a container differs from run to run.
		// Source: https://modal.com/docs/guide/oidc-integration
		within("Modal", "oidc.modal.com", "modal:workspace_id:{workspace}:environment_name:{environment}:"+
			"app_name:{app}:function_name:{function}:container_id:{container}",
			part("workspace", `[^:]+`, ci.Tenant), part("environment", `[^:]+`, ci.Project),
			part("app", `[^:]*`, ci.Project), part("function", `[^:]*`, ci.Project),
			part("container", `(?s:.*)`, ci.Nothing)),
		// WORKSPACE_ID/...; Namespace's own policy has the prefix.
		// Source: https://namespace.so/docs/federation/aws
		within("Namespace", "federation.namespaceapis.com", "{workspace}/{instance}",
			part("workspace", `[^/]+`, ci.Tenant), part("instance", `(?s:.*)`, ci.Project)),
		// org_id:ORG by default; the job chooses which of its claims make the subject.
		// Source: https://github.com/CognitionAI/actions/tree/main/setup-aws-oidc
		exact("Devin", "app.devin.ai"),
		// user:ID, service_account:ID, team_id:ID and more, as the agent chooses; none has a tenant with something
		// behind it.
		// Sources: https://cursor.com/docs/cloud-agent/identity,
		// https://cursor.com/docs/agent-sdk/guides/workload-identity
		exact("Cursor", "api.cursor.com"),
		// COMPONENT:GROUP; groups have groups below them, and the same component acts for every customer.
		// Sources: https://github.com/chainguard-dev/terraform-aws-chainguard-account-association,
		// https://edu.chainguard.dev/chainguard/chainctl/chainctl-docs/chainctl/
		exact("Chainguard", "issuer.enforce.dev"),
		// WORKSPACE/INTEGRATION, to be copied from the integration; the audience can be custom.
		// Sources: https://buddy.works/docs/integrations/oidc,
		// https://buddy.works/docs/integrations/amazon-web-services/oidc
		exact("Buddy", "oidc.buddyusercontent.com"),
		exact("Buddy", "eu-oidc.buddyusercontent.com"),
		// Source: https://cirrus-ci.org/guide/writing-tasks/#environment-variables
		exact("Cirrus CI", "oidc.cirrus-ci.com"),
	}
}

var (
	// wholeForm is a subject of which nothing but all of it certainly names the tenant.
	wholeForm = ci.NewForm("{subject}", part("subject", `(?s:.+)`, ci.Tenant))
	// sandboxForm is the subject where the audience names the tenant.
	sandboxForm = ci.NewForm("{sandbox}", part("sandbox", `(?s:.+)`, ci.Project))
)

// part is a field of a subject.
func part(name, texts string, decides ci.Decision) ci.Field {
	return ci.Field{Name: name, Texts: texts, Sample: "acme", Decides: decides}
}

// within is an issuer whose subject begins with the tenant.
func within(title, host, template string, parts ...ci.Field) ci.Host {
	return ci.Host{
		Host: host, Title: title, Shared: true, Forms: []*ci.Form{ci.NewForm(template, parts...)}, Judge: readsWithin,
	}
}

// exact is an issuer whose subject must be exact, because no prefix of it certainly names the tenant.
func exact(title, host string) ci.Host {
	return ci.Host{Host: host, Title: title, Shared: true, Forms: []*ci.Form{wholeForm}, Judge: (*ci.Reading).Strangers}
}

// listed is an issuer for which AWS says that it wants a condition on sub.
func listed(issuer ci.Host) ci.Host {
	issuer.Control = trust.Control{Claims: []string{"sub"}}
	return issuer
}

// readsWithin judges a reading: whether a stranger gets in, and how much of the tenant does.
func readsWithin(r *ci.Reading) []ci.Verdict {
	if verdicts := r.Strangers(); verdicts != nil {
		return verdicts
	}
	return r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
}
