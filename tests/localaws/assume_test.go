package localaws_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"

func TestATrustedTokenBecomesCredentialsThatSayWhoTheyAre(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()

	out, err := w.assume(role, sign(t, issuer.Sign, nil))
	require.NoError(t, err)
	assert.Equal(t, subject, *out.SubjectFromWebIdentityToken)
	assert.Equal(t, audience, *out.Audience)
	assert.Equal(t, providerARN(github), *out.Provider)
	assert.Equal(t, "arn:aws:sts::123456789012:assumed-role/deploy/job", *out.AssumedRoleUser.Arn)
	assert.True(t, strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA"))
	assert.WithinDuration(t, time.Now().Add(time.Hour), *out.Credentials.Expiration, time.Minute)

	me, err := w.session(out).GetCallerIdentity(ctx(t), nil)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::123456789012:assumed-role/deploy/job", *me.Arn)
	assert.Equal(t, *out.AssumedRoleUser.AssumedRoleId, *me.UserId)
	assert.Equal(t, account, *me.Account)

	got, err := w.iam.GetRole(ctx(t), &iam.GetRoleInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.NotNil(t, got.Role.RoleLastUsed.LastUsedDate)
}

func TestEllipticCurveTokensAreAccepted(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.SignES256, nil))
	assert.NoError(t, err)
}

func TestAnIssuerWithAPathIsFoundByItsWholeURL(t *testing.T) {
	w := newWorld(t)
	const acme, other = "https://oidc.circleci.com/org/acme", "https://oidc.circleci.com/org/other"
	issuer, stranger := w.issuer(acme), w.issuer(other)
	w.provider(acme, "acme")
	role := w.role("deploy", trust(acme, map[string]any{"aud": "acme"}))

	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"aud": "acme"}))
	assert.NoError(t, err)
	_, err = w.assume(role, sign(t, stranger.Sign, map[string]any{"aud": "acme"}))
	refused(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+other)
}

func TestAnotherBranchIsDenied(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": "repo:acme/web:ref:refs/heads/mine"}))
	refused(t, err, "AccessDenied", denied)
	status(t, err, 403)
}

func TestARoleThatDoesNotExistGetsTheSameAnswerAsOneThatRefuses(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	for _, absent := range []string{role + "s", "arn:aws:iam::123456789012:role/path/deploy",
		"arn:aws:iam::111122223333:role/deploy"} {
		_, err := w.assume(absent, sign(t, issuer.Sign, nil))
		refused(t, err, "AccessDenied", denied)
		status(t, err, 403)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
func TestAnAWSPrincipalDoesNotLetTokensIn(t *testing.T) {
	w := newWorld(t)
	issuer := w.issuer(github)
	w.provider(github, audience)
	role := w.role("deploy", document(map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": "*"}, "Action": "sts:AssumeRoleWithWebIdentity",
	}))
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "AccessDenied", denied)
}

func TestARoleThatTrustsAnotherProviderIsDenied(t *testing.T) {
	w := newWorld(t)
	issuer := w.issuer(github)
	w.provider(github, audience)
	role := w.role("deploy", trust("https://idp.example.com", map[string]any{"aud": audience}))
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "AccessDenied", denied)
}

func TestADeletedProviderStopsTokensAtOnce(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	_, err := w.iam.DeleteOpenIDConnectProvider(ctx(t), &iam.DeleteOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(providerARN(github)),
	})
	require.NoError(t, err)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+github)
	status(t, err, 400)
}

func TestSessionsLastNoLongerThanTheRoleAllows(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	seconds := func(n int32) func(*sts.AssumeRoleWithWebIdentityInput) {
		return func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = &n }
	}
	_, err := w.assume(role, sign(t, issuer.Sign, nil), seconds(3601))
	refused(t, err, "ValidationError",
		"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	_, err = w.assume(role, sign(t, issuer.Sign, nil), seconds(899))
	refused(t, err,
		"ValidationError", "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy "+
			"constraint: Member must have value greater than or equal to 900")
	_, err = w.assume(role, sign(t, issuer.Sign, nil), seconds(43201))
	refused(t, err,
		"ValidationError", "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy "+
			"constraint: Member must have value less than or equal to 43200")

	_, err = w.iam.UpdateRole(ctx(t),
		&iam.UpdateRoleInput{RoleName: aws.String("deploy"), MaxSessionDuration: aws.Int32(7200)})
	require.NoError(t, err)
	out, err := w.assume(role, sign(t, issuer.Sign, nil), seconds(7200))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(2*time.Hour), *out.Credentials.Expiration, time.Minute)
}

