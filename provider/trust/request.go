package trust

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// A Request is what STS knows when it decides AssumeRoleWithWebIdentity: the token's signature is checked, its issuer
// has a provider in the account, and its audience is one of the provider's client ids.
type Request struct {
	// Provider is the ARN of the OIDC provider found for the token's issuer: what Federated must name.
	Provider string
	// Issuer is the provider's URL without "https://", the prefix of its condition keys.
	Issuer string
	// Partition is "aws", "aws-cn", "aws-us-gov", ...: keys beyond the standard ones exist in "aws" only.
	Partition string
	// Claims are the token's claims as encoding/json decodes them, numbers preferably as json.Number.
	Claims map[string]any
	// Partial says that Claims are only some of the token's, as a CloudTrail event has them: what is not there is
	// unknown, null is known to be missing, and aud is the audience as AWS reports it, in whose place azp has been put.
	// The token is taken to carry no session tags and no source identity that are not there.
	Partial bool
	// RoleARN is the role asked for; it decides sts:RoleAuthorizedByIdp. "" when it is not known.
	RoleARN string
	// RoleSessionName is the session name the caller asks for; "" when it is not known.
	RoleSessionName string
	// Context holds further keys of the call that are known, such as aws:SourceIp, by their name in lower case; one
	// that is there without a value is known to be missing. It goes before what the token says. A key of the call that
	// is neither here nor a claim is unknown, and what depends on it is Undecided.
	Context map[string][]string
}

// A seen is what a request says of one key.
type seen struct {
	state presence
	set   bool     // the key holds a set, or has several values
	one   string   // the value, when there is exactly one
	many  []any    // the values, when a claim has several
	list  []string // the values, when the context or the token's tags have several
}

type presence int

const (
	absent presence = iota
	present
	unknown // a key of the call of which nothing is known
)

func (s seen) count() int {
	switch {
	case s.state != present:
		return 0
	case s.many != nil:
		return len(s.many)
	case s.list != nil:
		return len(s.list)
	}
	return 1
}

func (s seen) value(i int) string {
	switch {
	case s.many != nil:
		text, _ := scalar(s.many[i])
		return text
	case s.list != nil:
		return s.list[i]
	}
	return s.one
}

// texts are the values for people to read.
func (s seen) texts() []string {
	var texts []string
	for i := range s.count() {
		texts = append(texts, s.value(i))
	}
	return texts
}

// lookup finds a key's value without allocating, except for tags.
func (r *Request) lookup(k *keyRef) seen {
	value := r.find(k)
	value.set = value.set || k.set && value.state == present
	return value
}

// find is lookup, before it is known whether the key holds a set.
//
// Recorded: aws-trust.json (aws:PrincipalAccount, aws:PrincipalType, aws:userid; no aws:PrincipalArn).
func (r *Request) find(k *keyRef) seen {
	if len(r.Context) > 0 {
		if values, known := r.Context[k.lower]; known {
			return textValues(values)
		}
	}
	switch k.kind {
	case claimKey, audienceKey, originalAudKey:
		if k.awsOnly && r.Partition != "aws" || !strings.EqualFold(k.issuer, r.Issuer) {
			return seen{}
		}
		return r.claim(k)
	case federatedKey:
		return oneText(r.Provider)
	case sessionNameKey:
		if r.RoleSessionName == "" {
			return seen{state: unknown}
		}
		return seen{state: present, one: r.RoleSessionName}
	case accountKey:
		return oneText(accountOf(r.Provider))
	case principalTypeKey:
		return seen{state: present, one: "User"}
	case userIDKey:
		return oneText(r.Provider)
	case byIdpKey:
		return r.authorizedByIdp()
	case requestTagKey, tagKeysKey, transitiveKey:
		return r.tagged(k)
	case sourceIdentityKey:
		return r.stated(sourceIdentityClaim)
	case requestKey:
		return seen{state: unknown}
	}
	return seen{}
}

func (r *Request) claim(k *keyRef) seen {
	azp, authorized := r.Claims["azp"]
	switch k.kind {
	case audienceKey:
		// azp takes the place of aud, also when it is empty; the original stays in oaud.
		// Recorded: aws.json, azp-overrides, azp-mismatch, azp-empty and aud-multi-with-azp.
		// Source:
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
		if azp, ok := azp.(string); ok {
			return seen{state: present, one: azp}
		}
		return r.stated("aud")
	case originalAudKey:
		if r.Partial && !authorized {
			return seen{state: unknown}
		}
		return r.stated("aud")
	}
	object, member, nested := strings.Cut(k.claim, "/")
	if _, found := r.Claims[k.claim]; nested && !found {
		if inside, ok := r.Claims[object].(map[string]any); ok {
			return claimValue(inside[member])
		}
		if _, found := r.Claims[object]; !found && r.Partial {
			return seen{state: unknown}
		}
		return seen{}
	}
	value := r.stated(k.claim)
	if list, ok := r.Claims[k.claim].([]any); ok && k.set && value.state == absent {
		return seen{state: present, many: list[:0]}
	}
	return value
}

// stated is a claim that the token has, has not, or may have where only some of its claims are known.
func (r *Request) stated(claim string) seen {
	value, found := r.Claims[claim]
	if !found && r.Partial {
		return seen{state: unknown}
	}
	return claimValue(value)
}

