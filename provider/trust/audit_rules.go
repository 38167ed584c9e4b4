package trust

const (
	conditionOperators = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	webIdentityKeys    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
	providerControls   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html"
	setOperators       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
	principalElement   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	iamQuotas          = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
)

// The rules of an audit that hold whatever the CI system. Those of a system stand with it.
var (
	noAudience = Rule{
		ID: "no-audience", Severity: Medium,
		Summary:     "the statement does not test aud, so a token made for any service registered with the provider gets in",
		Remediation: "Add StringEquals on ISSUER:aud with the audience that the jobs ask for.",
		Source:      webIdentityKeys,
	}
	audienceWildcard = Rule{
		ID: "audience-wildcard", Severity: Medium,
		Summary:     "aud is matched with wildcards, so tokens made for other services get in",
		Remediation: "Use StringEquals on ISSUER:aud with the exact audience.",
		Source:      conditionOperators,
	}
	audienceLike = Rule{
		ID: "audience-like", Severity: Low,
		Summary:     "aud is tested with StringLike although it has no wildcard; a later edit can open it unnoticed",
		Remediation: "Use StringEquals on ISSUER:aud.",
		Source:      conditionOperators,
	}
	noSubject = Rule{
		ID: "no-subject", Severity: High,
		Summary:     "the issuer serves many tenants and the statement does not test sub: anybody's job gets in",
		Remediation: "Add a condition on ISSUER:sub that names your organization and what of it is trusted.",
		Source:      providerControls,
	}
	tenantNotPinned = Rule{
		ID: "tenant-not-pinned", Severity: High,
		Summary:     "no condition pins the organization, account or owner, so jobs of strangers get in",
		Remediation: "Begin the subject with the exact organization and its separator, or pin its id by a claim key that AWS fills.",
		Source:      providerControls,
	}
	prefixCollision = Rule{
		ID: "prefix-collision", Severity: High,
		Summary: "a wildcard stands right behind a name, so every longer name that begins with it gets in, also one that " +
			"a stranger registers",
		Remediation: "End the name with its separator before the wildcard: acme/web:* and not acme/web*.",
		Source:      conditionOperators,
	}
	literalWildcard = Rule{
		ID: "literal-wildcard", Severity: Medium,
		Summary:     "a value with * or ? is tested with StringEquals, which takes them literally: it never matches a token",
		Remediation: "Use StringLike where a wildcard is meant.",
		Source:      conditionOperators,
	}
	vacuousCondition = Rule{
		ID: "vacuous-condition", Severity: High,
		Summary: "a condition of an Allow holds when the token lacks the claim: ForAllValues, IfExists and negated " +
			"operators demand nothing",
		Remediation: "Use a plain positive operator, which fails when the claim is missing.",
		Source:      setOperators,
	}
	unfilledKey = Rule{
		ID: "unfilled-key", Severity: Medium,
		Summary: "the condition tests a key that AWS does not fill for this issuer and partition, even if the " +
			"token has such a claim",
		Remediation: "Use sub, aud, or a key that AWS documents for the issuer.",
		Source:      webIdentityKeys,
	}
	misspeltKey = Rule{
		ID: "misspelt-key", Severity: Medium,
		Summary: "the key begins with neither the issuer of the statement's provider nor a prefix AWS knows, " +
			"so it is never filled",
		Remediation: "Write the issuer's URL without https:// and exactly as the provider's ARN has it, then : and the claim.",
		Source:      webIdentityKeys,
	}
	issuerSlash = Rule{
		ID: "issuer-slash", Severity: Medium,
		Summary: "an issuer stands with a trailing slash in one place and without it in the other; to AWS these are two " +
			"issuers, and no token fits",
		Remediation: "Write the provider's URL and the prefix of its keys letter by letter as the tokens have their " +
			"iss, without https://.",
		Source: webIdentityKeys,
	}
	providerNotListed = Rule{
		ID: "provider-not-listed", Severity: Medium,
		Summary:     "the conditions test claims of an issuer whose provider the statement does not list, so they never hold",
		Remediation: "Give each provider a statement of its own with its own conditions.",
		Source:      principalElement,
	}
	providersMixed = Rule{
		ID: "providers-mixed", Severity: Medium,
		Summary: "the statement lists several providers and tests claims of another one, which this provider's tokens never " +
			"have: none of them gets in",
		Remediation: "Give each provider a statement of its own with its own conditions.",
		Source:      principalElement,
	}
	requiredClaim = Rule{
		ID: "required-claim", Severity: Medium,
		Summary: "AWS wants this claim tested for the shared issuer, with more than wildcards, and refuses to store the " +
			"policy at its next change",
		Remediation: "Test the claim as well.",
		Source:      providerControls,
	}
	federatedWildcard = Rule{
		ID: "federated-wildcard", Severity: High,
		Summary:     "the principal is every identity provider of the account",
		Remediation: "Name the ARN of the one provider that is meant.",
		Source:      principalElement,
	}
	everyone = Rule{
		ID: "everyone", Severity: High,
		Summary:     "the principal is everyone: any AWS account can assume the role, as far as the conditions do not prevent it",
		Remediation: "Name the principals that are meant.",
		Source:      principalElement,
	}
	duplicateKey = Rule{
		ID: "duplicate-json-key", Severity: High,
		Summary: "a name stands twice in one JSON object; readers differ in which of the two counts, so a review may " +
			"look at the wrong one",
		Remediation: "Write each operator and each key once, with a list of values.",
		Source:      "https://www.rfc-editor.org/rfc/rfc8259#section-4",
	}
	overQuota = Rule{
		ID: "over-quota", Severity: Low,
		Summary:     "the policy is longer than the 2,048 characters that an account allows unless its quota was raised",
		Remediation: "Merge statements that differ in one value, or split the trust over several roles.",
		Source:      iamQuotas,
	}
	roleNamedGitHubActions = Rule{
		ID: "role-named-githubactions", Severity: Low,
		Summary:     "a role named exactly GitHubActions has been reported not to work with aws-actions/configure-aws-credentials",
		Remediation: "Give the role another name.",
		Source:      "https://github.com/aws-actions/configure-aws-credentials/issues/953",
	}
	wildcardBeforeDecision = Rule{
		ID: "wildcard-before-decision", Severity: High,
		Summary: "a * stands before a part of the subject that decides, and crosses separators: a branch or name crafted to " +
			"contain the rest gets in",
		Remediation: "Put an exact value, or a run of ? of the exact length, in the place of the *.",
		Source:      conditionOperators,
	}
)

// AuditRules are the rules that hold for every issuer.
func AuditRules() []Rule {
	return []Rule{
		noAudience, audienceWildcard, audienceLike, noSubject, tenantNotPinned, prefixCollision, literalWildcard,
		vacuousCondition, unfilledKey, misspeltKey, issuerSlash, providerNotListed, providersMixed, requiredClaim,
		federatedWildcard, everyone, duplicateKey, overQuota, roleNamedGitHubActions, wildcardBeforeDecision,
	}
}
