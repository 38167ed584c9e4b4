package trust

import (
	"encoding/json"
	"fmt"
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
	// RoleARN is the role asked for; it decides sts:RoleAuthorizedByIdp.
	RoleARN string
	// RoleSessionName is the session name the caller asks for; "" when it is not known.
	RoleSessionName string
	// Context holds further keys of the call that are known, such as aws:SourceIp, by their name in lower case. A key
	// of the call that is neither here nor a claim is unknown, and what depends on it is Undecided.
	Context map[string][]string
}

// A seen is what a request says of one key.
type seen struct {
	state presence
	one   string // the value, when there is exactly one
	many  []any  // the values, when there are several
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
	}
	return 1
}

func (s seen) value(i int) string {
	if s.many == nil {
		return s.one
	}
	text, _ := scalar(s.many[i])
	return text
}

// texts are the values for people to read.
func (s seen) texts() []string {
	var texts []string
	for i := range s.count() {
		texts = append(texts, s.value(i))
	}
	return texts
}

// lookup finds a key's value without allocating.
func (r *Request) lookup(k *keyRef) seen {
	switch k.kind {
	case claimKey, audienceKey, originalAudKey:
		if k.awsOnly && r.Partition != "aws" || !strings.EqualFold(k.issuer, r.Issuer) {
			return seen{}
		}
		authorized := claimValue(r.Claims["azp"])
		switch {
		case k.kind == claimKey:
			return claimValue(r.Claims[k.claim])
		case k.kind == audienceKey && authorized.state == present:
			// azp takes the place of aud; the original moves to oaud.
			// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
			return authorized
		case k.kind == originalAudKey && authorized.state == absent:
			return seen{}
		}
		return claimValue(r.Claims["aud"])
	case federatedKey:
		return seen{state: present, one: r.Provider}
	case sessionNameKey:
		if r.RoleSessionName == "" {
			return seen{state: unknown}
		}
		return seen{state: present, one: r.RoleSessionName}
	case byIdpKey:
		if r.authorizedByIdp() {
			return seen{state: present, one: "true"}
		}
		return seen{state: present, one: "false"}
	case requestTagKey:
		tags, _ := r.tags()["principal_tags"].(map[string]any)
		for name, value := range tags {
			if strings.EqualFold(name, k.claim) {
				return claimValue(value)
			}
		}
	case tagKeysKey:
		tags, _ := r.tags()["principal_tags"].(map[string]any)
		var names []any
		for name := range tags {
			names = append(names, name)
		}
		return claimValue(names)
	case requestKey:
		values, known := r.Context[k.lower]
		switch {
		case !known:
			return seen{state: unknown}
		case len(values) == 1:
			return seen{state: present, one: values[0]}
		}
		many := make([]any, len(values))
		for i, v := range values {
			many[i] = v
		}
		return claimValue(many)
	}
	return seen{}
}

func (r *Request) tags() map[string]any {
	tags, _ := r.Claims[tagsClaim].(map[string]any)
	return tags
}

// authorizedByIdp: the token may list the roles it is meant for.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
func (r *Request) authorizedByIdp() bool {
	var roles []string
	switch claim := r.Claims[rolesClaim].(type) {
	case string:
		roles = strings.Split(claim, ";")
	case []any:
		for _, role := range claim {
			if text, ok := role.(string); ok {
				roles = append(roles, text)
			}
		}
	}
	for _, role := range roles {
		if strings.TrimSpace(role) == r.RoleARN {
			return true
		}
	}
	return false
}

// claimValue reads a claim: a scalar, or a list of scalars. Null, an empty list and an object make no key.
func claimValue(claim any) seen {
	switch c := claim.(type) {
	case []any:
		switch len(c) {
		case 0:
			return seen{}
		case 1:
			return claimValue(c[0])
		}
		for _, item := range c {
			if _, ok := scalar(item); !ok {
				return seen{}
			}
		}
		return seen{state: present, many: c}
	case []string:
		items := make([]any, len(c))
		for i, item := range c {
			items[i] = item
		}
		return claimValue(items)
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
		if c {
			return "true", true
		}
		return "false", true
	case float64, int, int64:
		return fmt.Sprint(c), true
	}
	return "", false
}