func TestSessionNamesHaveAForm(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	named := func(name string) func(*sts.AssumeRoleWithWebIdentityInput) {
		return func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleSessionName = &name }
	}
	_, err := w.assume(role, sign(t, issuer.Sign, nil), named("two words"))
	refused(t, err, "ValidationError", "1 validation error detected: Value 'two words' at 'roleSessionName' failed to "+
		`satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	_, err = w.assume(role, sign(t, issuer.Sign, nil), named("a"))
	refused(t, err, "ValidationError", "1 validation error detected: Value at 'roleSessionName' failed to satisfy "+
		"constraint: Member must have length greater than or equal to 2")
	_, err = w.assume(role, sign(t, issuer.Sign, nil), named(strings.Repeat("a", 65)))
	refused(t, err, "ValidationError", "1 validation error detected: Value at 'roleSessionName' failed to satisfy "+
		"constraint: Member must have length less than or equal to 64")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
func TestSessionTagsNeedTagSessionInTheTrustPolicy(t *testing.T) {
	w := newWorld(t)
	issuer, plain := w.githubRole()
	claims := map[string]any{"sub": subject, "aud": audience}
	tagging := w.role("tagging", trust(github, claims, "sts:AssumeRoleWithWebIdentity", "sts:TagSession"))
	token := sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/tags": map[string]any{
		"principal_tags": map[string]any{"team": []string{"web"}},
	}})

	_, err := w.assume(plain, token)
	refused(t, err, "AccessDenied", "Not authorized to perform sts:TagSession")
	_, err = w.assume(tagging, token)
	assert.NoError(t, err)

	_, err = w.assume(tagging,
		sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/tags/principal_tags/team": "web"}))
	assert.NoError(t, err, "the flat form takes a text")
	_, err = w.assume(tagging, sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/tags": map[string]any{
		"principal_tags": map[string]any{"team": "web"},
	}}))
	refused(t, err, "InvalidIdentityToken", "principal_tags passed in claim is not in correct format.")
}

// A condition on TagSession is a condition like any other.
func TestATagThatThePolicyDoesNotAllowIsDenied(t *testing.T) {
	w := newWorld(t)
	issuer, _ := w.githubRole()
	statement := func(action, operator string, keys map[string]any) map[string]any {
		return map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Federated": providerARN(github)}, "Action": action,
			"Condition": map[string]any{operator: keys},
		}
	}
	role := w.role("tagging", document(
		statement("sts:AssumeRoleWithWebIdentity", "StringEquals",
			map[string]any{github[len("https://"):] + ":sub": subject}),
		statement("sts:TagSession", "ForAllValues:StringEquals", map[string]any{"aws:TagKeys": "team"}),
	))
	tagged := func(name string) string {
		return sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/tags": map[string]any{
			"principal_tags": map[string]any{name: []string{"web"}},
		}})
	}
	_, err := w.assume(role, tagged("team"))
	assert.NoError(t, err)
	_, err = w.assume(role, tagged("admin"))
	refused(t, err, "AccessDenied", "Not authorized to perform sts:TagSession")
}

func TestAMultivaluedKeyWithoutASetOperatorLetsNoTokenIn(t *testing.T) {
	w := newWorld(t)
	issuer, _ := w.githubRole()
	sub := map[string]any{github[len("https://"):] + ":sub": subject}
	role := w.role("tagging", document(map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Federated": providerARN(github)},
		"Action":    []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"},
		"Condition": map[string]any{"StringEquals": sub, "StringNotEquals": map[string]any{"aws:TagKeys": "admin"}},
	}))
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err, "no tags: the key is missing")
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/tags": map[string]any{
		"principal_tags": map[string]any{"team": []string{"web"}},
	}}))
	refused(t, err, "AccessDenied", "Not authorized to perform sts:TagSession")
}

// A data perimeter names the own account; the caller of AssumeRoleWithWebIdentity is in the provider's.
func TestADataPerimeterOfTheOwnAccountDoesNotDenyTokens(t *testing.T) {
	w := newWorld(t)
	issuer, _ := w.githubRole()
	perimeter := func(own string) map[string]any {
		return map[string]any{
			"Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": map[string]any{"StringNotEquals": map[string]any{"aws:PrincipalAccount": own}},
		}
	}
	allow := map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Federated": providerARN(github)},
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Condition": map[string]any{"StringEquals": map[string]any{github[len("https://"):] + ":sub": subject}},
	}
	_, err := w.assume(w.role("inside", document(allow, perimeter(account))), sign(t, issuer.Sign, nil))
	assert.NoError(t, err)
	_, err = w.assume(w.role("outside", document(allow, perimeter("111122223333"))), sign(t, issuer.Sign, nil))
	refused(t, err, "AccessDenied", denied)
}

func TestASourceIdentityNeedsSetSourceIdentityInTheTrustPolicy(t *testing.T) {
	w := newWorld(t)
	issuer, plain := w.githubRole()
	claims := map[string]any{"sub": subject, "aud": audience}
	setting := w.role("setting", trust(github, claims, "sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"))
	token := sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/source_identity": "octocat"})

	_, err := w.assume(plain, token)
	refused(t, err, "AccessDenied", "Not authorized to perform sts:SetSourceIdentity")
	out, err := w.assume(setting, token)
	require.NoError(t, err)
	assert.Equal(t, "octocat", *out.SourceIdentity)
}

// https://awsteele.com/blog/2026/07/13/oidc-tokens-can-restrict-which-aws-roles-they-assume.html
func TestTheRolesClaimLimitsATokenToItsRoles(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	other := "arn:aws:iam::123456789012:role/other"
	const absent = "The target role ARN is not present in the roles claim of the identity token"
	for name, c := range map[string]struct {
		claim any
		want  string
	}{
		"list with the role":            {[]any{other, " " + role + " "}, ""},
		"text with the role":            {other + "; " + role, ""},
		"invalid entries are passed by": {[]any{1, "nonsense", role}, ""},
		"null is absent":                {json.RawMessage("null"), ""},
		"list without the role":         {[]any{other}, absent},
		"text without the role":         {other, absent},
		"a longer name is another role": {[]any{role + "s"}, absent},
		"no valid ARN":                  {[]any{"nonsense"}, "The roles claim contains no valid role ARNs"},
		"empty list":                    {[]any{}, "The roles claim contains no valid role ARNs"},
		"an object is no list":          {map[string]any{"role": role}, "The roles claim is not in a supported format"},
		"a number is no list":           {7, "The roles claim is not in a supported format"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"https://aws.amazon.com/roles": c.claim}))
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			refused(t, err, "InvalidIdentityToken", c.want)
		})
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
func TestGoogleNeedsNoProvider(t *testing.T) {
	w := newWorld(t)
	const google = "https://accounts.google.com"
	issuer := w.issuer(google)
	role := w.role("deploy", document(map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"Federated": "accounts.google.com"},
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Condition": map[string]any{"StringEquals": map[string]any{"accounts.google.com:sub": "1234"}},
	}))
	_, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": "1234"}))
	assert.NoError(t, err)
	_, err = w.assume(role, sign(t, issuer.Sign, map[string]any{"sub": "12345"}))
	refused(t, err, "AccessDenied", denied)
}

// session makes a client of the credentials a token was traded for.
func (w *world) session(out *sts.AssumeRoleWithWebIdentityOutput) *sts.Client {
	return sts.NewFromConfig(w.config(sessionKeys(out)))
}

func sessionKeys(out *sts.AssumeRoleWithWebIdentityOutput) aws.CredentialsProvider {
	c := out.Credentials
	return credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}
