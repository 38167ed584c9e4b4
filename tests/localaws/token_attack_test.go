package localaws_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	notValidated = "The web identity token provided could not be validated. " +
		"See the AssumeRoleWithWebIdentity documentation for requirements."
	noKey = "Couldn't retrieve verification key from your identity provider,  " +
		"please reference AssumeRoleWithWebIdentity documentation for requirements"
	notJWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
)

func TestAnUnsignedTokenIsRefused(t *testing.T) {
	w := newWorld(t)
	_, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuers.Unsigned, map[string]any{"iss": github}))
	refused(t, err, "InvalidIdentityToken", notValidated)
	status(t, err, 400)
}

func TestHS256WithThePublicKeyAsSecretIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.SignWithPublicKeyAsSecret, nil))
	refused(t, err, "InvalidIdentityToken", notValidated)
}

func TestAStrangersSignatureUnderTheIssuersKeyNameIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.SignWithStrangersKey, nil))
	refused(t, err, "InvalidIdentityToken", notValidated)
}

func TestAKeyTheIssuerNeverPublishedIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.SignWithUnknownKey, nil))
	refused(t, err, "InvalidIdentityToken", noKey)
}

func TestAnotherIssuersTokenThatClaimsToBeFromThisOneIsRefused(t *testing.T) {
	w := newWorld(t)
	_, role := w.githubRole()
	attacker := w.issuer("https://attacker.example.com")
	_, err := w.assume(role, sign(t, attacker.Sign, map[string]any{"iss": github}))
	refused(t, err, "InvalidIdentityToken", noKey)
}

func TestAChangedClaimBreaksTheSignature(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	mine, theirs := sign(t, issuer.Sign, map[string]any{"sub": "repo:mallory/web:ref:refs/heads/main"}),
		sign(t, issuer.Sign, nil)
	parts, wanted := strings.Split(mine, "."), strings.Split(theirs, ".")
	_, err := w.assume(role, strings.Join([]string{parts[0], wanted[1], parts[2]}, "."))
	refused(t, err, "InvalidIdentityToken", notValidated)
}

func TestWhatIsNoJWTIsRefused(t *testing.T) {
	w := newWorld(t)
	_, role := w.githubRole()
	for _, token := range []string{"gho_accesstoken", "a.b.c", "e30.e30.e30"} {
		_, err := w.assume(role, token)
		require.Error(t, err)
	}
	_, err := w.assume(role, "gho_accesstoken")
	refused(t, err, "InvalidIdentityToken", notJWT)
}

func TestAnExpiredTokenIsRefusedWithBothTimes(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	expires := time.Now().Add(-6 * time.Minute).Unix()
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"exp": expires}))
	require.Error(t, err)
	assert.Regexp(t, fmt.Sprintf(`ExpiredTokenException: Token expired: current date/time \d+ must be before the `+
		`expiration date/time %d$`, expires), err.Error())
	status(t, err, 400)

	// AWS was seen to tolerate clocks that are off by up to five minutes.
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"exp": time.Now().Add(-4 * time.Minute).Unix()}))
	assert.NoError(t, err)
}

func TestATokenFromTheFutureIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	later := time.Now().Add(10 * time.Minute).Unix()
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"iat": later}))
	refused(t, err, "InvalidIdentityToken", fmt.Sprint("Token issued in the future: ", later))
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"nbf": later}))
	require.Error(t, err)
	assert.Regexp(t,
		fmt.Sprintf(`InvalidIdentityToken: Token not yet valid: current date/time \d+ must be after or equal to the `+
			`not-before date/time %d$`, later), err.Error())
}

func TestATimeThatIsNoWholeNumberIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	now := time.Now().Unix()
	for _, claims := range []map[string]any{
		{"iat": float64(now) + .5}, {"exp": float64(now) + 600.5}, {"nbf": "soon"}, {"iat": json.RawMessage("null")},
	} {
		_, err := w.assume(role, sign(t, issuer.Sign, claims))
		refused(t, err, "InvalidIdentityToken", "Invalid timestamp in token claims.")
	}
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"iat": fmt.Sprint(now), "exp": fmt.Sprint(now + 600)}))
	assert.NoError(t, err, "digits in a text are a number")
}

