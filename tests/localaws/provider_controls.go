package localaws

import (
	"regexp"
	"slices"
	"strings"
)

// github is how the issuers begin whose tokens are told apart by sub or by job_workflow_ref: an enterprise's path, and
// whatever else follows, is under the same control.
const github = "token.actions.githubusercontent.com"

// requiredKeys says, for the other issuers many tenants share, which condition key a trust policy must test:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
// Keys that start with ":" belong to the issuer.
var requiredKeys = map[string]string{
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
	"api.pulumi.com/oidc": ":aud",
	"oidc.vercel.com":     ":aud",
	"sandboxes.cloud":     ":aud",
	cognito:               ":aud",
	"sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": "sts:RoleSessionName",
}

const cognito = "cognito-identity.amazonaws.com"

// applicationKeys are those of the built-in issuers, of which a trust policy must test one for an application's id.
// They are compared with letter case, and whatever the values are, they do.
var applicationKeys = map[string][]string{
	"accounts.google.com": {":aud", ":oaud", ":sub"},
	"graph.facebook.com":  {":app_id", ":sub"},
	"www.amazon.com":      {":app_id", ":sub"},
}

// The operators that count. Negated ones, IfExists, Null and those of other types leave the tenant open.
var (
	positiveText     = regexp.MustCompile(`^((ForAllValues|ForAnyValue):)?String(Equals|EqualsIgnoreCase|Like)$`)
	positiveEquality = regexp.MustCompile(`^((ForAllValues|ForAnyValue):)?StringEquals(IgnoreCase)?$`)
)

// checkIdentityProviderControls refuses an Allow for a shared issuer that does not test the key that tells its tenants
// apart, or tests it for everything. What counts, and the texts, are as IAM was seen to answer on 2026-09-11: the
// fixtures oidc_trust_controls{,_edges,_details,_github}_aws.json of https://github.com/radkawar/stackd at 9dc356f.
func checkIdentityProviderControls(s statement) error {
	if s.effect != "Allow" || !s.allows(assumption) {
		return nil
	}
	for _, trusted := range s.principals["Federated"] {
		issuer := trusted
		if _, path, ok := strings.Cut(trusted, ":oidc-provider/"); ok {
			issuer = path
		}
		if err := s.checkControl(trusted, issuer); err != nil {
			return err
		}
	}
	return nil
}

func (s statement) checkControl(trusted, issuer string) error {
	if keys, ok := applicationKeys[issuer]; ok {
		named := func(c condition) bool {
			claim, ok := strings.CutPrefix(c.key, issuer)
			return ok && slices.Contains(keys, claim) && positiveEquality.MatchString(c.operator)
		}
		if !slices.ContainsFunc(s.conditions, named) {
			return malformedPolicy("Policy trusting %s requires a StringEquals condition on an application id", issuer)
		}
		return nil
	}
	if strings.HasPrefix(issuer, github) {
		return s.mustScope(trusted, issuer, []string{issuer + ":sub", issuer + ":job_workflow_ref"})
	}
	key, listed := requiredKeys[issuer]
	switch {
	case !listed:
		return nil
	case issuer == cognito && len(s.conditions) == 0:
		return malformedPolicy("A condition block must be present for the Cognito provider")
	case strings.HasPrefix(key, ":"):
		key = issuer + key
	}
	return s.mustScope(issuer, issuer, []string{key})
}

// mustScope demands an operator that has one of the keys, and none of them with a value that is open.
func (s statement) mustScope(trusted, issuer string, keys []string) error {
	scoped, open := map[string]bool{}, map[string]bool{} // by operator
	for _, c := range s.conditions {
		same := func(key string) bool { return strings.EqualFold(key, c.key) }
		if !slices.ContainsFunc(keys, same) || !positiveText.MatchString(c.operator) {
			continue
		}
		scoped[c.operator] = true
		isOpen := func(value string) bool { return isOpenFor(issuer, value) }
		open[c.operator] = open[c.operator] || slices.ContainsFunc(c.values, isOpen)
	}
	for operator := range scoped {
		if !open[operator] {
			return nil
		}
	}
	return malformedPolicy("Trust policy with trusted principal %s must evaluate, using StringEquals, StringLike or "+
		"StringEqualsIgnoreCase, %s which is not scoped to all.", trusted, strings.Join(keys, " or "))
}

// isOpenFor: GitHub's control is stricter than that of the others, which know one open value.
func isOpenFor(issuer, value string) bool {
	if strings.HasPrefix(issuer, github) {
		return strings.HasPrefix(value, "*") || strings.TrimSpace(value) == ""
	}
	return value == "*"
}

// allows tells whether the statement is about an action.
func (s statement) allows(name string) bool {
	covered := func(action string) bool { return covers(action, name) }
	if len(s.notActions) > 0 {
		return !slices.ContainsFunc(s.notActions, covered)
	}
	return slices.ContainsFunc(s.actions, covered)
}
