package localaws

import (
	"regexp"
	"slices"
	"strings"
)

// requiredKeys says, for issuers many tenants share, which condition key a trust policy must test:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
// Keys that start with ":" belong to the issuer.
var requiredKeys = map[string]string{
	"token.actions.githubusercontent.com":                ":sub",
	"vstoken.actions.githubusercontent.com":              ":sub",
	"oidc-configuration.audit-log.githubusercontent.com": ":sub",
	"gitlab.com":              ":sub",
	"agent.buildkite.com":     ":sub",
	"app.terraform.io":        ":sub",
	"oidc.codefresh.io":       ":sub",
	"scalr.io":                ":sub",
	"studio.datachain.ai/api": ":sub",
	"tokens.cloud.shisho.dev": ":sub",
	"proidc.upbound.io":       ":sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": ":sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr": ":sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg": ":sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26": ":sub",
	"oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb":         ":sub",
	"oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu":         ":sub",
	"api.pulumi.com/oidc":            ":aud",
	"oidc.vercel.com":                ":aud",
	"sandboxes.cloud":                ":aud",
	"cognito-identity.amazonaws.com": ":aud",
	"sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": "sts:RoleSessionName",
}

// positiveText are the operators that can hold a key to a value. AWS does not say which it accepts; Null, negated and
// non-text operators leave the tenant open, so they do not count here.
var positiveText = regexp.MustCompile(`(?i)^((ForAllValues|ForAnyValue):)?String(Equals|EqualsIgnoreCase|Like)(IfExists)?$`)

// checkIdentityProviderControls refuses an Allow for a shared issuer without its required key, or with one that
// everything matches. The text is ours: AWS's is not published.
func checkIdentityProviderControls(s statement) error {
	if s.effect != "Allow" || !s.allows("sts:AssumeRoleWithWebIdentity") {
		return nil
	}
	for _, principal := range s.principals["Federated"] {
		issuer := principal
		if _, url, ok := strings.Cut(principal, ":oidc-provider/"); ok {
			issuer = url
		}
		key, listed := requiredKeys[issuer]
		if !listed {
			continue
		}
		if strings.HasPrefix(key, ":") {
			key = issuer + key
		}
		if !slices.ContainsFunc(s.conditions, func(c condition) bool { return c.pins(key) }) {
			return malformedPolicy("The trust policy for the shared OpenID Connect provider %s must evaluate the condition "+
				"key %s with a value that is not null and does not consist only of wildcards.", issuer, key)
		}
	}
	return nil
}

// allows tells whether the statement is about an action.
func (s statement) allows(name string) bool {
	covered := func(action string) bool { return covers(action, name) }
	if len(s.notActions) > 0 {
		return !slices.ContainsFunc(s.notActions, covered)
	}
	return slices.ContainsFunc(s.actions, covered)
}

// pins tells whether a condition holds a key to values of which none matches everything.
func (c condition) pins(key string) bool {
	if !strings.EqualFold(c.key, key) || !positiveText.MatchString(c.operator) || len(c.values) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.values, func(value string) bool { return strings.Trim(value, "*?") == "" })
}
