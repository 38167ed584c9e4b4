package localaws

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// claims are those of a token, decoded with UseNumber.
type claims map[string]any

// tolerance is how far STS lets an issuer's clock be off, as seen on AWS.
const tolerance = 5 * time.Minute

// check holds the claims against STS's rules and returns the audience: azp when there is one, else the only aud.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (c claims) check(now time.Time) (audience string, err error) {
	for _, name := range []string{"iss", "sub", "aud", "iat", "exp"} {
		if c[name] == nil {
			return "", invalidToken("Missing a required claim: %s", name)
		}
	}
	if err := c.checkTimes(now); err != nil {
		return "", err
	}
	if _, ok := c["sub"].(string); !ok {
		return "", errTokenNotValidated()
	}
	audiences, ok := texts(c["aud"])
	if !ok || len(audiences) == 0 {
		return "", errTokenNotValidated()
	}
	if c["azp"] != nil {
		party, ok := c["azp"].(string)
		if !ok || party == "" {
			return "", errTokenNotValidated()
		}
		return party, nil
	}
	if len(audiences) > 1 {
		return "", invalidToken("Token audience contains more than one audience while authorized party is not present")
	}
	return audiences[0], nil
}

func (c claims) checkTimes(now time.Time) error {
	expires, ok := c.time("exp")
	if !ok {
		return errTokenNotValidated()
	}
	if now.After(expires.Add(tolerance)) {
		return refuse(400, "ExpiredTokenException",
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), expires.Unix())
	}
	issued, ok := c.time("iat")
	if !ok || issued.After(now.Add(tolerance)) {
		return errTokenNotValidated()
	}
	if c["nbf"] == nil {
		return nil
	}
	if notBefore, ok := c.time("nbf"); !ok || notBefore.After(now.Add(tolerance)) {
		return errTokenNotValidated()
	}
	return nil
}

func (c claims) time(name string) (time.Time, bool) {
	n, ok := c[name].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := n.Float64()
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// texts reads a claim that is a string or a list of strings.
func texts(claim any) ([]string, bool) {
	switch v := claim.(type) {
	case string:
		return []string{v}, true
	case []any:
		var all []string
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, false
			}
			all = append(all, s)
		}
		return all, true
	}
	return nil, false
}

const (
	claimRoles          = "https://aws.amazon.com/roles"
	claimTags           = "https://aws.amazon.com/tags"
	claimSourceIdentity = "https://aws.amazon.com/source_identity"
)

var roleARN = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/[\x21-\x7E]+$`)

// checkRoles applies the claim by which an issuer limits the roles a token is good for: a list of role ARNs, or one
// string with semicolons. Null counts as absent, entries that are no role ARN are passed over.
// https://awsteele.com/blog/2026/07/13/oidc-tokens-can-restrict-which-aws-roles-they-assume.html
func (c claims) checkRoles(target string) error {
	if c[claimRoles] == nil {
		return nil
	}
	var entries []string
	switch v := c[claimRoles].(type) {
	case string:
		entries = strings.Split(v, ";")
	case []any:
		for _, item := range v {
			if s, ok := item.(string); ok {
				entries = append(entries, s)
			}
		}
	default:
		return invalidToken("The roles claim is not in a supported format")
	}
	var arns []string
	for _, entry := range entries {
		if entry = strings.TrimSpace(entry); roleARN.MatchString(entry) {
			arns = append(arns, entry)
		}
	}
	if len(arns) == 0 {
		return invalidToken("The roles claim contains no valid role ARNs")
	}
	if !slices.Contains(arns, target) {
		return invalidToken("The target role ARN is not present in the roles claim of the identity token")
	}
	return nil
}

// furtherActions are those a trust policy must allow besides the assumption, because of what the token carries.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
func (c claims) furtherActions() []string {
	var actions []string
	if c[claimTags] != nil || slices.ContainsFunc(c.names(), func(name string) bool {
		return strings.HasPrefix(name, claimTags+"/principal_tags/")
	}) {
		actions = append(actions, "sts:TagSession")
	}
	if c[claimSourceIdentity] != nil {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	return actions
}

func (c claims) names() []string {
	names := make([]string, 0, len(c))
	for name := range c {
		names = append(names, name)
	}
	return names
}
