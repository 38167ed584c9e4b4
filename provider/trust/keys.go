package trust

import (
	"sort"
	"strings"
)

// standardClaims are the claims that STS turns into condition keys for every OIDC provider.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
var standardClaims = []string{"amr", "aud", "email", "oaud", "sub"}

// An issuerKeys row lists the further claims that STS turns into condition keys for one issuer, or one family of them,
// in the aws partition only.
type issuerKeys struct {
	issuer pattern
	claims []string
}

var githubClaims = []string{
	"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref",
	"repository", "repository_id", "repository_owner_id", "workflow",
}

var buildkiteClaims = []string{
	"build_branch", "cluster_id", "cluster_name", "organization_id", "organization_slug", "pipeline_id", "pipeline_slug",
}

// specificClaims re-states the Service Authorization Reference of sts:AssumeRoleWithWebIdentity.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
var specificClaims = []issuerKeys{
	{wildcardPattern("token.actions.githubusercontent.com"), githubClaims},
	{wildcardPattern("token.actions.githubusercontent.com/*"), githubClaims},
	{wildcardPattern("token.actions.*.ghe.com"), githubClaims},
	{wildcardPattern("github.com/enterprises/*"), githubClaims},
	{wildcardPattern("gitlab.com"), []string{
		"namespace_id", "project_id", "pipeline_source", "ref_protected", "runner_environment",
		"user_access_level", "user_email", "user_id", "user_login",
	}},
	{wildcardPattern("agent.buildkite.com"), buildkiteClaims},
	{wildcardPattern("agent.*.buildkite.dev"), buildkiteClaims},
	{wildcardPattern("agent.*.buildkite.site"), buildkiteClaims},
	{wildcardPattern("oidc.circleci.com/org/*"), []string{"oidc.circleci.com/project-id"}},
	{wildcardPattern("accounts.google.com"), []string{"google/organization_number"}},
	{wildcardPattern("idcs-*.identity.oraclecloud.com"), []string{"rpst_id"}},
}

// ClaimKeys are the claims of an issuer's tokens that a trust policy can test in a partition, sorted. The condition key
// of a claim is the issuer's URL without its scheme, ":" and the claim. A condition on any other claim tests a key that
// is never there.
func ClaimKeys(issuer, partition string) []string {
	claims := append([]string{}, standardClaims...)
	if partition == "aws" {
		claims = append(claims, specific(issuer)...)
	}
	sort.Strings(claims)
	return claims
}

// specific looks issuers up in lower case: condition keys, of which the issuer is a part, ignore letter case.
func specific(issuer string) []string {
	for _, row := range specificClaims {
		if row.issuer.match(strings.ToLower(issuer)) {
			return row.claims
		}
	}
	return nil
}

// requestKeys are keys that describe the call and not the token. STS knows them; whoever reads a policy does not, until
// the call is made.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var requestKeys = map[string]bool{
	"aws:currenttime": true, "aws:epochtime": true, "aws:referer": true, "aws:requestedregion": true,
	"aws:securetransport": true, "aws:sourceaccount": true, "aws:sourcearn": true, "aws:sourceip": true,
	"aws:sourcevpc": true, "aws:sourcevpce": true, "aws:useragent": true, "aws:vpcsourceip": true,
	"aws:resourceaccount": true, "aws:resourceorgid": true, "aws:resourceorgpaths": true,
	"sts:durationseconds": true, "sts:sourceidentity": true, "sts:transitivetagkeys": true,
}

const (
	rolesClaim = "https://aws.amazon.com/roles"
	tagsClaim  = "https://aws.amazon.com/tags"
)

type keyKind int

const (
	neverFilled    keyKind = iota // STS has no such key for a web identity
	claimKey                      // a claim of the token
	audienceKey                   // aud, or azp where the token has one
	originalAudKey                // oaud: aud where azp took its place
	federatedKey                  // aws:FederatedProvider
	sessionNameKey                // sts:RoleSessionName
	byIdpKey                      // sts:RoleAuthorizedByIdp
	requestTagKey                 // aws:RequestTag/NAME
	tagKeysKey                    // aws:TagKeys
	requestKey                    // describes the call
)

// A keyRef is a condition key, looked up once when the policy is parsed.
type keyRef struct {
	kind       keyKind
	issuer     string // claimKey, audienceKey, originalAudKey: the key's prefix
	claim      string // claimKey: the claim as the token spells it; requestTagKey: the tag in lower case
	awsOnly    bool   // the key exists in the aws partition only
	lower      string // requestKey: the key in lower case
	issuerLike bool   // neverFilled: the key has the form of a claim key
}

// resolveKey looks a condition key up. Names of keys ignore letter case, so "...:SUB" is the claim "sub".
func resolveKey(key string) keyRef {
	lower := strings.ToLower(key)
	switch {
	case lower == "aws:federatedprovider":
		return keyRef{kind: federatedKey}
	case lower == "sts:rolesessionname":
		return keyRef{kind: sessionNameKey}
	case lower == "sts:roleauthorizedbyidp":
		return keyRef{kind: byIdpKey}
	case lower == "aws:tagkeys":
		return keyRef{kind: tagKeysKey}
	case strings.HasPrefix(lower, "aws:requesttag/"):
		return keyRef{kind: requestTagKey, claim: lower[len("aws:requesttag/"):]}
	case requestKeys[lower]:
		return keyRef{kind: requestKey, lower: lower}
	}
	issuer, name, found := strings.Cut(key, ":")
	if !found || !strings.Contains(issuer, ".") {
		return keyRef{}
	}
	switch name = strings.ToLower(name); name {
	case "aud":
		return keyRef{kind: audienceKey, issuer: issuer}
	case "oaud":
		return keyRef{kind: originalAudKey, issuer: issuer}
	}
	for _, claim := range standardClaims {
		if name == claim {
			return keyRef{kind: claimKey, issuer: issuer, claim: claim}
		}
	}
	for _, claim := range specific(issuer) {
		if name == claim {
			return keyRef{kind: claimKey, issuer: issuer, claim: claim, awsOnly: true}
		}
	}
	return keyRef{issuerLike: true, issuer: issuer, claim: name}
}