// tagged is what the token's session tags say of a key.
func (r *Request) tagged(k *keyRef) seen {
	if _, stated := r.Claims[tagsClaim]; r.Partial && !stated && !r.carriesTags() {
		return seen{state: unknown}
	}
	switch k.kind {
	case requestTagKey:
		return textValues(r.tag(k.claim))
	case tagKeysKey:
		return textValues(r.tagKeys())
	}
	nested, flat := claimValue(r.nestedTags()["transitive_tag_keys"]), claimValue(r.Claims[flatTransitiveClaim])
	return textValues(append(nested.texts(), flat.texts()...))
}

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	for range 4 {
		_, arn, _ = strings.Cut(arn, ":")
	}
	account, _, _ := strings.Cut(arn, ":")
	return account
}

func (r *Request) nestedTags() map[string]any {
	tags, _ := r.Claims[tagsClaim].(map[string]any)
	return tags
}

// carriesTags reports that the token asks for session tags, in the nested form or the flattened one.
func (r *Request) carriesTags() bool {
	if r.Claims[tagsClaim] != nil {
		return true
	}
	for claim := range r.Claims {
		if strings.HasPrefix(claim, flatTagClaim) {
			return true
		}
	}
	return false
}

func (r *Request) carriesSourceIdentity() bool { return r.Claims[sourceIdentityClaim] != nil }

// tags are the session tags that the token asks for, by name; the flattened form goes before the nested one.
func (r *Request) tags() map[string]any {
	tags := map[string]any{}
	nested, _ := r.nestedTags()["principal_tags"].(map[string]any)
	for name, value := range nested {
		tags[name] = value
	}
	for claim, value := range r.Claims {
		if name, found := strings.CutPrefix(claim, flatTagClaim); found {
			tags[name] = value
		}
	}
	return tags
}

// tagKeys are the names of the tags, sorted.
func (r *Request) tagKeys() []string {
	var names []string
	for name := range r.tags() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// tag are the values of one tag. Names that differ in letter case are one key.
func (r *Request) tag(lower string) []string {
	var values []string
	tags := r.tags()
	for _, name := range r.tagKeys() {
		if strings.ToLower(name) == lower {
			values = append(values, claimValue(tags[name]).texts()...)
		}
	}
	return values
}

// authorizedByIdp: the token may list the roles it is meant for. STS refuses one that lists others alone before it
// reads the policy, so that a false answer there never counts.
//
// Recorded: aws-roles.json.
//
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
func (r *Request) authorizedByIdp() seen {
	claim, found := r.Claims[rolesClaim]
	switch {
	case !found && r.Partial, claim != nil && r.RoleARN == "":
		return seen{state: unknown}
	case claim == nil:
		return seen{state: present, one: "false"}
	}
	_, named := listedRoles(claim, r.RoleARN)
	return seen{state: present, one: truthText(named)}
}

// listedRoles reads a claim of roles: how many role ARNs it has, and whether a role is one of them. The claim is a
// list, or a text with ";" between the roles; white space around a role and entries that are none count for nothing.
//
// Recorded: aws-roles.json.
func listedRoles(claim any, role string) (count int, named bool) {
	switch claim := claim.(type) {
	case string:
		for text := range strings.SplitSeq(claim, ";") {
			if text = strings.TrimSpace(text); isRole(text) {
				count, named = count+1, named || text == role
			}
		}
	case []any:
		for _, item := range claim {
			text, _ := item.(string)
			if text = strings.TrimSpace(text); isRole(text) {
				count, named = count+1, named || text == role
			}
		}
	}
	return count, named
}

// isRole reports that a text is a role's ARN, letter case and all.
//
// Recorded: aws-roles.json, roles-case, roles-wildcard and roles-comma-list.
// Source of the letters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func isRole(text string) bool {
	account := accountOf(text)
	before, name, ok := strings.Cut(text, ":role/")
	if !strings.HasPrefix(text, "arn:") || !strings.HasSuffix(before, ":iam::"+account) ||
		strings.Count(before, ":") != 4 {
		return false
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@-_/"
	return ok && account != "" && digits(account) == len(account) && name != "" && strings.Trim(name, letters) == ""
}

// oneText is a text that is there unless it is empty.
func oneText(text string) seen {
	if text == "" {
		return seen{}
	}
	return seen{state: present, one: text}
}

// textValues are values that are known to be texts.
func textValues(values []string) seen {
	switch len(values) {
	case 0:
		return seen{}
	case 1:
		return seen{state: present, one: values[0]}
	}
	return seen{state: present, set: true, list: values}
}

// claimValue reads a claim: a scalar, or a list of scalars. Null, objects and lists within a list make no value, and a
// claim without a value makes no key.
func claimValue(claim any) seen {
	switch c := claim.(type) {
	case []any:
		count := 0
		var last string
		for _, item := range c {
			if text, ok := scalar(item); ok {
				count, last = count+1, text
			}
		}
		switch {
		case count == 0:
			return seen{}
		case count == 1:
			return seen{state: present, one: last}
		case count < len(c):
			c = slices.DeleteFunc(slices.Clone(c), func(item any) bool { _, ok := scalar(item); return !ok })
		}
		return seen{state: present, set: true, many: c}
	case []string:
		return textValues(c)
	}
	if text, ok := scalar(claim); ok {
		return seen{state: present, one: text}
	}
	return seen{}
}

func scalar(claim any) (string, bool) {
	switch c := claim.(type) {
	case string:
		return c, true
	case json.Number:
		return string(c), true
	case bool:
		return truthText(c), true
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64), true
	case int:
		return strconv.Itoa(c), true
	case int64:
		return strconv.FormatInt(c, 10), true
	}
	return "", false
}

func truthText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
