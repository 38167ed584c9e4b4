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
		"no-audience", Medium,
		"the statement does not test aud, so a token made for any service registered with the provider gets in",
		"Add StringEquals on ISSUER:aud with the audience that the jobs ask for.", webIdentityKeys, false,
	}
	audienceWildcard = Rule{
		"audience-wildcard", Medium,
		"aud is matched with wildcards, so tokens made for other services get in",
		"Use StringEquals on ISSUER:aud with the exact audience.", conditionOperators, false,
	}
	audienceLike = Rule{
		"audience-like", Low,
		"aud is tested with StringLike although it has no wildcard; a later edit can open it unnoticed",
		"Use StringEquals on ISSUER:aud.", conditionOperators, false,
	}
	noSubject = Rule{
		"no-subject", High,
		"the issuer serves many tenants and the statement does not test sub: anybody's job gets in",
		"Add a condition on ISSUER:sub that names your organization and what of it is trusted.", providerControls, false,
	}
	tenantNotPinned = Rule{
		"tenant-not-pinned", High,
		"no condition pins the organization, account or owner, so jobs of strangers get in",
		"Begin the subject with the exact organization and its separator, or pin its id by a claim key that AWS fills.",
		providerControls, false,
	}
	prefixCollision = Rule{
		"prefix-collision", High,
		"a wildcard stands right behind a name, so every longer name that begins with it gets in, also one that " +
			"a stranger registers",
		"End the name with its separator before the wildcard: acme/web:* and not acme/web*.", conditionOperators, false,
	}
	literalWildcard = Rule{
		"literal-wildcard", Medium,
		"a value with * or ? is tested with StringEquals, which takes them literally: it never matches a token",
		"Use StringLike where a wildcard is meant.", conditionOperators, false,
	}
	vacuousCondition = Rule{
		"vacuous-condition", High,
		"a condition of an Allow holds when the token lacks the claim: ForAllValues, IfExists and negated " +
			"operators demand nothing",
		"Use a plain positive operator, which fails when the claim is missing.", setOperators, false,
	}
	unfilledKey = Rule{
		"unfilled-key", Medium,
		"the condition tests a key that AWS does not fill for this issuer and partition, even if the " +
			"token has such a claim",
		"Use sub, aud, or a key that AWS documents for the issuer.", webIdentityKeys, false,
	}
	misspeltKey = Rule{
		"misspelt-key", Medium,
		"the key begins with neither the issuer of the statement's provider nor a prefix AWS knows, " +
			"so it is never filled",
		"Write the issuer's URL without https:// and exactly as the provider's ARN has it, then : and the claim.",
		webIdentityKeys, false,
	}
	issuerSlash = Rule{
		"issuer-slash", Medium,
		"an issuer stands with a trailing slash in one place and without it in the other; to AWS these are two " +
			"issuers, and no token fits",
		"Write the provider's URL and the prefix of its keys letter by letter as the tokens have their " +
			"iss, without https://.", webIdentityKeys, false,
	}
	providerNotListed = Rule{
		"provider-not-listed", Medium,
		"the conditions test claims of an issuer whose provider the statement does not list, so they never hold",
		"Give each provider a statement of its own with its own conditions.", principalElement, false,
	}
	providersMixed = Rule{
		"providers-mixed", Medium,
		"the statement lists several providers and tests claims of another one, which this provider's tokens never " +
			"have: none of them gets in",
		"Give each provider a statement of its own with its own conditions.", principalElement, false,
	}
	requiredClaim = Rule{
		"required-claim", Medium,
		"AWS wants this claim tested for the shared issuer, with more than wildcards, and refuses to store the " +
			"policy at its next change",
		"Test the claim as well.", providerControls, false,
	}
	federatedWildcard = Rule{
		"federated-wildcard", High,
		"the principal is every identity provider of the account",
		"Name the ARN of the one provider that is meant.", principalElement, false,
	}
	everyone = Rule{
		"everyone", High,
		"the principal is everyone: any AWS account can assume the role, as far as the conditions do not prevent it",
		"Name the principals that are meant.", principalElement, false,
	}
	duplicateKey = Rule{
		"duplicate-json-key", High,
		"a name stands twice in one JSON object; readers differ in which of the two counts, so a review may " +
			"look at the wrong one",
		"Write each operator and each key once, with a list of values.",
		"https://www.rfc-editor.org/rfc/rfc8259#section-4", false,
	}
	overQuota = Rule{
		"over-quota", Low,
		"the policy is longer than the 2,048 characters that an account allows unless its quota was raised",
		"Merge statements that differ in one value, or split the trust over several roles.", iamQuotas, false,
	}
	roleNamedGitHubActions = Rule{
		"role-named-githubactions", Low,
		"a role named exactly GitHubActions has been reported not to work with aws-actions/configure-aws-credentials",
		"Give the role another name.", "https://github.com/aws-actions/configure-aws-credentials/issues/953", false,
	}
	wildcardBeforeDecision = Rule{
		"wildcard-before-decision", High,
		"a * stands before a part of the subject that decides, and crosses separators: a branch or name crafted to " +
			"contain the rest gets in",
		"Put an exact value, or a run of ? of the exact length, in the place of the *.", conditionOperators, false,
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
