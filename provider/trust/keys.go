package trust

import (
	"slices"
	"sort"
	"strings"
)

// standardClaims are the claims that STS turns into condition keys for every OIDC provider.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
var standardClaims = []string{"amr", "aud", "email", "oaud", "sub"}

// An issuerKeys row lists the further claims that STS turns into condition keys for one issuer, or one family of them,
// in the aws partition only. In the issuer "*" stands for at least one character; slash says whether that may be a "/".
type issuerKeys struct {
	issuer string
	slash  bool
	claims []string
}

var githubClaims = []string{
	"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref",
	"repository", "repository_id", "repository_owner_id", "workflow",
}

var buildkiteClaims = []string{
	"build_branch", "cluster_id", "cluster_name", "organization_id", "organization_slug", "pipeline_id",
	"pipeline_slug",
}

// specificClaims re-states the Service Authorization Reference of sts:AssumeRoleWithWebIdentity.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
var specificClaims = []issuerKeys{
	{"token.actions.githubusercontent.com", false, githubClaims},
	{"token.actions.githubusercontent.com/*", true, githubClaims},
	{"token.actions.*.ghe.com", false, githubClaims},
	{"github.com/enterprises/*", true, githubClaims},
	{"gitlab.com", false, []string{
		"namespace_id", "project_id", "pipeline_source", "ref_protected", "runner_environment",
		"user_access_level", "user_email", "user_id", "user_login",
	}},
	{"agent.buildkite.com", false, buildkiteClaims},
	{"agent.*.buildkite.dev", false, buildkiteClaims},
	{"agent.*.buildkite.site", false, buildkiteClaims},
	{"oidc.circleci.com/org/*", false, []string{"oidc.circleci.com/project-id"}},
	{"accounts.google.com", false, []string{"google/organization_number"}},
	{"idcs-*.identity.oraclecloud.com", false, []string{"rpst_id"}},
	{"graph.facebook.com", false, []string{"app_id", "id"}},
	{"www.amazon.com", false, []string{"app_id", "user_id"}},
}

// covers reports that the row is the issuer's, which is in lower case.
func (row *issuerKeys) covers(issuer string) bool {
	before, after, family := strings.Cut(row.issuer, "*")
	if !family {
		return issuer == row.issuer
	}
	if len(issuer) <= len(before)+len(after) || !strings.HasPrefix(issuer, before) ||
		!strings.HasSuffix(issuer, after) {
		return false
	}
	return row.slash || !strings.Contains(issuer[len(before):len(issuer)-len(after)], "/")
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
	issuer = strings.ToLower(issuer)
	for i := range specificClaims {
		if specificClaims[i].covers(issuer) {
			return specificClaims[i].claims
		}
	}
	return nil
}

// requestKeys are keys that describe the call and not the token. STS knows them; whoever reads a policy does not, until
// the call is made.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var requestKeys = map[string]bool{
	"aws:currenttime": true, "aws:epochtime": true, "aws:referer": true, "aws:requestedregion": true,
	"aws:securetransport": true, "aws:sourceaccount": true, "aws:sourcearn": true, "aws:sourceip": true,
	"aws:sourcevpc": true, "aws:sourcevpce": true, "aws:useragent": true, "aws:vpcsourceip": true,
	"aws:resourceaccount": true, "aws:resourceorgid": true, "aws:resourceorgpaths": true,
	"sts:durationseconds": true,
}

