package trust

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Codes of STS for a token that it refuses before it reads a trust policy.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
const (
	InvalidIdentityToken = "InvalidIdentityToken"
	ExpiredToken         = "ExpiredTokenException"
	// InternalFailure is what STS answers to a token whose sub is null.
	InternalFailure = "InternalFailure"
)

// A Refusal is why STS takes no notice of a trust policy.
type Refusal struct {
	Code   string // STS's own
	Reason string // a sentence about the token, "it has no exp"
}

// tolerance is how far the clock of an issuer may be off.
//
// Recorded: aws.json, expired-1, expired-301, iat-future-1, iat-future-301, nbf-future-1 and nbf-future-301, of which
// the answer to expired-301 names the time that STS compared with.
const tolerance = 5 * time.Minute

// required are the claims that STS wants in every token.
//
// Recorded: aws.json, missing-iss, missing-sub, missing-aud, missing-iat and missing-exp.
var required = []string{"iss", "sub", "aud", "iat", "exp"}

// Refused says why STS refuses the token of a request at a time, or nil. Client ids are those of the provider; without
// any the audience is not held against them. It takes the claims for all that the token has; of partial claims it says
// what holds whatever the others are, times aside. Expiry comes last: nothing else is wrong with a token of which it
// speaks.
//
// Recorded: internal/services/sts/testdata/oidc/aws.json and aws-roles.json.
func (r *Request) Refused(at time.Time, clientIDs []string) *Refusal {
	audience := func() *Refusal { return r.refusedAudience(clientIDs) }
	checks := []func() *Refusal{
		r.refusedClaims, r.refusedIssuer, audience, r.refusedTags, r.refusedRoles,
		func() *Refusal { return r.refusedTimes(at) },
	}
	if r.Partial {
		checks = []func() *Refusal{r.refusedTags, r.refusedRoles}
		if r.stated("aud").state != unknown || r.stated("azp").state == present {
			checks = append(checks, audience)
		}
	}
	for _, check := range checks {
		if refusal := check(); refusal != nil {
			return refusal
		}
	}
	return nil
}

func invalid(format string, args ...any) *Refusal {
	return &Refusal{InvalidIdentityToken, fmt.Sprintf(format, args...)}
}

// refusedClaims wants each required claim, and none of them null.
//
// Recorded: aws.json, sub-null, sub-number, subject-empty and iat-null.
func (r *Request) refusedClaims() *Refusal {
	for _, name := range required {
		value, found := r.Claims[name]
		switch {
		case !found:
			return invalid("it has no %s, and STS wants %s in every token", name, strings.Join(required, ", "))
		case value == nil && name == "sub":
			return &Refusal{InternalFailure, "its sub is null"}
		case value == nil:
			return invalid("its %s is null", name)
		}
	}
	return nil
}

// refusedIssuer wants a URL: STS finds the provider by it. Google's tokens may name the host alone.
//
// Documentation only: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func (r *Request) refusedIssuer() *Refusal {
	issuer, ok := r.Claims["iss"].(string)
	if !ok || !strings.HasPrefix(issuer, "https://") && issuer != "accounts.google.com" {
		return invalid("its iss is no URL that begins with https://, so that it is of no provider")
	}
	return nil
}

// refusedTimes wants whole seconds, as numbers or as text, that fit the clock.
//
// Recorded: aws.json, expired-..., iat-..., nbf-... and exp-....
func (r *Request) refusedTimes(at time.Time) *Refusal {
	issued, fine := seconds(r.Claims["iat"])
	expires, ok := seconds(r.Claims["exp"])
	fine = fine && ok
	starts := int64(0)
	if r.Claims["nbf"] != nil {
		starts, ok = seconds(r.Claims["nbf"])
		fine = fine && ok
	}
	early, late := at.Add(-tolerance).Unix(), at.Add(tolerance).Unix()
	switch {
	case !fine:
		return invalid("its iat, exp or nbf is no whole number of seconds")
	case late < starts:
		return invalid("it is not valid before %s", stamp(starts))
	case issued > late:
		return invalid("it was issued in the future, at %s", stamp(issued))
	case early >= expires:
		return &Refusal{ExpiredToken, "it expired at " + stamp(expires)}
	}
	return nil
}

func stamp(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// seconds is a NumericDate as STS reads one.
func seconds(claim any) (int64, bool) {
	text, ok := scalar(claim)
	if _, boolean := claim.(bool); !ok || boolean || text == "" || digits(text) != len(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	// What is beyond the year 9999 cannot be written as a date.
	return n, err == nil && n < 253402300800
}

// refusedAudience wants one audience, which is a client id of the provider: azp where it is there, else aud.
//
// Recorded: aws.json, aud-... and azp-....
func (r *Request) refusedAudience(clientIDs []string) *Refusal {
	audience, authorized := r.Claims["azp"].(string)
	if !authorized {
		switch aud := r.Claims["aud"].(type) {
		case []any:
			if len(aud) > 1 {
				return invalid("it has more than one audience and no azp")
			}
			if len(aud) == 1 {
				audience, _ = scalar(aud[0])
			}
		default:
			audience, _ = scalar(aud)
		}
	}
	switch {
	case audience == "" && authorized:
		return invalid("its azp, which takes the place of aud, is empty")
	case audience == "":
		return invalid("its aud is empty")
	case len(clientIDs) > 0 && !slices.Contains(clientIDs, audience):
		return invalid("its audience %s is not among the provider's client ids %s", audience,
			strings.Join(clientIDs, ", "))
	}
	return nil
}

// refusedTags wants each session tag as a list of one text, or in a claim of its own as a text.
//
// Recorded: aws.json, nested-tags, nested-string-tags and flat-tags.
func (r *Request) refusedTags() *Refusal {
	switch tags := r.Claims[tagsClaim].(type) {
	case nil:
	case map[string]any:
		nested, ok := tags["principal_tags"].(map[string]any)
		if !ok && tags["principal_tags"] != nil {
			return invalid("its principal_tags are no object")
		}
		for _, name := range slices.Sorted(maps.Keys(nested)) {
			list, ok := nested[name].([]any)
			if !ok || len(list) != 1 {
				return invalid("the session tag %s in its principal_tags is no list of one text", name)
			}
			if _, ok := list[0].(string); !ok {
				return invalid("the session tag %s in its principal_tags is no list of one text", name)
			}
		}
	default:
		return invalid("its session tags (%s) are no object", tagsClaim)
	}
	for _, claim := range slices.Sorted(maps.Keys(r.Claims)) {
		name, tag := strings.CutPrefix(claim, flatTagClaim)
		if _, ok := r.Claims[claim].(string); tag && !ok {
			return invalid("its session tag %s is no text", name)
		}
	}
	return nil
}

// refusedRoles wants the role among those that the token lists, where it lists any.
//
// Recorded: aws-roles.json.
func (r *Request) refusedRoles() *Refusal {
	claim := r.Claims[rolesClaim]
	if claim == nil {
		return nil
	}
	switch claim.(type) {
	case string, []any:
	default:
		return invalid("its claim %s is neither a list nor a text", rolesClaim)
	}
	switch count, named := listedRoles(claim, r.RoleARN); {
	case count == 0:
		return invalid("its claim %s names no role", rolesClaim)
	case !named && r.RoleARN != "":
		return invalid("its claim %s does not name %s", rolesClaim, r.RoleARN)
	}
	return nil
}
