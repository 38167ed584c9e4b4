package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
)

const (
	conditionOperators = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	webIdentityKeys    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
	providerControls   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html"
	setOperators       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
	principalElement   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	policyLogic        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
	iamQuotas          = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
)

// The rules of an audit that hold whatever the CI system. Those of a system stand with it.
var (
	noAudience = ci.Rule{
		ID: "no-audience", Severity: ci.Medium,
		Summary: "the statement does not test aud, so a token made for any service registered with " +
			"the provider gets in",
		Remediation: "Add StringEquals on ISSUER:aud with the audience that the jobs ask for.", Source: webIdentityKeys,
	}
	audienceWildcard = ci.Rule{
		ID: "audience-wildcard", Severity: ci.Medium,
		Summary:     "aud is matched with wildcards, so tokens made for other services get in",
		Remediation: "Use StringEquals on ISSUER:aud with the exact audience.", Source: conditionOperators,
	}
	audienceLike = ci.Rule{
		ID: "audience-like", Severity: ci.Low,
		Summary:     "aud is tested with StringLike although it has no wildcard; a later edit can open it unnoticed",
		Remediation: "Use StringEquals on ISSUER:aud.", Source: conditionOperators,
	}
	anySubject = ci.Rule{
		ID: "unknown-issuer-any-subject", Severity: ci.High, Unreviewed: true,
		Summary: "nothing is known of the issuer and nothing tests sub, so whoever gets a token of it for the " +
			"audience gets in",
		Remediation: "Add a condition on ISSUER:sub with the exact subjects.", Source: providerControls,
	}
	unknownWildcard = ci.Rule{
		ID: "unknown-issuer-wildcard", Severity: ci.High, Unreviewed: true,
		Summary: "a subject has a wildcard, and nothing is known of how the issuer makes its subjects: whoever can " +
			"choose a name that fits gets in",
		Remediation: "List the exact subjects.", Source: conditionOperators,
	}
	vacuousCondition = ci.Rule{
		ID: "vacuous-condition", Severity: ci.Medium,
		Summary: "the condition holds when the token lacks the claim, so it keeps nobody out: IfExists and " +
			"ForAllValues demand nothing",
		Remediation: "Use the plain operator, which fails when the claim is missing.", Source: setOperators,
	}
	unfilledKey = ci.Rule{
		ID: "unfilled-key", Severity: ci.Medium,
		Summary: "the condition tests a key that AWS does not fill for the issuer and partition, even if the token " +
			"has such a claim, so it decides nothing",
		Remediation: "Use sub, aud, or a key that AWS documents for the issuer.", Source: webIdentityKeys,
	}
	issuerSlash = ci.Rule{
		ID: "issuer-slash", Severity: ci.Medium,
		Summary: "an issuer stands with a trailing slash in one place and without it in the other; to AWS these are " +
			"two issuers, and no token fits",
		Remediation: "Write the provider's URL and the prefix of its keys letter by letter as the tokens have their " +
			"iss, without https://.", Source: webIdentityKeys,
	}
	requiredClaim = ci.Rule{
		ID: "required-claim", Severity: ci.Medium,
		Summary: "AWS wants this claim tested for the shared issuer, with more than wildcards, and refuses to store " +
			"the policy at its next change",
		Remediation: "Test the claim as well.", Source: providerControls,
	}
	federatedWildcard = ci.Rule{
		ID: "federated-wildcard", Severity: ci.High,
		Summary:     "the principal is every identity provider of the account",
		Remediation: "Name the ARN of the one provider that is meant.", Source: principalElement,
	}
	duplicateKey = ci.Rule{
		ID: "duplicate-json-key", Severity: ci.High,
		Summary: "a name stands twice in one JSON object; readers differ in which of the two counts, so a review may " +
			"look at the wrong one",
		Remediation: "Write each operator and each key once, with a list of values.",
		Source:      "https://www.rfc-editor.org/rfc/rfc8259#section-4",
	}
	overQuota = ci.Rule{
		ID: "over-quota", Severity: ci.Low,
		Summary: "the policy is longer than the 2,048 characters that an account allows unless " +
			"its quota was raised",
		Remediation: "Merge statements that differ in one value, or split the trust over several roles.",
		Source:      iamQuotas,
	}
	roleNamedGitHubActions = ci.Rule{
		ID: "role-named-githubactions", Severity: ci.Low,
		Summary: "a role named exactly GitHubActions has been reported not to work with " +
			"aws-actions/configure-aws-credentials",
		Remediation: "Give the role another name.",
		Source:      "https://github.com/aws-actions/configure-aws-credentials/issues/953",
	}
	neverMatches = ci.Rule{
		ID: "never-matches", Severity: ci.Medium,
		Summary: "no token of the issuer has it, so what stands there meets nobody: an Allow lets nobody in by it, " +
			"and a Deny refuses nobody",
		Remediation: "Write what the tokens have, or take it out.",
		Source:      webIdentityKeys,
	}
	notJudged = ci.Rule{
		ID: "not-judged", Severity: ci.Medium,
		Summary: "who gets in here could not be worked out, so that nothing said about it does not " +
			"mean that it is safe",
		Remediation: "Write the condition with StringEquals or StringLike on sub, and with few wildcards; " +
			"or read it with care.",
		Source: conditionOperators,
	}
	voidStatement = ci.Rule{
		ID: "void-statement", Severity: ci.Medium,
		Summary: "nobody whom the statement names can take on a role by what stands there: an Allow of it lets " +
			"nobody in, and a Deny refuses nobody",
		Remediation: "Write the provider as the account has it; and sts:AssumeRoleWithWebIdentity for an OIDC " +
			"provider, sts:AssumeRoleWithSAML for a SAML provider, sts:AssumeRole for everybody else.",
		Source: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html",
	}
	admitsNobody = ci.Rule{
		ID: "admits-nobody", Severity: ci.Low,
		Summary:     "a Deny refuses all that the policy allows to web identities, so none of their tokens gets in",
		Remediation: "If that is meant, leave it so; else narrow the Deny.",
		Source:      policyLogic,
	}
)

// Rules are all rules that an audit can report: the general ones and those of the systems, by id.
func Rules(registry *ci.Registry) []ci.Rule {
	rules := []ci.Rule{
		noAudience, audienceWildcard, audienceLike, vacuousCondition, unfilledKey, issuerSlash, requiredClaim,
		federatedWildcard, duplicateKey, overQuota, roleNamedGitHubActions, neverMatches, notJudged,
		admitsNobody, voidStatement,
	}
	if _, known := registry.Unknown(); known == nil { // no system says it in words of its own
		rules = append(rules, anySubject, unknownWildcard)
	}
	rules = append(rules, ci.PermissionRules()...)
	rules = append(rules, principal.Rules()...)
	rules = append(rules, registry.SystemRules()...)
	slices.SortStableFunc(rules, func(a, b ci.Rule) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(rules, func(a, b ci.Rule) bool { return a.ID == b.ID })
}