// unrecordedKeys are keys of AWS's own of which nobody recorded whether STS fills them for a web identity, and no
// policy says with what: the caller's account is known to be the provider's, which may be in an organization, the role
// has tags, and the call may come by an endpoint of somebody's. If they were taken for missing, a Deny of whoever is
// not of the organization would seem to keep everybody out.
//
// Recorded: aws-trust.json (aws:PrincipalAccount is filled, so that the caller is not an anonymous one).
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html (has
// aws:PrincipalTag/... of AssumeRoleWithWebIdentity)
var unrecordedKeys = map[string]bool{
	"aws:principalorgid": true, "aws:principalorgpaths": true, "aws:principalisawsservice": true,
	"aws:viaawsservice": true, "aws:sourceorgid": true, "aws:sourceorgpaths": true, "aws:sourcevpcarn": true,
	"aws:vpceaccount": true, "aws:vpceorgid": true, "aws:vpceorgpaths": true,
}

// unrecordedTags begin the names of such keys of which there is one for each tag, of the caller and of the role.
var unrecordedTags = []string{"aws:principaltag/", "aws:resourcetag/", "iam:resourcetag/"}

// orgPaths are the keys that hold a set of paths in organizations.
var orgPaths = []string{
	"aws:resourceorgpaths", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths",
}

// isUnrecorded reports that nobody recorded whether STS fills a key, which is in lower case.
func isUnrecorded(key string) bool {
	return unrecordedKeys[key] || slices.ContainsFunc(unrecordedTags, func(begin string) bool {
		return strings.HasPrefix(key, begin) && len(key) > len(begin)
	})
}

// Claims of a token that are meant for STS. Tags come nested in one claim, or flattened into one claim each.
// Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
const (
	rolesClaim          = "https://aws.amazon.com/roles"
	tagsClaim           = "https://aws.amazon.com/tags"
	flatTagClaim        = tagsClaim + "/principal_tags/"
	flatTransitiveClaim = tagsClaim + "/transitive_tag_keys"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
)

type keyKind int

const (
	neverFilled       keyKind = iota // STS has no such key for a web identity
	claimKey                         // a claim of the token
	audienceKey                      // aud, or azp where the token has one
	originalAudKey                   // oaud: aud, also where azp took its place
	federatedKey                     // aws:FederatedProvider
	sessionNameKey                   // sts:RoleSessionName
	accountKey                       // aws:PrincipalAccount
	principalTypeKey                 // aws:PrincipalType
	userIDKey                        // aws:userid
	byIdpKey                         // sts:RoleAuthorizedByIdp
	requestTagKey                    // aws:RequestTag/NAME
	tagKeysKey                       // aws:TagKeys
	transitiveKey                    // sts:TransitiveTagKeys
	sourceIdentityKey                // sts:SourceIdentity
	requestKey                       // describes the call, or what else no policy says, such as the role's tags

	keyKinds int = iota // how many there are
)

// A keyRef is a condition key, looked up once when the policy is parsed.
type keyRef struct {
	kind       keyKind
	issuer     string // claimKey, audienceKey, originalAudKey: the key's prefix
	claim      string // claimKey: the claim as the token spells it; requestTagKey: the tag in lower case
	awsOnly    bool   // the key exists in the aws partition only
	lower      string // the key in lower case
	issuerLike bool   // neverFilled: the key has the form of a claim key
	set        bool   // the key holds a set of values, however many there are
	unrecorded bool   // requestKey: nobody recorded whether STS fills it
}

// ofToken reports that the token says what the key is.
func (k *keyRef) ofToken() bool { return k.kind != requestKey && k.kind != sessionNameKey }

// resolveKey looks a condition key up. Names of keys ignore letter case, so "...:SUB" is the claim "sub".
func resolveKey(key string) keyRef {
	k := resolveName(key)
	k.lower = strings.ToLower(key)
	switch k.kind {
	case tagKeysKey, transitiveKey:
		k.set = true
	case claimKey:
		k.set = k.claim == "amr"
	case requestKey:
		k.set = slices.Contains(orgPaths, k.lower)
	}
	return k
}

func resolveName(key string) keyRef {
	lower := strings.ToLower(key)
	switch lower {
	case "aws:federatedprovider":
		return keyRef{kind: federatedKey}
	case "sts:rolesessionname":
		return keyRef{kind: sessionNameKey}
	case "aws:principalaccount":
		return keyRef{kind: accountKey}
	case "aws:principaltype":
		return keyRef{kind: principalTypeKey}
	case "aws:userid":
		return keyRef{kind: userIDKey}
	case "sts:roleauthorizedbyidp":
		return keyRef{kind: byIdpKey}
	case "sts:sourceidentity":
		return keyRef{kind: sourceIdentityKey}
	case "sts:transitivetagkeys":
		return keyRef{kind: transitiveKey}
	case "aws:tagkeys":
		return keyRef{kind: tagKeysKey}
	}
	if tag, found := strings.CutPrefix(lower, "aws:requesttag/"); found {
		return keyRef{kind: requestTagKey, claim: tag}
	}
	if unrecorded := isUnrecorded(lower); unrecorded || requestKeys[lower] {
		return keyRef{kind: requestKey, unrecorded: unrecorded}
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
