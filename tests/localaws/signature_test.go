package localaws_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

const (
	invalidKey = "The security token included in the request is invalid."
	mismatch   = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

func TestTheAdministratorIsKnown(t *testing.T) {
	w := newWorld(t)
	me, err := w.sts.GetCallerIdentity(ctx(t), nil)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", *me.Arn)
	assert.Equal(t, account, *me.Account)
	assert.True(t, strings.HasPrefix(*me.UserId, "AIDA"))
}

func TestAWrongSecretIsRefusedByBothServices(t *testing.T) {
	w := newWorld(t)
	id, _ := w.aws.Credentials()
	config := w.config(credentials.NewStaticCredentialsProvider(id, "guessed", ""))
	_, err := sts.NewFromConfig(config).GetCallerIdentity(ctx(t), nil)
	refused(t, err, "SignatureDoesNotMatch", mismatch)
	status(t, err, 403)
	_, err = iam.NewFromConfig(config).ListRoles(ctx(t), nil)
	refused(t, err, "SignatureDoesNotMatch", mismatch)
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	_, secret := w.aws.Credentials()
	config := w.config(credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", secret, ""))
	_, err := iam.NewFromConfig(config).ListRoles(ctx(t), nil)
	refused(t, err, "InvalidClientTokenId", invalidKey)
	status(t, err, 403)
}

func TestAnotherAccountsKeysAreUnknownHere(t *testing.T) {
	one, other := newWorld(t), newWorld(t)
	id, secret := other.aws.Credentials()
	_, err := iam.NewFromConfig(one.config(credentials.NewStaticCredentialsProvider(id, secret, ""))).
		ListRoles(ctx(t), nil)
	refused(t, err, "InvalidClientTokenId", invalidKey)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
func TestAnOldOrEarlySignatureIsRefused(t *testing.T) {
	w := newWorld(t)
	w.clockAhead(16 * time.Minute)
	_, err := w.iam.ListRoles(ctx(t), nil)
	require.Error(t, err)
	assert.Regexp(t, `SignatureDoesNotMatch: Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z `+
		`\(\d{8}T\d{6}Z - 15 min\.\)`, err.Error())
	w.clockAhead(-16 * time.Minute)
	_, err = w.iam.ListRoles(ctx(t), nil)
	require.Error(t, err)
	assert.Regexp(t, `SignatureDoesNotMatch: Signature not yet current: \d{8}T\d{6}Z is still later than `+
		`\d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)`, err.Error())
	w.clockAhead(14 * time.Minute)
	_, err = w.iam.ListRoles(ctx(t), nil)
	assert.NoError(t, err)
}

func TestSessionKeysNeedTheirSessionToken(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	out, err := w.assume(role, sign(t, issuer.Sign, nil))
	require.NoError(t, err)
	for _, token := range []string{"", "another", *out.Credentials.SessionToken + "x"} {
		keys := credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId,
			*out.Credentials.SecretAccessKey, token)
		_, err = sts.NewFromConfig(w.config(keys)).GetCallerIdentity(ctx(t), nil)
		refused(t, err, "InvalidClientTokenId", invalidKey)
	}
	id, secret := w.aws.Credentials()
	keys := credentials.NewStaticCredentialsProvider(id, secret, *out.Credentials.SessionToken)
	_, err = sts.NewFromConfig(w.config(keys)).GetCallerIdentity(ctx(t), nil)
	refused(t, err, "InvalidClientTokenId", invalidKey)
}

func TestSessionKeysExpire(t *testing.T) {
	w := newWorld(t)
	w.clockAhead(-14 * time.Minute) // so that signatures made by the real clock stay acceptable after the session's end
	issuer, role := w.githubRole()
	seconds := func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(900) }
	out, err := w.assume(role, sign(t, issuer.Sign, map[string]any{"iat": 1, "nbf": 1}), seconds)
	require.NoError(t, err)
	_, err = w.session(out).GetCallerIdentity(ctx(t), nil)
	require.NoError(t, err)
	w.clockAhead(2 * time.Minute)
	_, err = w.session(out).GetCallerIdentity(ctx(t), nil)
	refused(t, err, "ExpiredToken", "The security token included in the request is expired")
	status(t, err, 403)
}

func TestASessionMayNotTouchIAM(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	out, err := w.assume(role, sign(t, issuer.Sign, nil))
	require.NoError(t, err)
	session := iam.NewFromConfig(w.config(sessionKeys(out)))
	_, err = session.CreateRole(ctx(t), &iam.CreateRoleInput{
		RoleName: aws.String("mine"), AssumeRolePolicyDocument: aws.String("{}"),
	})
	refused(t, err,
		"AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/deploy/job is not authorized to perform: "+
			"iam:CreateRole on resource: arn:aws:iam::123456789012:role/mine because no identity-based policy allows "+
			"the iam:CreateRole action")
	status(t, err, 403)
	_, err = session.GetRole(ctx(t), &iam.GetRoleInput{RoleName: aws.String("deploy")})
	refused(t, err,
		"AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/deploy/job is not authorized to perform: "+
			"iam:GetRole on resource: role deploy because no identity-based policy allows the iam:GetRole action")
	for want, call := range map[string]func() error{
		"iam:ListRoles on resource: arn:aws:iam::123456789012:role/": func() error {
			_, err := session.ListRoles(ctx(t), nil)
			return err
		},
		"iam:ListPolicies on resource: policy path /": func() error {
			_, err := session.ListPolicies(ctx(t), nil)
			return err
		},
		"iam:ListOpenIDConnectProviders on resource: arn:aws:iam::123456789012:oidc-provider/*": func() error {
			_, err := session.ListOpenIDConnectProviders(ctx(t), nil)
			return err
		},
		"iam:CreateOpenIDConnectProvider on resource: " +
			"arn:aws:iam::123456789012:oidc-provider/a.example.com": func() error {
			_, err := session.CreateOpenIDConnectProvider(ctx(t),
				&iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example.com")})
			return err
		},
		"iam:DeleteOpenIDConnectProvider on resource: " + providerARN(github): func() error {
			_, err := session.DeleteOpenIDConnectProvider(ctx(t), &iam.DeleteOpenIDConnectProviderInput{
				OpenIDConnectProviderArn: aws.String(providerARN(github)),
			})
			return err
		},
		"iam:CreatePolicy on resource: policy mine": func() error {
			_, err := session.CreatePolicy(ctx(t),
				&iam.CreatePolicyInput{PolicyName: aws.String("mine"), PolicyDocument: aws.String("{}")})
			return err
		},
		"iam:GetPolicy on resource: policy arn:aws:iam::aws:policy/ReadOnlyAccess": func() error {
			_, err := session.GetPolicy(ctx(t),
				&iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")})
			return err
		},
	} {
		action, _, _ := strings.Cut(want, " ")
		refused(t, call(),
			"AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/deploy/job is not authorized to perform: "+
				want+" because no identity-based policy allows the "+action+" action")
	}
	assert.Equal(t, []string{"deploy"}, w.aws.Inventory().Roles)
	assert.Equal(t, []string{providerARN(github)}, w.aws.Inventory().Providers)
}

// post sends a form as it is, without an SDK.
func (w *world) post(form url.Values, header http.Header) (int, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.aws.URL(),
		strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, values := range header {
		request.Header[name] = values
	}
	return w.send(request)
}

// get asks with the parameters in the query.
func (w *world) get(method string, form url.Values) (int, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, w.aws.URL()+"/?"+form.Encode(), nil)
	require.NoError(w.t, err)
	return w.send(request)
}

func (w *world) send(request *http.Request) (int, string) {
	w.t.Helper()
	response, err := w.http().Do(request)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return response.StatusCode, string(body)
}

func listRolesForm() url.Values {
	return url.Values{"Action": {"ListRoles"}, "Version": {"2010-05-08"}}
}

func TestARequestWithoutSignatureIsRefused(t *testing.T) {
	w := newWorld(t)
	code, body := w.post(listRolesForm(), nil)
	assert.Equal(t, 403, code)
	assert.Contains(t, body,
		"<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>")
}

func TestAMalformedAuthorizationIsIncomplete(t *testing.T) {
	w := newWorld(t)
	for _, header := range []string{
		"Basic abc",
		"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host",
		"AWS4-HMAC-SHA256 Credential=a/us-east-1/iam, SignedHeaders=host, Signature=00",
		"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00",
	} {
		code, body := w.post(listRolesForm(), http.Header{"Authorization": {header}})
		assert.Equal(t, 400, code)
		assert.Contains(t, body, "<Code>IncompleteSignature</Code>")
	}
}

func TestASignatureOfAnotherRequestDoesNotFit(t *testing.T) {
	w := newWorld(t)
	var captured http.Header
	client := w.http()
	next := client.Transport
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		captured = r.Header.Clone()
		return next.RoundTrip(r)
	})
	_, err := w.iam.ListRoles(ctx(t), nil, func(o *iam.Options) { o.HTTPClient = client })
	require.NoError(t, err)

	form := url.Values{"Action": {"DeleteRole"}, "RoleName": {"deploy"}, "Version": {"2010-05-08"}}
	captured.Del("Content-Length")
	code, body := w.post(form, captured)
	assert.Equal(t, 403, code)
	assert.Contains(t, body, "<Code>SignatureDoesNotMatch</Code>")
}

func TestTheScopeMustNameTheService(t *testing.T) {
	w := newWorld(t)
	id, _ := w.aws.Credentials()
	now := time.Now().UTC()
	authorize := func(date, service, headers string) http.Header {
		return http.Header{
			"X-Amz-Date": {now.Format("20060102T150405Z")},
			"Authorization": {fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/%s/aws4_request, "+
				"SignedHeaders=%s, Signature=00",
				id, date, service, headers)},
		}
	}
	today := now.Format("20060102")
	for want, header := range map[string]http.Header{
		"Credential should be scoped to correct service":            authorize(today, "sts", "host"),
		"Date in Credential scope does not match":                   authorize("20200101", "iam", "host"),
		"must be a &#39;SignedHeader&#39; in the AWS Authorization": authorize(today, "iam", "x-amz-date"),
		"The request signature we calculated does not match":        authorize(today, "iam", "host;x-amz-date"),
	} {
		code, body := w.post(listRolesForm(), header)
		assert.Equal(t, 403, code)
		assert.Contains(t, body, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
