package custom

import (
	"slices"
	"strings"
	"sync"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Issuers that are of no CI system, and that roles trust all the same.
const (
	eks        = "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html"
	cognito    = "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#role-trust-and-permissions"
	entra      = "https://aws.amazon.com/blogs/security/how-to-access-aws-resources-from-microsoft-entra-id-tenants-using-aws-security-token-service/"
	sentinel   = "https://learn.microsoft.com/en-us/azure/sentinel/connect-aws-configure-environment"
	controls   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html"
	conditions = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
)

var (
	anyPod = ci.Rule{
		ID: "eks-any-pod", Severity: ci.Medium,
		Summary: "every pod of the cluster gets in: no condition names a namespace or a service account, so whoever " +
			"may start a pod anywhere in the cluster gets the role",
		Remediation: "Add StringEquals on ISSUER:sub with system:serviceaccount:NAMESPACE:NAME.",
		Source:      eks,
	}
	anyNamespace = ci.Rule{
		ID: "eks-any-namespace", Severity: ci.Medium,
		Summary: "pods of several namespaces get in, also of some that do not exist yet: whoever may create service " +
			"accounts in one of them chooses the name that is trusted",
		Remediation: "Write each namespace out: system:serviceaccount:NAMESPACE:NAME.",
		Source:      eks,
	}
	anyServiceAccount = ci.Rule{
		ID: "eks-any-service-account", Severity: ci.Medium,
		Summary: "several service accounts of the namespace get in, also some that do not exist yet: whoever may " +
			"start a pod there gets the role",
		Remediation: "Write each service account out: system:serviceaccount:NAMESPACE:NAME.",
		Source:      eks,
	}
	guests = ci.Rule{
		ID: "cognito-guests", Severity: ci.Medium,
		Summary: "guests of the identity pool get in: nobody has to sign in, so everybody on the internet who knows " +
			"the pool's id can have the role where the pool takes guests",
		Remediation: "Demand amr authenticated with ForAnyValue:StringLike, or give the role nothing that must not " +
			"be public.",
		Source: cognito,
	}
	appUsers = ci.Rule{
		ID: "login-any-user", Severity: ci.Medium,
		Summary: "everybody who signs in to the application with an account of the provider gets in: the application " +
			"is named, and no person",
		Remediation: "Name the persons by their user ids, or give the role nothing that must not be public.",
		Source:      conditions,
	}
	anyWorkspace = ci.Rule{
		ID: "microsoft-sentinel-any-workspace", Severity: ci.High, Unreviewed: true,
		Summary: "Microsoft Sentinel has one issuer and one audience for all its customers, and the session name " +
			"alone tells them apart: without it, or with a wildcard in it, a stranger's Sentinel gets in",
		Remediation: "Add StringEquals on sts:RoleSessionName with MicrosoftSentinel_ and the id of your workspace, " +
			"as the connector's page shows it.",
		Source: sentinel,
	}
	anyIdentity = ci.Rule{
		ID: "microsoft-entra-any-identity", Severity: ci.Medium,
		Summary: "every identity of the Microsoft Entra tenant that can have a token for the audience gets in, and " +
			"in a tenant that demands no assignment each application and managed identity can",
		Remediation: "Add StringEquals on ISSUER:sub with the object id of the managed identity or service principal.",
		Source:      entra,
	}
	noSubject = ci.Rule{
		ID: "custom-no-subject", Severity: ci.High, Unreviewed: true,
		Summary: "nothing tests sub, and nothing is known of the issuer: whoever can have a token of it for an " +
			"audience that is accepted gets in",
		Remediation: "Add StringEquals on ISSUER:sub with the exact subjects of the jobs that deploy.",
		Source:      docs,
	}
	letterCase = ci.Rule{
		ID: "custom-letter-case", Severity: ci.Medium,
		Summary: "sub is compared without regard to letter case, and nothing is known of the issuer: where names " +
			"differ in case alone, somebody else's fits, too",
		Remediation: "Use StringEquals with the subject as the tokens have it.",
		Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
	}
)

// unknown is what an audit knows of an issuer that nobody knows: subjects, taken letter by letter.
func unknown() *ci.Host { return &ci.Host{Forms: []*ci.Form{form}, Judge: readsUnknown} }

func readsUnknown(r *ci.Reading) []ci.Verdict {
	subject := form.Fields[0].Name
	anyOf := func(is func(trust.Value) bool) bool { return slices.ContainsFunc(r.Values, is) }
	literal := anyOf(func(v trust.Value) bool { return !v.Wild() && !v.Fold })
	cased := anyOf(func(v trust.Value) bool {
		return v.Fold && strings.ToLower(v.Pattern) != strings.ToUpper(v.Pattern)
	})
	switch {
	case !r.Tested:
		return []ci.Verdict{{Rule: noSubject, Other: []string{subject}}}
	case literal, !cased && r.Exactly(subject):
		return nil
	case anyOf(trust.Value.Wild):
		return []ci.Verdict{{Rule: wildcardSubject, Other: []string{subject}}}
	}
	return []ci.Verdict{{Rule: letterCase, Other: []string{subject}}}
}

// builtInIssuers are those that AWS knows without an IAM OIDC provider: an audit meets them, and no section takes them.
var builtInIssuers = sync.OnceValue(func() []ci.Host {
	return []ci.Host{
		{
			Host: "cognito-identity.amazonaws.com", Title: "Amazon Cognito", Shared: true,
			Control: trust.Control{Claims: []string{"aud"}}, Forms: []*ci.Form{identityForm},
			Claims: []ci.Field{poolAudience, amr}, Judge: readsCognito,
		},
		login("Facebook", "graph.facebook.com", "id"),
		login("Login with Amazon", "www.amazon.com", "user_id"),
	}
})

// knownIssuers are issuers that are of no CI system, and those for people who sign in to an application.
func knownIssuers() []ci.Host {
	return []ci.Host{
		// Tokens of pods for AWS are made for STS, and the provider of a cluster knows that one audience, so that
		// nothing is said of a policy without it.
		// Source: https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
		cluster("oidc.eks.*.amazonaws.com/id/*"),
		cluster("oidc.eks.*.amazonaws.com.cn/id/*"),
		cluster("oidc-eks.*.api.aws/id/*"),
		// The tenants of Microsoft's own services, one for the commercial clouds and one for those of governments.
		// Source: sentinel
		sentinelIn("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/"),
		sentinelIn("sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/"),
		tenantOfEntra("sts.windows.net/*/"),
		tenantOfEntra("login.microsoftonline.com/*"),
		// Source: conditions
		{
			Host: "idcs-*.identity.oraclecloud.com", Title: "Oracle Cloud Infrastructure",
			Forms: []*ci.Form{ci.NewForm("{resource}", part("resource", `(?s:.+)`, ci.Project))},
			Claims: []ci.Field{{
				Name: "rpst_id", Texts: `(?s:.+)`, Sample: "ocid1.instance.oc1..acme", Decides: ci.Project,
			}},
			Judge: readsWithin,
		},
	}
}

// podForm is the subject of a pod's token. A namespace is a DNS label, and the name of a service account a DNS
// subdomain.
// Source: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
var podForm = ci.NewForm("system:serviceaccount:{namespace}:{service account}",
	ci.Field{Name: "namespace", Texts: `[a-z0-9-]+`, Sample: "default", Decides: ci.Project},
	ci.Field{Name: "service account", Texts: `[a-z0-9.-]+`, Sample: "web", Decides: ci.Project})

// cluster is the issuer of an EKS cluster.
func cluster(host string) ci.Host {
	return ci.Host{
		Host: host, Title: "Amazon EKS", Forms: []*ci.Form{podForm}, Judge: readsCluster,
		Claims: []ci.Field{{
			Name: "aud", Texts: `(?s:.+)`, Sample: "sts.amazonaws.com", Decides: ci.Nothing,
		}},
	}
}

func readsCluster(r *ci.Reading) []ci.Verdict {
	namespace := anyNamespace
	if r.Exactly("namespace") {
		namespace = anyServiceAccount
	}
	if !r.Exactly("service account") &&
		r.Admits(map[string]string{"namespace": "mallory", "service account": "mallory"}) {
		namespace = anyPod
	}
	return r.Projects(namespace, namespace)
}

var (
	// identityForm is an identity of a pool, REGION:UUID.
	identityForm = ci.NewForm("{identity}", ci.Field{
		Name: "identity", Texts: `[a-z0-9-]+:` + ci.UUIDTexts, Sample: "us-east-1:3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21",
		Other: "us-east-1:c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58", Decides: ci.Event,
	})
	poolAudience = ci.Field{
		Name: "aud", Texts: `[a-z0-9-]+:` + ci.UUIDTexts, Sample: "us-east-1:71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92",
		Other: "us-east-1:a8d2c6f0-1e3b-4759-8c4d-6f9b0a7e5d13", Decides: ci.Tenant,
	}
	// amr says whether somebody signed in, and by which providers.
	// Source: cognito
	amr = ci.Field{Name: "amr", Texts: `(?s:.+)`, Sample: "authenticated", Other: "unauthenticated", Decides: ci.Event}
)

func readsCognito(r *ci.Reading) []ci.Verdict {
	if verdicts := r.Strangers(); verdicts != nil {
		return verdicts
	}
	if r.Exactly("identity") || !r.AdmitsClaim("amr", "unauthenticated") {
		return nil
	}
	return []ci.Verdict{{Rule: guests, Claims: map[string]string{"amr": "unauthenticated"}}}
}

// login is a provider with which people sign in to an application; person is the claim that names one of them.
// Source: conditions
func login(title, host, person string) ci.Host {
	people := ci.NewForm("{person}", part("person", `(?s:.+)`, ci.Event))
	return ci.Host{
		Host: host, Title: title, Shared: true, Forms: []*ci.Form{people},
		Claims: []ci.Field{
			{Name: "app_id", Texts: `(?s:.+)`, Sample: "100000000000001", Other: "666666666666666", Decides: ci.Tenant},
			{Name: person, Texts: `(?s:.+)`, Sample: "mona", Other: "mallory", Decides: ci.Event},
			{Name: "aud", Texts: `(?s:.+)`, Sample: "acme", Decides: ci.Nothing}, // app_id says it
		},
		Judge: func(r *ci.Reading) []ci.Verdict {
			switch {
			case !r.Exactly("app_id"): // also a token that the named person gave to another application
				return []ci.Verdict{{Rule: ci.TenantNotPinned, Other: []string{"app_id"}}}
			case r.Exactly(person) || r.Exactly("person"):
				return nil
			}
			return []ci.Verdict{{Rule: appUsers, Other: []string{"person", person}}}
		},
	}
}

// sessionName is the key that tells the customers of Microsoft Sentinel apart. A caller chooses it, and the only
// caller that has such tokens is Microsoft, which writes the customer's workspace there.
const sessionName = "sts:RoleSessionName"

// sentinelIn is the issuer of Microsoft Sentinel and Defender for Cloud.
func sentinelIn(host string) ci.Host {
	return ci.Host{
		Host: host, Title: "Microsoft Sentinel", Shared: true,
		Forms: []*ci.Form{ci.NewForm("{service}", part("service", `(?s:.+)`, ci.Nothing))},
		Claims: []ci.Field{{
			Name: sessionName, Texts: `[\w+=,.@-]+`, Sample: "MicrosoftSentinel_3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21",
			Other: "MicrosoftSentinel_c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58", Decides: ci.Tenant,
		}},
		Judge: ci.Judgement{Tenant: anyWorkspace}.Judge,
	}
}

// tenantOfEntra is a customer's tenant of Microsoft Entra ID.
func tenantOfEntra(host string) ci.Host {
	return ci.Host{
		Host: host, Title: "Microsoft Entra ID",
		Forms: []*ci.Form{ci.NewForm("{identity}", part("identity", `(?s:.+)`, ci.Project))},
		Judge: func(r *ci.Reading) []ci.Verdict { return r.Projects(anyIdentity, anyIdentity) },
	}
}
