package localaws_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	account  = "123456789012"
	github   = "https://token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
	subject  = "repo:acme/web:ref:refs/heads/main"
)

// world is a local AWS, the issuers it trusts, and the real SDK's clients for it.
type world struct {
	t       *testing.T
	aws     *localaws.Server
	issuers *issuers.Set
	iam     *iam.Client
	sts     *sts.Client
	ahead   atomic.Int64 // how far the account's clock is ahead, in nanoseconds
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	w.issuers, err = issuers.Start()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.issuers.Close()) })
	w.aws, err = localaws.Start(localaws.Options{
		Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.aws.Close()) })
	id, secret := w.aws.Credentials()
	config := w.config(credentials.NewStaticCredentialsProvider(id, secret, ""))
	w.iam, w.sts = iam.NewFromConfig(config), sts.NewFromConfig(config)
	return w
}

// config is that of a real client: our CA, our endpoint, and no retries unless a test wants them.
func (w *world) config(keys aws.CredentialsProvider) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		Credentials:  keys,
		BaseEndpoint: aws.String(w.aws.URL()),
		HTTPClient:   w.http(),
		APIOptions:   []func(*middleware.Stack) error{awsbody.Whole},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func (w *world) http() *http.Client {
	pool := x509.NewCertPool()
	require.True(w.t, pool.AppendCertsFromPEM(w.aws.CAPEM()))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (w *world) clockAhead(d time.Duration) { w.ahead.Store(int64(d)) }

// issuer starts an issuer and tells the account where it is.
func (w *world) issuer(url string) *issuers.Issuer {
	w.t.Helper()
	issuer, err := w.issuers.Add(url)
	require.NoError(w.t, err)
	w.aws.SetIssuerHosts(w.issuers.Hosts(), w.issuers.Roots())
	return issuer
}

func (w *world) provider(url string, clientIDs ...string) string {
	w.t.Helper()
	out, err := w.iam.CreateOpenIDConnectProvider(ctx(w.t), &iam.CreateOpenIDConnectProviderInput{
		Url: &url, ClientIDList: clientIDs,
	})
	require.NoError(w.t, err)
	return *out.OpenIDConnectProviderArn
}

func (w *world) role(name, trust string) string {
	w.t.Helper()
	out, err := w.iam.CreateRole(ctx(w.t), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	require.NoError(w.t, err)
	return *out.Role.Arn
}

// githubRole is the usual case: a provider for GitHub and a role for one branch of one repository.
func (w *world) githubRole() (*issuers.Issuer, string) {
	w.t.Helper()
	issuer := w.issuer(github)
	w.provider(github, audience)
	return issuer, w.role("deploy", trust(github, map[string]any{"sub": subject, "aud": audience}))
}

func (w *world) assume(
	role, token string, more ...func(*sts.AssumeRoleWithWebIdentityInput),
) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	in := &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: aws.String("job"), WebIdentityToken: &token,
	}
	for _, change := range more {
		change(in)
	}
	return w.sts.AssumeRoleWithWebIdentity(ctx(w.t), in)
}

// sign makes a token for the usual subject and audience, with the given claims on top.
func sign(t *testing.T, how func(map[string]any) (string, error), claims map[string]any) string {
	t.Helper()
	all := map[string]any{"sub": subject, "aud": audience}
	for name, value := range claims {
		all[name] = value
	}
	token, err := how(all)
	require.NoError(t, err)
	return token
}

func providerARN(url string) string {
	return "arn:aws:iam::" + account + ":oidc-provider/" + url[len("https://"):]
}

// trust allows the tokens of one issuer whose claims are exactly these.
func trust(url string, claims map[string]any, actions ...string) string {
	if actions == nil {
		actions = []string{"sts:AssumeRoleWithWebIdentity"}
	}
	keys := map[string]any{}
	for name, value := range claims {
		keys[url[len("https://"):]+":"+name] = value
	}
	return document(map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"Federated": providerARN(url)},
		"Action":    actions,
		"Condition": map[string]any{"StringEquals": keys},
	})
}

func document(statements ...map[string]any) string {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// refused asserts AWS's error code and text, as the SDK reads them.
func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if assert.Error(t, err) && assert.True(t, errors.As(err, &api), "not an answer of the API: %v", err) {
		assert.Equal(t, code, api.ErrorCode())
		assert.Equal(t, message, api.ErrorMessage())
	}
}

// status asserts the HTTP status of a refusal.
func status(t *testing.T, err error, want int) {
	t.Helper()
	var response interface{ HTTPStatusCode() int }
	if assert.True(t, errors.As(err, &response), "no HTTP answer: %v", err) {
		assert.Equal(t, want, response.HTTPStatusCode())
	}
}

func ctx(t *testing.T) context.Context { return t.Context() }
