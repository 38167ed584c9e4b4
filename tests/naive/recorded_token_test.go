package naive

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What STS says of tokens, recorded as what IAM says of conditions is in recorded_test.go, and from the same fixtures.

func token(change map[string]any) map[string]any {
	claims := map[string]any{
		"iss": "https://issuer.example.com", "aud": "client-a", "sub": "subject", "iat": json.Number("1789123688"),
		"exp": json.Number("1789124598"),
	}
	for name, value := range change {
		if value == "absent" {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

// aws.json and aws-initial.json
func TestTokensAreRefusedAsSTSRefusesThem(t *testing.T) {
	t.Parallel()
	const notValidated = "InvalidIdentityToken: The web identity token provided could not be validated. " +
		"See the AssumeRoleWithWebIdentity documentation for requirements."
	const several = "InvalidIdentityToken: Token audience contains more than one audience while authorized " +
		"party is not present"
	const timestamp = "InvalidIdentityToken: Invalid timestamp in token claims."
	const tags, tag = "https://aws.amazon.com/tags", "https://aws.amazon.com/tags/principal_tags/Team"
	now := time.Unix(1789123721, 0)
	n := func(i int64) json.Number { return json.Number(fmt.Sprint(i)) }
	for name, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"baseline": {nil, ""},
		"missing-iss": {map[string]any{"iss": "absent"},
			"InvalidIdentityToken: Missing a required claim: iss"},
		"missing-sub": {map[string]any{"sub": "absent"},
			"InvalidIdentityToken: Missing a required claim: sub"},
		"missing-aud": {map[string]any{"aud": "absent"},
			"InvalidIdentityToken: Missing a required claim: aud"},
		"missing-iat": {map[string]any{"iat": "absent"},
			"InvalidIdentityToken: Missing a required claim: iat"},
		"missing-exp": {map[string]any{"exp": "absent"},
			"InvalidIdentityToken: Missing a required claim: exp"},
		"subject-short": {map[string]any{"sub": "a"}, ""},
		"subject-empty": {map[string]any{"sub": ""}, ""},
		"sub-null": {map[string]any{"sub": nil},
			"InternalFailure: Unknown error validating third-party token"},
		"sub-number":             {map[string]any{"sub": n(123)}, ""},
		"aud-array-first-match":  {map[string]any{"aud": []any{"client-a", "other"}}, several},
		"aud-array-second-match": {map[string]any{"aud": []any{"other", "client-a"}}, several},
		"aud-single-array":       {map[string]any{"aud": []any{"client-a"}}, ""},
		"aud-multi-with-azp":     {map[string]any{"aud": []any{"other", "client-a"}, "azp": "client-b"}, ""},
		"aud-empty":              {map[string]any{"aud": ""}, notValidated},
		"aud-empty-array": {map[string]any{"aud": []any{}},
			"InvalidIdentityToken: Claim is not allowed to be empty: aud"},
		"azp-empty": {map[string]any{"azp": ""}, notValidated},
		"expired-1": {map[string]any{"exp": n(1789123697)}, ""},
		"expired-301": {map[string]any{"exp": n(1789123397)},
			"ExpiredTokenException: Token expired: current date/time 1789123421 must be before the expiration " +
				"date/time 1789123397"},
		"iat-future-1":   {map[string]any{"iat": n(1789123722)}, ""},
		"iat-future-301": {map[string]any{"iat": n(1789123999)}, ""},
		"iat-future-hour": {map[string]any{"iat": n(1789127298)},
			"InvalidIdentityToken: Token issued in the future: 1789127298"},
		"iat-null":       {map[string]any{"iat": nil}, timestamp},
		"iat-fraction":   {map[string]any{"iat": json.Number("1789123697.5")}, timestamp},
		"iat-string":     {map[string]any{"iat": "1789123698"}, ""},
		"exp-fraction":   {map[string]any{"exp": json.Number("1789123798.5")}, timestamp},
		"exp-string":     {map[string]any{"exp": "1789124298"}, ""},
		"nbf-future-1":   {map[string]any{"nbf": n(1789123722)}, ""},
		"nbf-future-301": {map[string]any{"nbf": n(1789123999)}, ""},
		"nbf-string":     {map[string]any{"nbf": "1789123698"}, ""},
		"nbf-invalid":    {map[string]any{"nbf": "invalid"}, timestamp},
		"nbf-future-hour": {map[string]any{"nbf": n(1789127298)},
			"InvalidIdentityToken: Token not yet valid: current date/time 1789124021 " +
				"must be after or equal to the not-before date/time 1789127298"},
		"nested-tags": {map[string]any{tags: map[string]any{
			"principal_tags": map[string]any{"Team": []any{"engineering"}}, "transitive_tag_keys": []any{"Team"},
		}}, ""},
		"nested-string-tags": {map[string]any{
			tags: map[string]any{"principal_tags": map[string]any{"Team": "engineering"}},
		},
			"InvalidIdentityToken: principal_tags passed in claim is not in correct format."},
		"flat-tags": {map[string]any{tag: "engineering"}, ""},
	} {
		err := Refuse(token(c.change), "arn:aws:iam::123456789012:role/deploy", now)
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.EqualError(t, err, c.want, name)
	}
	audience, err := CheckClaims(token(map[string]any{"aud": "other", "azp": "client-b"}), now) // azp-overrides
	require.NoError(t, err)
	require.Equal(t, "client-b", audience)
	subject, ok := Subject(token(map[string]any{"sub": n(123)}))
	require.True(t, ok)
	require.Equal(t, "123", subject)
}

// aws.json: duplicate-claim, duplicate-same-claim
func TestATokenThatSaysAClaimTwiceCountsByTheLast(t *testing.T) {
	t.Parallel()
	claims, err := ReadClaims([]byte(`{"aud": "client-a", "nested": {"a": 1, "a": 2}, "aud": "other"}`))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"aud": "other", "nested": map[string]any{"a": json.Number("2")}}, claims)
	for _, payload := range []string{``, `[]`, `null`, `"x"`, `{`, `{} {}`} {
		_, err := ReadClaims([]byte(payload))
		require.Error(t, err, payload)
	}
}

// aws-roles.json
func TestATokenForOtherRolesIsRefusedWhateverThePolicySays(t *testing.T) {
	t.Parallel()
	const role, other = "arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::123456789012:role/other"
	for want, claims := range map[string][]any{
		"": {nil, role, []any{role}, other + "; " + role, []any{other, " " + role + "\t"},
			[]any{"nonsense", json.Number("1"), role}},
		"not present in":       {other, []any{other}, role + "s", "x;" + other},
		"no valid role ARNs":   {"", ";;", []any{}, "nonsense", []any{nil}},
		"not in a supported f": {true, json.Number("1"), map[string]any{"role": role}},
	} {
		for _, claim := range claims {
			err := CheckRoles(map[string]any{rolesClaim: claim}, role)
			if want == "" {
				require.NoError(t, err, claim)
				continue
			}
			require.ErrorContains(t, err, want, claim)
			require.ErrorContains(t, err, "InvalidIdentityToken")
		}
	}
	r := Request{RoleARN: role, Claims: map[string]any{rolesClaim: nil}}
	require.Equal(t, []string{"false"}, Keys(r)["sts:roleauthorizedbyidp"])
	r.Claims = nil
	require.Equal(t, []string{"false"}, Keys(r)["sts:roleauthorizedbyidp"])
	r.Claims = map[string]any{rolesClaim: []any{role}}
	require.Equal(t, []string{"true"}, Keys(r)["sts:roleauthorizedbyidp"])
}