func TestANumberAsSubjectIsItsDigits(t *testing.T) {
	w := newWorld(t)
	issuer := w.issuer(github)
	w.provider(github, audience)
	role := w.role("deploy", trust(github, map[string]any{"sub": "123"}))
	out, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": 123}))
	require.NoError(t, err)
	assert.Equal(t, "123", *out.SubjectFromWebIdentityToken)
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": 1234}))
	refused(t, err, "AccessDenied", denied)
}

func TestANullSubjectIsAnInternalFailureAsOnAWS(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": json.RawMessage("null")}))
	refused(t, err, "InternalFailure", "Unknown error validating third-party token")
	status(t, err, 500)
}

func TestEveryRequiredClaimIsRequired(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	for _, claim := range []string{"iss", "sub", "aud", "iat", "exp"} {
		_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{claim: nil}))
		refused(t, err, "InvalidIdentityToken", "Missing a required claim: "+claim)
	}
}

func TestATokenForAnotherAudienceIsRefused(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	for _, aud := range []any{"https://github.com/acme", "STS.amazonaws.com", []string{"https://github.com/acme"}} {
		_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": aud}))
		refused(t, err, "InvalidIdentityToken", notValidated)
	}
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": []string{}}))
	refused(t, err, "InvalidIdentityToken", "Claim is not allowed to be empty: aud")
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": []string{audience}}))
	assert.NoError(t, err, "a list of one is a single audience")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func TestSeveralAudiencesNeedAnAuthorizedParty(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	several := []string{audience, "https://github.com/acme"}
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": several}))
	refused(t, err, "InvalidIdentityToken",
		"Token audience contains more than one audience while authorized party is not present")

	out, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": several, "azp": audience}))
	require.NoError(t, err)
	assert.Equal(t, audience, *out.Audience)
}

func TestTheAuthorizedPartyTakesThePlaceOfTheAudience(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	for _, party := range []any{"somebody-else", "", 7, []string{audience}} {
		_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"azp": party}))
		refused(t, err, "InvalidIdentityToken", notValidated)
	}
}

func TestIssuersAreComparedToTheLetter(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	for _, iss := range []string{
		github + "/", "https://Token.Actions.githubusercontent.com", github[len("https://"):],
		"http://" + github[len("https://"):], github + "/acme",
	} {
		_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"iss": iss}))
		refused(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+iss)
	}
}

func TestATrailingSlashIsPartOfTheIssuer(t *testing.T) {
	w := newWorld(t)
	const env0 = "https://login.app.env0.com/"
	issuer := w.issuer(env0)
	w.provider(env0, audience)
	role := w.role("deploy", trust(env0, map[string]any{"aud": audience}))
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)

	// A provider registered without the slash finds no issuer of its own name behind it.
	w.provider("https://login.app.env0.com", audience)
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"iss": "https://login.app.env0.com"}))
	refused(t, err, "InvalidIdentityToken", noKey)
}

func TestAnUnreachableIssuerIsAnErrorOfItsOwn(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	issuer.Stop()
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "InvalidIdentityToken", noKey)
	issuer.Resume()
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)

	w.aws.SetIssuerHosts(nil, nil)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "InvalidIdentityToken", noKey)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
func TestAnIssuerUnderAPrivateAuthorityNeedsItsThumbprint(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	w.aws.SetIssuerHosts(w.issuers.Hosts(), nil)
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "InvalidIdentityToken",
		"OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")

	_, err = w.iam.UpdateOpenIDConnectProviderThumbprint(ctx(t), &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: aws.String(providerARN(github)),
		ThumbprintList:           []string{strings.ToUpper(w.issuers.Thumbprint())},
	})
	require.NoError(t, err)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)
}

func TestAThumbprintDoesNotMatterUnderAPublicAuthority(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.iam.UpdateOpenIDConnectProviderThumbprint(ctx(t), &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: aws.String(providerARN(github)), ThumbprintList: []string{strings.Repeat("f", 40)},
	})
	require.NoError(t, err)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)
}

func TestATokenIsNeverRemembered(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	token := sign(t, issuer.Sign, nil)
	_, err := w.assume(role, token)
	require.NoError(t, err)
	assert.NotContains(t, fmt.Sprintf("%+v", w.aws.Requests()), token[:20])
}
