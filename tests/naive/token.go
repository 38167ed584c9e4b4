package naive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// skew is how far STS lets the clock of an issuer be off.
const skew = 300

// A Refusal is STS's answer to a token that it refuses before it reads a trust policy.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func invalid(format string, args ...any) error {
	return &Refusal{"InvalidIdentityToken", fmt.Sprintf(format, args...)}
}

// NotValidated is STS's answer where it does not say what is wrong with a token.
func NotValidated() error {
	return invalid("The web identity token provided could not be validated. " +
		"See the AssumeRoleWithWebIdentity documentation for requirements.")
}

// ReadClaims reads the payload of a token. Of a member that is there twice, the last one counts.
func ReadClaims(payload []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	var claims map[string]any
	if err := d.Decode(&claims); err != nil {
		return nil, fmt.Errorf("the payload of the token is not a JSON object: %w", err)
	}
	if claims == nil || d.More() {
		return nil, errors.New("the payload of the token is not one JSON object")
	}
	return claims, nil
}

// Refuse says why STS would refuse the claims for a role without a look at its trust policy, if it would. It knows
// neither the issuer's keys nor the provider's client ids.
func Refuse(claims map[string]any, roleARN string, now time.Time) error {
	if _, err := CheckClaims(claims, now); err != nil {
		return err
	}
	if err := CheckRoles(claims, roleARN); err != nil {
		return err
	}
	return CheckExpiry(claims, now)
}

// CheckClaims holds what STS demands of the claims, but for the expiry, and returns the audience that it compares with
// the provider's client ids.
func CheckClaims(claims map[string]any, now time.Time) (audience string, err error) {
	for _, name := range []string{"iss", "sub", "aud", "iat", "exp"} {
		claim, ok := claims[name]
		if !ok {
			return "", invalid("Missing a required claim: %s", name)
		}
		if name == "sub" && claim == nil {
			return "", &Refusal{"InternalFailure", "Unknown error validating third-party token"}
		}
	}
	if iss, _ := claims["iss"].(string); !strings.HasPrefix(iss, "https://") {
		return "", invalid("No OpenIDConnect provider found in your account for %v", claims["iss"])
	}
	if err := checkTimes(claims, now.Unix()); err != nil {
		return "", err
	}
	if _, ok := Subject(claims); !ok {
		return "", NotValidated()
	}
	if err := checkTags(claims); err != nil {
		return "", err
	}
	return checkAudience(claims)
}

// Subject is the subject of a token: a text, or a number as it is written.
func Subject(claims map[string]any) (string, bool) {
	switch sub := claims["sub"].(type) {
	case string:
		return sub, true
	case json.Number:
		return sub.String(), true
	}
	return "", false
}

// checkTimes: the clock that STS names in its answers is off by the skew, to the token's benefit.
func checkTimes(claims map[string]any, now int64) error {
	seconds := map[string]int64{}
	for _, name := range []string{"iat", "exp", "nbf"} {
		claim, ok := claims[name]
		if !ok || claim == nil && name == "nbf" {
			continue
		}
		if seconds[name], ok = wholeSeconds(claim); !ok {
			return invalid("Invalid timestamp in token claims.")
		}
	}
	late := now + skew
	if seconds["iat"] > late {
		return invalid("Token issued in the future: %d", seconds["iat"])
	}
	if seconds["nbf"] > late {
		return invalid("Token not yet valid: current date/time %d must be after or equal to the "+
			"not-before date/time %d",
			late, seconds["nbf"])
	}
	return nil
}

// CheckExpiry is for claims that CheckClaims took.
func CheckExpiry(claims map[string]any, now time.Time) error {
	exp, _ := wholeSeconds(claims["exp"])
	if early := now.Unix() - skew; early >= exp {
		return &Refusal{"ExpiredTokenException", fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", early, exp)}
	}
	return nil
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// wholeSeconds reads a number without a fraction, or a text of digits.
func wholeSeconds(claim any) (int64, bool) {
	switch claim := claim.(type) {
	case json.Number:
		n, err := strconv.ParseInt(claim.String(), 10, 64)
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(claim, 10, 64)
		return n, err == nil && digits.MatchString(claim)
	}
	return 0, false
}

func checkAudience(claims map[string]any) (string, error) {
	var audiences []string
	switch aud := claims["aud"].(type) {
	case string:
		audiences = []string{aud}
	case []any:
		for _, item := range aud {
			one, ok := item.(string)
			if !ok {
				return "", NotValidated()
			}
			audiences = append(audiences, one)
		}
	default:
		return "", NotValidated()
	}
	var audience string
	switch {
	case claims["azp"] != nil:
		audience, _ = claims["azp"].(string)
	case len(audiences) == 0:
		return "", invalid("Claim is not allowed to be empty: aud")
	case len(audiences) > 1:
		return "", invalid("Token audience contains more than one audience while authorized party is not present")
	default:
		audience = audiences[0]
	}
	if audience == "" {
		return "", NotValidated()
	}
	return audience, nil
}

// checkTags looks at the forms of session tags: a list of one text for each in the nested form, a text in the flat one.
func checkTags(claims map[string]any) error {
	malformed := invalid("principal_tags passed in claim is not in correct format.")
	for name, value := range claims {
		if _, ok := value.(string); strings.HasPrefix(name, tagsClaim+"/principal_tags/") && !ok {
			return malformed
		}
	}
	nested, ok := claims[tagsClaim]
	if !ok || nested == nil {
		return nil
	}
	object, ok := nested.(map[string]any)
	if !ok {
		return malformed
	}
	tags, ok := object["principal_tags"]
	if !ok {
		return nil
	}
	byName, ok := tags.(map[string]any)
	if !ok {
		return malformed
	}
	for _, value := range byName {
		list, _ := value.([]any)
		if len(list) != 1 {
			return malformed
		}
		if _, ok := list[0].(string); !ok {
			return malformed
		}
	}
	return nil
}

var roleARNForm = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/[\x21-\x7E]+$`)

// CheckRoles applies the claim by which an issuer limits a token to roles: a list of their ARNs, or one text with
// semicolons. Null is as absent. What is no ARN of a role is passed over, but one must be left.
func CheckRoles(claims map[string]any, roleARN string) error {
	var entries []string
	switch claim := claims[rolesClaim].(type) {
	case nil:
		return nil
	case string:
		entries = strings.Split(claim, ";")
	case []any:
		for _, item := range claim {
			if s, ok := item.(string); ok {
				entries = append(entries, s)
			}
		}
	default:
		return invalid("The roles claim is not in a supported format")
	}
	var arns []string
	for _, entry := range entries {
		if entry = strings.TrimSpace(entry); roleARNForm.MatchString(entry) {
			arns = append(arns, entry)
		}
	}
	if len(arns) == 0 {
		return invalid("The roles claim contains no valid role ARNs")
	}
	if !slices.Contains(arns, roleARN) {
		return invalid("The target role ARN is not present in the roles claim of the identity token")
	}
	return nil
}
